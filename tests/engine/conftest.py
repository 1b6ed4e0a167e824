"""Edit forms as the engine gets them."""

from uuid import UUID

import pytest
from django.http import QueryDict
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.models import LLMActionHistory


@pytest.fixture
def page(home):
    """A page whose introduction says something."""
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


def form_data(page, **changes) -> QueryDict:
    """Return what the page's edit form posts, with ``changes``."""
    data = {
        "title": page.title,
        "slug": page.slug,
        "seo_title": page.seo_title,
        "search_description": page.search_description,
        "intro": page.intro,
        "summary": page.summary,
        "body": rich_text(page.body),
        "stream": streamfield([]),
        "related_links": inline_formset([]),
        "comments": inline_formset([]),
    }
    post = QueryDict(mutable=True)
    for name, value in nested_form_data(data | changes).items():
        post[name] = value
    return post


@pytest.fixture
def bind(page):
    """Return a function that binds the page's edit form for a user."""

    def bind_form(user, **changes):
        path = reverse("wagtailadmin_pages:edit", args=[page.pk])
        return find_editor(path, user).bind(form_data(page, **changes))

    return bind_form


@pytest.fixture
def run_field(bind, editor):
    """Return a function that runs the action of a field and gives the run and its events."""

    def run(address="search_description", *, user=editor, retry_of: UUID | None = None, **changes):
        request = engine.RunRequest(
            user=user, bound=bind(user, **changes), address=address, retry_of=retry_of
        )
        prepared = engine.prepare(request)
        events = list(engine.execute(prepared.pk))
        return LLMActionHistory.objects.get(pk=prepared.pk), events

    return run
