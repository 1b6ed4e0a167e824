"""
Makes the rows that tests need; what a test is not about gets a default.

Every function works on an empty database too: tests that flush it lose Wagtail's initial rows.
"""

import itertools
from dataclasses import asdict
from unittest import mock

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, GroupPagePermission, Locale, Page, Site

from tests.testapp.models import StoryPage
from wagtail_llm_actions.models import (
    LLMAction,
    LLMActionAttempt,
    LLMActionHistory,
    LLMActionSource,
    LLMConfig,
    LLMLimit,
    PromptTemplate,
)
from wagtail_llm_actions.values import AttemptStatus, Decision, FieldKind, FieldSpec, RunStatus

PAGE_PERMISSIONS = {
    "Editors": ("add_page", "change_page"),
    "Moderators": ("add_page", "change_page", "publish_page", "lock_page", "unlock_page"),
}

_numbers = itertools.count(1)


def make_home() -> Page:
    """Return the root page of the default site; make tree, locale and site where missing."""
    if site := Site.objects.filter(is_default_site=True).select_related("root_page").first():
        return site.root_page.specific
    Locale.objects.get_or_create(language_code="en-gb")
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    home = root.add_child(instance=Page(title="Home", slug="home"))
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    return home


def make_page(model=StoryPage, *, parent=None, title="A story", **values) -> Page:
    """Return a published page with a revision."""
    number = next(_numbers)
    page = model(title=title, slug=values.pop("slug", f"page-{number}"), **values)
    (parent or make_home()).add_child(instance=page)
    page.save_revision(clean=False)
    return page


def make_site(hostname="second.example", **values) -> Site:
    """Return a site with a root page of its own."""
    root = Page.objects.get(pk=make_home().get_root().pk)
    page = root.add_child(instance=Page(title=hostname, slug=hostname.replace(".", "-")))
    return Site.objects.create(hostname=hostname, root_page=page, **values)


def make_site_user(site, *permissions: str, username=None, right="change_page"):
    """Return a user who may change the pages of one site, and has these permissions."""
    group, _made = Group.objects.get_or_create(name=f"People of {site.hostname}")
    GroupPagePermission.objects.get_or_create(
        group=group, page=site.root_page, permission=permission(f"wagtailcore.{right}")
    )
    user = make_user(username, *permissions)
    user.groups.add(group)
    return user


def make_collection(name: str = "") -> Collection:
    """Return a new collection, or the root of all where it has no name."""
    root = Collection.get_first_root_node() or Collection.add_root(name="Root")
    return root.add_child(name=name) if name else root


def make_image(title="A picture", *, collection=None, **values) -> Image:
    """Return an image of 640 by 480 pixels, in the root collection unless told."""
    collection = collection or make_collection()
    return Image.objects.create(
        title=title, file=get_test_image_file(), collection=collection, **values
    )


def make_document(title="A document", *, collection=None, **values) -> Document:
    """Return a small text document, in the root collection unless told."""
    file = ContentFile(b"Text", name=f"document-{next(_numbers)}.txt")
    collection = collection or make_collection()
    return Document.objects.create(title=title, file=file, collection=collection, **values)


def make_group(name: str) -> Group:
    """Return one of Wagtail's initial groups, with the permissions that Wagtail gives it."""
    group, made = Group.objects.get_or_create(name=name)
    if made:
        root = Page.objects.get(pk=make_home().get_root().pk)
        for codename in PAGE_PERMISSIONS.get(name, ()):
            GroupPagePermission.objects.create(
                group=group, page=root, permission=permission(f"wagtailcore.{codename}")
            )
        group.permissions.add(permission("wagtailadmin.access_admin"))
    return group


def permission(dotted: str) -> Permission:
    """Return the permission called ``app_label.codename``."""
    app_label, codename = dotted.split(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def make_user(username=None, *permissions: str, groups=(), **values):
    """
    Return a user who may enter the admin.

    :param permissions: ``app_label.codename``; without a dot one of this package.
    :param groups: names of Wagtail's groups, ``"Editors"`` or ``"Moderators"``.
    """
    username = username or f"user-{next(_numbers)}"
    values.setdefault("email", f"{username}@example.com")
    user = get_user_model().objects.create_user(username, password="password", **values)
    user.groups.set(make_group(name) for name in groups)
    wanted = ["wagtailadmin.access_admin", *permissions]
    dotted = [name if "." in name else f"wagtail_llm_actions.{name}" for name in wanted]
    user.user_permissions.set(permission(name) for name in dotted)
    return user


def make_superuser(username="admin", **values):
    """Return a user who may do everything."""
    return make_user(username, is_superuser=True, is_staff=True, **values)


def make_template(prompt="Say something.", *, live=True, **values) -> PromptTemplate:
    """Return a prompt template, published unless ``live`` is false."""
    number = next(_numbers)
    values = {"name": f"Template {number}", "slug": f"template-{number}"} | values
    return _saved(PromptTemplate(prompt=prompt, **values), live)


def make_config(model_name="echo", *, live=True, **values) -> LLMConfig:
    """Return an LLM configuration of the echo provider, published unless ``live`` is false."""
    number = next(_numbers)
    values = {"name": f"Configuration {number}", "slug": f"config-{number}"} | values
    return _saved(LLMConfig(model_name=model_name, **values), live)


def make_action(
    path="title", model=StoryPage, *, live=True, sources=None, broken=False, **values
) -> LLMAction:
    """
    Return an LLM action with template and configuration, published unless ``live`` is false.

    :param sources: the path of each source by its variable's name.
    :param broken: publish it although its fields or variables do not exist, as after a deploy.
    :param values: fields of the action; ``prompt`` is the text of a new template.
    """
    number = next(_numbers)
    prompt = values.pop("prompt", "Say something.")
    values = {"name": f"Action {number}", "slug": f"action-{number}"} | values
    values.setdefault("destination_type", ContentType.objects.get_for_model(model))
    if "prompt_template" not in values:
        values["prompt_template"] = make_template(prompt)
    if "llm_config" not in values:
        values["llm_config"] = LLMConfig.objects.live().first() or make_config()
    action = LLMAction(destination_path=path, **values)
    action.sources = [
        LLMActionSource(name=name, path=source, sort_order=order)
        for order, (name, source) in enumerate((sources or {}).items())
    ]
    if not broken:
        return _saved(action, live)
    checks = {"validate_publication": mock.DEFAULT, "validate_children": mock.DEFAULT}
    with mock.patch.multiple(LLMAction, **checks):
        return _saved(action, live)


def make_limit(measure="requests", amount=10, period="day", **values) -> LLMLimit:
    """Return a limit on all runs, which refuses what goes beyond it."""
    period = "" if measure == "concurrent" else period
    values = {"name": f"Limit {next(_numbers)}"} | values
    return LLMLimit.objects.create(measure=measure, amount=amount, period=period, **values)


def make_run(action=None, *, target=None, user=None, attempts=1, **values) -> LLMActionHistory:
    """
    Return a run with its attempts: succeeded and pending, unless ``values`` say otherwise.

    :param target: the page or snippet that the run was for.
    """
    now = timezone.now()
    status = values.get("status", RunStatus.SUCCEEDED)
    ended = status not in (RunStatus.QUEUED, RunStatus.RUNNING)
    succeeded = status == RunStatus.SUCCEEDED
    defaults = {
        "status": status,
        "decision": Decision.PENDING if succeeded else Decision.NONE,
        "error_code": "" if succeeded or not ended else "provider_unavailable",
        "system_prompt": "You write well.",
        "prompt": "Say something.",
        "output": "Something." if succeeded else "",
        "provider": "default",
        "model_name": "echo",
        "destination_path": "title",
        "destination_address": "title",
        "destination_label": "Title",
        "field_spec": asdict(FieldSpec(path="title", label="Title", kind=FieldKind.TEXT)),
        "input_tokens": 10,
        "output_tokens": 5,
        "started_at": now,
        "first_token_at": now,
        "finished_at": now if ended else None,
    }
    run = LLMActionHistory.objects.create(
        **(defaults | _copied(action) | _aimed(target) | _asked(user) | values)
    )
    for number in range(1, attempts + 1):
        make_attempt(run, number=number)
    return run


def make_attempt(run, *, number=1, **values) -> LLMActionAttempt:
    """Return an attempt of ``run`` that ended as the run did."""
    known = run.status in AttemptStatus.values
    defaults = {
        "status": run.status if known else AttemptStatus.FAILED,
        "provider": run.provider,
        "model_name": run.model_name,
        "raw_text": run.output,
        "error_code": run.error_code,
        "started_at": run.started_at or timezone.now(),
        "finished_at": run.finished_at,
    }
    return LLMActionAttempt.objects.create(run=run, number=number, **(defaults | values))


def _saved(row, live):
    row.live = False
    row.has_unpublished_changes = True
    row.save()
    revision = row.save_revision(clean=False)
    if live:
        revision.publish()
    return type(row).objects.get(pk=row.pk)


def _copied(action):
    if action is None:
        return {"action_name": "An action", "action_slug": "an-action"}
    template, config = action.prompt_template, action.llm_config
    return {
        "action": action,
        "action_name": action.name,
        "action_slug": action.slug,
        "action_revision_id": action.live_revision_id,
        "prompt_template": template,
        "prompt_template_name": template.name,
        "prompt_template_revision_id": template.live_revision_id,
        "llm_config": config,
        "llm_config_name": config.name if config else "",
        "llm_config_revision_id": config.live_revision_id if config else None,
        "destination_path": action.destination_path,
        "destination_address": action.destination_path,
    }


def _aimed(target):
    if target is None:
        return {}
    content_type = ContentType.objects.get_for_model(target)
    return {
        "content_type": content_type,
        "object_type": f"{content_type.app_label}.{content_type.model}",
        "object_id": str(target.pk),
        "object_repr": str(target),
        "page_id": target.pk if isinstance(target, Page) else None,
    }


def _asked(user):
    return {} if user is None else {"user": user, "username": user.get_username()}
