"""
Actions, templates and configurations as they are kept from outside the admin.

Every change goes through the form that the admin edits the row in, so that the same rules hold: a
draft may lack what is asked of what goes live. Nobody replaces a version that they have not seen.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.utils.translation import gettext
from wagtail.actions.unpublish import UnpublishAction
from wagtail.log_actions import log
from wagtail.models import Revision

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.engine.connections import writing
from wagtail_llm_actions.engine.leave import require_keeping
from wagtail_llm_actions.engine.row_contents import form_values
from wagtail_llm_actions.engine.row_forms import bound_form, refusal_of
from wagtail_llm_actions.exceptions import (
    PermissionRefusedError,
    RowInUseError,
    RowInvalidError,
    RowNotFoundError,
    VersionConflictError,
    VersionRequiredError,
)
from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.models.conflicts import is_duplicate, is_loose_end
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.permissions import SEEING
from wagtail_llm_actions.sites import seen_by

ANY_VERSION = "*"
"""Stands for whatever version there is."""
WantedVersion = str | Collection[str] | None
"""The version that somebody has seen, or those that any of is meant; ``None`` where none is named."""
RELATED: dict[Any, tuple[str, ...]] = {
    LLMAction: ("destination_type", "prompt_template", "llm_config", "site"),
}
"""What is said of a row stands in these rows too."""


def rows_of(user: Any, model: Any) -> QuerySet:
    """
    Return the rows of a type that ``user`` may see.

    :raises PermissionRefusedError: if they may see none.
    """
    _require(user, model, SEEING)
    rows = model.objects.select_related("latest_revision", *RELATED.get(model, ()))
    rows = rows.prefetch_related("sources", "groups") if model is LLMAction else rows
    return seen_by(user, rows).order_by("slug")


def find_row(user: Any, model: Any, slug: str) -> Any:
    """
    Return a row as it is stored.

    :raises PermissionRefusedError: if the user may not see such rows.
    :raises RowNotFoundError: if there is none.
    """
    return _named(rows_of(user, model), slug)


def draft_of(row: Any) -> Any:
    """Return a row as its form shows it: with its changes that are not published."""
    is_draft = row.has_unpublished_changes and row.latest_revision_id
    return row.latest_revision.as_object() if is_draft else row


def row_version(row: Any) -> str:
    """Return a name for a row as it is now, which is another one after every change."""
    flags = f"{row.live:d}{getattr(row, 'enabled', True):d}{getattr(row, 'is_default', False):d}"
    scheduled = row.scheduled_revision.pk if row.scheduled_revision else 0
    revisions = f"{row.latest_revision_id or 0}.{row.live_revision_id or 0}.{scheduled}"
    return f"{row.pk}.{revisions}.{flags}"


def create_row(user: Any, model: Any, contents: Mapping[str, Any], *, publish: bool = False) -> Any:
    """
    Make a row, as a draft or live at once.

    :raises PermissionRefusedError: if the user may not.
    :raises RowInvalidError: if its form refuses it.
    """
    _require(user, model, ("add",))
    if publish:
        _require(user, model, ("publish",))
    _require_free(model, contents.get("slug"))
    with as_ours():
        form = bound_form(model(), user, form_values(model, contents), publish=publish)
        row = form.save(commit=False)
        row.live = False
        row.save()
        form.save_m2m()
        return _saved(user, row, "wagtail.create", publish=publish)


def _require_free(model: Any, slug: str | None) -> None:
    """
    Do nothing if a slug that was named is free; one that was not is made from the name.

    :raises RowInvalidError: if it is taken.
    """
    if slug and model.objects.filter(slug=storable(slug)).exists():
        message = gettext("Another one has the slug “%(slug)s”.") % {"slug": slug}
        raise RowInvalidError(
            message, reasons=[message], fields={"slug": [message]}, user_message=message
        )


def change_row(
    user: Any,
    model: Any,
    slug: str,
    contents: Mapping[str, Any],
    *,
    version: WantedVersion,
    publish: bool = False,
) -> Any:
    """
    Change some of what a row says, as a draft or live at once.

    :param version: the one that the user has seen.
    :raises PermissionRefusedError: if the user may not.
    :raises RowNotFoundError: if there is no such row.
    :raises VersionRequiredError: if no version is named.
    :raises VersionConflictError: if it is another one by now.
    :raises RowInvalidError: if its form refuses it.
    """
    _require(user, model, ("change",))
    if publish:
        _require(user, model, ("publish",))
    with as_ours():
        row = _held(user, model, slug, version)
        draft = draft_of(row)
        draft.deleted_since -= contents.keys()
        draft.validate_references()
        form = bound_form(draft, user, form_values(model, contents), publish=publish)
        return _saved(user, form.save(commit=False), "wagtail.edit", publish=publish)


def publish_row(user: Any, model: Any, slug: str, *, version: WantedVersion = ANY_VERSION) -> Any:
    """
    Publish the latest draft of a row; errors are those of :func:`change_row`.

    It is checked once more: another row may be in its way since.
    """
    _require(user, model, ("publish",))
    with as_ours():
        row = _held(user, model, slug, version)
        draft = draft_of(row)
        draft.validate_references()
        bound_form(draft, user, {}, publish=True)
        revision = row.latest_revision or row.save_revision(user=user, clean=False)
        revision.publish(user=user)
        return model.objects.get(pk=row.pk)


def unpublish_row(user: Any, model: Any, slug: str, *, version: WantedVersion = ANY_VERSION) -> Any:
    """
    Take a row off the site, or off the schedule; it stays as a draft.

    Errors are those of :func:`change_row`.
    """
    _require(user, model, ("publish",))
    with as_ours():
        row = _held(user, model, slug, version)
        if row.live:
            # Not ``row.unpublish``: on Wagtail 7.4 that asks the row, which does not know of rights.
            UnpublishAction(row, user=user).execute(skip_permission_checks=True)
        elif revision := row.scheduled_revision:
            revision.approved_go_live_at = None
            revision.save(user=user, update_fields=["approved_go_live_at"])
        return model.objects.get(pk=row.pk)


def delete_row(user: Any, model: Any, slug: str, *, version: WantedVersion) -> None:
    """
    Delete a row; its runs stay in the history. Errors are those of :func:`change_row`.

    :raises RowInUseError: if actions, or rows of the site, need it.
    """
    _require(user, model, ("delete",))
    with as_ours():
        row = _held(user, model, slug, version)
        log(instance=row, action="wagtail.delete", user=user, deleted=True)
        row.delete()


def turn_row(user: Any, model: Any, slug: str, on: bool) -> Any:
    """Enable or disable an action at once. Errors are those of :func:`change_row`."""
    _require(user, model, ("change",))
    with as_ours():
        row = _held(user, model, slug, ANY_VERSION)
        row.turn(on, user)
        return model.objects.get(pk=row.pk)


def revisions_of(user: Any, model: Any, slug: str) -> QuerySet[Revision]:
    """Return the revisions of a row, the newest first."""
    revisions = find_row(user, model, slug).revisions.select_related("user")
    return revisions.order_by("-created_at", "-pk")


def revision_of(user: Any, model: Any, slug: str, revision_id: int) -> Revision:
    """
    Return one revision of a row.

    :raises RowNotFoundError: if there is none.
    """
    revision = revisions_of(user, model, slug).filter(pk=revision_id).first()
    if revision is None:
        raise RowNotFoundError(f"no revision {revision_id} of {slug!r}")
    return revision


def is_wanted(wanted: str | Collection[str], present: str) -> bool:
    """Return whether the present version is one that is wanted."""
    return wanted == ANY_VERSION or present in ({wanted} if isinstance(wanted, str) else wanted)


def require_version(wanted: WantedVersion, row: Any) -> None:
    """
    Do nothing if the version that somebody has seen is the present one.

    :raises VersionRequiredError: if none is named.
    :raises VersionConflictError: if it is another one by now.
    """
    if wanted is None or wanted == "":
        raise VersionRequiredError(f"no version of {row.slug!r} was named")
    if not is_wanted(wanted, row_version(row)):
        raise VersionConflictError(f"{row.slug!r} is {row_version(row)} by now, not {wanted!r}")


def _require(user: Any, model: type[Model], rights: tuple[str, ...]) -> None:
    policy = permission_policy_for(model)
    if not user.is_active or not policy.user_has_any_permission(user, list(rights)):
        raise PermissionRefusedError(
            f"user {user.pk} has none of {rights} on {model._meta.label}",
            user_message=gettext("You do not have permission to do this."),
        )


def _named(rows: QuerySet, slug: str) -> Any:
    row = rows.filter(slug=storable(slug)).first()
    if row is None:
        raise RowNotFoundError(f"no {rows.model._meta.label} {slug!r}")
    return row


def _held(user: Any, model: Any, slug: str, version: WantedVersion) -> Any:
    """
    Return a row that nobody else can change until the transaction ends.

    :raises PermissionRefusedError: if it is for all sites, and the user keeps only some.
    """
    row = _named(seen_by(user, model.objects.select_for_update()), slug)
    require_keeping(user, row)
    require_version(version, row)
    return row


def _saved(user: Any, row: Any, action: str, *, publish: bool) -> Any:
    revision = row.save_revision(user=user, clean=False)
    log(instance=row, action=action, user=user, revision=revision, content_changed=True)
    if publish:
        revision.publish(user=user)
    return type(row).objects.get(pk=row.pk)


@contextmanager
def as_ours() -> Iterator[None]:
    """
    Save or delete all or nothing, and say what cannot be.

    A constraint that no form and no other person can run into is a mistake of ours, and stays one.
    """
    try:
        with writing():
            yield
    except ValidationError as error:
        raise refusal_of(error) from error
    except (ProtectedError, RestrictedError) as error:
        raise _in_use(error) from error
    except IntegrityError as error:
        if is_duplicate(error):
            message = gettext("Something else was saved at the same moment. Try again.")
        elif is_loose_end(error):
            message = gettext(
                "Something that belongs to this was added or deleted at the same moment. Nothing was "
                "changed. Try again."
            )
        else:
            raise
        raise RowInvalidError(str(error), user_message=message) from error


def _in_use(error: ProtectedError | RestrictedError) -> RowInUseError:
    users = list(
        error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    )
    message = gettext("Something else on this site uses this. Nothing was deleted.")
    is_ours = all(isinstance(user, LLMAction) for user in users)
    names = sorted(f"{user._meta.label} {user.pk}" for user in users)
    return RowInUseError(f"used by {names}", user_message=None if is_ours else message)
