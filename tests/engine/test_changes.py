"""A run is otherwise than its action, or without one: tried, previewed and saved."""

import pytest

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.engine.changes import sources_at
from wagtail_llm_actions.engine.preview import parts
from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    ActionNotReadyError,
    PermissionRefusedError,
)
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, PromptTemplate
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.testing import reply_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(home):
    """Who may change what is sent, and save it."""
    names = ["run_llmaction", "customise_llmaction"]
    names += [f"{verb}_llmaction" for verb in ("add", "change", "publish")]
    names += [f"{verb}_prompttemplate" for verb in ("add", "publish")]
    return factories.make_user("author", *names, groups=["Editors"])


@pytest.fixture
def customiser(home):
    return factories.make_user(
        "customiser", "run_llmaction", "customise_llmaction", groups=["Editors"]
    )


@pytest.fixture
def action(home):
    return factories.make_action(
        "summary", prompt="Sum up: {{ intro }}", sources={"intro": "intro"}, name="Sum up"
    )


def ask(bind, user, address="summary", **changes):
    return engine.RunRequest(
        user=user, bound=bind(user), address=address, changes=engine.RunChanges(**changes)
    )


def run(request):
    prepared = engine.prepare(request)
    with reply_with("Done.") as echo:
        list(engine.execute(prepared.pk))
    return LLMActionHistory.objects.get(pk=prepared.pk), echo.requests[0]


def test_a_run_sends_what_is_changed_for_it_and_the_action_stays(bind, customiser, action):
    other = factories.make_config(name="Other", slug="other", model_name="big", is_default=False)
    done, sent = run(
        ask(
            bind,
            customiser,
            system_prompt="Be kind.",
            prompt="Title {{ title }}, intro {{ intro }}",
            sources=("intro", "title"),
            llm_config="other",
            model_name="bigger",
            temperature=0.0,
            max_output_tokens=77,
            output_mode="append",
        )
    )
    assert [message.content for message in sent.messages] == [
        "Be kind.",
        "Title The tide, intro The tide comes and goes.",
    ]
    assert (sent.model_name, sent.temperature, sent.max_output_tokens) == ("bigger", 0.0, 77)
    assert (done.output_mode, done.llm_config) == ("append", other)
    assert (done.action, done.prompt_template) == (action, action.prompt_template)
    assert done.prompt_template_revision_id is None
    assert done.changes["prompt"].startswith("Title")
    assert done.changes["sources"] == ["intro", "title"]
    kept = LLMAction.objects.get()
    assert [source.path for source in kept.sources.all()] == ["intro"]
    assert kept.prompt_template.prompt == "Sum up: {{ intro }}"


def test_a_run_without_changes_says_so(bind, author, action):
    done, _ = run(ask(bind, author))
    assert done.changes == {}
    assert done.prompt_template_revision_id == action.prompt_template.live_revision_id


def test_another_template_is_taken_with_its_texts(bind, customiser, action):
    template = factories.make_template("Other words: {{ intro }}", name="Other", slug="other")
    done, sent = run(ask(bind, customiser, prompt_template="other"))
    assert sent.messages[-1].content == "Other words: The tide comes and goes."
    assert done.prompt_template == template


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt_template": "gone"}, ActionNotFoundError),
        ({"llm_config": "gone"}, ActionNotFoundError),
        ({"sources": ("nowhere",)}, ActionNotReadyError),
        ({"extra_parameters": {"nonsense": 1}}, ActionNotReadyError),
    ],
)
def test_what_is_not_there_is_refused_before_any_call(bind, customiser, action, changes, error):
    with reply_with("Never.") as echo, pytest.raises(error):
        engine.prepare(ask(bind, customiser, **changes))
    assert echo.requests == []


def test_changing_needs_a_permission_of_its_own(bind, editor, action):
    with pytest.raises(PermissionRefusedError, match="may not change"):
        engine.prepare(ask(bind, editor, prompt="Mine"))


def test_what_is_no_action_yet_can_be_tried_by_who_may_add_one(bind, author, customiser):
    factories.make_config(is_default=True)
    done, sent = run(ask(bind, author, prompt="On {{ title }}", sources=("title",)))
    assert sent.messages[-1].content == "On The tide"
    assert (done.action, done.prompt_template) == (None, None)
    assert done.action_name == "Story page: Summary"
    with pytest.raises(PermissionRefusedError):
        engine.prepare(ask(bind, customiser, prompt="On {{ title }}", sources=("title",)))


def test_a_preview_says_what_would_be_sent_and_leaves_no_trace(bind, editor, action):
    with reply_with("Never.") as echo:
        preview = engine.preview(ask(bind, editor))
    assert [(part.text, part.source) for part in preview.user] == [
        ("Sum up: ", ""),
        ("The tide comes and goes.", "Intro"),
    ]
    assert preview.problem is None
    assert preview.tokens == 7  # words, as this provider counts
    assert preview.goes_to == "echo of Echo"
    assert echo.requests == []
    assert not LLMActionHistory.objects.exists()


def test_a_preview_says_why_nothing_can_be_sent(bind, author, action):
    preview = engine.preview(ask(bind, author, prompt="{{ unknown }}"))
    assert "unknown" in preview.problem.user_message
    assert preview.user == ()
    assert preview.action == action
    assert not LLMActionHistory.objects.exists()


def test_a_preview_says_what_would_be_cut(bind, editor, action, monkeypatch):
    monkeypatch.setattr(EchoProvider, "context_length", lambda *_: 400)
    bound = bind(editor, intro="word " * 2000)
    preview = engine.preview(engine.RunRequest(user=editor, bound=bound, address="summary"))
    assert len(preview.cuts) == 1
    assert "would be left out" in preview.cuts[0]
    assert preview.window == 400
    assert preview.tokens <= 400


def test_the_choices_begin_with_what_suits_the_field(bind, author):
    factories.make_template("A", name="A title", slug="title")
    factories.make_template("B", name="Summary", slug="summary")
    choices = engine.choices(bind(author), "summary")
    assert [template.slug for template in choices.templates] == ["summary", "title"]
    words = {source.path: source.words for source in choices.sources}
    assert (words["title"], words["intro"]) == (2, 5)
    assert choices.suggested == ("@content",)
    assert choices.name == "Story page: Summary"


def test_parts_mark_the_longest_sources_first():
    sources = [
        {"label": "Title", "path": "title", "text": "tide"},
        {"label": "Intro", "path": "intro", "text": "the tide goes"},
        {"label": "Empty", "path": "empty", "text": ""},
    ]
    marked = [(p.text, p.source) for p in parts("tide: the tide goes.", sources)]
    assert marked == [("tide", "Title"), (": ", ""), ("the tide goes", "Intro"), (".", "")]


def test_the_beginning_of_a_source_is_marked_too():
    text = "The tide comes and goes, and comes again and goes again."
    source = {"label": "Intro", "path": "intro", "text": text}
    marked = [(p.text, p.source) for p in parts(f"Sum up: {text[:50]}…", [source])]
    assert marked == [("Sum up: ", ""), (text[:50], "Intro"), ("…", "")]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("title", "title"),
        ("@content", "content"),
        ("body.section.heading", "body_section_heading"),
        ("@parent.title", "parent_title"),
        ("language", "the_language"),
    ],
)
def test_a_source_gets_a_name_that_a_template_can_use(path, name):
    assert [source.name for source in sources_at([path])] == [name]


def test_two_sources_never_have_one_name():
    names = [source.name for source in sources_at(["a.b", "a_b", "a-b"])]
    assert names == ["a_b", "a_b_2", "a_b_3"]


def test_a_first_action_is_saved_and_live(bind, author):
    factories.make_config(is_default=True)
    template = factories.make_template("Write: {{ sources }}", name="Summary", slug="summary")
    bound = bind(author)
    action = engine.save_action(
        author,
        bound.editor,
        "summary",
        engine.RunChanges(prompt_template="summary", sources=("title", "@content")),
    )
    assert action.live
    assert action.latest_revision.user == author
    assert action.prompt_template == template
    assert [s.path for s in action.sources.all()] == ["title", "@content"]
    done, sent = run(engine.RunRequest(user=author, bound=bind(author), address="summary"))
    assert done.action == action
    assert "The tide" in sent.messages[-1].content


def test_other_texts_become_a_template_of_their_own(bind, author, action):
    before = action.prompt_template
    saved = engine.save_action(
        author,
        bind(author).editor,
        "summary",
        engine.RunChanges(prompt="Shorter: {{ intro }}", temperature=0.5),
        template_name="Short ones",
    )
    assert saved.pk == action.pk
    assert saved.temperature == 0.5
    assert (saved.prompt_template.name, saved.prompt_template.live) == ("Short ones", True)
    before.refresh_from_db()
    assert before.prompt == "Sum up: {{ intro }}"
    assert [s.name for s in saved.sources.all()] == ["intro"]


def test_nothing_is_saved_without_permission(bind, customiser, action):
    with pytest.raises(PermissionRefusedError):
        engine.save_action(
            customiser, bind(customiser).editor, "summary", engine.RunChanges(temperature=1.0)
        )
    assert LLMAction.objects.get().temperature is None


def test_who_may_not_add_templates_saves_no_other_texts(bind, action):
    names = ["run_llmaction", "customise_llmaction", "change_llmaction", "publish_llmaction"]
    user = factories.make_user("half", *names, groups=["Editors"])
    with pytest.raises(PermissionRefusedError, match="templates"):
        engine.save_action(
            user, bind(user).editor, "summary", engine.RunChanges(prompt="Mine: {{ intro }}")
        )
    assert PromptTemplate.objects.count() == 1
    assert LLMAction.objects.get().prompt_template == action.prompt_template


def test_what_cannot_go_live_is_not_saved(bind, author, action):
    with pytest.raises(ActionNotReadyError, match="not saved"):
        engine.save_action(
            author, bind(author).editor, "summary", engine.RunChanges(prompt="{{ unknown }}")
        )
    assert PromptTemplate.objects.count() == 1
    assert LLMAction.objects.get().prompt_template == action.prompt_template


def test_a_draft_of_somebody_is_not_published_along(bind, author, action):
    action.name = "In work"
    action.save_revision()
    with pytest.raises(ActionNotReadyError, match="draft"):
        engine.save_action(
            author, bind(author).editor, "summary", engine.RunChanges(temperature=1.0)
        )
    action.refresh_from_db()
    assert action.get_latest_revision_as_object().name == "In work"


def test_a_model_name_alone_is_for_one_run(bind, author, action):
    with pytest.raises(ActionNotReadyError, match="configuration"):
        engine.save_action(
            author, bind(author).editor, "summary", engine.RunChanges(model_name="big")
        )
