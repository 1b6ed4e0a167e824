"""What the edit form loads, and the dialog."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import translation
from wagtail import hooks

from tests import factories
from wagtail_llm_actions.views.dialog import plural_forms
from wagtail_llm_actions.views.editor_assets import editor_js, uploads_js


@pytest.mark.django_db
def test_the_script_is_a_module_that_is_served(django_assert_num_queries):
    with django_assert_num_queries(0):
        html = editor_js()
    assert re.search(r'<script type="module"[^>]* src="/static/([^"]+)"', html)
    for url in re.findall(r'"/static/([^"]+)"', html):
        assert finders.find(url)


@pytest.mark.parametrize("render", [editor_js, uploads_js])
def test_nothing_inline_is_executed(render):
    scripts = re.findall(r"<script([^>]*)>", render())
    assert all('type="application/json"' in tag or " src=" in tag for tag in scripts)
    assert not re.search(r"\son\w+=|\sstyle=", render())


def test_the_texts_are_in_the_language_of_the_interface():
    with translation.override("de"):
        assert json.loads(re.search(r"<script[^>]*>(.*?)</script>", editor_js())[1])


def test_the_script_is_registered():
    assert editor_js in hooks.get_hooks("insert_editor_js")
    assert uploads_js in hooks.get_hooks("insert_global_admin_js")


def test_the_script_knows_where_images_and_documents_are_saved_to():
    [urls] = re.findall(r'data-media-urls="([^"]+)"', editor_js())
    assert {"/admin/images/", "/admin/images/multiple/", "/admin/documents/edit/"} <= set(
        urls.split()
    )
    assert len(urls.split()) == 6


def test_the_upload_page_loads_one_small_script(admin_client, django_assert_num_queries):
    with django_assert_num_queries(0):
        [url] = re.findall(r'src="/static/([^"]+)"', uploads_js())
    assert finders.find(url)
    html = admin_client.get(reverse("wagtailimages:add_multiple")).content.decode()
    assert html.count('id="llm-actions-uploads"') == 1
    assert 'id="llm-actions-main"' not in html


def test_the_upload_page_fetches_what_edit_forms_get(editor_client, client, home):
    url = reverse("wagtail_llm_actions:editor_assets")
    assert editor_client.get(url).content.decode() == editor_js()
    assert client.get(url).status_code == 302


def test_the_dialog_is_refused_without_a_login(client, home):
    response = client.get(reverse("wagtail_llm_actions:dialog"))
    assert response.status_code == 302
    assert "login" in response.url


def test_the_dialog_costs_no_more_queries_than_any_admin_view(
    stranger, client_of, django_assert_max_num_queries
):
    client = client_of(stranger)
    client.get(reverse("wagtail_llm_actions:dialog"))
    with django_assert_max_num_queries(7):
        response = client.get(reverse("wagtail_llm_actions:dialog"))
    assert response.status_code == 200
    assert "llm-run-dialog" in response.content.decode()


def test_the_dialog_holds_no_inline_script_style_or_handler(editor_client):
    html = editor_client.get(reverse("wagtail_llm_actions:dialog")).content.decode()
    assert all('type="application/json"' in tag for tag in re.findall(r"<script([^>]*)>", html))
    assert not re.search(r"\son\w+=|\sstyle=", html)


def test_every_plural_category_has_a_form():
    forms = plural_forms(lambda n: "%(count)s character" if n == 1 else "%(count)s characters")
    assert forms["one"] == "%(count)s character"
    assert {forms[name] for name in ("zero", "two", "few", "many", "other")} == {
        "%(count)s characters"
    }


def test_the_edit_form_loads_the_script(admin_client):
    page = factories.make_page()
    html = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert html.count('id="llm-actions-main"') == 1
