"""An output is used otherwise than its action says, or what stood there before comes back."""

import json

import pytest
from wagtail.models import PageLogEntry

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.exceptions import InvalidTransitionError, PermissionRefusedError
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision, OutputMode, RunStatus

pytestmark = pytest.mark.django_db


def paragraphs(*texts):
    """Return what the browser posts for rich text, its first word after the first letter bold."""
    bold = {"offset": 2, "length": 4, "style": "BOLD"}
    blocks = [
        {
            "key": f"abcd{number}",
            "text": text,
            "type": "unstyled",
            "depth": 0,
            "inlineStyleRanges": [bold] if text else [],
            "entityRanges": [],
        }
        for number, text in enumerate(texts)
    ]
    return json.dumps({"blocks": blocks, "entityMap": {}})


@pytest.fixture
def run(home, run_field):
    """Return a function that runs a field which says something."""

    def run(field, output, **values):
        factories.make_action(field)
        with reply_with(output):
            return run_field(field, **values)[0]

    return run


def test_an_output_is_added_to_the_end_though_the_action_replaces(run, bind, editor):
    done = run("summary", "It ends.", summary="It begins.")
    bound = bind(editor, summary="It begins.")
    shown = engine.present(done.pk, editor, bound, "summary")
    assert (shown.output, shown.other_mode) == ("It ends.", "append")
    shown = engine.present(done.pk, editor, bound, "summary", mode=OutputMode.APPEND)
    assert shown.output.startswith("It begins.")
    assert shown.output.endswith("It ends.")
    engine.decide(done.pk, editor, Decision.ACCEPTED, mode=OutputMode.APPEND)
    done.refresh_from_db()
    assert (done.decision, done.output_mode) == (Decision.ACCEPTED, OutputMode.APPEND)


def test_an_output_replaces_though_the_action_adds(home, run_field, bind, editor):
    factories.make_action("summary", output_mode=OutputMode.APPEND)
    with reply_with("All new."):
        done, _ = run_field("summary", summary="Old.")
    bound = bind(editor, summary="Old.")
    assert engine.present(done.pk, editor, bound, "summary").other_mode == "replace"
    shown = engine.present(done.pk, editor, bound, "summary", mode=OutputMode.REPLACE)
    assert shown.output == "All new."


def test_an_empty_field_is_filled_in_one_way_only(run, bind, editor):
    done = run("summary", "New.")
    assert engine.present(done.pk, editor, bind(editor), "summary").other_mode == ""


def test_how_a_rejected_output_would_have_been_used_is_not_recorded(run, editor):
    done = run("summary", "New.", summary="Old.")
    engine.decide(done.pk, editor, Decision.REJECTED, mode=OutputMode.APPEND)
    done.refresh_from_db()
    assert done.output_mode == OutputMode.REPLACE


def accept(run, user):
    engine.decide(run.pk, user, Decision.ACCEPTED)
    run.refresh_from_db()


def forget_what_was_posted(run):
    """Leave of a run what one has that was begun without a form."""
    run.posted_before = {}
    run.save()


def test_what_stood_there_before_comes_back(run, bind, editor):
    done = run("summary", "New.", summary="Old.")
    accept(done, editor)
    assert engine.is_restorable(done)
    hash_before = done.applied_hash
    shown = engine.present_before(done.pk, editor, bind(editor, summary="New."), "summary")
    assert (shown.output, shown.state, shown.errors, shown.notices) == ("Old.", "Old.", (), ())
    assert (shown.changed_meanwhile, shown.other_mode, shown.current) == (False, "", "New.")
    done.refresh_from_db()
    assert done.applied_hash == hash_before


def test_an_empty_field_becomes_empty_again(run, bind, editor):
    done = run("summary", "New.", summary="")
    accept(done, editor)
    assert engine.is_restorable(done)
    shown = engine.present_before(done.pk, editor, bind(editor, summary="New."), "summary")
    assert (shown.output, shown.state, shown.method, shown.errors) == ("", "", "text", ())


def test_lines_come_back_as_the_browser_has_them(run, bind, editor):
    done = run("intro", "New.", intro="One.\r\nTwo.")
    accept(done, editor)
    shown = engine.present_before(done.pk, editor, bind(editor, intro="New."), "intro")
    assert (shown.state, shown.method, shown.errors) == ("One.\nTwo.", "text", ())


def test_rich_text_becomes_empty_again(run, bind, editor):
    done = run("body", "New.", body="null")
    accept(done, editor)
    bound = bind(editor, body=paragraphs("New text"))
    shown = engine.present_before(done.pk, editor, bound, "body")
    assert [block["text"] for block in json.loads(shown.state)["blocks"]] in ([], [""])
    assert shown.errors == ()


def test_a_person_may_change_it_before_it_comes_back(run, bind, editor):
    done = run("summary", "New.", summary="Old.")
    accept(done, editor)
    bound = bind(editor, summary="New.")
    shown = engine.present_before(done.pk, editor, bound, "summary", mended="Older.")
    assert (shown.output, shown.state) == ("Older.", "Older.")


def test_rich_text_comes_back_as_it_was(run, bind, editor):
    before = paragraphs("A bold word", "", "", "A long pause")
    done = run("body", "New.", body=before)
    accept(done, editor)
    shown = engine.present_before(
        done.pk, editor, bind(editor, body=paragraphs("New text")), "body"
    )
    assert (shown.errors, shown.notices) == ((), ())
    assert json.loads(shown.state) == json.loads(before)


@pytest.mark.parametrize(
    ("before", "is_exact"),
    [
        (paragraphs("A bold word"), True),
        (paragraphs("A bold word", "", "", "A long pause"), False),
    ],
)
def test_what_of_rich_text_cannot_come_back_without_a_form_is_said(
    run, bind, editor, before, is_exact
):
    done = run("body", "New.", body=before)
    accept(done, editor)
    forget_what_was_posted(done)
    shown = engine.present_before(
        done.pk, editor, bind(editor, body=paragraphs("New text")), "body"
    )
    assert shown.errors == ()
    assert any("may be missing" in notice for notice in shown.notices) != is_exact


def test_a_date_comes_back_as_it_was_typed(run, bind, editor):
    done = run("reviewed_on", '{"value": "2026-03-04"}', reviewed_on="2025-01-31")
    assert done.status == RunStatus.SUCCEEDED, done.error_detail
    accept(done, editor)
    bound = bind(editor, reviewed_on="2026-03-04")
    shown = engine.present_before(done.pk, editor, bound, "reviewed_on")
    assert (shown.state, shown.method, shown.errors) == ("2025-01-31", "text", ())


def test_the_field_comes_back_in_which_a_selection_was_replaced(run, bind, editor):
    done = run("body", "New.", body=paragraphs("A bold word"))
    accept(done, editor)
    done.of_selection, done.value_before = True, "bold"
    done.save()
    shown = engine.present_before(
        done.pk, editor, bind(editor, body=paragraphs("A new word")), "body"
    )
    assert json.loads(shown.state) == json.loads(paragraphs("A bold word"))
    assert "new" in shown.current


@pytest.mark.parametrize(
    "values",
    [
        {"decision": Decision.PENDING},
        {"decision": Decision.REJECTED},
        {"is_test": True},
        {"posted_before": {}, "value_before": " "},
        {"posted_before": {}, "of_selection": True},
        {"posted_before": {}, "field_spec": {"kind": "stream"}},
        {"posted_before": {}, "field_spec": {"kind": "date"}},
    ],
)
def test_nothing_else_can_be_restored(run, bind, editor, values):
    done = run("summary", "New.", summary="Old.")
    accept(done, editor)
    for name, value in values.items():
        setattr(done, name, value)
    done.save()
    assert not engine.is_restorable(done)
    with pytest.raises(InvalidTransitionError):
        engine.present_before(done.pk, editor, bind(editor), "summary")
    with pytest.raises(InvalidTransitionError):
        engine.note_restored(done.pk, editor)


def test_what_the_form_would_not_take_any_more_is_shown_all_the_same(run, bind, editor):
    done = run("summary", "New.", summary="Old.")
    accept(done, editor)
    done.posted_before = {"": ["x" * 101]}
    done.save()
    shown = engine.present_before(done.pk, editor, bind(editor), "summary")
    assert (shown.errors != (), shown.state, shown.output) == (True, None, "x" * 101)
    forget_what_was_posted(done)
    done.value_before = "y" * 101
    done.save()
    shown = engine.present_before(done.pk, editor, bind(editor), "summary")
    assert (shown.errors != (), shown.state, shown.output) == (True, None, "y" * 101)


def test_what_came_back_is_on_record(run, editor, page):
    done = run("summary", "New.", summary="Old.")
    accept(done, editor)
    restored = engine.note_restored(done.pk, editor)
    restored.refresh_from_db()
    assert (restored.decision, restored.restored_by_username) == (Decision.ACCEPTED, "editor")
    assert restored.restored_at is not None
    entry = PageLogEntry.objects.get(page=page.pk, action="wagtail_llm_actions.restore")
    assert entry.user == editor
    assert "Restored what had stood in “Summary” before" in entry.message


def test_who_only_sees_a_run_records_nothing(run, editor):
    done = run("summary", "New.", summary="Old.")
    accept(done, editor)
    auditor = factories.make_user("auditor", "run_llmaction", "view_llmactionhistory")
    with pytest.raises(PermissionRefusedError):
        engine.note_restored(done.pk, auditor)
    done.refresh_from_db()
    assert done.restored_at is None


def test_looking_at_what_was_used_changes_nothing_of_where_it_went(run, bind, editor):
    done = run("summary", "New.", summary="Old.")
    engine.present(done.pk, editor, bind(editor, summary="Old."), "summary", mended="Newer.")
    engine.decide(done.pk, editor, Decision.EDITED, "Newer.")
    done.refresh_from_db()
    offered = done.applied_hash
    engine.present(done.pk, editor, bind(editor, summary="Newer."), "summary")
    done.refresh_from_db()
    assert done.applied_hash == offered
