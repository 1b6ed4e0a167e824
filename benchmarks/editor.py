"""An editor of a page: their client, and the page's form as their browser would post it."""

from django.contrib.auth import get_user_model
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import querydict_from_html

from wagtail_llm_actions.content import find_editor


class Editor:
    """A superuser who has opened a page's edit form."""

    def __init__(self, page_id: int):
        self.user = get_user_model().objects.get(username="admin")
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(self.user)
        self.page = Page.objects.get(pk=page_id)
        self.path = reverse("wagtailadmin_pages:edit", args=[page_id])
        html = self.client.get(self.path).content.decode()
        # The browser builds StreamFields itself: they are not in the HTML.
        self.form = querydict_from_html(
            html, form_id="page-edit-form", exclude_csrf=False
        ).dict() | {"stream-count": "0"}

    def post(self, path: str):
        """
        Post the form as the browser does, with its CSRF token; return the response.

        The request makes a connection of its own to the database, as Django does by default.
        """
        connection.close()
        return self.client.post(path, self.form)

    def open(self):
        """Open the form on the server, as every request for a run does; return it."""
        return find_editor(self.path, self.user)

    def bind(self) -> None:
        """Open the form and bind what is posted, as every request for a run does."""
        post = QueryDict(mutable=True)
        post.update(self.form)
        self.open().bind(post)
