"""
Makes a field's value of an answer that was read as JSON, and collects all that is wrong with it.

It follows the spec, never the answer, so that its depth is the one of the field.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext, ngettext

from wagtail_llm_actions.outputs import scalars, texts
from wagtail_llm_actions.outputs.characters import readable
from wagtail_llm_actions.outputs.kinds import SERIES, SETS, SINGLE, items_of
from wagtail_llm_actions.outputs.options import NOTHING_WORDS, choose, is_option
from wagtail_llm_actions.outputs.parsing import Members
from wagtail_llm_actions.outputs.prose import written_items
from wagtail_llm_actions.outputs.reasons import Unfit, quoted, short
from wagtail_llm_actions.values import FieldKind, FieldSpec
from wagtail_llm_actions.wording import listed

SCALARS: dict[FieldKind, Callable[[FieldSpec, Any], Any]] = {
    FieldKind.TEXT: texts.to_text,
    FieldKind.RICH_TEXT: texts.to_text,
    FieldKind.URL: texts.to_url,
    FieldKind.EMAIL: texts.to_email,
    FieldKind.SLUG: texts.to_slug,
    FieldKind.INTEGER: scalars.to_integer,
    FieldKind.NUMBER: scalars.to_number,
    FieldKind.BOOLEAN: scalars.to_boolean,
    FieldKind.DATE: scalars.to_date,
    FieldKind.TIME: scalars.to_time,
    FieldKind.DATETIME: scalars.to_datetime,
    FieldKind.CHOICE: choose,
    FieldKind.OBJECT: choose,
}


class Conversion:
    """One answer on its way to a value; ``reasons`` says why it may not be used."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def value(self, spec: FieldSpec, found: Any, where: tuple[str, ...] = ()) -> Any:
        """
        Return what ``found`` is as the value of the field.

        :param where: the labels of what the field is in and its own; empty at the root.
        """
        if spec.kind == FieldKind.STRUCT:
            return self._struct(spec, found, where)
        if spec.kind in SERIES:
            return self._series(spec, found, where)
        return self._scalar(spec, found, where)

    def _scalar(self, spec: FieldSpec, found: Any, where: tuple[str, ...]) -> Any:
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if not is_nothing(found):
            try:
                return SCALARS[spec.kind](spec, found)
            except Unfit as unfit:
                if not says_nothing(found):
                    return self._refuse(where, str(unfit))
        if spec.required:
            return self._refuse(where, gettext("This must not be left out."))
        return None

    def _struct(self, spec: FieldSpec, found: Any, where: tuple[str, ...]) -> dict[str, Any]:
        members: Any = {} if is_nothing(found) else found
        if not isinstance(members, dict):
            names = listed(inner.name for inner in spec.fields)
            reason = gettext("%(answer)s must be a group of: %(names)s.")
            self._refuse(where, reason % {"answer": quoted(found), "names": names})
            return {}
        named = self._named(spec, members, where)
        return {
            inner.name: self.value(inner, named.get(inner.name), (*where, inner.label))
            for inner in spec.fields
        }

    def _named(
        self, spec: FieldSpec, members: dict[str, Any], where: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return the members by the names of the fields; models also write labels."""
        self._check_repeated(members, where)
        named: dict[str, Any] = {}
        unknown = []
        for key, member in members.items():
            inner = find(spec.fields, key)
            if inner is None:
                unknown.append(key)
            elif inner.name in named:
                self._refuse(where, gettext("%(name)s is given twice.") % {"name": quoted(key)})
            else:
                named[inner.name] = member
        for key in unknown:
            words = {"name": quoted(key), "names": listed(inner.name for inner in spec.fields)}
            self._refuse(where, gettext("%(name)s is none of the names: %(names)s.") % words)
        return named

    def _check_repeated(self, members: dict[str, Any], where: tuple[str, ...]) -> None:
        for name in members.repeated if isinstance(members, Members) else ():
            self._refuse(where, gettext("%(name)s is given twice.") % {"name": quoted(name)})

    def _series(self, spec: FieldSpec, found: Any, where: tuple[str, ...]) -> list[Any]:
        items = _listed(spec, found)
        if not isinstance(items, list):
            reason = gettext("%(answer)s must be a list.") % {"answer": quoted(found)}
            self._refuse(where, reason)
            return []
        values = self._items(spec, items, where)
        if not self.reasons or values:
            self._check_count(spec, len(values), where)
        return values

    def _items(self, spec: FieldSpec, items: list[Any], where: tuple[str, ...]) -> list[Any]:
        if spec.kind in SETS:
            return self._set(spec, items, where)
        numbered = enumerate(items, start=1)
        if spec.kind == FieldKind.STREAM:
            return [self._block(spec, item, (*where, _item(number))) for number, item in numbered]
        if spec.kind == FieldKind.ROWS:
            return [self._struct(spec, item, (*where, _row(number))) for number, item in numbered]
        return [
            self.value(item_spec, item, (*where, _item(number)))
            for item_spec in items_of(spec)
            for number, item in numbered
            if item_spec.kind not in SINGLE or not is_nothing(item)
        ]

    def _set(self, spec: FieldSpec, items: list[Any], where: tuple[str, ...]) -> list[str]:
        chosen: dict[str, None] = {}
        for item in items:
            if is_nothing(item):
                continue
            try:
                chosen[_member(spec, item)] = None
            except Unfit as unfit:
                self._refuse(where, str(unfit))
        return _without_echoes(chosen) if spec.kind == FieldKind.TAGS else list(chosen)

    def _block(self, spec: FieldSpec, found: Any, place: tuple[str, ...]) -> Any:
        if not isinstance(found, dict):
            reason = gettext("%(answer)s must be a block with a type and a value.")
            return self._refuse(place, reason % {"answer": quoted(found)})
        self._check_repeated(found, place)
        name, content = _type_and_value(spec, found)
        block = find(spec.fields, name) if isinstance(name, str) else None
        if block is None:
            words = {"type": quoted(name), "types": listed(inner.name for inner in spec.fields)}
            return self._refuse(
                place, gettext("%(type)s is none of the block types: %(types)s.") % words
            )
        return {"type": block.name, "value": self.value(block, content, (*place, block.label))}

    def _check_count(self, spec: FieldSpec, count: int, where: tuple[str, ...]) -> None:
        least = max(spec.min_items or 0, 1 if spec.required else 0)
        if count < least:
            self._refuse(
                where,
                ngettext(
                    "It must have at least %(limit)d item, and has %(count)d.",
                    "It must have at least %(limit)d items, and has %(count)d.",
                    least,
                )
                % {"limit": least, "count": count},
            )
        if spec.max_items is not None and count > spec.max_items:
            self._refuse(
                where,
                ngettext(
                    "It must have at most %(limit)d item, and has %(count)d.",
                    "It must have at most %(limit)d items, and has %(count)d.",
                    spec.max_items,
                )
                % {"limit": spec.max_items, "count": count},
            )

    def _refuse(self, where: tuple[str, ...], reason: str) -> None:
        place = " › ".join(short(label) for label in where)
        if place:
            reason = gettext("%(place)s: %(reason)s") % {"place": place, "reason": reason}
        self.reasons.append(reason)


def find(specs: Iterable[FieldSpec], name: str) -> FieldSpec | None:
    """Return the spec of that name; or of that label or spelling, where it is the only one."""
    specs = tuple(specs)
    exact = [spec for spec in specs if spec.name == name]
    wanted = _spelling(name)
    similar = exact or [
        spec for spec in specs if wanted in (_spelling(spec.name), _spelling(spec.label))
    ]
    return similar[0] if len(similar) == 1 else None


def is_nothing(found: Any) -> bool:
    """Return whether ``found`` is null, an empty group or list, or a text without characters."""
    return not readable(found).strip() if isinstance(found, str) else found in (None, {}, [])


def says_nothing(found: Any) -> bool:
    """Return whether ``found`` is nothing, or a word for it."""
    if is_nothing(found):
        return True
    return isinstance(found, str) and found.strip(" .").casefold() in NOTHING_WORDS


def _listed(spec: FieldSpec, found: Any) -> Any:
    """Return ``found`` as a list, where it is one item, nothing, or a list written as text."""
    if (isinstance(found, dict) and found) or (isinstance(found, str) and is_option(spec, found)):
        return [found]
    if says_nothing(found):
        return []
    return written_items(spec, found) if isinstance(found, str) else found


def _member(spec: FieldSpec, item: Any) -> str:
    if spec.kind != FieldKind.TAGS or spec.options:
        return choose(spec, item)
    tag = " ".join(texts.plain(item).split()).removeprefix("#").strip(' ,"“”')
    if not tag:
        raise Unfit(gettext("%(answer)s is no tag.") % {"answer": quoted(item)})
    texts.check_length(spec, tag)
    return tag


def _without_echoes(tags: Iterable[str]) -> list[str]:
    """Return the tags without those that differ from an earlier one only in case."""
    seen: dict[str, str] = {}
    for tag in tags:
        seen.setdefault(tag.casefold(), tag)
    return list(seen.values())


def _type_and_value(spec: FieldSpec, found: dict[str, Any]) -> tuple[Any, Any]:
    """
    Return the type of a block and its value.

    Besides ``{"type": "heading", "value": "…"}`` models write ``{"heading": "…"}``, and the fields
    of a group beside its type.
    """
    if "type" not in found:
        if len(found) == 1:
            return next(iter(found.items()))
        return None, None
    others = {name: member for name, member in found.items() if name != "type"}
    if set(others) <= {"value", "id"}:
        return found["type"], others.get("value")
    return found["type"], others


def _item(number: int) -> str:
    return gettext("Item %(number)d") % {"number": number}


def _row(number: int) -> str:
    return gettext("Row %(number)d") % {"number": number}


def _spelling(name: str) -> str:
    return "_".join(readable(name[:200]).replace("-", " ").replace("_", " ").split()).casefold()
