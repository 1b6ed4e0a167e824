"""
Actions, templates and configurations from one installation to another, by their slugs.

What is imported goes through the same forms as what is typed; all of it is saved, or nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from wagtail_llm_actions.engine.row_contents import contents_of
from wagtail_llm_actions.engine.rows import (
    ANY_VERSION,
    as_ours,
    change_row,
    create_row,
    draft_of,
    rows_of,
    turn_row,
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
BESIDE_FORM = ("live", "enabled")
"""What an export says of a row that its form does not hold."""
SCHEDULED = ("go_live_at", "expire_at")


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


def export_rows(user: Any, slugs: Iterable[str] = ()) -> dict[str, Any]:
    """
    Return actions with the templates and configurations that they need, as JSON can hold them.

    A row is exported as it is published, or as a draft where it never was.

    :param slugs: of the actions; nothing for all actions, templates and configurations.
    :raises PermissionRefusedError: if the user may not see them.
    :raises RowInvalidError: if there is no action of such a name.
    """
    wanted = set(slugs)
    rows = {kind: rows_of(user, model) for kind, model in MODELS.items()}
    if wanted:
        rows["actions"] = rows["actions"].filter(slug__in=wanted)
        if missing := wanted - set(rows["actions"].values_list("slug", flat=True)):
            message = gettext("There is no LLM action “%(slug)s”.") % {"slug": min(missing)}
            raise RowInvalidError(message, reasons=[message], user_message=message)
        rows["templates"] = rows["templates"].filter(actions__in=rows["actions"]).distinct()
        rows["configs"] = rows["configs"].filter(actions__in=rows["actions"]).distinct()
    exported = {kind: [_exported(row) for row in found] for kind, found in rows.items()}
    return {"format": FORMAT, **exported}


def import_rows(user: Any, data: Any, *, dry_run: bool = False) -> list[Difference]:
    """
    Make or change the rows of an export, and return what differs.

    :param dry_run: whether everything is checked and nothing saved.
    :raises PermissionRefusedError: if the user may not.
    :raises RowInvalidError: if it is no export, or a row cannot be saved as it is.
    """
    with as_ours():
        differences = [_import(user, kind, contents) for kind, contents in _rows_in(data)]
        if dry_run:
            transaction.set_rollback(True)
    return differences


def _exported(row: Any) -> dict[str, Any]:
    contents = contents_of(row if row.live else draft_of(row))
    for name in SCHEDULED:
        moment = contents[name]
        contents[name] = moment.isoformat() if moment else None
    enabled = {"enabled": row.enabled} if isinstance(row, LLMAction) else {}
    return contents | {"live": row.live} | enabled


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
            yield kind, contents


def _import(user: Any, kind: str, said: dict[str, Any]) -> Difference:
    model, slug = MODELS[kind], storable(said["slug"])
    rows = seen_by(user, model.objects.select_related("latest_revision"))
    row = rows.filter(slug=slug).first()
    before = _exported(row) if row else {}
    changes = {
        name: (before.get(name), value)
        for name, value in said.items()
        if before.get(name) != value or name not in before
    }
    deed = "add" if row is None else "change" if changes else "same"
    if deed != "same":
        _write(user, model, slug, said, is_new=row is None)
    return Difference(kind=kind, slug=slug, deed=deed, changes=changes)


def _write(user: Any, model: Any, slug: str, said: dict[str, Any], *, is_new: bool) -> None:
    contents = {name: value for name, value in said.items() if name not in BESIDE_FORM}
    publish = bool(said.get("live"))
    try:
        if is_new:
            create_row(user, model, contents, publish=publish)
        else:
            change_row(user, model, slug, contents, version=ANY_VERSION, publish=publish)
        if model is LLMAction and "enabled" in said:
            turn_row(user, model, slug, bool(said["enabled"]))
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
