"""What a site keeps language models away from."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured

from tests import factories
from tests.engine.conftest import form_data
from tests.testapp.models import StoryPage
from wagtail_llm_actions import conf, engine
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.content.opt_outs import is_opted_out
from wagtail_llm_actions.exceptions import UnsupportedFieldError


@pytest.mark.parametrize(
    ("entry", "inside", "outside"),
    [
        ("testapp.StoryPage", ["title", "stream.heading"], []),
        ("testapp.storypage", ["title"], []),
        ("wagtailcore.Page", ["summary"], []),
        ("testapp.StoryPage.summary", ["summary"], ["title", "summary_2"]),
        ("testapp.StoryPage.stream", ["stream", "stream.heading"], ["title"]),
        ("testapp.StoryPage.stream.heading", ["stream.heading"], ["stream"]),
        ("testapp.Other", [], ["title"]),
        ("testapp.Other.title", [], ["title"]),
        ("django.db.models.SlugField", ["slug"], ["title"]),
        ("wagtail.fields.RichTextField", ["body"], ["title", "stream"]),
        ("wagtail.blocks.RichTextBlock", [], ["title", "body"]),
        ("wagtail.blocks.CharBlock", ["stream.heading"], ["stream", "title"]),
    ],
)
def test_an_entry_is_about_what_it_names(settings, entry, inside, outside):
    settings.WAGTAIL_LLM_ACTIONS = {"OPTED_OUT": [entry]}
    assert [path for path in inside if not is_opted_out(StoryPage, path)] == []
    assert [path for path in outside if is_opted_out(StoryPage, path)] == []


@pytest.mark.parametrize("value", ["blog.Page", ["blog"], [1], {"blog.Page": True}])
def test_anything_else_is_no_setting(settings, value):
    settings.WAGTAIL_LLM_ACTIONS = {"OPTED_OUT": value}
    with pytest.raises(ImproperlyConfigured, match="OPTED_OUT"):
        _ = conf.settings.OPTED_OUT


@pytest.mark.django_db
def test_such_a_field_has_no_control_and_no_run(settings, editor, home):
    page = factories.make_page(intro="Words")
    factories.make_action("summary", prompt="Sum up.")
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {
        "OPTED_OUT": ["testapp.StoryPage.summary"]
    }
    form = find_editor(f"/admin/pages/{page.pk}/edit/", editor)
    states = engine.field_states(form, {"summary": "summary", "intro": "intro"})
    assert list(states) == ["intro"]
    request = engine.RunRequest(user=editor, bound=form.bind(form_data(page)), address="summary")
    with pytest.raises(UnsupportedFieldError):
        engine.prepare(request)


@pytest.mark.django_db
def test_no_action_is_published_for_it(settings, admin_client, home):
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {
        "OPTED_OUT": ["testapp.StoryPage.summary"]
    }
    template = factories.make_template("Sum up.")
    response = admin_client.post(
        "/admin/snippets/wagtail_llm_actions/llmaction/add/",
        {
            "name": "Sum up",
            "slug": "sum-up",
            "destination_type": ContentType.objects.get_for_model(StoryPage).pk,
            "destination_path": "summary",
            "prompt_template": template.pk,
            "output_mode": "replace",
            "extra_parameters": "{}",
            "sources-TOTAL_FORMS": 0,
            "sources-INITIAL_FORMS": 0,
            "sources-MIN_NUM_FORMS": 0,
            "sources-MAX_NUM_FORMS": 1000,
            "action-publish": "1",
        },
    )
    assert "destination_path" in response.context["form"].errors
