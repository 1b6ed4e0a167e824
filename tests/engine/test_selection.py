"""Runs on what is selected in a rich text field."""

import json

import pytest

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    EmptyVariableError,
    FormDataError,
    PermissionRefusedError,
    UnsupportedFieldError,
)
from wagtail_llm_actions.models import LLMActionHistory, PromptTemplate
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision, OutputMode, RunStatus

pytestmark = pytest.mark.django_db

LINK = {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "https://example.com/"}}
IMAGE = {"type": "IMAGE", "mutability": "MUTABLE", "data": {"id": 1, "alt": "A", "format": "left"}}


def block(text, kind="unstyled", styles=(), entities=()):
    return {
        "key": "a1b2c",
        "text": text,
        "type": kind,
        "depth": 0,
        "inlineStyleRanges": list(styles),
        "entityRanges": list(entities),
    }


def selected(*blocks, entities=()):
    """Return what the browser posts for a selection."""
    return json.dumps(
        {"blocks": list(blocks), "entityMap": dict(zip("0123", entities, strict=False))}
    )


def whole(number):
    return {"offset": 0, "length": number, "key": 0}


@pytest.fixture
def template(home):
    """A template for selected text, and the default configuration."""
    factories.make_config(is_default=True)
    return factories.make_template(
        "Improve: {{ selection }} Field: {{ current_value }}",
        name="Improve",
        slug="improve",
        category=PromptTemplate.Category.REWRITE,
    )


@pytest.fixture
def request_of(bind):
    """Return a function that makes the request for a run on a selection."""

    def make(user, selection, *, template="improve", address="body", **changes):
        bound = bind(user, **{"llm-selection": selection}, **changes)
        return engine.RunRequest(user=user, bound=bound, address=address, template=template)

    return make


def test_what_is_selected_is_sent_as_markdown_and_recorded(request_of, editor, template):
    state = selected(
        block("Old tides", styles=[{"offset": 0, "length": 3, "style": "BOLD"}]),
    )
    run = engine.prepare(request_of(editor, state))
    run.refresh_from_db()
    assert run.prompt.startswith("Improve: **Old** tides Field: ")
    assert (run.action, run.action_name, run.action_slug) == (None, "Improve", "")
    assert run.of_selection
    assert run.value_before == "**Old** tides"
    assert [(source["path"], source["text"]) for source in run.sources] == [
        ("@selection", "**Old** tides")
    ]


def test_a_part_of_a_heading_is_sent_without_the_marks_of_a_heading(request_of, editor, template):
    run = engine.prepare(request_of(editor, selected(block("Tides", "header-two"))))
    assert run.value_before == "Tides"


def test_whole_blocks_are_sent_with_their_marks(request_of, editor, template):
    state = selected(block("Tides", "header-two"), block("They come.", "unordered-list-item"))
    assert engine.prepare(request_of(editor, state)).value_before == "## Tides\n\n- They come."


@pytest.mark.parametrize(
    "category, mode",
    [("write", OutputMode.APPEND), ("translate", OutputMode.REPLACE)],
)
def test_what_is_new_is_added_and_all_else_replaces(request_of, editor, template, category, mode):
    PromptTemplate.objects.filter(pk=template.pk).update(category=category)
    assert engine.prepare(request_of(editor, selected(block("A")))).output_mode == mode


def test_the_configuration_of_the_fields_own_action_is_used(request_of, editor, template):
    config = factories.make_config(name="Careful", is_default=False)
    factories.make_action("body", llm_config=config)
    assert engine.prepare(request_of(editor, selected(block("A")))).llm_config == config


@pytest.mark.parametrize("slug", ["missing", "unpublished", "for-fields"])
def test_only_live_templates_that_read_the_selection_are_run(request_of, editor, template, slug):
    factories.make_template("{{ selection }}", slug="unpublished").unpublish()
    factories.make_template("{{ current_value }}", slug="for-fields")
    with pytest.raises(ActionNotFoundError):
        engine.prepare(request_of(editor, selected(block("A")), template=slug))
    assert LLMActionHistory.objects.get().status == RunStatus.REFUSED
    assert [each.slug for each in engine.selection_templates()] == ["improve"]


def test_a_user_who_may_not_run_actions_may_not_run_templates(request_of, template):
    other = factories.make_user("other", groups=["Editors"])
    with pytest.raises(PermissionRefusedError):
        engine.prepare(request_of(other, selected(block("A"))))


@pytest.mark.parametrize(
    "state, error",
    [
        (selected(block("  ")), EmptyVariableError),
        (selected(), EmptyVariableError),
        ("", FormDataError),
        ("null", FormDataError),
        ('{"blocks": [{}], "entityMap": {}}', FormDataError),
        ("[" * 100_000, FormDataError),
        (
            selected(
                block("Before"),
                block(" ", "atomic", entities=[whole(1)]),
                block("After"),
                entities=[IMAGE],
            ),
            UnsupportedFieldError,
        ),
    ],
)
def test_what_cannot_be_rewritten_is_refused_before_any_call(
    request_of, editor, template, state, error
):
    with reply_with("No.") as echo, pytest.raises(error) as raised:
        engine.prepare(request_of(editor, state))
    assert echo.requests == []
    assert LLMActionHistory.objects.get().pk == raised.value.run_id


def test_text_without_formatting_is_no_place_for_a_selection(request_of, editor, template):
    with pytest.raises(UnsupportedFieldError):
        engine.prepare(request_of(editor, selected(block("A")), address="intro"))


def test_a_template_for_selections_needs_text_also_as_an_action(bind, editor, template):
    template.prompt = "Go on: {{ selection }}"
    template.save_revision().publish()
    factories.make_action("search_description", prompt_template=template)
    with pytest.raises(EmptyVariableError):
        engine.prepare(
            engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
        )


def run_on(request_of, user, state, reply, **changes):
    with reply_with(reply):
        run = engine.prepare(request_of(user, state, **changes))
        list(engine.execute(run.pk))
    return run


def present(run, bind, user, state, **changes):
    bound = bind(user, **{"llm-selection": state}, **changes)
    return engine.present(run.pk, user, bound, "body")


def test_the_output_is_presented_as_what_stands_in_place_of_the_selection(
    request_of, bind, editor, template
):
    state = selected(block("an old link", entities=[whole(11)]), entities=[LINK])
    run = run_on(request_of, editor, state, "a **new** [link](https://example.com/)")
    shown = present(run, bind, editor, state)
    fragment = json.loads(shown.state)
    assert [each["text"] for each in fragment["blocks"]] == ["a new link"]
    assert [entity["type"] for entity in fragment["entityMap"].values()] == ["LINK"]
    assert (shown.method, shown.errors, shown.changed_meanwhile) == ("rich_text", (), False)
    assert shown.output == "a **new** [link](https://example.com/)"


def test_another_selection_than_was_sent_is_a_change_meanwhile(request_of, bind, editor, template):
    run = run_on(request_of, editor, selected(block("old")), "new")
    shown = present(run, bind, editor, selected(block("older")))
    assert (shown.changed_meanwhile, shown.current) == (True, "older")


def test_a_run_of_a_selection_says_nothing_of_the_field_until_it_is_used(
    request_of, bind, editor, template
):
    run = run_on(request_of, editor, selected(block("old")), "new")
    fields = bind(editor).editor
    assert engine.field_states(fields, {"body": "body"})["body"].run is None
    engine.decide(run.pk, editor, Decision.ACCEPTED)
    assert engine.field_states(fields, {"body": "body"})["body"].run == run
