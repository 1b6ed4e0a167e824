"""What a user may not choose is not chosen for them either, wherever in a value it stands."""

import pytest
from taggit.models import Tag
from wagtail.models import GroupCollectionPermission

from tests import factories
from tests.content.forms import edit_path, everything
from tests.testapp.models import EverythingPage, Topic
from wagtail_llm_actions.content import problems_of_value
from wagtail_llm_actions.content.drafts import write_draft
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.exceptions import InvalidOutputError
from wagtail_llm_actions.values import OutputMode

pytestmark = pytest.mark.django_db

CARD = {"title": "T", "colour": None, "points": []}
PLACES = {
    "image": ("image", lambda key: key),
    "stream": ("stream", lambda key: [{"type": "image_chooser", "value": key}]),
    "image block": (
        "stream",
        lambda key: [{"type": "image", "value": {"image": key, "decorative": True}}],
    ),
    "three deep": (
        "stream",
        lambda key: [
            {
                "type": "chapter",
                "value": {
                    "heading": "H",
                    "content": [
                        {
                            "type": "section",
                            "value": {"heading": "S", "cards": [CARD, {**CARD, "image": key}]},
                        }
                    ],
                },
            }
        ],
    ),
    "rows": ("items", lambda key: [{"caption": "One"}, {"caption": "Two", "image": key}]),
}


@pytest.fixture(params=PLACES.values(), ids=PLACES)
def place(request):
    """An address, and what makes a value for it of an image's key."""
    return request.param


@pytest.fixture
def image(editor):
    """An image in a collection that the editor may not choose from."""
    GroupCollectionPermission.objects.all().delete()
    return factories.make_image(collection=factories.make_collection("Hidden"))


def errors_of(user, place, key):
    page = factories.make_page(EverythingPage, title="Everything")
    bound = find_editor(edit_path(page), user).bind(everything())
    address, value = place
    return bound.place(address, value(key), OutputMode.REPLACE).errors


def test_what_may_not_be_chosen_is_never_offered(editor, image, place):
    (error,) = errors_of(editor, place, str(image.pk))
    assert error.endswith("This cannot be chosen here.")


def test_what_may_be_chosen_is_offered(admin, place):
    assert errors_of(admin, place, str(factories.make_image().pk)) == ()


def test_what_may_not_be_chosen_is_in_no_draft(editor, image, place):
    page = factories.make_page(EverythingPage, title="Everything")
    address, value = place
    expected = open_saved(page, editor).value_hash(address)
    with pytest.raises(InvalidOutputError, match="cannot be chosen"):
        write_draft(page, address, value(str(image.pk)), editor, expected)


@pytest.mark.parametrize("wrong", ["99999", "none", "9" * 400])
def test_what_is_no_object_is_refused(admin, place, wrong):
    assert errors_of(admin, place, wrong)


def test_tags_that_there_are_can_be_closed_to_new_ones(admin, monkeypatch):
    Tag.objects.create(name="sea")
    monkeypatch.setattr(Tag, "free_tagging", False, raising=False)
    page = factories.make_page(EverythingPage, title="Everything")
    bound = find_editor(edit_path(page), admin).bind(everything())
    assert [option.label for option in bound.spec("tags").options] == ["sea"]
    assert bound.place("tags", ["sea"], OutputMode.REPLACE).errors == ()
    errors = bound.place("tags", ["sea", "land"], OutputMode.REPLACE).errors
    assert errors == ("This cannot be chosen here.",)


def test_where_nothing_can_be_chosen_nothing_is_offered(admin, monkeypatch):
    page = factories.make_page(EverythingPage, title="Everything")
    bound = find_editor(edit_path(page), admin).bind(everything())
    bound.form.fields["topic"].queryset = Topic.objects.none()
    assert bound.spec("topic").options == ()
    assert bound.place("topic", "1", OutputMode.REPLACE).errors


def test_a_form_may_offer_what_its_class_does_not_know(home):
    bound = factories.make_page(EverythingPage, title="Everything")
    spec = open_saved(bound, factories.make_superuser("root")).spec("choice")
    assert problems_of_value(EverythingPage, "choice", "violet") != ()
    other = spec.options[0].__class__(value="violet", label="Violet")
    assert problems_of_value(EverythingPage, "choice", "violet", offered=[other]) == ()
