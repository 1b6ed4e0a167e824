"""An edit form as it stands in the browser: what its fields say, take, and would become."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from wagtail_llm_actions.content.addresses import items_in_post
from wagtail_llm_actions.content.choosing import problems_of_choice
from wagtail_llm_actions.content.filling import filling_of, posted_value
from wagtail_llm_actions.content.forms import bind_form
from wagtail_llm_actions.content.hashes import hash_of_value
from wagtail_llm_actions.content.known_links import links_at
from wagtail_llm_actions.content.losses import losses
from wagtail_llm_actions.content.markdown import html_to_markdown, linked_urls
from wagtail_llm_actions.content.native import rich_text_html, rich_text_state
from wagtail_llm_actions.content.placing import (
    Placement,
    PostedForm,
    place_posted,
    place_rows,
    place_value,
)
from wagtail_llm_actions.content.posted import PostedPart, posted_part, with_part
from wagtail_llm_actions.content.reading import FormReader
from wagtail_llm_actions.content.selection import SELECTION_KEY, selected_html
from wagtail_llm_actions.content.sources import material_of
from wagtail_llm_actions.content.written_links import link_notices, link_problems
from wagtail_llm_actions.exceptions import UnsupportedFieldError
from wagtail_llm_actions.values import ApplyMethod, FieldKind, OutputMode

if TYPE_CHECKING:
    from wagtail_llm_actions.content.editors import Editor

FORM_KEY = "llm-actions-form"
"""The key under which the browser posts a name for one opening of a form."""


class BoundEditor(FormReader):
    """An edit form with the data that the browser posted; nothing is ever saved from it."""

    def __init__(self, editor: Editor, post: QueryDict, *, selection: str = ""):
        """
        :param selection: what the user has selected in the field to fill.
        :raises FormDataError: if ``post`` is not this form's data.
        """
        self._post = post
        form = bind_form(editor.opened, editor.user, post)
        material = material_of(editor.opened, form, editor.user)
        super().__init__(editor, form, material, items_in_post(post), selection=selection)

    @property
    def form_token(self) -> str:
        """What the browser calls this opening of the form; empty if it says nothing."""
        return self._post.get(FORM_KEY, "")

    def place(self, address: str, value: Any, mode: OutputMode) -> Placement:
        """
        Return how the browser puts a value into the field, and what the whole form says to it.

        New blocks, items, rows, tags and several choices are added at the end where ``mode`` says
        so; rows always are, because the editor alone deletes what is there.

        :param value: see ``FieldSpec``; Markdown for rich text.
        :raises UnknownFieldError: if the form does not show it to this user.
        :raises UnsupportedFieldError: if a language model cannot write it.
        """
        spec = self.spec(address)
        rows = self.rows_of(address)
        known = {} if rows else self._links(address)
        if problems := link_problems(spec, value, known):
            return Placement(errors=problems)
        if rows:
            placement = place_rows(self._form(), rows, value)
        else:
            placement = place_value(self._form(), self._place(address), value, mode)
        if placement.errors:
            return placement
        filled = (rows or self._place(address)).filled(value)
        if problems := problems_of_choice(filled, self.editor.user):
            return Placement(errors=problems)
        lost = () if rows or mode == OutputMode.APPEND else self._losses(address, value)
        return replace(placement, notices=(*lost, *link_notices(spec, value, known)))

    def posted(self, address: str) -> dict[str, list[str]]:
        """Return what the browser posted for the field, for :meth:`place_posted`; empty of rows."""
        return {} if self.rows_of(address) else posted_part(self._post, self._place(address))

    def place_posted(self, address: str, part: PostedPart) -> Placement:
        """
        Return how the browser puts back what it once posted for the field, just as it was.

        :param part: what :meth:`posted` returned then.
        :raises UnknownFieldError: if the form does not show it to this user.
        """
        place = self._place(address)
        then = BoundEditor(self.editor, with_part(self._post, place, part))
        return place_posted(
            self._form(), place, then.form, then.place_of(address), then.text(address)
        )

    def select(self, address: str) -> str:
        """
        Take what the browser posted as selected for the selection, and return it as Markdown.

        :raises UnknownFieldError: if the form does not show the field to this user.
        :raises UnsupportedFieldError: if it is no rich text, or an image is selected.
        :raises FormDataError: if what was posted cannot be read.
        """
        self._selection = html_to_markdown(self._selected_html(address))
        return self._selection

    def place_selection(self, address: str, markdown: str) -> Placement:
        """
        Return how the browser puts Markdown into the place of what is selected.

        The form must have been posted as it is without what is to be replaced: the output is
        checked behind the rest of the field, because its rules count the whole.

        :raises UnknownFieldError: as :meth:`select` does; also the other errors.
        """
        whole = self.place(address, markdown, OutputMode.APPEND)
        if whole.errors:
            return whole
        field = self._place(address).field
        known = linked_urls(self._selected_html(address))
        state = rich_text_state(field.widget, markdown, known)
        text = html_to_markdown(rich_text_html(state, field))
        return replace(
            whole,
            method=ApplyMethod.RICH_TEXT,
            state=state,
            text=text,
            notices=link_notices(self.spec(address), markdown, known),
        )

    def hash_with(self, address: str, value: Any) -> str:
        """
        Return the hash that the field would have with a value in the place of its own.

        :param value: see ``FieldSpec``; Markdown for rich text.
        :raises UnknownFieldError: if the form does not show it to this user.
        :raises ValidationError: if the field cannot hold such a value.
        """
        place = self._place(address)
        filling = filling_of(place, self._post, value, OutputMode.REPLACE)
        return hash_of_value(place, filling.native)

    def _form(self):
        return PostedForm(
            opened=self.editor.opened, user=self.editor.user, post=self._post, form=self.form
        )

    def _links(self, address):
        place = self._place(address)
        return links_at(place, posted_value(place))

    def _losses(self, address, value):
        place = self._place(address)
        return losses(place, posted_value(place), value)

    def _selected_html(self, address):
        place = self._place(address)
        if place.kind != FieldKind.RICH_TEXT:
            raise UnsupportedFieldError(f"{'.'.join(place.path)} is no rich text")
        return selected_html(self._post.get(SELECTION_KEY, ""), place.field)

    def _words(self):
        return " ".join(text for _, values in self._post.lists() for text in values)
