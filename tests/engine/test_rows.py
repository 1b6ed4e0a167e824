"""What cannot be saved or deleted says why; a mistake of ours is no conflict."""

from contextlib import contextmanager

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.db.models.signals import pre_save

from tests import factories
from tests.testapp.models import StoryPage
from wagtail_llm_actions import engine
from wagtail_llm_actions.exceptions import RowInUseError, RowInvalidError
from wagtail_llm_actions.models import LLMAction, LLMLimit, PromptTemplate
from wagtail_llm_actions.models.conflicts import is_duplicate, is_loose_end

TEMPLATE = {"name": "New", "slug": "new", "prompt": "Say something."}


@contextmanager
def meanwhile(model, deed):
    """Do something when a row of a type is about to be saved, as another process would."""

    def receiver(**kwargs):
        pre_save.disconnect(receiver, sender=model)
        deed()

    pre_save.connect(receiver, sender=model, weak=False)
    try:
        yield
    finally:
        pre_save.disconnect(receiver, sender=model)


@pytest.mark.django_db
def test_what_another_one_saved_at_the_same_moment_is_said(admin):
    with (
        meanwhile(PromptTemplate, lambda: PromptTemplate.objects.create(**TEMPLATE)),
        pytest.raises(RowInvalidError) as refused,
    ):
        engine.create_row(admin, PromptTemplate, TEMPLATE)
    assert refused.value.user_message == ("Something else was saved at the same moment. Try again.")
    assert not PromptTemplate.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_deleted_while_something_refers_to_it_is_said(admin):
    template, kind = factories.make_template(), ContentType.objects.get_for_model(StoryPage)
    contents = {
        "name": "New",
        "object_type": f"{kind.app_label}.{kind.model}",
        "path": "title",
        "prompt_template": template.slug,
    }
    with meanwhile(LLMAction, template.delete), pytest.raises(RowInvalidError) as refused:
        engine.create_row(admin, LLMAction, contents)
    assert refused.value.user_message == (
        "Something that belongs to this was added or deleted at the same moment. Nothing was "
        "changed. Try again."
    )
    assert PromptTemplate.objects.exists()
    assert not LLMAction.objects.exists()


@pytest.mark.django_db
def test_a_constraint_that_only_we_can_break_is_a_mistake_of_ours(admin, monkeypatch):
    monkeypatch.setattr(LLMLimit, "full_clean", lambda limit: None)
    contents = {"name": "Odd", "measure": "concurrent", "period": "day", "amount": 1}
    with pytest.raises(IntegrityError) as raised:
        engine.create_limit(admin, contents)
    assert not is_duplicate(raised.value)
    assert not is_loose_end(raised.value)


@pytest.mark.django_db
def test_what_actions_use_is_not_deleted(admin):
    action = factories.make_action()
    with pytest.raises(RowInUseError) as refused:
        engine.delete_row(admin, PromptTemplate, action.prompt_template.slug, version="*")
    assert refused.value.user_message == "LLM actions use this. Nothing was deleted."


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ProtectedError, RestrictedError])
def test_what_the_site_uses_is_not_deleted(admin, monkeypatch, error):
    limit, home = factories.make_limit(), factories.make_home()

    def refuse(row):
        raise error("no", {home})

    monkeypatch.setattr(LLMLimit, "delete", refuse)
    with pytest.raises(RowInUseError) as refused:
        engine.delete_limit(admin, limit.pk, version="*")
    assert refused.value.user_message == (
        "Something else on this site uses this. Nothing was deleted."
    )
    assert str(refused.value) == f"used by ['wagtailcore.Page {home.pk}']"


@pytest.mark.django_db
def test_what_goes_live_at_the_same_moment_is_said(admin):
    action = factories.make_action("title", live=False)
    rival = factories.make_action("title", live=False)

    def publish():
        LLMAction.objects.filter(pk=rival.pk).update(live=True)

    with meanwhile(LLMAction, publish), pytest.raises(RowInvalidError) as refused:
        engine.publish_row(admin, LLMAction, action.slug)
    assert refused.value.user_message == (
        "Something else was published at the same moment. Try again."
    )


@pytest.mark.django_db
def test_only_a_rival_is_a_conflict_of_publications(admin):
    action = factories.make_action("title", live=False)

    def fail():
        raise IntegrityError("NOT NULL")

    with meanwhile(LLMAction, fail), pytest.raises(IntegrityError):
        action.latest_revision.publish()
