"""Which fields a form shows to whom."""

import pytest
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, ObjectList

from tests.content.forms import story
from tests.testapp.models import StoryPage
from wagtail_llm_actions.content.addresses import find_place, items_in_post
from wagtail_llm_actions.content.forms import bind_form, shown_fields
from wagtail_llm_actions.content.pages import OpenForm
from wagtail_llm_actions.exceptions import UnknownFieldError

pytestmark = pytest.mark.django_db


class HiddenPanel(FieldPanel):
    """A panel that hides itself, as sites may write them."""

    class BoundPanel(FieldPanel.BoundPanel):
        def is_shown(self):
            return False


PANELS = [
    FieldPanel("title", heading="Headline"),
    MultiFieldPanel([FieldPanel("summary")], permission="superuser"),
    MultiFieldPanel([InlinePanel("related_links")], permission="superuser"),
    HiddenPanel("intro"),
    FieldPanel("reference", read_only=True),
]


@pytest.fixture
def opened(home):
    panel = ObjectList(PANELS).bind_to_model(StoryPage)
    return OpenForm(
        instance=StoryPage(reference="R"),
        is_new=True,
        panel=panel,
        form_class=panel.get_form_class(),
        parent=home,
    )


def test_a_field_in_a_hidden_panel_is_not_shown(opened, editor, admin):
    post = story()
    shown = {}
    for user in (editor, admin):
        fields = shown_fields(opened, bind_form(opened, user, post), user)
        shown[user] = [".".join(field.address) for field in fields]
    assert shown == {editor: ["title", "reference"], admin: ["title", "summary", "reference"]}


def test_a_field_is_called_as_its_panel_is(opened, editor):
    post = story()
    fields = shown_fields(opened, bind_form(opened, editor, post), editor)
    assert find_place(fields, items_in_post(post), "title").spec().label == "Headline"
    for address in ("summary", "intro", "reference"):
        with pytest.raises(UnknownFieldError):
            find_place(fields, items_in_post(post), address)


def test_the_object_itself_is_not_changed(opened, editor):
    form = bind_form(opened, editor, story(title="Typed"))
    assert (form.instance.title, opened.instance.title) == ("Typed", "")
