"""
Actions, templates and configurations from one installation to another, by their slugs.

What is imported goes through the same forms as what is typed; all of it is saved, or nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from wagtail_llm_actions.engine.row_contents import FIELDS, SCHEDULE, contents_of, read_moment
from wagtail_llm_actions.engine.rows import (
    ANY_VERSION,
    as_ours,
    change_row,
    create_row,
    draft_of,
    rows_of,
    turn_row,
    unpublish_row,
)
from wagtail_llm_actions.exceptions import RowInvalidError
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.sites import seen_by

FORMAT = 1
MODELS: dict[str, Any] = {
    "templates": PromptTemplate,
    "configs": LLMConfig,
    "actions": LLMAction,
}
"""In the order in which they refer to each other."""
BESIDE_FORM = ("live", "enabled", "scheduled")
"""What an export says of a row that its form does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an import does to one row."""

    kind: str
    """``"templates"``, ``"configs"`` or ``"actions"``."""
    slug: str
    deed: str
    """``"add"``, ``"change"`` or ``"same"``."""
    changes: Mapping[str, tuple[Any, Any]]
    """What the row says and what it is to say, by name."""
    overwritten: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """The same of a draft beside the published row, which is replaced too."""


def export_rows(user: Any, slugs: Iterable[str] = ()) -> dict[str, Any]:
    """
    Return actions with the templates and configurations that they need, as JSON can hold them.

    A row is exported as it is published, or as a draft where it is not; what waits for its date to
    go live comes along.

    :param slugs: of the actions; nothing for all actions, templates and configurations.
    :raises PermissionRefusedError: if the user may not see them.
    :raises RowInvalidError: if there is no action of such a name.
    """
    wanted = set(slugs)
    rows = {kind: rows_of(user, model) for kind, model in MODELS.items()}
    if wanted:
        rows["actions"] = rows["actions"].filter(slug__in=wanted)
        # one by one: MySQL takes other letter cases for the same
        if missing := [slug for slug in wanted if not rows["actions"].filter(slug=slug).exists()]:
            message = gettext("There is no LLM action “%(slug)s”.") % {"slug": min(missing)}
            raise RowInvalidError(message, reasons=[message], user_message=message)
    actions = [_exported(row) for row in rows.pop("actions")]
    if wanted:
        for kind, name in (("templates", "prompt_template"), ("configs", "llm_config")):
            rows[kind] = rows[kind].filter(slug__in=_needed(actions, name))
    exported = {kind: [_exported(row) for row in found] for kind, found in rows.items()}
    return {"format": FORMAT, **exported, "actions": actions}


def import_rows(user: Any, data: Any, *, dry_run: bool = False) -> list[Difference]:
    """
    Make or change the rows of an export, and return what differs.

    What is left out of a row that is live stays as it is published, unless it is said not to be live.

    :param dry_run: whether everything is checked and nothing saved.
    :raises PermissionRefusedError: if the user may not.
    :raises RowInvalidError: if it is no export, or a row cannot be saved as it is.
    """
    with as_ours():
        differences = [_import(user, kind, contents) for kind, contents in _rows_in(data)]
        if dry_run:
            transaction.set_rollback(True)
    return differences


def _needed(actions: Iterable[dict[str, Any]], name: str) -> set[str]:
    """Return the slugs that actions refer to, as they are and as they will be."""
    said = [one for action in actions for one in (action, action["scheduled"]) if one]
    return {one[name] for one in said if one[name]}


def _exported(row: Any) -> dict[str, Any]:
    scheduled = row.get_scheduled_revision_as_object()
    if scheduled and scheduled.deleted_since:
        scheduled = None  # it will not be published
    enabled = {"enabled": row.enabled} if isinstance(row, LLMAction) else {}
    return {
        **_said_by(row, row if row.live else draft_of(row)),
        **enabled,
        "live": row.live,
        "scheduled": scheduled and _said_by(row, scheduled),
    }


def _said_by(row: Any, version: Any) -> dict[str, Any]:
    """Return what a version of a row says; other rows know it by the slug of the row itself."""
    contents = contents_of(version)
    moments = {name: contents[name] and contents[name].isoformat() for name in SCHEDULE}
    return {**contents, **moments, "slug": row.slug}


def _rows_in(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _no_export()
    for kind in MODELS:
        found = data.get(kind, [])
        if not isinstance(found, list):
            raise _no_export()
        for contents in found:
            if not isinstance(contents, dict) or not isinstance(contents.get("slug"), str):
                raise _no_export()
            if not isinstance(contents.get("scheduled"), dict | None):
                raise _no_export()
            yield kind, contents


def _import(user: Any, kind: str, data: dict[str, Any]) -> Difference:
    model, slug = MODELS[kind], storable(data["slug"])
    rows = seen_by(user, model.objects.select_related("latest_revision"))
    row = rows.filter(slug=slug).first()
    with _told_of(slug):
        _require_known(model, data)
        before = _without_past(_exported(row)) if row else {}
        said = {"live": before.get("live", False), "scheduled": None, **data, "slug": slug}
        stays = _contents(before) if before.get("live") and said["live"] else {}
        said = _by_now({**stays, **said})
        changes = _differing(before, said)
        overwritten = {}
        if changes.keys() - {"enabled"}:
            draft = _lost(row, before) if row else None
            overwritten = _differing(draft, _contents(said)) if draft else {}
            _write(user, model, slug, said, before)
        if model is LLMAction and "enabled" in changes:
            turn_row(user, model, slug, bool(said["enabled"]))
    deed = "add" if row is None else "change" if changes else "same"
    return Difference(kind=kind, slug=slug, deed=deed, changes=changes, overwritten=overwritten)


def _require_known(model: Any, data: Mapping[str, Any]) -> None:
    known = {*FIELDS[model], "live", "scheduled", *(("enabled",) if model is LLMAction else ())}
    unknown = {*data} - known or {*(data.get("scheduled") or ())} - {*FIELDS[model]}
    if unknown:
        message = gettext("There is no field “%(name)s”.") % {"name": min(unknown)}
        raise RowInvalidError(message, reasons=[message], user_message=message)


def _differing(before: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), value)
        for name, value in said.items()
        if before.get(name) != value or name not in before
    }


def _contents(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of a row holds."""
    return {name: value for name, value in said.items() if name not in BESIDE_FORM}


def _lost(row: Any, before: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the draft beside a published row says; that of the schedule is named as such."""
    if not row.live or not row.has_unpublished_changes:
        return None
    draft = draft_of(row)
    said = _without_past(_said_by(row, draft) | {"slug": draft.slug})
    return None if said == before["scheduled"] else said


def _by_now(said: dict[str, Any]) -> dict[str, Any]:
    """Return what an export says as it would be by now: what has been due since is done."""
    scheduled = said["scheduled"]
    if scheduled and not _is_to_come(scheduled, "go_live_at"):
        said = {**said, **scheduled, "slug": said["slug"], "live": True, "scheduled": None}
    elif said.get("live") and _is_to_come(said, "go_live_at"):
        said = {**said, "live": False, "scheduled": _contents(said)}
    if said.get("live") and said.get("expire_at") and not _is_to_come(said, "expire_at"):
        said = {**said, "live": False}
    return _without_past(said)


def _without_past(said: dict[str, Any]) -> dict[str, Any]:
    """Leave out the moments that have passed, and write the others in one way."""
    moments = {name: _moment(said, name) for name in SCHEDULE if name in said}
    scheduled = said.get("scheduled")
    more = {"scheduled": _without_past(scheduled)} if scheduled else {}
    return said | moments | more


def _moment(said: Mapping[str, Any], name: str) -> str | None:
    if not _is_to_come(said, name):
        return None
    moment: Any = read_moment(name, said[name])
    moment = moment.astimezone(UTC) if timezone.is_aware(moment) else moment
    return moment.isoformat(timespec="milliseconds")  # that is what revisions keep


def _is_to_come(said: Mapping[str, Any], name: str) -> bool:
    moment = read_moment(name, said.get(name))
    return moment is not None and moment > timezone.now()


def _write(
    user: Any, model: Any, slug: str, said: dict[str, Any], before: Mapping[str, Any]
) -> None:
    """Let a row say what it is to say; each version of it that counts is one to be published."""
    contents, scheduled = _contents(said), said["scheduled"]
    is_live = bool(said.get("live"))
    versions = [(contents, True)] if is_live else []
    if scheduled:
        versions.append(({**scheduled, "slug": slug}, True))
    if not is_live and contents != scheduled:
        versions.append((contents, False))
    if not is_live and (before.get("live") or before.get("scheduled")):
        unpublish_row(user, model, slug)
    is_new = not before
    for version, publish in versions:
        if is_new:
            create_row(user, model, version, publish=publish)
        else:
            change_row(user, model, slug, version, version=ANY_VERSION, publish=publish)
        is_new = False


@contextmanager
def _told_of(slug: str) -> Iterator[None]:
    """Name the row that cannot be imported."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        message = gettext("“%(slug)s” cannot be read.") % {"slug": slug}
        raise RowInvalidError(str(error), reasons=[message], user_message=message) from error
    except RowInvalidError as error:
        sentence = gettext("“%(slug)s”: %(message)s") % {
            "slug": slug,
            "message": error.user_message,
        }
        raise RowInvalidError(
            str(error), reasons=error.reasons, fields=error.fields, user_message=sentence
        ) from error


def _no_export() -> RowInvalidError:
    message = gettext("This is no export of LLM actions.")
    return RowInvalidError(message, reasons=[message], user_message=message)
