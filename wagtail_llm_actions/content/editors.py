"""The edit form that an address of Wagtail's admin leads to, for one user."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import QueryDict
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from wagtail.models import AbstractPage, Locale, Site, TranslatableMixin

from wagtail_llm_actions.content.bound import BoundEditor
from wagtail_llm_actions.content.media import MEDIA_VIEWS, media_object, open_media
from wagtail_llm_actions.content.pages import (
    OpenForm,
    open_new_page,
    open_page,
    page_model,
    page_type,
)
from wagtail_llm_actions.content.site_settings import SETTINGS_VIEW, open_setting, setting_model
from wagtail_llm_actions.content.snippets import is_snippet_view, open_snippet, snippet_object
from wagtail_llm_actions.exceptions import EditorNotFoundError


@dataclass(frozen=True, kw_only=True)
class Editor:
    """An edit form and the object that is edited in it."""

    user: Any
    opened: OpenForm

    @property
    def model(self) -> type[Model]:
        """The most specific model of the object."""
        return type(self.opened.instance)

    @property
    def instance(self) -> Model:
        """The latest draft; on a create form an object that was never saved."""
        return self.opened.instance

    @property
    def is_new(self) -> bool:
        """Whether the object was never saved."""
        return self.opened.is_new

    @cached_property
    def content_types(self) -> tuple[ContentType, ...]:
        """The object's own type, then its bases, to the base page model for pages."""
        models = [
            base
            for base in self.model.__mro__
            if issubclass(base, Model) and base is not Model and not base._meta.abstract
        ]
        types = ContentType.objects.get_for_models(*models, for_concrete_models=False)
        return tuple(types[model] for model in models)

    @property
    def object_id(self) -> str:
        """The primary key as text; empty for an object that was never saved."""
        return "" if self.is_new else str(self.instance.pk)

    @property
    def object_repr(self) -> str:
        """How people call the object."""
        if self.is_new:
            return gettext("New: %(type)s") % {"type": capfirst(self.page_type)}
        return str(self.instance)

    @property
    def page_id(self) -> int | None:
        """The primary key of a saved page."""
        is_saved_page = isinstance(self.instance, AbstractPage) and not self.is_new
        return self.instance.pk if is_saved_page else None

    @cached_property
    def site_id(self) -> int | None:
        """The key of the site of a page, of the parent of a new one, or of a setting."""
        if self.opened.site:
            return self.opened.site.pk
        page = self.opened.parent if self.is_new else self.instance
        parts = page.get_url_parts() if isinstance(page, AbstractPage) else None
        return parts[0] if parts else None

    @cached_property
    def site(self) -> Site | None:
        """The site that ``site_id`` names."""
        return None if self.site_id is None else Site.objects.get(pk=self.site_id)

    @property
    def site_name(self) -> str:
        """What the site is called, or its host; empty where there is none."""
        return self.site.site_name or self.site.hostname if self.site else ""

    @cached_property
    def language(self) -> str:
        """The language code of the object, or of the site where objects have no language."""
        if isinstance(self.instance, TranslatableMixin):
            return self.instance.locale.language_code
        try:
            return Locale.get_default().language_code
        except (Locale.DoesNotExist, LookupError):
            return get_language() or ""

    @property
    def page_type(self) -> str:
        """What kind of object it is, in the user's language."""
        return str(self.model._meta.verbose_name)

    def bind(self, post: QueryDict, *, selection: str = "") -> BoundEditor:
        """
        Return the form as it stands in the browser.

        :param selection: what the user has selected in the field to fill.
        :raises FormDataError: if ``post`` is not this form's data.
        """
        return BoundEditor(self, post, selection=selection)


def find_editor(url_path: str, user) -> Editor:
    """
    Return the edit form that the browser shows at ``url_path``, for ``user``.

    :param url_path: the form's action; its scheme and host are ignored.
    :raises EditorNotFoundError: if it is no form that fields are filled in, or its object is gone.
    :raises PermissionRefusedError: if the user may not edit the object, or it is locked for them.
    """
    url = _split(url_path)
    match = _resolve(url.path)
    locale = next(iter(parse_qs(url.query).get("locale", [])), "")
    return Editor(user=user, opened=_open(match, user, locale))


def name_object(url_path: str) -> tuple[type[Model], str]:
    """
    Return the type and key of what is edited at ``url_path``, whoever may edit it.

    The key is empty for what was never saved, and for settings. The object itself may be gone.

    :raises EditorNotFoundError: if it is no form that fields are filled in.
    """
    match = _resolve(_split(url_path).path)
    if match.view_name == "wagtailadmin_pages:edit":
        return page_model(match.kwargs["page_id"]), str(match.kwargs["page_id"])
    if match.view_name == "wagtailadmin_pages:add":
        names = match.kwargs["content_type_app_name"], match.kwargs["content_type_model_name"]
        return page_type(*names), ""
    if match.view_name in MEDIA_VIEWS:
        return media_object(match)
    if match.view_name == SETTINGS_VIEW:
        return setting_model(match), ""
    if is_snippet_view(match):
        return snippet_object(match)
    raise EditorNotFoundError(f"{match.view_name!r} is no edit form")


def _open(match, user, locale) -> OpenForm:
    if match.view_name == "wagtailadmin_pages:edit":
        return open_page(match.kwargs["page_id"], user)
    if match.view_name == "wagtailadmin_pages:add":
        return open_new_page(
            match.kwargs["content_type_app_name"],
            match.kwargs["content_type_model_name"],
            match.kwargs["parent_page_id"],
            user,
            locale,
        )
    if match.view_name in MEDIA_VIEWS:
        return open_media(match, user)
    if match.view_name == SETTINGS_VIEW:
        return open_setting(match, user)
    if is_snippet_view(match):
        return open_snippet(match, user, locale)
    raise EditorNotFoundError(f"{match.view_name!r} is no edit form")


def _split(url_path):
    try:
        return urlsplit(url_path)
    except ValueError as error:
        raise EditorNotFoundError(f"not an address: {url_path!r}") from error


def _resolve(path):
    path = unquote(path)
    prefix = get_script_prefix()
    if path.startswith(prefix):
        path = "/" + path.removeprefix(prefix)
    try:
        return resolve(path)
    except Resolver404 as error:
        raise EditorNotFoundError(f"no view at {path!r}") from error
