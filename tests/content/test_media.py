"""The forms of images and documents, on their own pages and after an upload."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, GroupCollectionPermission, UploadedFile

from tests import factories
from tests.content.forms import posted
from tests.testapp.models import Picture
from wagtail_llm_actions.content import find_editor, paths_of, resolve_path
from wagtail_llm_actions.content.media import MEDIA_VIEWS
from wagtail_llm_actions.exceptions import (
    EditorNotFoundError,
    PermissionRefusedError,
    UnknownFieldError,
)
from wagtail_llm_actions.values import FieldKind, OutputMode

pytestmark = pytest.mark.django_db


@pytest.fixture
def image():
    return factories.make_image(title="DSC_0815", description="A harbour")


@pytest.fixture
def document():
    return factories.make_document(title="Report")


@pytest.fixture
def pictures(settings):
    """Make the site's images pictures."""
    settings.WAGTAILIMAGES_IMAGE_MODEL = "testapp.Picture"


@pytest.fixture
def librarian(home):
    """Return a user who may change the images and documents of one collection."""
    shelf = factories.make_collection("Shelf")
    group = Group.objects.create(name="Librarians")
    for codename in ("wagtailimages.change_image", "wagtaildocs.change_document"):
        GroupCollectionPermission.objects.create(
            group=group, collection=shelf, permission=factories.permission(codename)
        )
    return factories.make_user("librarian", "run_llmaction", groups=["Librarians"])


def image_path(image):
    return reverse("wagtailimages:edit", args=[image.pk])


def form(prefix="", **values):
    """Return what the browser posts; the file is not among it."""
    defaults = {"title": "DSC_0815", "description": "", "tags": "", "next": ""}
    return posted({f"{prefix}{name}": value for name, value in (defaults | values).items()})


def waiting(user, model=Picture):
    """Return a file that was uploaded, and waits for what its object lacks."""
    return UploadedFile.objects.create(
        for_content_type=ContentType.objects.get_for_model(model),
        file=get_test_image_file("harbour.png"),
        uploaded_by_user=user,
    )


def test_an_image_is_opened(admin, image):
    found = find_editor(image_path(image), admin)
    assert (found.instance, found.model, found.is_new) == (image, Image, False)
    assert (found.object_id, found.object_repr, found.page_id) == (str(image.pk), "DSC_0815", None)
    assert (found.site, found.page_type) == (None, "image")


def test_an_image_says_what_stands_in_its_form(admin, image):
    bound = find_editor(image_path(image), admin).bind(form(description="Boats"))
    assert bound.text("description") == "Boats"
    spec = bound.spec("description")
    assert (spec.kind, spec.label, spec.max_length) == (FieldKind.TEXT, "Description", 255)
    assert bound.spec("title").required
    assert bound.read("title").text == "DSC_0815"


def test_an_output_is_put_into_the_form_of_an_image(admin, image):
    bound = find_editor(image_path(image), admin).bind(form())
    placement = bound.place("description", "Three boats at a quay", OutputMode.REPLACE)
    assert (placement.state, placement.errors) == ("Three boats at a quay", ())
    assert bound.place("description", "x" * 256, OutputMode.REPLACE).errors


def test_nothing_is_saved(admin, image):
    bound = find_editor(image_path(image), admin).bind(form(title="Other"))
    bound.place("title", "Another", OutputMode.REPLACE)
    assert Image.objects.get().title == "DSC_0815"
    assert image.file.storage.exists(image.file.name)


@pytest.mark.parametrize("field", ["file", "collection", "focal_point_x", "width"])
def test_what_an_image_is_cannot_be_written(admin, image, field):
    bound = find_editor(image_path(image), admin).bind(form())
    with pytest.raises(UnknownFieldError):
        bound.spec(field)
    assert field not in {known.path for known in paths_of(Image)}


def test_a_document_is_opened(admin, document):
    path = reverse("wagtaildocs:edit", args=[document.pk])
    bound = find_editor(path, admin).bind(form(title="Report"))
    assert bound.editor.object_repr == "Report"
    assert bound.text("title") == "Report"
    assert bound.place("title", "Annual report", OutputMode.REPLACE).errors == ()


def test_each_form_of_an_upload_is_its_own_editor(admin, image, document):
    path = reverse("wagtailimages:edit_multiple", args=[image.pk])
    bound = find_editor(path, admin).bind(form(f"image-{image.pk}-", description="Boats"))
    assert (bound.editor.instance, bound.text("description")) == (image, "Boats")
    assert bound.place("description", "", OutputMode.REPLACE).errors == ()
    path = reverse("wagtaildocs:edit_multiple", args=[document.pk])
    bound = find_editor(path, admin).bind(form(f"doc-{document.pk}-", title="Report"))
    assert bound.text("title") == "Report"


def test_a_file_that_waits_for_its_texts_is_opened(admin, pictures):
    upload = waiting(admin)
    path = reverse("wagtailimages:create_multiple_from_uploaded_image", args=[upload.pk])
    prefix = f"uploaded-image-{upload.pk}-"
    editor = find_editor(path, admin)
    assert (editor.model, editor.is_new, editor.object_id) == (Picture, True, "")
    bound = editor.bind(form(prefix, alt_text="", credit=""))
    spec = bound.spec("alt_text")
    assert (spec.required, spec.max_length) == (True, 125)
    assert bound.place("alt_text", "A boat", OutputMode.REPLACE).errors == ()
    assert not Picture.objects.exists()


def test_the_file_of_another_is_refused(admin, moderator, pictures):
    upload = waiting(moderator)
    path = reverse("wagtailimages:create_multiple_from_uploaded_image", args=[upload.pk])
    with pytest.raises(PermissionRefusedError):
        find_editor(path, admin)


def test_a_file_of_another_kind_is_not_found(admin, pictures):
    upload = waiting(admin, Document)
    path = reverse("wagtailimages:create_multiple_from_uploaded_image", args=[upload.pk])
    with pytest.raises(EditorNotFoundError):
        find_editor(path, admin)


def test_a_custom_image_model_has_its_own_fields(admin, pictures):
    picture = Picture.objects.create(title="P", file=get_test_image_file(), alt_text="Alt")
    bound = find_editor(image_path(picture), admin).bind(form(alt_text="Boats", credit="Ada"))
    assert (bound.text("alt_text"), bound.text("credit")) == ("Boats", "Ada")
    assert {"title", "description", "alt_text", "credit"} <= {p.path for p in paths_of(Picture)}
    assert resolve_path(Picture, "alt_text").max_length == 125


@pytest.mark.parametrize("name", ["wagtailimages:edit", "wagtailimages:edit_multiple"])
def test_who_may_not_change_an_image_is_refused(stranger, image, name):
    with pytest.raises(PermissionRefusedError):
        find_editor(reverse(name, args=[image.pk]), stranger)


@pytest.mark.parametrize("name", ["wagtaildocs:edit", "wagtaildocs:edit_multiple"])
def test_who_may_not_change_a_document_is_refused(stranger, document, name):
    with pytest.raises(PermissionRefusedError):
        find_editor(reverse(name, args=[document.pk]), stranger)


def test_the_collection_decides(librarian):
    shelf = Collection.objects.get(name="Shelf")
    inside, outside = factories.make_image(collection=shelf), factories.make_image()
    bound = find_editor(image_path(inside), librarian).bind(form(collection=shelf.pk))
    assert bound.place("description", "A boat", OutputMode.REPLACE).errors == ()
    with pytest.raises(PermissionRefusedError):
        find_editor(image_path(outside), librarian)


def test_an_image_that_is_gone_is_not_found(admin, image):
    path = image_path(image)
    image.delete()
    with pytest.raises(EditorNotFoundError):
        find_editor(path, admin)


@pytest.mark.parametrize(
    "name", ["wagtailimages:add", "wagtailimages:add_multiple", "wagtaildocs:add"]
)
def test_forms_without_an_object_stay_out(admin, name):
    assert name not in MEDIA_VIEWS
    with pytest.raises(EditorNotFoundError):
        find_editor(reverse(name), admin)
