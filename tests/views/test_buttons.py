"""The button in the header of a page's edit form."""

import pytest
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def shows(client, page, name="wagtailadmin_pages:edit"):
    return "data-llm-actions-fill" in client.get(reverse(name, args=[page.pk])).text


def test_who_may_run_actions_has_it_on_the_edit_form(editor_client, client_of, home):
    page = factories.make_page()
    assert shows(editor_client, page)
    assert not shows(client_of(factories.make_user("plain", groups=["Editors"])), page)
    assert not shows(editor_client, page, "wagtailadmin_explore")


def test_a_locked_page_has_none(editor_client, admin, home):
    page = factories.make_page(locked=True, locked_by=admin)
    assert not shows(editor_client, page)
