"""Who sees whose runs."""

import pytest
from wagtail.models import GroupCollectionPermission, Site

from tests import factories
from tests.testapp.models import Announcement, Branding, Event
from wagtail_llm_actions.permissions import visible_runs

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(home):
    """A user who may change events."""
    return factories.make_user("secretary", "testapp.change_event")


def test_runs_of_others_are_seen_where_the_key_is_no_number(secretary, stranger, admin):
    run = factories.make_run(target=Event.objects.create(name="Regatta"), user=admin)
    assert list(visible_runs(secretary)) == [run]
    assert list(visible_runs(stranger)) == []


@pytest.mark.parametrize(
    ("make", "permission"),
    [
        (factories.make_image, "wagtailimages.change_image"),
        (factories.make_document, "wagtaildocs.change_document"),
    ],
)
def test_runs_on_media_are_seen_by_who_may_change_them(admin, stranger, make, permission):
    group = factories.make_group("Librarians")
    shelf = factories.make_collection("Shelf")
    GroupCollectionPermission.objects.create(
        group=group, collection=shelf, permission=factories.permission(permission)
    )
    librarian = factories.make_user("librarian", groups=["Librarians"])
    run = factories.make_run(target=make(collection=shelf), user=admin)
    factories.make_run(target=make(), user=admin)
    assert list(visible_runs(librarian)) == [run]
    assert list(visible_runs(stranger)) == []


@pytest.mark.parametrize("model", [Branding, Announcement])
def test_runs_on_settings_are_seen_by_who_may_change_them(home, admin, stranger, model):
    site = Site.objects.get()
    setting = model.for_site(site) if model is Branding else model.load()
    run = factories.make_run(target=setting, user=admin)
    manager = factories.make_user("manager", f"testapp.change_{model._meta.model_name}")
    assert list(visible_runs(manager)) == [run]
    assert list(visible_runs(stranger)) == []


def test_runs_of_a_snippet_that_is_gone_need_the_right_to_see_all(secretary, admin):
    event = Event.objects.create(name="Regatta")
    run = factories.make_run(target=event, user=admin)
    event.delete()
    assert list(visible_runs(secretary)) == []
    assert list(visible_runs(admin)) == [run]


def test_runs_need_the_right_to_change_that_very_object(secretary, admin, monkeypatch):
    seen, unseen = Event.objects.create(name="Seen"), Event.objects.create(name="Unseen")
    run = factories.make_run(target=seen, user=admin)
    factories.make_run(target=unseen, user=admin)
    policy = type(Event.snippet_viewset.permission_policy)
    monkeypatch.setattr(
        policy,
        "instances_user_has_permission_for",
        lambda self, user, action: self.model._default_manager.filter(name="Seen"),
    )
    assert list(visible_runs(secretary)) == [run]


@pytest.mark.parametrize(
    "path, sources",
    [
        ("budget", []),
        ("name", ["budget"]),
        ("name", ["name", "@content"]),
    ],
)
def test_what_a_form_hides_from_a_user_no_run_of_others_tells(secretary, admin, path, sources):
    event = Event.objects.create(name="Regatta")
    values = {
        "target": event,
        "destination_path": path,
        "sources": [{"name": "x", "path": source, "text": "1,000,000"} for source in sources],
    }
    factories.make_run(user=admin, **values)
    own = factories.make_run(user=secretary, **values)
    assert list(visible_runs(secretary)) == [own]
    assert visible_runs(admin).count() == 2


def test_a_source_that_only_quotes_the_name_of_a_hidden_field_hides_nothing(secretary, admin):
    source = {"name": "x", "path": "name", "text": '"path": "budget"'}
    run = factories.make_run(
        target=Event.objects.create(name="Regatta"), user=admin, sources=[source]
    )
    assert list(visible_runs(secretary)) == [run]
