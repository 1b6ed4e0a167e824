"""What the fields of an object say: in a form as it stands in the browser, or as it was saved."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wagtail_llm_actions.content.addresses import Items, Place, addresses_at, find_place
from wagtail_llm_actions.content.candidates import Candidates
from wagtail_llm_actions.content.forms import UNREADABLE
from wagtail_llm_actions.content.hashes import hash_of, hash_of_text
from wagtail_llm_actions.content.kinds import kind_of
from wagtail_llm_actions.content.parents import read_parent
from wagtail_llm_actions.content.plain_text import text_of_block, text_of_form_value
from wagtail_llm_actions.content.rows import Rows, find_rows, is_relation, numbered
from wagtail_llm_actions.content.source_paths import (
    CONTENT,
    IMAGE,
    PARENT,
    SELECTION,
    SPECIAL_SOURCES,
)
from wagtail_llm_actions.content.sources import (
    Material,
    SourceValue,
    read_content,
    read_field,
    read_image,
)
from wagtail_llm_actions.values import FieldKind, FieldSpec

if TYPE_CHECKING:
    from wagtail_llm_actions.content.editors import Editor


class FormReader:
    """The fields of an object, for one user."""

    def __init__(
        self,
        editor: Editor,
        form: Any,
        material: Material,
        items_of: Items,
        *,
        selection: str = "",
    ):
        """
        :param form: the form whose fields are read.
        :param items_of: finds the blocks in a block.
        :param selection: what the user has selected in the field to fill.
        """
        self.editor = editor
        self.form = form
        self._material = material
        self._items_of = items_of
        self._selection = selection
        self._places: dict[str, Place] = {}
        self._rows: dict[str, Rows | None] = {}

    @property
    def form_token(self) -> str:
        """What the browser calls this opening of the form; empty where there is no browser."""
        return ""

    def posted(self, address: str) -> dict[str, list[str]]:
        """Return what the browser posted for a field; empty where there is no browser."""
        return {}

    @property
    def title(self) -> str:
        """What the object is called as the form stands; empty where it has no name yet."""
        try:
            return str(self.form.instance)
        except UNREADABLE:
            # The name of an unsaved object may be made of what it lacks.
            return ""

    def spec(self, address: str) -> FieldSpec:
        """
        Return what the field takes, with the objects that the user may choose in it.

        :raises UnknownFieldError: if the form does not show it to this user.
        :raises UnsupportedFieldError: if a language model cannot write it.
        """
        return (self.rows_of(address) or self._place(address)).spec(self._candidates)

    def path(self, address: str) -> str:
        """
        Return the path of the field.

        :raises UnknownFieldError: if the form does not show it to this user.
        """
        return ".".join((self.rows_of(address) or self._place(address)).path)

    def text(self, address: str) -> str:
        """
        Return what the field says now; rich text as Markdown, rows as a list.

        :raises UnknownFieldError: if the form does not show it to this user.
        """
        if rows := self.rows_of(address):
            return self.read(".".join(rows.path)).text
        place, sees = self._place(address), self._material.sees
        if isinstance(place.value, str) and kind_of(place.field, place.block) == FieldKind.TEXT:
            return place.value.replace("\r\n", "\n")
        if place.block is not None:
            return text_of_block(place.block, place.value, sees)
        return text_of_form_value(place.field, place.value, sees)

    def value_hash(self, address: str) -> str:
        """
        Return a hash of what the field holds now, which also tells changes that have no text.

        Of rows it tells what their text does: they are added to, and never replaced.

        :raises UnknownFieldError: if the form does not show it to this user.
        """
        if self.rows_of(address):
            return hash_of_text(self.text(address))
        return hash_of(self._place(address))

    def rows_of(self, address: str) -> Rows | None:
        """Return the relation at an address, if one is there and the form shows it."""
        if address not in self._rows:
            self._rows[address] = self._find_rows(address)
        return self._rows[address]

    def read(self, path: str, *, near: str = "") -> SourceValue:
        """
        Return what a source says.

        :param path: of a field, or a special one: ``@content`` is everything that the object
            says, ``@selection`` what the user has selected, ``@parent.title`` the title of the
            page above, ``@image`` the image that is edited.
        :param near: the address of the field to fill. A source in the same inline child or block
            is read from there alone; else every child and block at ``path`` is read.
        :raises UnknownFieldError: if there is no such source for this user.
        :raises PermissionRefusedError: if the source is what the user may not see.
        """
        if path == CONTENT:
            return read_content(self._material)
        if path == SELECTION:
            return SourceValue(str(SPECIAL_SOURCES[path]), self._selection)
        if path == IMAGE:
            return read_image(self._material)
        if path.startswith(PARENT):
            return read_parent(self.editor.opened, path, self.editor.user)
        beside = near and not self.rows_of(
            near
        )  # beside rows that are to be added there is nothing
        return read_field(self._material, path, self._place(near) if beside else None)

    def addresses_at(self, path: str) -> Iterator[str]:
        """Yield the addresses of the fields and blocks at a path, in their order."""
        return addresses_at(self._material.fields, self._items_of, path)

    def place_of(self, address: str) -> Place:
        """
        Return where the field or block is.

        :raises UnknownFieldError: if the form does not show it to this user.
        """
        return self._place(address)

    def _place(self, address: str) -> Place:
        fields = self._material.fields
        if address not in self._places:
            at = numbered(self.form, address)
            self._places[address] = find_place(fields, self._items_of, at)
        return self._places[address]

    def _find_rows(self, address):
        opened = self.editor.opened
        if not is_relation(opened, address):
            return None
        return find_rows(opened, self.form, self.editor.user, numbered(self.form, address))

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(self.editor.user, self._words())

    def _words(self) -> str:
        """What the form says, for choosing among objects."""
        raise NotImplementedError
