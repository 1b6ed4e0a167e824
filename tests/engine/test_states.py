"""What the fields of a form show, in a constant number of queries."""

import json
from dataclasses import asdict
from datetime import date

import pytest
from django.urls import reverse
from django.utils.translation import override

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.engine.states import accepted_state, sentence, state_sentence
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision, FieldKind, FieldSpec, RunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(page, editor):
    return find_editor(reverse("wagtailadmin_pages:edit", args=[page.pk]), editor)


def test_a_field_shows_its_action_and_its_last_run(form, page, editor):
    action = factories.make_action("title")
    factories.make_run(action, target=page, user=editor)
    last = factories.make_run(action, target=page, user=editor, decision=Decision.ACCEPTED)
    states = engine.field_states(form, {"title": "title", "intro": "intro"})
    assert (states["title"].action, states["title"].problem, states["title"].run) == (
        action,
        "",
        last,
    )
    assert (states["intro"].action, states["intro"].run) == (None, None)
    assert sentence(last).startswith("AI, accepted by editor on ")


def test_the_action_of_a_field_that_the_form_hides_is_not_told(form, page, admin):
    action = factories.make_action("internal_note")
    asked = {"internal_note": "internal_note"}
    assert engine.field_states(form, asked)["internal_note"].action is None
    of_admin = find_editor(reverse("wagtailadmin_pages:edit", args=[page.pk]), admin)
    assert engine.field_states(of_admin, asked)["internal_note"].action == action


@pytest.mark.parametrize("status", [RunStatus.REFUSED, RunStatus.CANCELLED, RunStatus.SKIPPED])
def test_what_says_nothing_about_the_field_is_passed_over(form, page, editor, status):
    action = factories.make_action("title")
    telling = factories.make_run(action, target=page, user=editor)
    factories.make_run(action, target=page, user=editor, status=status)
    assert engine.field_states(form, {"title": "title"})["title"].run == telling


def test_a_field_says_what_could_be_written_there(form):
    kinds = {"title": "text", "stream": "stream", "related_links": "rows", "go_live_at": ""}
    states = engine.field_states(form, {path: path for path in kinds})
    assert {path: state.kind for path, state in states.items()} == kinds


def test_blocks_of_one_type_have_a_run_each(form, page, editor):
    action = factories.make_action("stream.heading")
    one = factories.make_run(action, target=page, destination_address="stream.one")
    two = factories.make_run(action, target=page, destination_address="stream.two")
    paths = {"stream.one": "stream.heading", "stream.two": "stream.heading"}
    states = engine.field_states(form, paths)
    assert [states[address].run for address in paths] == [one, two]
    assert {state.action for state in states.values()} == {action}


def test_an_action_that_cannot_run_says_why(form):
    action = factories.make_action("title")
    action.prompt_template.unpublish()
    state = engine.field_states(form, {"title": "title"})["title"]
    assert state.problem


def test_the_number_of_queries_does_not_grow(form, page, editor, django_assert_num_queries):
    def ask(number):
        paths = {f"stream.{n}": f"stream.path_{n}" for n in range(number)}
        engine.field_states(form, paths | {"title": "title"})

    def make(path):
        action = factories.make_action(
            path, sources={"intro": "intro"}, llm_config=factories.make_config(), broken=True
        )
        factories.make_run(action, target=page, user=editor)

    make("title")
    ask(0)
    with django_assert_num_queries(6) as few:
        ask(1)
    for number in range(5):
        make(f"stream.path_{number}")
    with django_assert_num_queries(len(few)):
        ask(500)


def test_an_accepted_rich_text_comes_as_the_editor_has_it(page, editor):
    spec = asdict(
        FieldSpec(path="body", label="Body", kind=FieldKind.RICH_TEXT, features=("bold", "h2"))
    )
    run = factories.make_run(
        target=page, user=editor, output="## Tides\n\n**High** *water*", field_spec=spec
    )
    assert accepted_state(run) == ""
    engine.decide(run.pk, editor, Decision.ACCEPTED)
    run.refresh_from_db()
    blocks = json.loads(accepted_state(run))["blocks"]
    assert [(block["type"], block["text"]) for block in blocks] == [
        ("header-two", "Tides"),
        ("unstyled", "High water"),
    ]
    assert [style["style"] for style in blocks[1]["inlineStyleRanges"]] == ["BOLD"]


def test_an_accepted_plain_text_needs_no_other_shape(page, editor):
    spec = asdict(FieldSpec(path="title", label="Title", kind=FieldKind.TEXT))
    run = factories.make_run(target=page, user=editor, field_spec=spec, decision=Decision.ACCEPTED)
    assert accepted_state(run) == ""


def test_whoever_accepted_is_named(form, page, editor, moderator):
    run = factories.make_run(factories.make_action("title"), target=page, user=editor)
    engine.decide(run.pk, moderator, Decision.ACCEPTED)
    moderator.delete()
    shown = engine.field_states(form, {"title": "title"})["title"].run
    assert sentence(shown).startswith("AI, accepted by moderator on ")


def test_a_field_that_the_form_hides_shows_no_run_of_others(form, page, editor, admin):
    factories.make_run(
        target=page,
        user=admin,
        destination_address="title",
        sources=[{"name": "note", "path": "internal_note", "text": "Not for editors."}],
    )
    hidden = {"destination_path": "internal_note", "destination_address": "internal_note"}
    factories.make_run(target=page, user=admin, **hidden)
    states = engine.field_states(form, {"title": "title", "internal_note": "internal_note"})
    assert [state.run for state in states.values()] == [None, None]


@pytest.mark.parametrize(("decision", "is_shown"), [("accepted", True), ("pending", False)])
def test_a_row_keeps_only_what_was_used_before_it_was_saved(form, page, editor, decision, is_shown):
    action = factories.make_action("related_links.caption")
    numbered, address = "related_links.0.caption", "related_links.pk-7.caption"
    run = factories.make_run(
        action, target=page, user=editor, decision=decision, destination_address=numbered
    )
    states = engine.field_states(form, {address: action.destination_path}, {address: numbered})
    assert states[address].run == (run if is_shown else None)


def source(path, text, **more):
    return {"name": path, "path": path, "label": path, "text": text, **more}


@pytest.mark.parametrize(
    ("sources", "is_stale"),
    [
        ([source("intro", "The tide comes and goes.")], False),
        ([source("intro", "Something else.")], True),
        ([source("intro", "The tide comes", cut_words=2)], False),
        ([source("intro", "The ebb comes", cut_words=2)], True),
        ([source("intro", "The tide comes and goes."), source("title", "Before")], True),
        ([source("gone", "Not there any more")], False),
        ([source("@selection", "A part")], False),
        ([source("current_value", "What stood there")], False),
        ([], False),
    ],
)
def test_sources_that_changed_since_are_told(form, page, editor, sources, is_stale):
    action = factories.make_action("summary")
    factories.make_run(
        action, target=page, user=editor, decision=Decision.ACCEPTED, sources=sources
    )
    state = engine.field_states(form, {"summary": "summary"})["summary"]
    assert state.sources_changed is is_stale
    assert state_sentence(state).endswith("Sources changed since") is is_stale


def test_what_was_not_accepted_is_not_compared(form, page, editor):
    action = factories.make_action("summary")
    factories.make_run(action, target=page, user=editor, sources=[source("intro", "Other")])
    assert not engine.field_states(form, {"summary": "summary"})["summary"].sources_changed


def test_who_reads_another_language_sees_no_change_of_dates(page, editor, run_field):
    page.reviewed_on = date(2026, 5, 12)
    page.save_revision()
    factories.make_action("summary", prompt="{{ day }}", sources={"day": "reviewed_on"})
    with reply_with("Reviewed."):
        run, _ = run_field("summary", reviewed_on="2026-05-12")
    engine.decide(run.pk, editor, Decision.ACCEPTED)
    path = reverse("wagtailadmin_pages:edit", args=[page.pk])
    with override("de"):
        form = find_editor(path, editor)
        assert not engine.field_states(form, {"summary": "summary"})["summary"].sources_changed
        page.reviewed_on = date(2026, 5, 13)
        page.save_revision()
        form = find_editor(path, editor)
        assert engine.field_states(form, {"summary": "summary"})["summary"].sources_changed
