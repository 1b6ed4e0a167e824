"""Sources that are no field of the form: the page above, and what is selected."""

import pytest
from django.contrib.auth.models import Group
from wagtail.models import GroupPagePermission, Page, PageViewRestriction
from wagtail.test.utils.form_data import inline_formset

from tests import factories
from tests.content.forms import add_path, edit_path, everything, posted, story, stream
from tests.testapp.models import EverythingPage, Note, OtherPage, StoryPage
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.content.source_paths import source_label
from wagtail_llm_actions.exceptions import PermissionRefusedError, UnknownFieldError

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent(home):
    return factories.make_page(
        title="The section", intro="What it is about", internal_note="secret", reference="R-1"
    )


@pytest.fixture
def page(parent):
    return factories.make_page(parent=parent)


@pytest.fixture
def owner(page):
    """A user who may edit this page, and no other."""
    group = Group.objects.create(name="Owners")
    GroupPagePermission.objects.create(
        group=group,
        page=Page.objects.get(pk=page.pk),
        permission=factories.permission("wagtailcore.change_page"),
    )
    user = factories.make_user("owner", "run_llmaction")
    user.groups.add(group)
    return user


def read(page, user, path):
    return find_editor(edit_path(page), user).bind(story()).read(path)


@pytest.mark.parametrize(
    ("path", "label", "text"),
    [
        ("@parent.title", "Parent page › Title", "The section"),
        ("@parent.intro", "Parent page › Intro", "What it is about"),
        ("@parent.reference", "Parent page › Reference", "R-1"),
    ],
)
def test_the_page_above_is_read_from_form_and_saved_page(page, editor, path, label, text):
    for value in (read(page, editor, path), open_saved(page, editor).read(path)):
        assert (value.label, value.text) == (label, text)


def test_a_new_page_has_a_page_above_too(parent, editor):
    bound = find_editor(add_path(parent), editor).bind(story())
    assert bound.read("@parent.title").text == "The section"


def test_the_page_above_is_read_as_it_is_published(page, parent, editor):
    parent.title = "Only a draft"
    parent.save_revision()
    assert read(page, editor, "@parent.title").text == "The section"


def test_a_page_above_that_was_never_published_is_read_in_its_draft(home, editor):
    parent = factories.make_page(title="First", live=False)
    parent.title = "Second"
    parent.save_revision()
    assert read(factories.make_page(parent=parent), editor, "@parent.title").text == "Second"


def test_what_the_page_above_does_not_show_is_not_read(page, editor):
    for path in ("@parent.nonsense", "@parent.", "@parent.@content"):
        with pytest.raises(UnknownFieldError) as caught:
            read(page, editor, path)
        assert path in str(caught.value.user_message)
    with pytest.raises(PermissionRefusedError, match="hidden"):
        read(page, editor, "@parent.internal_note")


def test_a_page_above_of_another_type_lacks_the_field(home, editor):
    other = factories.make_page(OtherPage, title="Other")
    page = factories.make_page(parent=other)
    assert read(page, editor, "@parent.title").text == "Other"
    with pytest.raises(UnknownFieldError):
        read(page, editor, "@parent.intro")


class TestWhoMayRead:
    def test_a_public_page_is_read_by_everybody(self, page, owner):
        assert read(page, owner, "@parent.title").text == "The section"

    def test_a_private_page_is_read_by_those_who_may_explore_it(self, page, parent, owner, editor):
        PageViewRestriction.objects.create(page=parent, restriction_type="login")
        assert read(page, editor, "@parent.title").text == "The section"
        with pytest.raises(PermissionRefusedError):
            read(page, owner, "@parent.title")

    def test_a_draft_is_read_by_those_who_may_explore_it(self, page, parent, owner, editor):
        StoryPage.objects.filter(pk=parent.pk).update(live=False)
        assert read(page, editor, "@parent.title").text == "The section"
        with pytest.raises(PermissionRefusedError):
            read(page, owner, "@parent.title")


def test_a_snippet_has_no_page_above(admin):
    note = Note.objects.create(subject="S")
    bound = find_editor(edit_path(note), admin).bind(posted({"subject": "S", "text": ""}))
    with pytest.raises(UnknownFieldError):
        bound.read("@parent.title")
    with pytest.raises(UnknownFieldError):
        source_label(Note, "@parent.title")


def test_the_selection_is_what_the_request_says(page, editor):
    opened = find_editor(edit_path(page), editor)
    assert opened.bind(story(), selection="Some words").read("@selection").text == "Some words"
    assert opened.bind(story()).read("@selection").text == ""
    assert open_saved(page, editor).read("@selection").text == ""


def test_images_in_blocks_and_rows_are_pictures(admin, home):
    shown, other = factories.make_image("Shown"), factories.make_image("Other")
    page = factories.make_page(EverythingPage, title="Everything")
    bound = find_editor(edit_path(page), admin).bind(
        everything(
            stream=stream(
                ("char", "Words"),
                ("image_chooser", str(shown.pk)),
                ("image", {"image": str(other.pk), "decorative": "on", "alt_text": ""}),
            ),
            gallery=inline_formset([{"image": str(other.pk), "caption": "C"}]),
        )
    )
    keys = {"stream": [shown.pk, other.pk], "gallery": [other.pk], "char": []}
    for path, expected in keys.items():
        assert [image.pk for image in bound.read(path).images] == expected
