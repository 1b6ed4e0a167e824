"""What is exported in any state and imported over any other state is the same there."""

from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.exceptions import RowInvalidError
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate

pytestmark = pytest.mark.django_db

SOON = timedelta(days=1)


@pytest.fixture
def keep(admin):
    """Return functions that keep the template “one”."""

    class Keeping:
        def make(self, *, publish=False, **contents):
            contents = {"name": "One", "slug": "one", "prompt": "First."} | contents
            engine.create_row(admin, PromptTemplate, contents, publish=publish)

        def change(self, *, publish=False, slug="one", **contents):
            change = ("one", contents if slug == "one" else contents | {"slug": slug})
            engine.change_row(admin, PromptTemplate, *change, version="*", publish=publish)

        def unpublish(self):
            engine.unpublish_row(admin, PromptTemplate, "one")

    return Keeping()


def nothing(keep):
    pass


def draft(keep):
    keep.make(prompt="A draft.")


def renamed_draft(keep):
    keep.make(prompt="A draft.")
    keep.change(slug="two", name="Two")


def live(keep):
    keep.make(publish=True)


def live_and_draft(keep):
    live(keep)
    keep.change(prompt="Not yet.", description="A draft.")


def live_and_renamed_draft(keep):
    live(keep)
    keep.change(slug="two")


def live_until(keep):
    keep.make(publish=True, expire_at=timezone.now() + SOON)


def unpublished(keep):
    live_and_draft(keep)
    keep.unpublish()


def scheduled(keep):
    keep.make(prompt="Later.", go_live_at=timezone.now() + SOON, publish=True)


def scheduled_and_draft(keep):
    scheduled(keep)
    keep.change(prompt="Much later.", go_live_at=None)


def live_and_scheduled(keep):
    live(keep)
    keep.change(prompt="Later.", go_live_at=timezone.now() + SOON, publish=True)


def taken_off_the_schedule(keep):
    scheduled(keep)
    keep.unpublish()


def expired(keep):
    with later(-2 * SOON):
        live_until(keep)
        revision = PromptTemplate.objects.get().latest_revision
    PromptTemplate.objects.update(live=False, expired=True, live_revision=None)
    assert revision.content["expire_at"]


STATES = [
    *(nothing, draft, renamed_draft, live, live_and_draft, live_and_renamed_draft, live_until),
    *(unpublished, scheduled, scheduled_and_draft, live_and_scheduled, taken_off_the_schedule),
    expired,
]


@contextmanager
def later(time):
    """Do something at another moment."""
    moment = timezone.now() + time
    with mock.patch("django.utils.timezone.now", lambda: moment):
        yield


def deeds(user, data, **options):
    return {one.slug: one.deed for one in engine.import_rows(user, data, **options)}


@pytest.mark.parametrize("there", STATES)
@pytest.mark.parametrize("here", [state for state in STATES if state is not nothing])
def test_after_an_import_nothing_differs(admin, keep, here, there):
    here(keep)
    data = engine.export_rows(admin)
    assert deeds(admin, data) == {"one": "same"}
    PromptTemplate.objects.all().delete()
    there(keep)
    shown = engine.import_rows(admin, data, dry_run=True)
    assert engine.import_rows(admin, data) == shown
    assert deeds(admin, data, dry_run=True) == {"one": "same"}
    before, after = data["templates"], engine.export_rows(admin)["templates"]
    assert [one | dict.fromkeys(("expire_at", "go_live_at")) for one in before] == [
        one | dict.fromkeys(("expire_at", "go_live_at")) for one in after
    ]


def test_the_schedule_is_kept_and_what_was_due_meanwhile_is_done(admin, keep):
    live_and_scheduled(keep)
    data = engine.export_rows(admin)
    PromptTemplate.objects.all().delete()
    engine.import_rows(admin, data)
    row = PromptTemplate.objects.get()
    assert (row.live, row.prompt, row.approved_schedule) == (True, "First.", True)
    PromptTemplate.objects.all().delete()
    with later(2 * SOON):
        engine.import_rows(admin, data)
        assert deeds(admin, data, dry_run=True) == {"one": "same"}
    row = PromptTemplate.objects.get()
    assert (row.live, row.prompt, row.approved_schedule) == (True, "Later.", False)


def test_what_has_expired_meanwhile_does_not_go_live(admin, keep):
    live_until(keep)
    data = engine.export_rows(admin)
    assert data["templates"][0]["expire_at"]
    PromptTemplate.objects.all().delete()
    with later(2 * SOON):
        engine.import_rows(admin, data)
        assert deeds(admin, data, dry_run=True) == {"one": "same"}
    assert not PromptTemplate.objects.get().live


def test_what_is_to_go_live_later_is_scheduled(admin, keep):
    live(keep)
    data = engine.export_rows(admin)
    data["templates"][0]["go_live_at"] = (timezone.now() + SOON).isoformat()
    PromptTemplate.objects.all().delete()
    engine.import_rows(admin, data)
    row = PromptTemplate.objects.get()
    assert (row.live, row.approved_schedule) == (False, True)
    assert deeds(admin, data, dry_run=True) == {"one": "same"}


def test_a_draft_that_is_replaced_is_named(admin, keep):
    live(keep)
    data = engine.export_rows(admin)
    keep.change(prompt="Not yet.", slug="two")
    data["templates"][0]["name"] = "New"
    [difference] = engine.import_rows(admin, data, dry_run=True)
    assert difference.changes == {"name": ("One", "New")}
    assert difference.overwritten == {
        "name": ("One", "New"),
        "prompt": ("Not yet.", "First."),
        "slug": ("two", "one"),
    }


@pytest.mark.parametrize("there", [draft, live, unpublished, scheduled, live_and_scheduled])
def test_where_no_draft_is_lost_none_is_named(admin, keep, there):
    live(keep)
    data = engine.export_rows(admin)
    data["templates"][0]["prompt"] = "New."
    PromptTemplate.objects.all().delete()
    there(keep)
    [difference] = engine.import_rows(admin, data)
    assert (difference.deed, difference.overwritten) == ("change", {})


def test_a_draft_that_is_not_replaced_stays(admin):
    action = factories.make_action("title", slug="describe", name="One")
    change = {"name": "Not yet"}
    data = engine.export_rows(admin)
    engine.change_row(admin, LLMAction, "describe", change, version="*")
    data["actions"][0]["enabled"] = False
    differences = engine.import_rows(admin, data)
    assert [one.changes for one in differences if one.deed == "change"] == [
        {"enabled": (True, False)}
    ]
    assert not any(one.overwritten for one in differences)
    action = LLMAction.objects.get()
    assert (action.enabled, engine.draft_of(action).name) == (False, "Not yet")


def test_what_a_file_leaves_out_stays_as_it_is_published(admin, keep):
    live_and_draft(keep)
    data = {"format": 1, "templates": [{"slug": "one", "name": "New", "live": True}]}
    [difference] = engine.import_rows(admin, data, dry_run=True)
    assert difference.changes == {"name": ("One", "New")}
    assert difference.overwritten == {
        "name": ("One", "New"),
        "prompt": ("Not yet.", "First."),
        "description": ("A draft.", ""),
    }
    engine.import_rows(admin, data)
    row = PromptTemplate.objects.get()
    assert (row.name, row.prompt, row.description) == ("New", "First.", "")
    assert not row.has_unpublished_changes
    assert deeds(admin, data) == {"one": "same"}


@pytest.mark.parametrize("there", [draft, live, live_and_draft, unpublished])
def test_so_does_whether_it_is_live(admin, keep, there):
    there(keep)
    before = PromptTemplate.objects.get()
    said = before if before.live else engine.draft_of(before)
    data = {"format": 1, "templates": [{"slug": "one", "name": "New"}]}
    [difference] = engine.import_rows(admin, data)
    assert difference.changes == {"name": ("One", "New")}
    row = PromptTemplate.objects.get()
    assert row.live is before.live
    assert (engine.draft_of(row).name, engine.draft_of(row).prompt) == ("New", said.prompt)


def test_so_does_what_it_leaves_out_of_what_is_to_go_live_later(admin, keep):
    live_and_draft(keep)
    moment = (timezone.now() + SOON).isoformat()
    one = {"slug": "one", "name": "New", "live": True, "go_live_at": moment}
    engine.import_rows(admin, {"format": 1, "templates": [one]})
    row = PromptTemplate.objects.get()
    scheduled = row.get_scheduled_revision_as_object()
    assert (scheduled.name, scheduled.prompt) == ("New", "First.")


def test_what_only_a_draft_refers_to_comes_along(admin):
    action = factories.make_action("title", slug="describe", live=False)
    for model, slug in ((PromptTemplate, "new-template"), (LLMConfig, "new-config")):
        {PromptTemplate: factories.make_template, LLMConfig: factories.make_config}[model](
            slug=slug
        )
    change = {"prompt_template": "new-template", "llm_config": "new-config"}
    engine.change_row(admin, LLMAction, action.slug, change, version="*")
    data = engine.export_rows(admin, ["describe"])
    assert [one["slug"] for one in data["templates"]] == ["new-template"]
    assert [one["slug"] for one in data["configs"]] == ["new-config"]
    for model in (LLMAction, PromptTemplate, LLMConfig):
        model.objects.all().delete()
    engine.import_rows(admin, data)
    assert set(deeds(admin, data, dry_run=True).values()) == {"same"}


def test_so_does_what_only_the_schedule_refers_to(admin):
    factories.make_action("title", slug="describe")
    factories.make_template(slug="later")
    change = {"prompt_template": "later", "go_live_at": timezone.now() + SOON}
    engine.change_row(admin, LLMAction, "describe", change, version="*", publish=True)
    data = engine.export_rows(admin, ["describe"])
    assert len(data["templates"]) == 2
    for model in (LLMAction, PromptTemplate, LLMConfig):
        model.objects.all().delete()
    engine.import_rows(admin, data)
    assert set(deeds(admin, data, dry_run=True).values()) == {"same"}


@pytest.mark.parametrize("answers", [True, False])
def test_whether_an_action_answers_from_the_history_comes_along(admin, answers):
    factories.make_action("title", answers_from_history=answers)
    data = engine.export_rows(admin)
    LLMAction.objects.all().delete()
    engine.import_rows(admin, data)
    assert LLMAction.objects.get().answers_from_history is answers
    data["actions"][0]["answers_from_history"] = not answers
    engine.import_rows(admin, data)
    assert LLMAction.objects.get().answers_from_history is not answers


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ({"go_live_at": "soon"}, "“one”: “soon” is no moment"),
        (
            {"expire_at": "9999-12-31T23:59:59-14:00"},
            "“one”: “9999-12-31T23:59:59-14:00” is no moment",
        ),
        (
            {"scheduled": {"go_live_at": "0001-01-01T00:00:00+14:00"}},
            "“one”: “0001-01-01T00:00:00+14:00” is no moment",
        ),
        ({"scheduled": {"go_live_at": 5}}, "“one”: “5” is no moment"),
        ({"scheduled": ["soon"]}, "This is no export of LLM actions."),
    ],
)
def test_what_is_no_schedule_is_refused(admin, keep, odd, message):
    live(keep)
    data = engine.export_rows(admin)
    data["templates"][0] |= odd
    with pytest.raises(RowInvalidError) as refused:
        engine.import_rows(admin, data)
    assert message in str(refused.value.user_message)


@pytest.mark.parametrize("odd", [{"enabled": True}, {"scheduled": {"enabled": True}}])
def test_what_no_row_of_its_kind_says_is_refused(admin, keep, odd):
    live(keep)
    data = engine.export_rows(admin)
    data["templates"][0] |= odd
    with pytest.raises(RowInvalidError) as refused:
        engine.import_rows(admin, data)
    assert refused.value.user_message == "“one”: There is no field “enabled”."


def test_an_action_is_exported_by_a_name_that_the_database_takes_for_its_own(admin):
    action = factories.make_action("title", slug="describe")
    if LLMAction.objects.filter(slug="Describe").exists():  # MySQL
        assert engine.export_rows(admin, ["Describe"])["actions"][0]["slug"] == action.slug
    else:
        with pytest.raises(RowInvalidError, match="“Describe”"):
            engine.export_rows(admin, ["Describe"])
