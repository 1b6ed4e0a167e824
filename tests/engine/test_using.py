"""An output is used otherwise than its action says, or what stood there before comes back."""

import json

import pytest

from tests import factories
from wagtail_llm_actions import engine
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


def test_what_stood_there_before_comes_back(run, bind, editor):
    done = run("summary", "New.", summary="Old.")
    engine.decide(done.pk, editor, Decision.ACCEPTED)
    done.refresh_from_db()
    assert engine.is_restorable(done)
    hash_before = done.applied_hash
    shown = engine.present(done.pk, editor, bind(editor, summary="New."), "summary", restores=True)
    assert (shown.output, shown.errors, shown.notices) == ("Old.", (), ())
    assert (shown.changed_meanwhile, shown.other_mode) == (False, "")
    done.refresh_from_db()
    assert done.applied_hash == hash_before


def test_a_person_may_change_it_before_it_comes_back(run, bind, editor):
    done = run("summary", "New.", summary="Old.")
    bound = bind(editor, summary="New.")
    shown = engine.present(done.pk, editor, bound, "summary", mended="Older.", restores=True)
    assert shown.output == "Older."


@pytest.mark.parametrize(
    ("before", "is_exact"),
    [
        (paragraphs("A bold word"), True),
        (paragraphs("A bold word", "", "", "A long pause"), False),
    ],
)
def test_what_of_rich_text_cannot_come_back_is_said(run, bind, editor, before, is_exact):
    done = run("body", "New.", body=before)
    shown = engine.present(
        done.pk, editor, bind(editor, body=paragraphs("New text")), "body", restores=True
    )
    assert shown.errors == ()
    assert any("may be missing" in notice for notice in shown.notices) != is_exact


@pytest.mark.parametrize(
    "values",
    [
        {"decision": Decision.PENDING},
        {"decision": Decision.REJECTED},
        {"value_before": " "},
        {"of_selection": True},
        {"field_spec": {"kind": "stream"}},
        {"field_spec": {"kind": "date"}},
        {"status": RunStatus.FAILED},
    ],
)
def test_nothing_else_can_be_restored(run, editor, values):
    done = run("summary", "New.", summary="Old.")
    engine.decide(done.pk, editor, Decision.ACCEPTED)
    done.refresh_from_db()
    for name, value in values.items():
        setattr(done, name, value)
    assert not engine.is_restorable(done)


def test_what_cannot_come_back_is_shown_all_the_same(run, bind, editor):
    done = run("summary", "New.", summary="Old.")
    done.value_before = "x" * 101
    done.save()
    shown = engine.present(done.pk, editor, bind(editor), "summary", restores=True)
    assert shown.errors
    assert shown.output == "x" * 101


def test_looking_at_what_was_used_changes_nothing_of_where_it_went(run, bind, editor):
    done = run("summary", "New.", summary="Old.")
    engine.present(done.pk, editor, bind(editor, summary="Old."), "summary", mended="Newer.")
    engine.decide(done.pk, editor, Decision.EDITED, "Newer.")
    done.refresh_from_db()
    offered = done.applied_hash
    engine.present(done.pk, editor, bind(editor, summary="Newer."), "summary")
    done.refresh_from_db()
    assert done.applied_hash == offered
