"""The forms of settings: by site and generic."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.models import GroupSitePermission, Site

from tests import factories
from tests.content.forms import posted
from tests.testapp.models import Announcement, Branding
from wagtail_llm_actions.content import find_editor, paths_of
from wagtail_llm_actions.exceptions import EditorNotFoundError, PermissionRefusedError
from wagtail_llm_actions.values import OutputMode

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(home):
    return Site.objects.get(is_default_site=True)


@pytest.fixture
def brand_manager(site):
    """Return a user who may change the setting of one site."""
    group = factories.make_group("Brand managers")
    GroupSitePermission.objects.create(
        group=group, site=site, permission=factories.permission("testapp.change_branding")
    )
    return factories.make_user("brand", "run_llmaction", groups=["Brand managers"])


def path_of(model, key):
    return reverse("wagtailsettings:edit", args=["testapp", model._meta.model_name, key])


def test_the_setting_of_a_site_is_opened(admin, site):
    found = find_editor(path_of(Branding, site.pk), admin)
    assert (found.model, found.instance.site, found.is_new) == (Branding, site, False)
    assert (found.site, found.object_id) == (site, str(Branding.for_site(site).pk))
    bound = found.bind(posted({"tagline": "Bread", "about": "All about bread."}))
    assert bound.read("about").text == "All about bread."
    placement = bound.place("tagline", "Good bread", OutputMode.REPLACE)
    assert (placement.state, placement.errors) == ("Good bread", ())
    assert bound.place("tagline", "x" * 81, OutputMode.REPLACE).errors


def test_the_setting_of_all_sites_is_opened(admin):
    setting = Announcement.load()
    found = find_editor(path_of(Announcement, setting.pk), admin)
    assert (found.instance, found.site) == (setting, None)
    assert found.content_types == (ContentType.objects.get_for_model(Announcement),)
    assert found.bind(posted({"text": "Closed today"})).text("text") == "Closed today"


def test_the_fields_of_settings_are_known():
    assert [known.path for known in paths_of(Branding)] == ["tagline", "about"]
    assert [known.path for known in paths_of(Announcement)] == ["text"]


def test_permission_is_asked_for_each_site(brand_manager, site):
    other = Site.objects.create(hostname="other.example", root_page=site.root_page)
    assert find_editor(path_of(Branding, site.pk), brand_manager).site == site
    with pytest.raises(PermissionRefusedError):
        find_editor(path_of(Branding, other.pk), brand_manager)


def test_who_may_not_change_a_setting_is_refused(editor, site):
    for path in (path_of(Branding, site.pk), path_of(Announcement, Announcement.load().pk)):
        with pytest.raises(PermissionRefusedError):
            find_editor(path, editor)
    assert not Branding.objects.exists()


@pytest.mark.parametrize(
    ("model", "key"), [(Branding, 999), (Announcement, 999), (Site, 1), (ContentType, 1)]
)
def test_what_is_no_setting_is_not_found(admin, model, key):
    with pytest.raises(EditorNotFoundError):
        find_editor(path_of(model, key), admin)


def test_the_address_without_a_key_is_not_found(admin):
    with pytest.raises(EditorNotFoundError):
        find_editor(reverse("wagtailsettings:edit", args=["testapp", "branding"]), admin)
