"""The page and snippet with every kind of field."""

import pytest
from django.urls import reverse

from tests import factories
from tests.content.forms import add_path, edit_path, everything
from tests.testapp.models import Everything, EverythingPage
from wagtail_llm_actions.content.editors import find_editor

pytestmark = pytest.mark.django_db


def test_the_page_is_made_and_edited(admin, admin_client, home):
    page = factories.make_page(EverythingPage)
    for path in (edit_path(page), add_path(home, "everythingpage")):
        assert admin_client.get(path).status_code == 200
        bound = find_editor(path, admin).bind(everything())
        assert bound.form.errors == {}
        assert not any(formset.errors for formset in bound.form.formsets.values())


def test_the_snippet_is_made_and_edited(admin_client):
    row = Everything.objects.create(char="A row")
    for path in (edit_path(row), reverse(Everything.snippet_viewset.get_url_name("add"))):
        assert admin_client.get(path).status_code == 200


def test_images_and_documents_are_made(admin_client):
    assert factories.make_image().width == 640
    other = factories.make_collection("Other")
    assert factories.make_document(collection=other).get_file_size() == 4
