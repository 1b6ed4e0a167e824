"""What is sent to whom, by the data classes of the site."""

import pytest
from wagtail.blocks import EmailBlock, ListBlock, StructBlock

from tests import factories
from tests.testapp.everything import EverythingPage
from tests.testapp.models import Person
from wagtail_llm_actions import engine
from wagtail_llm_actions.content import catalogue, data_classes, find_editor, naming
from wagtail_llm_actions.content.data_classes import class_of
from wagtail_llm_actions.engine.clearance import cleared_config, is_cleared
from wagtail_llm_actions.exceptions import ActionNotReadyError, NotClearedError
from wagtail_llm_actions.models import LLMAction, LLMActionAttempt, LLMActionHistory, LLMConfig
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import DataClass, RunStatus

pytestmark = pytest.mark.django_db

OPENAI = "wagtail_llm_actions.providers.openai.OpenAIProvider"


@pytest.fixture
def configure(settings):
    """Return a function that sets data classes, and what a provider elsewhere is cleared for."""
    known = settings.WAGTAIL_LLM_ACTIONS

    def apply(classes, cleared=None):
        elsewhere = {
            "BACKEND": OPENAI,
            "OPTIONS": {"base_url": "https://llm.example.com/v1", "api_key": "key"},
        }
        if cleared:
            elsewhere["CLEARED_FOR"] = cleared
        providers = known["PROVIDERS"] | {"elsewhere": elsewhere}
        settings.WAGTAIL_LLM_ACTIONS = known | {"PROVIDERS": providers, "DATA_CLASSES": classes}

    apply({})
    return apply


@pytest.fixture
def action(home, configure):
    """An action whose provider is somewhere else."""
    config = factories.make_config("gpt", name="Elsewhere", slug="elsewhere", provider="elsewhere")
    return factories.make_action(
        "search_description",
        prompt="Describe: {{ intro }}",
        sources={"intro": "intro"},
        llm_config=config,
    )


@pytest.fixture
def wish(bind, editor, action):
    """Return a function that prepares a run."""

    def prepare():
        request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
        return engine.prepare(request)

    return prepare


def test_without_classes_all_is_sent_anywhere(wish):
    run = wish()
    assert (run.status, run.data_class) == (RunStatus.QUEUED, "")


@pytest.mark.parametrize(
    "named", ["testapp.StoryPage.intro", "testapp.StoryPage", "testapp.storypage.intro"]
)
def test_what_is_marked_is_not_sent_to_a_provider_that_is_not_cleared(wish, configure, named):
    configure({named: "personal"}, cleared="internal")
    with pytest.raises(NotClearedError) as refused:
        wish()
    assert str(refused.value.user_message) == (
        "“Intro” is marked as “Personal data”, and the provider of “Elsewhere” is not cleared for "
        "that. Nothing was sent. Choose another LLM configuration, or ask an administrator."
    )
    run = LLMActionHistory.objects.get(pk=refused.value.run_id)
    assert (run.status, run.error_code, run.data_class) == ("refused", "not_cleared", "personal")
    assert (run.prompt, run.sources) == ("", [])


@pytest.mark.parametrize("cleared", ["internal", "personal"])
def test_it_is_sent_to_one_that_is(wish, configure, cleared):
    configure({"testapp.StoryPage.intro": "internal"}, cleared=cleared)
    assert wish().data_class == DataClass.INTERNAL


def test_a_provider_elsewhere_is_cleared_for_what_is_public_where_nobody_says_more(wish, configure):
    configure({"testapp.StoryPage.intro": "internal"})
    with pytest.raises(NotClearedError):
        wish()


def test_one_on_this_machine_for_all(wish, configure, action):
    configure({"testapp.StoryPage.intro": "personal"})
    action.llm_config = factories.make_config()
    action.save()
    assert wish().data_class == DataClass.PERSONAL


def test_what_is_not_sent_is_in_nobodys_way(wish, configure):
    configure({"testapp.StoryPage.body": "personal", "testapp.OtherPage": "personal"})
    assert wish().data_class == DataClass.PUBLIC


def test_what_the_field_says_counts_where_the_prompt_uses_it(wish, configure, action):
    configure({"testapp.StoryPage.search_description": "personal"})
    assert wish()
    template = action.prompt_template
    template.prompt = "Improve: {{ current_value }} {{ intro }}"
    template.save()
    with pytest.raises(NotClearedError):
        wish()


def test_so_does_the_title(wish, configure, action):
    configure({"testapp.StoryPage.title": "internal"})
    assert wish()
    template = action.prompt_template
    template.prompt = "{{ page_title }}: {{ intro }}"
    template.save()
    with pytest.raises(NotClearedError, match="title"):
        wish()


def test_an_earlier_output_says_what_its_sources_said(bind, editor, admin, action, configure, page):
    first = factories.make_run(
        action, target=page, user=admin, output="Call 555.", data_class="personal"
    )
    first.attempts.update(raw_text="Call 555.")
    configure({"testapp.StoryPage.body": "personal"}, cleared="internal")
    request = engine.RunRequest(
        user=admin,
        bound=bind(admin),
        address="search_description",
        retry_of=first.pk,
        feedback="Shorter",
    )
    with pytest.raises(NotClearedError):
        engine.prepare(request)


def test_a_cloud_behind_a_local_ollama_is_not_this_machine(wish, configure, action, settings):
    configure({"testapp.StoryPage.intro": "personal"})
    ollama = "wagtail_llm_actions.providers.ollama.OllamaProvider"
    known = settings.WAGTAIL_LLM_ACTIONS
    providers = known["PROVIDERS"] | {"ollama": {"BACKEND": ollama}}
    settings.WAGTAIL_LLM_ACTIONS = known | {"PROVIDERS": providers}
    config = factories.make_config("gpt-oss:120b-cloud", provider="ollama")
    assert not is_cleared(config, DataClass.PERSONAL)
    config.model_name = "llama3.2"
    assert is_cleared(config, DataClass.PERSONAL)


def test_a_model_that_sees_pictures_may_get_some(wish, configure, action):
    configure({"wagtailimages.Image": "personal"})
    assert wish()
    action.llm_config.reads_images = True
    action.llm_config.save()
    with pytest.raises(NotClearedError):
        wish()


class TestTakingOver:
    """Another configuration takes the place of one that is not cleared."""

    @pytest.fixture(autouse=True)
    def marked(self, configure):
        configure({"testapp.StoryPage.intro": "personal"})

    def test_it_does_and_the_run_says_so(self, wish):
        factories.make_config(name="Here", slug="here", takes_over=True)
        run = wish()
        assert (run.llm_config_name, run.model_name, run.provider) == ("Here", "echo", "default")
        assert engine.notices_of(run) == [
            "“Here” is used instead of “Elsewhere”, whose provider is not cleared for what is sent."
        ]

    def test_what_its_provider_does_not_know_is_left_out_and_the_run_says_so(self, wish, action):
        config = factories.make_config(slug="here", name="Here", takes_over=True)
        LLMConfig.objects.filter(pk=config.pk).update(extra_parameters={"top_p": 0.5, "seed": 1})
        LLMAction.objects.update(
            extra_parameters={"verbosity": "low", "reasoning_effort": "low", "seed": 2}
        )
        run = wish()
        assert run.parameters["extra_parameters"] == {"top_p": 0.5, "seed": 2}
        assert engine.notices_of(LLMActionHistory.objects.get(pk=run.pk))[1:] == [
            "The provider of “Here” does not know the extra parameters “reasoning_effort”, "
            "“verbosity” of the LLM action: those were left out."
        ]
        with reply_with("The tide.") as echo:
            list(engine.execute(run.pk))
        assert LLMActionHistory.objects.get(pk=run.pk).status == RunStatus.SUCCEEDED
        assert echo.requests[0].extra_parameters == {"top_p": 0.5, "seed": 2}
        assert "left_out" not in LLMActionAttempt.objects.get().parameters

    def test_what_it_was_given_itself_is_not_left_out(self, wish):
        config = factories.make_config(slug="here", name="Here", takes_over=True)
        LLMConfig.objects.filter(pk=config.pk).update(extra_parameters={"verbosity": "low"})
        with pytest.raises(ActionNotReadyError, match="verbosity"):
            wish()

    def test_without_anything_left_out_nothing_is_said_of_it(self, wish):
        factories.make_config(slug="here", name="Here", takes_over=True)
        assert len(engine.notices_of(wish())) == 1

    def test_not_one_that_is_no_more_cleared(self, wish):
        factories.make_config(name="There", provider="elsewhere", takes_over=True)
        with pytest.raises(NotClearedError):
            wish()

    def test_the_pictures_count_that_it_would_be_sent(self, wish, configure):
        classes = {"testapp.StoryPage.intro": "internal", "wagtailimages.Image": "personal"}
        configure(classes)
        factories.make_config("gpt", name="Eyes", provider="default", takes_over=True)
        assert wish().data_class == DataClass.INTERNAL
        LLMConfig.objects.filter(name="Eyes").update(reads_images=True)
        assert wish().data_class == DataClass.PERSONAL

    def test_not_one_that_was_not_named_for_it_or_is_a_draft(self, wish):
        factories.make_config(name="Here")
        factories.make_config(name="Draft", takes_over=True, live=False)
        with pytest.raises(NotClearedError):
            wish()

    def test_the_preview_says_it_before(self, bind, editor, action):
        factories.make_config(name="Here", slug="here", takes_over=True)
        request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
        preview = engine.preview(request)
        assert preview.problem is None
        assert "Echo" in preview.goes_to


class TestClasses:
    """Which class a source has."""

    @pytest.mark.parametrize(
        ("classes", "path", "held"),
        [
            ({}, "intro", "public"),
            (
                {"testapp.StoryPage.stream.section": "internal"},
                "stream.section.heading",
                "internal",
            ),
            ({"testapp.StoryPage.stream.section.heading": "internal"}, "stream", "internal"),
            ({"testapp.StoryPage.stream.section": "internal"}, "stream.heading", "public"),
            ({"testapp.StoryPage.intro": "personal"}, "@content", "personal"),
            ({"wagtailcore.Page.title": "internal"}, "title", "internal"),
            ({"django.db.models.DateField": "internal"}, "reviewed_on", "internal"),
            ({"testapp.RelatedLink": "internal"}, "related_links", "internal"),
            ({"testapp.RelatedLink.caption": "internal"}, "related_links.caption", "internal"),
            ({"testapp.RelatedLink.caption": "internal"}, "related_links.note", "public"),
            ({"testapp.StoryPage.stream.quotes": "internal"}, "stream.quotes.item", "internal"),
            ({"testapp.StoryPage.stream.quotes.item": "internal"}, "stream.quotes", "internal"),
            (
                {"testapp.StoryPage": "internal", "testapp.StoryPage.intro": "personal"},
                "intro",
                "personal",
            ),
            (
                {"testapp.StoryPage": "personal", "testapp.StoryPage.intro": "public"},
                "intro",
                "personal",
            ),
        ],
    )
    def test_the_highest_of_all_that_it_reads(self, configure, page, classes, path, held):
        configure(classes)
        assert class_of(type(page), path) == held

    @pytest.mark.parametrize(
        ("path", "held"),
        [
            ("stream.chapter.content.section", "personal"),
            ("stream.chapter.content.section.heading", "personal"),
            ("stream.chapter.content", "personal"),
            ("stream", "personal"),
            ("@content", "personal"),
            ("stream.chapter.content.note", "public"),
            ("stream.chapter.heading", "public"),
        ],
    )
    def test_what_is_too_deep_to_be_looked_at_may_be_anything(
        self, configure, monkeypatch, path, held
    ):
        monkeypatch.setattr(catalogue, "MAX_DEPTH", 3)
        monkeypatch.setattr(data_classes, "paths_named", naming.paths_named.__wrapped__)
        configure({"tests.testapp.blocks.CardBlock": "personal"})
        assert class_of(EverythingPage, path) == held

    @pytest.mark.parametrize(
        ("path", "held"), [("stream.typed_table", "internal"), ("stream.table", "public")]
    )
    @pytest.mark.parametrize("kind", ["wagtail.blocks.FloatBlock", "django.forms.FloatField"])
    def test_a_table_has_the_class_of_its_columns(self, configure, kind, path, held):
        configure({kind: "internal"})
        assert class_of(EverythingPage, path) == held

    @pytest.mark.parametrize("kind", ["wagtail.blocks.EmailBlock", "django.forms.EmailField"])
    def test_and_of_what_is_in_the_groups_and_lists_of_a_column(self, configure, monkeypatch, kind):
        stream = EverythingPage._meta.get_field("stream").stream_block
        people = ListBlock(StructBlock([("address", EmailBlock())]))
        monkeypatch.setitem(stream.child_blocks["typed_table"].child_blocks, "people", people)
        monkeypatch.setattr(data_classes, "paths_named", naming.paths_named.__wrapped__)
        configure({kind: "personal"})
        assert class_of(EverythingPage, "stream.typed_table") == "personal"

    def test_what_an_object_is_called_may_be_any_of_its_fields(self, configure, page):
        configure({"testapp.Person.biography": "personal"})
        run = LLMActionHistory(destination_path="role")
        opened = find_editor("/admin/snippets/testapp/person/add/", factories.make_superuser("b"))
        action = factories.make_action("role", Person, prompt="About {{ page_title }}.")
        config = factories.make_config(provider="elsewhere")
        with pytest.raises(NotClearedError):
            cleared_config(run, action, config, opened, {"page_title"})

    def test_of_the_page_above_by_its_own_type(self, configure, page):
        configure({"testapp.StoryPage.title": "internal"})
        assert class_of(type(page), "@parent.title", parent=page) == "internal"
        assert class_of(type(page), "@parent.title", parent=page.get_parent()) == "public"
        assert class_of(type(page), "@parent.title") == "public"
