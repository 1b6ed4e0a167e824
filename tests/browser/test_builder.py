"""The forms of LLM actions and configurations: what they offer, preview, test and warn of."""

import re

import pytest
from django.contrib.contenttypes.models import ContentType
from playwright.sync_api import expect

from tests import factories
from tests.browser.test_accessibility import violations
from tests.testapp.models import Note, StoryPage
from wagtail_llm_actions.models import LLMAction, LLMActionHistory
from wagtail_llm_actions.testing import reply_with

ADD = "snippets/wagtail_llm_actions/llmaction/add/"
CONFIG = "snippets/wagtail_llm_actions/llmconfig/add/"


def type_key(model):
    """Return how the form calls a type."""
    return str(ContentType.objects.get_for_model(model, for_concrete_model=False).pk)


@pytest.fixture
def story(rows):
    """A page that says something."""
    factories.make_config(name="Usual", slug="usual", is_default=True)
    factories.make_template("Sum up: {{ intro }}", name="Summary", slug="summary")
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def builder(form_of, story, admin):
    """The form of a new action, for stories."""
    form = form_of(admin, ADD)
    form.input("destination_type").select_option(type_key(StoryPage))
    expect(picker(form)).to_be_enabled()
    return form


def picker(form):
    return form.page.get_by_label("Fields of this content type")


def offer(form):
    return form.page.get_by_role("group", name="What can be read")


def source(form, label):
    return offer(form).get_by_role("button", name=f"Add source: {label}")


def prompt(form):
    return form.page.get_by_role("region", name="Prompt as it is sent")


def describe(form):
    """Fill in an action that sums up a story."""
    picker(form).select_option("summary")
    source(form, "Intro").click()
    choose_template(form)


def choose_template(form):
    form.page.get_by_role("button", name="Choose a prompt template").click()
    form.page.get_by_role("dialog").get_by_role("link", name="Summary").click()
    expect(form.page.locator("#id_prompt_template-chooser")).to_contain_text("Summary")


def try_on(form, page):
    """Choose a page in the trial."""
    form.page.get_by_role("button", name="Choose a page (Story page)").click()
    form.page.get_by_role("dialog").get_by_role("link", name=page.title).click()


def test_a_type_offers_its_own_fields(builder):
    labels = picker(builder).locator("option").all_inner_texts()
    assert any("(stream.section.heading)" in label for label in labels)
    groups = picker(builder).locator("optgroup").evaluate_all("all => all.map(one => one.label)")
    assert groups == ["Fields", "Stream", "Related link"]
    picker(builder).select_option("stream.section.heading")
    expect(builder.input("destination_path")).to_have_value("stream.section.heading")
    expect(builder.input("name")).to_have_value("Story page: Stream › Section › Heading")
    builder.input("destination_type").select_option(type_key(Note))
    expect(picker(builder).locator("option[value=text]")).to_have_count(1)
    expect(picker(builder).locator("option[value='stream.section.heading']")).to_have_count(0)
    expect(builder.input("destination_path")).to_have_value("stream.section.heading")


def test_a_path_can_be_typed(builder):
    builder.input("destination_path").fill("intro")
    builder.input("destination_path").blur()
    expect(picker(builder)).to_have_value("intro")
    builder.input("destination_path").fill("no_such_field")
    builder.input("destination_path").blur()
    expect(picker(builder)).to_have_value("")
    expect(builder.input("destination_path")).to_have_value("no_such_field")


def test_a_source_is_added_with_one_click(builder):
    source(builder, "Intro").click()
    expect(builder.input("sources-0-path")).to_have_value("intro")
    expect(builder.input("sources-0-name")).to_have_value("intro")
    expect(builder.page.get_by_text("“Intro” is read as {{ intro }}.")).to_be_visible()
    expect(source(builder, "Intro")).to_have_attribute("aria-disabled", "true")
    expect(source(builder, "Intro")).to_contain_text("Read as {{ intro }}")
    source(builder, "Intro").press("Enter")
    expect(builder.input("sources-1-path")).to_have_count(0)
    source(builder, "Content").click()
    expect(builder.input("sources-1-path")).to_have_value("@content")
    builder.input("sources-1-name").fill("title")
    builder.input("sources-1-name").blur()
    source(builder, "Title title").click()
    expect(builder.input("sources-2-name")).to_have_value("title_2")
    assert violations(builder, ".llm-sources") == []


def test_a_deleted_source_can_be_added_again(builder):
    source(builder, "Intro").click()
    expect(source(builder, "Intro")).to_have_attribute("aria-disabled", "true")
    row = builder.page.locator("#inline_child_sources-0")
    row.get_by_role("button", name="Delete").click()
    expect(source(builder, "Intro")).to_have_attribute("aria-disabled", "false")
    source(builder, "Intro").press("Enter")
    expect(builder.input("sources-1-path")).to_have_value("intro")
    expect(builder.input("sources-1-name")).to_have_value("intro")


def test_the_prompt_is_shown_with_the_values_of_a_page(builder, story):
    describe(builder)
    try_on(builder, story)
    expect(prompt(builder).locator("mark")).to_have_text("IntroThe tide comes and goes.")
    expect(builder.page.locator(".llm-trial")).to_contain_text("tokens, to echo of Echo.")
    builder.input("sources-0-path").fill("title")
    builder.input("sources-0-path").blur()
    expect(prompt(builder).locator("mark")).to_have_text("TitleThe tide")
    assert violations(builder, ".llm-trial") == []
    assert not LLMActionHistory.objects.exists()
    posted = builder.page.evaluate(
        "[...new FormData(document.querySelector('form[data-edit-form]')).keys()]"
    )
    assert not any(name.startswith("llm-") and name != "llm-actions-form" for name in posted)


def test_an_action_is_tested_on_a_page_before_it_is_saved(builder, story):
    describe(builder)
    try_on(builder, story)
    expect(prompt(builder)).to_be_visible()
    trial = builder.page.locator(".llm-trial")
    with reply_with("It comes, it goes.") as echo:
        trial.get_by_role("button", name="Test", exact=True).click()
        expect(trial).to_contain_text("The field takes this text.")
    expect(trial.get_by_role("region", name="Output of the test")).to_have_text(
        "It comes, it goes."
    )
    expect(trial).to_contain_text("18 / 100 characters")
    expect(trial.get_by_role("button", name="Test", exact=True)).to_be_focused()
    assert violations(builder, ".llm-trial") == []
    assert echo.requests[0].messages[-1].content == "Sum up: The tide comes and goes."
    run = LLMActionHistory.objects.get()
    assert (run.is_test, run.object_id, run.decision) == (True, str(story.pk), "")
    story.refresh_from_db()
    assert story.summary == ""
    link = trial.get_by_role("link", name=re.compile("The run of this test"))
    expect(link).to_have_attribute("href", re.compile(str(run.pk)))


def test_it_says_what_is_still_to_be_chosen(builder, story):
    picker(builder).select_option("summary")
    try_on(builder, story)
    trial = builder.page.locator(".llm-trial")
    expect(trial).to_contain_text("Prompt template: This field is required.")
    expect(prompt(builder)).to_be_hidden()


def test_a_snippet_is_chosen_from_a_list(builder):
    note = Note.objects.create(subject="<b>Bold</b>", text="Something to read.")
    builder.input("destination_type").select_option(type_key(Note))
    expect(picker(builder).locator("option[value=text]")).to_have_count(1)
    choice = builder.page.get_by_role("combobox", name="Try it on")
    expect(choice.locator("option")).to_have_text(["Choose an object", "<b>Bold</b>"])
    describe_note(builder)
    choice.select_option(str(note.pk))
    expect(prompt(builder)).to_contain_text("Something to read.")


def test_fields_that_come_after_the_type_was_cleared_are_for_nothing(builder):
    held = []
    builder.page.route("**/builder/fields/*", lambda route: held.append(route), times=1)
    with builder.page.expect_request("**/builder/fields/*"):
        builder.input("destination_type").select_option(type_key(Note))
    builder.input("destination_type").select_option("")
    expect(picker(builder)).to_be_disabled()
    held[0].continue_()
    builder.page.wait_for_timeout(500)
    expect(picker(builder)).to_be_disabled()
    expect(picker(builder).locator("option")).to_have_count(0)
    expect(builder.page.locator(".llm-trial")).to_contain_text("Choose the content type first.")


def test_a_prompt_that_comes_after_the_type_was_cleared_is_not_shown(builder, story):
    describe(builder)
    held = []
    builder.page.route("**/api/builder/preview*", lambda route: held.append(route), times=1)
    with builder.page.expect_request("**/api/builder/preview*"):
        try_on(builder, story)
    builder.input("destination_type").select_option("")
    held[0].continue_()
    builder.page.wait_for_timeout(500)
    expect(prompt(builder)).to_be_hidden()
    expect(builder.page.locator(".llm-trial")).not_to_have_attribute("aria-busy", "true")


def test_the_prompt_follows_again_after_a_problem(builder, story):
    describe(builder)
    try_on(builder, story)
    expect(prompt(builder)).to_be_visible()
    builder.input("sources-0-path").fill("no_such_field")
    builder.input("sources-0-path").blur()
    expect(builder.page.locator(".llm-trial [role=status]").first).to_contain_text("no_such_field")
    expect(prompt(builder)).to_be_hidden()
    builder.input("sources-0-path").fill("intro")
    builder.input("sources-0-path").blur()
    expect(prompt(builder)).to_contain_text("The tide comes and goes.")


def test_a_text_stays_where_it_is_not_known_whether_the_field_takes_it(builder, story):
    describe(builder)
    try_on(builder, story)
    trial = builder.page.locator(".llm-trial")
    refusal = {"code": "server", "message": "Down.", "retryable": True}
    builder.page.route(
        re.compile(r"/api/builder/runs/[^/?]+$"),
        lambda route: route.fulfill(status=503, json=refusal),
    )
    with reply_with("It comes, it goes."):
        trial.get_by_role("button", name="Test", exact=True).click()
        expect(trial).to_contain_text("Down. This is the whole text")
    output = trial.get_by_role("region", name="Output of the test")
    expect(output).to_have_text("It comes, it goes.")


def test_what_is_added_is_counted_with_what_is_there(builder, story):
    story.summary = "Old."
    story.save_revision()
    describe(builder)
    builder.input("output_mode").select_option("append")
    try_on(builder, story)
    trial = builder.page.locator(".llm-trial")
    with reply_with("New."):
        trial.get_by_role("button", name="Test", exact=True).click()
        expect(trial).to_contain_text("9 / 100 characters")
    trial.get_by_text("What the field says now").click()
    current = trial.get_by_role("region", name="What the field says now")
    expect(current).to_have_text("Old.")
    assert violations(builder, ".llm-trial") == []


def test_what_says_something_is_there_while_it_says_nothing(builder):
    displays = builder.page.locator(
        ":is(.llm-destination, .llm-sources, .llm-trial) :is([role=status], [aria-live]):empty"
    ).evaluate_all(
        """all => all.filter(one => !one.closest('[hidden]'))
            .map(one => getComputedStyle(one).display)"""
    )
    assert displays
    assert "none" not in displays


def describe_note(form):
    picker(form).select_option("subject")
    source(form, "Text").click()
    form.input("sources-0-name").fill("intro")
    choose_template(form)


def test_it_says_whom_it_serves_and_which_action_is_there_already(builder, story):
    action = factories.make_action("summary", name="Old <i>one</i>")
    picker(builder).select_option("summary")
    serving = builder.page.locator("[data-llm-destination-target=serving]")
    expect(serving).to_contain_text("Serves 1 page of “Story page”.")
    expect(serving).to_contain_text("It fills this field already.")
    link = serving.get_by_role("link", name="Old <i>one</i>")
    expect(link).to_have_attribute("href", re.compile(rf"/edit/{action.pk}/"))
    assert violations(builder, ".llm-destination") == []
    picker(builder).select_option("intro")
    expect(serving).not_to_contain_text("already")


def test_the_models_are_those_of_the_chosen_provider(form_of, admin, settings):
    settings.WAGTAIL_LLM_ACTIONS = {
        **settings.WAGTAIL_LLM_ACTIONS,
        "PROVIDERS": {
            "default": {"BACKEND": "wagtail_llm_actions.providers.echo.EchoProvider"},
            "gone": {
                "BACKEND": "wagtail_llm_actions.providers.ollama.OllamaProvider",
                "OPTIONS": {"base_url": "http://127.0.0.1:9"},
            },
        },
    }
    form = form_of(admin, CONFIG)
    models = form.page.get_by_label("Models that the provider has now")
    expect(models.locator("option")).to_have_text(["Choose a model", "echo"])
    models.select_option("echo")
    expect(form.input("model_name")).to_have_value("echo")
    form.input("provider").select_option("gone")
    status = form.page.locator(".llm-models [role=status]")
    expect(status).to_contain_text("The name of a model can still be typed.")
    expect(models).to_be_disabled()
    assert violations(form, ".llm-models") == []
    form.input("model_name").fill("typed")
    expect(form.input("model_name")).to_have_value("typed")


def test_it_is_published_as_it_was_built(builder):
    describe(builder)
    builder.page.get_by_role("button", name="More actions", exact=True).click()
    builder.page.get_by_role("button", name="Publish", exact=True).click()
    expect(builder.page.get_by_text("created and published")).to_be_visible()
    # Where Wagtail saves by itself, it may have saved a draft at the same moment.
    action = LLMAction.objects.get(live=True)
    assert action.destination_path == "summary"
    assert [(s.path, s.name) for s in action.sources.all()] == [("intro", "intro")]
