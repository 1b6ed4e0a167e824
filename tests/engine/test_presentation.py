"""An output meets the whole form as it stands when it is looked at."""

from dataclasses import asdict

import pytest
from django.http import QueryDict
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, rich_text

from tests import factories
from tests.engine.conftest import form_data
from tests.testapp.models import RelatedLink
from wagtail_llm_actions import engine
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.exceptions import (
    InvalidTransitionError,
    LLMActionsError,
    PermissionRefusedError,
    RunNotFoundError,
    UnknownFieldError,
)
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision, RunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def action(home):
    return factories.make_action("search_description")


def test_an_output_that_fits_has_a_state_for_the_widget(run_field, bind, editor):
    with reply_with("The tide turns."):
        run, _ = run_field(search_description="Old.")
    shown = engine.present(
        run.pk, editor, bind(editor, search_description="Old."), "search_description"
    )
    assert (shown.state, shown.errors, shown.changed_meanwhile) == ("The tide turns.", (), False)
    assert (shown.output, shown.current) == ("The tide turns.", "Old.")


@pytest.mark.parametrize(
    "text",
    [
        '"Quoted title"',
        'Search description: "A" by B',
        "**bold**",
        "# 1 in the charts",
        "Before </think> after",
        "<think>a</think>b",
        "Here is the summary: none",
        "```\ncode\n```",
    ],
)
def test_what_a_person_wrote_is_taken_as_it_stands(run_field, bind, editor, text):
    run, _ = run_field()
    shown = engine.present(run.pk, editor, bind(editor), "search_description", mended=text)
    assert (shown.state, shown.errors) == (text, ())


def test_what_a_person_wrote_loses_only_what_nobody_sees(run_field, bind, editor):
    run, _ = run_field()
    shown = engine.present(
        run.pk, editor, bind(editor), "search_description", mended=" a\u200bb\x1b "
    )
    assert shown.state == "ab"
    assert engine.present(run.pk, editor, bind(editor), "search_description", mended=" ").errors


def test_a_value_that_changed_meanwhile_is_told(run_field, bind, editor):
    run, _ = run_field(search_description="Old.")
    shown = engine.present(
        run.pk, editor, bind(editor, search_description="Mine."), "search_description"
    )
    assert shown.changed_meanwhile
    assert shown.current == "Mine."


def test_a_change_that_has_no_text_is_told(run_field, bind, editor):
    factories.make_action("body")
    image = factories.make_image()
    embed = f'<embed embedtype="image" format="left" id="{image.pk}" alt=""/>'
    with reply_with("New."):
        run, _ = run_field("body", body=rich_text("<p>Old.</p>"))
    same = bind(editor, body=rich_text("<p>Old.</p>"))
    assert not engine.present(run.pk, editor, same, "body").changed_meanwhile
    changed = bind(editor, body=rich_text(f"<p>Old.</p>{embed}", features=["image"]))
    assert engine.present(run.pk, editor, changed, "body").changed_meanwhile


def test_errors_that_were_there_before_do_not_count(run_field, bind, editor):
    with reply_with("Fine."):
        run, _ = run_field(summary="x" * 200)
    shown = engine.present(run.pk, editor, bind(editor, summary="x" * 200), "search_description")
    assert (shown.errors, shown.state) == ((), "Fine.")


def test_an_action_may_add_to_the_end(run_field, bind, editor):
    factories.make_action("intro", output_mode="append")
    with reply_with("More."):
        run, _ = run_field("intro", intro="First.")
    shown = engine.present(run.pk, editor, bind(editor, intro="First."), "intro")
    assert shown.state.startswith("First.")
    assert shown.state.endswith("More.")


def test_an_output_is_for_its_own_field_and_object_only(run_field, bind, editor):
    run, _ = run_field()
    with pytest.raises(UnknownFieldError):
        engine.present(run.pk, editor, bind(editor), "intro")
    other = factories.make_page(title="Another")
    bound = find_editor(reverse("wagtailadmin_pages:edit", args=[other.pk]), editor).bind(
        form_data(other)
    )
    with pytest.raises(UnknownFieldError):
        engine.present(run.pk, editor, bound, "search_description")


def test_an_output_is_for_its_own_row_only(page, editor):
    page.related_links = [RelatedLink(caption="One"), RelatedLink(caption="Two")]
    page.save_revision().publish()
    one, two = type(page).objects.get(pk=page.pk).related_links.all()
    rows = [{"id": str(row.pk), "caption": row.caption} for row in (one, two)]
    rows = inline_formset([{**row, "note": rich_text("")} for row in rows], initial=2)
    path = reverse("wagtailadmin_pages:edit", args=[page.pk])
    bound = find_editor(path, editor).bind(form_data(page, related_links=rows))
    address = f"related_links.pk-{two.pk}.caption"
    run = factories.make_run(
        factories.make_action("related_links.caption"),
        target=page,
        user=editor,
        destination_address=address,
        field_spec=asdict(bound.spec(address)),
    )
    assert engine.present(run.pk, editor, bound, address).current == "Two"
    for other in (f"related_links.pk-{one.pk}.caption", "related_links.pk-999.caption"):
        with pytest.raises(UnknownFieldError):
            engine.present(run.pk, editor, bound, other)


def test_a_failed_run_has_nothing_to_present(run_field, bind, editor):
    with reply_with(""):
        run, _ = run_field()
    with pytest.raises(InvalidTransitionError):
        engine.present(run.pk, editor, bind(editor), "search_description")


def test_nobody_presents_what_they_may_not_see_or_run(run_field, bind, editor, stranger):
    run, _ = run_field()
    blind = factories.make_user("blind", groups=["Editors"])
    with pytest.raises(PermissionRefusedError):
        engine.present(run.pk, blind, bind(editor), "search_description")
    runner = factories.make_user("runner", "run_llmaction")
    with pytest.raises(RunNotFoundError):
        engine.present(run.pk, runner, bind(editor), "search_description")


def test_a_run_of_an_unsaved_page_follows_it_when_it_is_saved(home, editor):
    path = reverse("wagtailadmin_pages:add", args=["testapp", "storypage", home.pk])
    unsaved = factories.StoryPage(title="New", slug="new")
    bound = find_editor(path, editor).bind(form_data(unsaved))
    run = engine.prepare(engine.RunRequest(user=editor, bound=bound, address="search_description"))
    assert (run.object_id, run.page_id) == ("", None)
    with reply_with("Fine."):
        list(engine.execute(run.pk))
    page = factories.make_page(title="New")
    bound = find_editor(reverse("wagtailadmin_pages:edit", args=[page.pk]), editor).bind(
        form_data(page)
    )
    assert engine.present(run.pk, editor, bound, "search_description").state == "Fine."
    run.refresh_from_db()
    assert (run.object_id, run.page_id) == (str(page.pk), page.pk)


@pytest.mark.parametrize("decision", [Decision.ACCEPTED, Decision.EDITED])
@pytest.mark.parametrize("later", [Decision.ACCEPTED, Decision.EDITED, Decision.REJECTED])
def test_what_was_used_stays_used(run_field, editor, decision, later):
    run, _ = run_field()
    decided = engine.decide(run.pk, editor, decision)
    assert (decided.decision, decided.decided_by) == (decision, editor)
    with pytest.raises(InvalidTransitionError):
        engine.decide(run.pk, editor, later)


def test_what_was_rejected_may_be_used_after_all(run_field, editor):
    run, _ = run_field()
    engine.decide(run.pk, editor, Decision.REJECTED)
    with pytest.raises(InvalidTransitionError):
        engine.decide(run.pk, editor, Decision.REJECTED)
    assert engine.decide(run.pk, editor, Decision.ACCEPTED).decision == Decision.ACCEPTED


@pytest.mark.parametrize("decision", [Decision.NONE, Decision.PENDING])
def test_what_is_no_decision_is_refused(run_field, editor, decision):
    run, _ = run_field()
    with pytest.raises(InvalidTransitionError):
        engine.decide(run.pk, editor, decision)


def test_cancelling_what_has_ended_changes_nothing(run_field, editor):
    run, _ = run_field()
    assert engine.cancel(run.pk, editor).status == RunStatus.SUCCEEDED


def test_a_form_without_data_is_told_apart_from_a_crash(page, editor):
    path = reverse("wagtailadmin_pages:edit", args=[page.pk])

    with pytest.raises(LLMActionsError):
        bound = find_editor(path, editor).bind(QueryDict())
        engine.prepare(engine.RunRequest(user=editor, bound=bound, address="search_description"))


def test_a_run_of_an_unsaved_page_follows_nobody_elses_page(page, bind, editor, admin):
    run = factories.make_run(
        user=editor,
        object_type="testapp.storypage",
        destination_path="search_description",
    )
    with pytest.raises(UnknownFieldError):
        engine.present(run.pk, admin, bind(admin), "search_description")
    run.refresh_from_db()
    assert run.object_id == ""
