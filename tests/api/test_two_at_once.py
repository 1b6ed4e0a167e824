"""Two requests at the same moment, in a database that begins its transactions as Django does."""

import threading

import pytest
from django.db import connection

from tests import factories
from tests.api.tokens import TokenClient
from wagtail_llm_actions import engine
from wagtail_llm_actions.engine import limit_rows, rows
from wagtail_llm_actions.models import LLMLimit, PromptTemplate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two_at_once(admin, monkeypatch):
    """
    Return a function that sends a request twice and gives the statuses of both answers.

    The second one is sent when the first one has read: before it calls ``module.name``. SQLite is
    told to lock nothing before the first write, which is not the setting of the other tests.
    """
    has_read, is_over, statuses = threading.Event(), threading.Event(), []

    def send(*request, **options):
        client = TokenClient(admin)
        client.raise_request_exception = False
        try:
            statuses.append(client.send(*request, **options).status_code)
        finally:
            connection.close()

    def send_second(*request, **options):
        has_read.wait(10)
        send(*request, **options)
        is_over.set()

    def run(module, name, *request, **options):
        function = getattr(module, name)

        def paused(*args, **kwargs):
            if not has_read.is_set():
                has_read.set()
                is_over.wait(1)  # or it waits in its turn for this one
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, paused)
        threads = [
            threading.Thread(target=target, args=request, kwargs=options)
            for target in (send, send_second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(statuses)

    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", None)
        connection.close()
    return run


def test_of_two_changes_of_a_version_one_is_made(two_at_once):
    template = factories.make_template()
    headers = {"If-Match": f'"{engine.row_version(template)}"'}
    change = ("PATCH", f"/templates/{template.slug}", {"name": "New"})
    assert two_at_once(rows, "bound_form", *change, headers=headers) == [200, 412]


def test_of_two_changes_of_a_limit_one_is_made(two_at_once):
    limit = factories.make_limit()
    headers = {"If-Match": f'"{engine.limit_version(limit)}"'}
    change = ("PATCH", f"/limits/{limit.pk}", {"name": "New"})
    assert two_at_once(limit_rows, "may_keep", *change, headers=headers) == [200, 412]
    assert LLMLimit.objects.get().name == "New"


def test_of_two_new_rows_with_a_slug_one_is_made(two_at_once):
    body = {"name": "New", "slug": "taken", "prompt": "Say something."}
    assert two_at_once(rows, "bound_form", "POST", "/templates", body) == [201, 422]
    assert PromptTemplate.objects.count() == 1
