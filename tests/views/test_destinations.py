"""What the form of an action offers to fill."""

import pytest
from django.contrib.contenttypes.models import ContentType
from wagtail.documents.models import Document
from wagtail.images.models import Image

from tests.factories import make_template
from tests.testapp.models import Announcement, Branding, Picture
from tests.views.test_snippets import errors_of, publish
from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.views.forms.destinations import all_paths, destination_choices

pytestmark = pytest.mark.django_db


def types_in(heading):
    choices = dict(destination_choices())[heading]
    return {ContentType.objects.get(pk=pk).model_class(): label for pk, label in choices}


def test_images_documents_and_settings_are_offered():
    assert types_in("Images and documents") == {Image: "Image", Document: "Document"}
    assert types_in("Settings").keys() == {Branding, Announcement}


def test_the_image_model_of_the_site_is_offered(settings):
    settings.WAGTAILIMAGES_IMAGE_MODEL = "testapp.Picture"
    assert Picture in types_in("Images and documents")
    assert Image not in types_in("Images and documents")


def test_their_paths_are_suggested():
    assert {"description", "tagline", "about", "title"} <= all_paths().keys()


def test_an_action_for_the_description_of_images_is_published(admin_client):
    response = publish(admin_client, make_template("Describe {{ title }}"), **for_images())
    assert response.status_code == 302
    action = LLMAction.objects.get()
    assert (action.destination_type.model_class(), action.destination_path) == (
        Image,
        "description",
    )


def test_a_field_that_images_lack_is_refused(admin_client):
    values = for_images() | {"destination_path": "alt_text"}
    response = publish(admin_client, make_template("Describe {{ title }}"), **values)
    assert "There is no field “alt_text”" in errors_of(response, "destination_path")


def for_images():
    return {
        "destination_type": str(ContentType.objects.get_for_model(Image).pk),
        "destination_path": "description",
        "sources": {"title": "title"},
    }
