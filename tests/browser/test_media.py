"""An output in the forms of images, documents and settings, which have no panels or no page."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Site

from tests import factories
from tests.browser.editor_page import EditorPage
from tests.testapp.models import Announcement, Branding, Picture
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision

NEW = "Three boats at a quay"


@pytest.fixture(autouse=True)
def collection(rows):
    """What everything is uploaded into: a flushed database has none."""
    return factories.make_collection()


@pytest.fixture
def open_form(form_of, admin):
    """Return a function that opens the view called ``name``."""
    return lambda name, *args: form_of(admin, reverse(name, args=args).removeprefix("/admin/"))


@pytest.fixture
def pictures(settings):
    """Make the site's images pictures."""
    settings.WAGTAILIMAGES_IMAGE_MODEL = "testapp.Picture"


def use(form: EditorPage, field) -> None:
    """Generate a text at an input, use it, take it back and get it again."""
    before = field.input_value()
    with reply_with(NEW):
        form.generate(form.control_in(field))
        form.press("Use this")
        expect(form.dialog).to_be_hidden()
    expect(field).to_have_value(NEW)
    field.focus()
    form.page.keyboard.press("ControlOrMeta+z")
    expect(field).to_have_value(before)
    form.page.keyboard.press("ControlOrMeta+Shift+z")
    expect(field).to_have_value(NEW)


def save(form: EditorPage) -> None:
    with form.page.expect_navigation():
        form.page.locator("form[data-edit-form] footer [type=submit]").first.click()
    expect(form.page.locator(".messages .success")).to_be_visible()


def upload(form: EditorPage, *names: str, kind="image/png") -> None:
    """Choose files, as the button of the upload page does."""
    files = [
        {
            "name": name,
            "mimeType": kind,
            "buffer": get_test_image_file(size=(640, 400 + number)).file.getvalue(),
        }
        for number, name in enumerate(names)
    ]
    form.page.locator("#fileupload").set_input_files(files)


@pytest.mark.parametrize("name", ["title", "description"])
def test_an_image_is_described_and_saved(open_form, name):
    factories.make_action(name, Image)
    image = factories.make_image(title="DSC_0815")
    form = open_form("wagtailimages:edit", image.pk)
    use(form, form.input(name))
    save(form)
    image.refresh_from_db()
    assert getattr(image, name) == NEW
    run = LLMActionHistory.objects.get()
    assert (run.decision, run.object_id, run.object_type) == (
        Decision.ACCEPTED,
        str(image.pk),
        "wagtailimages.image",
    )


def test_a_custom_field_of_an_image_is_filled(open_form, pictures):
    factories.make_action("alt_text", Picture)
    # No other image has this key: Wagtail caches renditions by it, whatever the model.
    picture = Picture.objects.create(pk=900, title="P", file=get_test_image_file(), alt_text="Old")
    form = open_form("wagtailimages:edit", picture.pk)
    use(form, form.input("alt_text"))
    save(form)
    picture.refresh_from_db()
    assert picture.alt_text == NEW


def test_a_document_is_named_and_saved(open_form):
    factories.make_action("title", Document)
    document = factories.make_document(title="scan-4711")
    form = open_form("wagtaildocs:edit", document.pk)
    use(form, form.input("title"))
    save(form)
    document.refresh_from_db()
    assert document.title == NEW


def test_each_uploaded_image_has_its_own_controls(open_form):
    factories.make_action("description", Image)
    form = open_form("wagtailimages:add_multiple")
    upload(form, "one.png", "two.png")
    fields = form.page.locator("#upload-list [name$=-description]")
    expect(fields).to_have_count(2)
    second = fields.nth(1)
    use(form, second)
    expect(fields.nth(0)).to_have_value("")
    second.locator("xpath=ancestor::form").get_by_role("button", name="Update").click()
    expect(fields).to_have_count(1)
    described = Image.objects.get(description=NEW)
    assert LLMActionHistory.objects.get().object_id == str(described.pk)
    assert Image.objects.exclude(pk=described.pk).get().description == ""


def test_an_image_that_lacks_a_text_is_given_it_before_it_is_saved(open_form, pictures):
    factories.make_action("alt_text", Picture)
    form = open_form("wagtailimages:add_multiple")
    upload(form, "harbour.png")
    field = form.page.locator("#upload-list [name$=-alt_text]")
    use(form, field)
    assert not Picture.objects.exists()
    form.page.get_by_role("button", name="Update").click()
    expect(field).to_have_count(0)
    assert Picture.objects.get().alt_text == NEW


def test_a_form_that_was_refused_gets_its_controls_again(open_form, pictures):
    factories.make_action("alt_text", Picture)
    form = open_form("wagtailimages:add_multiple")
    upload(form, "harbour.png")
    field = form.page.locator("#upload-list [name$=-alt_text]")
    expect(form.control_in(field)).to_be_visible()
    form.page.get_by_role("button", name="Update").click()
    expect(form.page.locator("#upload-list .w-field--error")).to_have_count(1)
    use(form, field)


def test_an_uploaded_document_is_named(open_form):
    factories.make_action("title", Document)
    form = open_form("wagtaildocs:add_multiple")
    upload(form, "scan.txt", kind="text/plain")
    field = form.page.locator("#upload-list [name$=-title]")
    use(form, field)
    form.page.get_by_role("button", name="Update").click()
    expect(field).to_have_count(0)
    assert Document.objects.get().title == NEW


def test_the_setting_of_a_site_is_filled_and_saved(open_form, rows):
    factories.make_action("tagline", Branding)
    site = Site.objects.get()
    form = open_form("wagtailsettings:edit", "testapp", "branding", site.pk)
    use(form, form.input("tagline"))
    save(form)
    assert Branding.for_site(site).tagline == NEW


def test_the_setting_of_all_sites_is_filled_and_saved(open_form):
    factories.make_action("text", Announcement)
    form = open_form("wagtailsettings:edit", "testapp", "announcement", Announcement.load().pk)
    use(form, form.input("text"))
    save(form)
    assert Announcement.load().text == NEW


def test_who_may_add_actions_finds_links_at_the_fields_of_images(open_form):
    form = open_form("wagtailimages:edit", factories.make_image().pk)
    links = form.page.locator(".llm-field__add")
    expect(form.page.get_by_role("link", name="Add LLM action: Description")).to_be_visible()
    assert "file" not in " ".join(links.evaluate_all("all => all.map(link => link.href)"))


@pytest.mark.parametrize("name", ["wagtailimages:add", "wagtaildocs:add", "wagtailimages:index"])
def test_other_pages_load_nothing_more(page_of, admin, live_server, name):
    page = page_of(admin)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_server.url + reverse(name), wait_until="networkidle")
    ours = [url for url in asked if "llm" in url and ("/api/" in url or "editor-assets" in url)]
    assert ours == []
    assert page.locator(".llm-field").count() == 0
