"""Makes the output for a field out of a clean text, or says exactly why it cannot be one."""

from typing import Any

from django.utils.translation import gettext

from wagtail_llm_actions.exceptions import EmptyOutputError, InvalidOutputError
from wagtail_llm_actions.outputs.answers import fit_answer
from wagtail_llm_actions.outputs.characters import readable
from wagtail_llm_actions.outputs.cleaning import clean
from wagtail_llm_actions.outputs.preambles import without_label
from wagtail_llm_actions.outputs.prose import names_of
from wagtail_llm_actions.outputs.reasons import too_long
from wagtail_llm_actions.outputs.texts import (
    counted_length,
    one_line,
    without_heading_mark,
)
from wagtail_llm_actions.values import PROSE_KINDS, FieldKind, FieldSpec


def fit(spec: FieldSpec, text: str, *, like: str = "") -> Any:
    """
    Return ``text`` as the value for the field, as :class:`FieldSpec` describes it.

    Prose loses its label, and its line breaks where the field has one line; anything else is read
    as the JSON that was asked for, with patience for the ways in which models write it.

    :param text: a completion that went through :func:`clean`.
    :param like: the text that was to be rewritten, as :func:`clean` knows it.
    :raises EmptyOutputError: if nothing is left.
    :raises InvalidOutputError: if the field does not take it, with the ``reasons``; a text that is
        too long is never cut.
    """
    if spec.kind in PROSE_KINDS:
        return _fit_prose(spec, text, like)
    return fit_answer(spec, text)


def fit_written(spec: FieldSpec, text: str) -> Any:
    """
    Return what a person wrote as the value for the field: prose as it stands, nothing taken off.

    :raises EmptyOutputError: if it is nothing.
    :raises InvalidOutputError: if the field does not take it, with the ``reasons``.
    """
    if spec.kind in PROSE_KINDS:
        return _checked(spec, readable(text).strip())
    return fit_answer(spec, text)


def _fit_prose(spec: FieldSpec, text: str, like: str) -> str:
    output = clean(without_label(text.strip(), names_of(spec)), like=like)
    if not spec.multiline and spec.kind == FieldKind.TEXT:
        output = without_heading_mark(output)
    return _checked(spec, output)


def _checked(spec: FieldSpec, output: str) -> str:
    if not spec.multiline and spec.kind == FieldKind.TEXT:
        output = one_line(output)
    if not output:
        raise EmptyOutputError(f"nothing but white space for {spec.path!r}")
    _check_length(spec, output)
    return output


def _check_length(spec: FieldSpec, output: str) -> None:
    length = counted_length(spec, output)
    if spec.max_length is None or length <= spec.max_length:
        return
    reason = too_long(length, spec.max_length)
    raise InvalidOutputError(
        f"{length} characters for {spec.path!r}, which takes {spec.max_length}",
        reasons=(reason,),
        user_message=gettext("%(reason)s Nothing was changed.") % {"reason": reason},
    )
