"""Which edit form an address leads to, and who may open it."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.models import Locale, Page

from tests import factories
from tests.content.forms import add_path, edit_path
from tests.testapp.models import Note, OtherPage, Person, StoryPage
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.exceptions import EditorNotFoundError, PermissionRefusedError

pytestmark = pytest.mark.django_db


def test_a_page_is_opened_with_its_latest_draft(editor):
    page = factories.make_page(title="Live title")
    page.title = "Draft title"
    page.save_revision()
    found = find_editor(edit_path(page), editor)
    assert (found.instance.title, found.object_repr) == ("Draft title", "Draft title")
    assert type(found.instance) is found.model is StoryPage
    assert (found.object_id, found.page_id, found.is_new) == (str(page.pk), page.pk, False)
    assert found.site.root_page.specific == page.get_parent().specific
    assert (found.page_type, found.language) == ("story page", "en-gb")


def test_the_types_of_a_page_go_from_its_own_to_the_base(editor):
    found = find_editor(edit_path(factories.make_page()), editor)
    get = ContentType.objects.get_for_model
    assert found.content_types == (get(StoryPage), get(Page))


def test_a_new_page_has_parent_owner_and_language(editor, home):
    found = find_editor(add_path(home), editor)
    assert type(found.instance) is StoryPage
    assert (found.instance.owner, found.instance.locale) == (editor, home.locale)
    assert (found.is_new, found.object_id, found.page_id) == (True, "", None)
    assert found.site.root_page.pk == home.pk
    assert found.object_repr == "New: Story page"


def test_a_new_page_under_the_root_has_the_locale_asked_for(admin, home):
    french = Locale.objects.create(language_code="fr")
    found = find_editor(add_path(home.get_parent()) + "?locale=fr", admin)
    assert found.instance.locale == french
    with pytest.raises(EditorNotFoundError):
        find_editor(add_path(home.get_parent()) + "?locale=xx", admin)


def test_a_snippet_is_opened_with_its_latest_draft(admin):
    person = Person.objects.create(name="Ada")
    person.name = "Ada Lovelace"
    person.save_revision()
    found = find_editor(edit_path(person), admin)
    assert (found.instance.name, found.object_id) == ("Ada Lovelace", str(person.pk))
    assert (found.page_id, found.site, found.language) == (None, None, "en-gb")


def test_a_new_snippet_is_opened(admin):
    found = find_editor(reverse(Note.snippet_viewset.get_url_name("add")), admin)
    assert (type(found.instance), found.is_new) == (Note, True)


@pytest.mark.parametrize(
    "decorate",
    ["{}?next=/admin/", "http://elsewhere.example{}", "{}#tab-promote", "//elsewhere.example{}"],
)
def test_host_query_and_fragment_do_not_matter(editor, decorate):
    page = factories.make_page()
    assert find_editor(decorate.format(edit_path(page)), editor).page_id == page.pk


def test_a_site_below_a_prefix_finds_its_forms(editor, settings):
    from django.urls import set_script_prefix

    page = factories.make_page()
    set_script_prefix("/cms/")
    try:
        assert find_editor(edit_path(page), editor).page_id == page.pk
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "garbage",
        "http://[broken",
        "/admin/pages/%00/edit/",
        "/admin/pages/999999/edit/",
        "/admin/pages/99999999999999999999999999/edit/",
        "/admin/pages/add/testapp/nonsense/1/",
        "/admin/pages/add/testapp/note/1/",
        "/admin/pages/add/testapp/storypage/999999/",
        "/admin/snippets/testapp/note/edit/999999/",
        "/admin/snippets/testapp/note/edit/x%00y/",
        "/admin/snippets/testapp/note/edit/abc/",
        "/admin/snippets/testapp/note/delete/1/",
        "/admin/snippets/testapp/note/",
        "/admin/users/new/",
        "/admin/users/1/",
        "/admin/groups/new/",
        "/admin/images/1/",
        "/admin/collections/add/",
        "/admin/account/",
    ],
)
def test_other_addresses_are_no_edit_forms(admin, path):
    with pytest.raises(EditorNotFoundError):
        find_editor(path, admin)


def test_a_user_without_permission_is_refused(stranger, home):
    person = Person.objects.create(name="Ada")
    for path in (
        edit_path(factories.make_page()),
        add_path(home),
        edit_path(person),
        reverse(Person.snippet_viewset.get_url_name("add")),
    ):
        with pytest.raises(PermissionRefusedError) as refusal:
            find_editor(path, stranger)
        assert refusal.value.user_message == "You do not have permission to edit this."


def test_an_editor_of_one_section_is_refused_in_another(home):
    from django.contrib.auth.models import Group
    from wagtail.models import GroupPagePermission

    mine = factories.make_page(OtherPage, title="Mine")
    theirs = factories.make_page(OtherPage, title="Theirs")
    group = Group.objects.create(name="Section")
    GroupPagePermission.objects.create(
        group=group, page=mine, permission=factories.permission("wagtailcore.change_page")
    )
    user = factories.make_user("section")
    user.groups.add(group)
    assert find_editor(edit_path(mine), user).page_id == mine.pk
    with pytest.raises(PermissionRefusedError):
        find_editor(edit_path(theirs), user)


def test_an_inactive_superuser_is_refused(admin):
    path = edit_path(factories.make_page())
    admin.is_active = False
    with pytest.raises(PermissionRefusedError):
        find_editor(path, admin)


def test_the_root_and_aliases_are_refused(admin, home):
    alias = factories.make_page().create_alias(update_slug="alias")
    for page in (home.get_root(), alias):
        with pytest.raises(PermissionRefusedError):
            find_editor(edit_path(page), admin)


def test_a_page_type_that_may_not_be_added_there_is_refused(admin, home, monkeypatch):
    monkeypatch.setattr(StoryPage, "max_count", 0)
    with pytest.raises(PermissionRefusedError):
        find_editor(add_path(home), admin)


def test_what_another_user_locked_is_refused(admin, editor):
    page = factories.make_page(locked=True, locked_by=editor)
    person = Person.objects.create(name="Ada", locked=True, locked_by=editor)
    assert find_editor(edit_path(page), editor).page_id == page.pk
    for instance in (page, person):
        with pytest.raises(PermissionRefusedError) as refusal:
            find_editor(edit_path(instance), admin)
        assert "locked" in refusal.value.user_message


def test_a_page_in_moderation_is_refused_to_who_is_not_its_moderator(editor, moderator):
    from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

    page = factories.make_page()
    task = GroupApprovalTask.objects.create(name="Moderation")
    task.groups.set(moderator.groups.all())
    workflow = Workflow.objects.create(name="Moderation")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    workflow.start(page, editor)
    assert find_editor(edit_path(page), moderator).page_id == page.pk
    with pytest.raises(PermissionRefusedError):
        find_editor(edit_path(page), editor)
