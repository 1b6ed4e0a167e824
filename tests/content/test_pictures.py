"""Images as pictures: which one is read, and what of it is sent."""

from io import BytesIO

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.images.models import Image, Rendition
from wagtail.images.tests.utils import (
    get_test_image_file,
    get_test_image_file_jpeg,
    get_test_image_file_svg,
    get_test_image_file_webp,
)

from tests import factories
from tests.content.forms import posted
from tests.content.test_media import form, image_path, waiting
from tests.testapp.models import Note, Picture
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.content.pictures import MAX_SIDE, load_picture, picture_of
from wagtail_llm_actions.content.source_paths import source_label
from wagtail_llm_actions.exceptions import PictureError, UnknownFieldError

pytestmark = pytest.mark.django_db


def make(file, **values):
    collection = factories.make_collection()
    return Image.objects.create(title="Harbour", file=file, collection=collection, **values)


def seen(image):
    """Return the picture that a model gets to see."""
    data = load_picture(picture_of(image))
    assert data.mime_type == "image/jpeg"
    return PIL.Image.open(BytesIO(data.content))


def test_a_picture_is_scaled_down_and_a_jpeg():
    picture = seen(make(get_test_image_file_jpeg(size=(4000, 2000))))
    assert (picture.format, picture.size) == ("JPEG", (MAX_SIDE, MAX_SIDE // 2))


def test_a_small_picture_keeps_its_size():
    assert seen(make(get_test_image_file(size=(64, 48)))).size == (64, 48)


@pytest.mark.parametrize("file", [get_test_image_file_webp, get_test_image_file])
def test_other_formats_become_a_jpeg(file):
    assert seen(make(file())).format == "JPEG"


def test_what_is_transparent_becomes_white():
    picture = seen(make(get_test_image_file(colour=(0, 0, 0, 0))))
    assert picture.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_what_a_camera_noted_is_not_sent():
    output = BytesIO()
    exif = PIL.Image.Exif()
    exif[0x010E] = "Taken at home"
    PIL.Image.new("RGB", (40, 20)).save(output, "JPEG", exif=exif)
    image = make(ContentFile(output.getvalue(), "camera.jpg"))
    with image.file.storage.open(image.file.name) as file:
        assert b"Taken at home" in file.read()
    data = load_picture(picture_of(image))
    assert b"Taken at home" not in data.content


def test_nothing_is_stored(django_assert_num_queries):
    image = make(get_test_image_file())
    picture = picture_of(image)
    with django_assert_num_queries(1):
        load_picture(picture)
    assert not Rendition.objects.exists()


def test_a_picture_says_which_image_it_is():
    image = make(get_test_image_file(), description="Boats")
    picture = picture_of(image)
    assert (picture.model, picture.key, picture.title) == (
        "wagtailimages.image",
        str(image.pk),
        "Harbour",
    )
    image.refresh_from_db()
    assert len(picture.hash) == 40
    assert picture.size == image.file.size


def test_a_drawing_is_no_picture():
    assert picture_of(make(get_test_image_file_svg())) is None


def test_a_file_that_is_gone_is_no_picture():
    image = make(get_test_image_file("gone.png"))
    image.file.storage.delete(image.file.name)
    image.file_hash = ""
    assert picture_of(image) is None


def test_an_image_that_was_replaced_is_not_sent():
    image = make(get_test_image_file())
    picture = picture_of(image)
    image.file = get_test_image_file("other.png", colour="red")
    image._set_image_file_metadata()
    image.save()
    with pytest.raises(PictureError):
        load_picture(picture)


def test_an_image_that_was_deleted_is_not_sent():
    image = make(get_test_image_file())
    picture = picture_of(image)
    image.delete()
    with pytest.raises(PictureError):
        load_picture(picture)


@pytest.mark.parametrize("content", [b"", b"no image at all", b"\x89PNG\r\n\x1a\n" + b"x" * 50])
def test_a_file_that_is_no_image_is_our_error(content):
    image = make(get_test_image_file())
    picture = picture_of(image)
    with image.file.storage.open(image.file.name, "wb") as file:
        file.write(content)
    with pytest.raises(PictureError):
        load_picture(picture)


def test_the_image_that_is_edited_is_a_source(admin):
    image = make(get_test_image_file())
    bound = find_editor(image_path(image), admin).bind(form(description="Boats"))
    value = bound.read("@image")
    assert (value.label, value.images) == ("Image", (image,))
    assert value.text.split("\n") == ["Title: DSC_0815", "Description: Boats"]


def test_a_file_that_waits_is_a_source(admin, settings):
    settings.WAGTAILIMAGES_IMAGE_MODEL = "testapp.Picture"
    upload = waiting(admin)
    path = reverse("wagtailimages:create_multiple_from_uploaded_image", args=[upload.pk])
    bound = find_editor(path, admin).bind(form(f"uploaded-image-{upload.pk}-", alt_text=""))
    [image] = bound.read("@image").images
    assert picture_of(image).title.startswith("harbour")
    assert seen(image).size == (640, 480)


def test_what_is_no_image_has_none(admin):
    note = Note.objects.create(subject="S")
    path = reverse(Note.snippet_viewset.get_url_name("edit"), args=[note.pk])
    with pytest.raises(UnknownFieldError):
        find_editor(path, admin).bind(posted({"subject": "S", "text": ""})).read("@image")
    with pytest.raises(UnknownFieldError):
        source_label(Note, "@image")


def test_only_the_image_model_of_the_site_has_the_source(settings):
    assert source_label(Image, "@image") == "Image"
    with pytest.raises(UnknownFieldError):
        source_label(Picture, "@image")
