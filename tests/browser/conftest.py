"""
A real Chromium against a real server.

Set ``CHROMIUM`` to the path of another executable.
"""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from tests import factories
from tests.browser.editor_page import EditorPage

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
TIMEOUT = 15_000
"""Milliseconds, for a machine with much else to do."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    """Mark the tests of this folder, and skip them where there is no browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}"))


@pytest.fixture(scope="session")
def chromium():
    """The browser; Playwright's event loop makes Django think that it runs in async code."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def shared_context(chromium):
    """A context of which only the cache of scripts outlives a test: to load them takes seconds."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """The server, started once the test database is there: else it would share one connection."""
    return live_server


@pytest.fixture(autouse=True)
def rows(transactional_db):
    """Let the server see the rows of the test."""
    return factories.make_home()


@pytest.fixture
def page_of(chromium, shared_context, live_server):
    """
    Return a function that opens a browser page as a user.

    A test that changes more of the context than what :func:`empty` takes back asks for its ``own``.
    """
    contexts, errors = [], []

    def make(user, *, own=False, **options):
        is_own = bool(own or options or contexts)
        context = chromium.new_context(**options) if is_own else shared_context
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(error.stack or error.message))
        return page

    yield make
    for context in contexts:
        if context is shared_context:
            empty(context, live_server.url)
        else:
            context.close()
    assert not errors, "\n".join(errors)


def empty(context, url):
    """Close the pages of a context, and forget what they stored."""
    context.unroute_all()
    context.clear_permissions()
    for page in context.pages:
        page.close()
    page = context.new_page()
    storage = {"origin": url, "storageTypes": "cookies,local_storage,indexeddb,service_workers"}
    context.new_cdp_session(page).send("Storage.clearDataForOrigin", storage)
    page.close()


@pytest.fixture
def form_of(page_of, live_server):
    """Return a function that opens the edit form at a path of the admin."""

    def make(user, path, **options):
        form = EditorPage(page_of(user, **options))
        form.goto(f"{live_server.url}/admin/{path}")
        return form

    return make


def session_cookie(user, url):
    """Return the cookie of a logged-in user."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}
