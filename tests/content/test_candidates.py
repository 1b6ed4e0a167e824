"""What a user may choose in a field."""

import pytest
from django.contrib.auth.models import Group
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from tests import factories
from tests.content.forms import edit_path, everything
from tests.testapp.models import EverythingPage, OtherPage, Person, StoryPage, Topic
from wagtail_llm_actions.content import candidates, resolve_path
from wagtail_llm_actions.content.editors import find_editor

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(home):
    return factories.make_page(EverythingPage, title="Everything")


def options(page, user, address, **values):
    bound = find_editor(edit_path(page), user).bind(everything(**values))
    return bound.spec(address).options


def labels(*arguments, **values):
    return [option.label for option in options(*arguments, **values)]


def test_pages_are_those_of_the_type_that_the_user_can_explore(admin, home, page):
    story = factories.make_page(StoryPage, title="A story")
    other = factories.make_page(OtherPage, title="Another")
    assert {story.title, other.title, home.title, page.title} == set(
        labels(page, admin, "page_link")
    )
    assert labels(page, admin, "story") == [story.title]


def test_a_user_is_offered_the_pages_below_those_of_their_groups(home, page):
    branch = factories.make_page(OtherPage, title="Branch", parent=page)
    factories.make_page(OtherPage, title="Elsewhere")
    group = Group.objects.create(name="Few")
    GroupPagePermission.objects.create(
        group=group, page=page, permission=factories.permission("wagtailcore.change_page")
    )
    user = factories.make_user("few")
    user.groups.add(group)
    # The explorer also shows them the way there.
    assert set(labels(page, user, "page_link")) == {page.title, branch.title, home.title}


def test_images_and_documents_are_those_of_collections_to_choose_from(home, page):
    shown, hidden = factories.make_collection("Shown"), factories.make_collection("Hidden")
    group = Group.objects.create(name="Few")
    GroupPagePermission.objects.create(
        group=group, page=page, permission=factories.permission("wagtailcore.change_page")
    )
    for name in ("wagtailimages.choose_image", "wagtaildocs.choose_document"):
        GroupCollectionPermission.objects.create(
            group=group, collection=shown, permission=factories.permission(name)
        )
    user = factories.make_user("chooser")
    user.groups.add(group)
    for make in (factories.make_image, factories.make_document):
        make("Shown", collection=shown)
        make("Hidden", collection=hidden)
    assert labels(page, user, "image") == ["Shown"]
    assert labels(page, user, "document") == ["Shown"]


def test_snippets_and_selects_offer_what_wagtail_lists(editor, page):
    Person.objects.create(name="Ada")
    Topic.objects.create(name="Sea")
    assert labels(page, editor, "person") == ["Ada"]
    assert labels(page, editor, "topic") == labels(page, editor, "boxes") == ["Sea"]


def test_what_the_form_speaks_of_comes_first_then_the_latest(admin, page, monkeypatch):
    monkeypatch.setattr(candidates, "MAX_CANDIDATES", 2)
    for title in ("Lighthouse keeper", "Harbour", "Market"):
        factories.make_image(title)
    found = labels(page, admin, "image", text="An old lighthouse at sea")
    assert found == ["Lighthouse keeper", "Market"]


def test_in_blocks_and_rows_there_are_candidates_too(admin, page):
    image = factories.make_image()
    bound = find_editor(edit_path(page), admin).bind(everything())
    rows = {inner.name: inner for inner in bound.spec("items").fields}
    blocks = {inner.name: inner for inner in bound.spec("stream").fields}
    assert [option.value for option in rows["image"].options] == [str(image.pk)]
    assert blocks["image_chooser"].options == rows["image"].options


def test_the_number_of_queries_does_not_grow(
    admin, page, django_assert_max_num_queries, django_assert_num_queries
):
    for number in range(3):
        factories.make_image(f"Picture {number}")
        factories.make_page(OtherPage, title=f"Page {number}")
        Person.objects.create(name=f"Person {number}")
    bound = find_editor(edit_path(page), admin).bind(everything())
    with django_assert_num_queries(1):
        bound.spec("image")
    with django_assert_num_queries(0):
        bound.spec("image")
    with django_assert_max_num_queries(8):
        bound.spec("stream")


def test_nobody_is_offered_anything():
    assert resolve_path(EverythingPage, "image").options == ()
    assert resolve_path(EverythingPage, "choice").options
