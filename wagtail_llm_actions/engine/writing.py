"""Reads what a prompt is made of, and writes the prompt, into the row of a run."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext

from wagtail_llm_actions.engine.pictures import pictures_of
from wagtail_llm_actions.engine.windows import fit_to_window
from wagtail_llm_actions.exceptions import EmptyVariableError
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMActionSource
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.outputs import instructions
from wagtail_llm_actions.prompts import (
    defused,
    delimit,
    language_name,
    render,
    suspicious,
    variables_of,
)
from wagtail_llm_actions.values import FieldSpec, Prompt, SourceText

if TYPE_CHECKING:
    from wagtail_llm_actions.engine.preparation import RunRequest


def variables_in(run: LLMActionHistory) -> set[str]:
    """
    Return the variables that the template of a run uses.

    :raises PromptError: if it cannot be parsed.
    """
    return variables_of(run.template_prompt) | variables_of(run.template_system_prompt)


def write_prompt(
    run: LLMActionHistory,
    request: "RunRequest",
    action: LLMAction,
    spec: FieldSpec,
    *,
    current: str,
    sees: bool,
) -> None:
    """
    Write sources and prompt into the row.

    :param current: what the whole field says, whatever is selected in it.
    :param sees: whether the model looks at pictures.
    :raises PromptError: if the prompt cannot be written, or there is nothing to write about.
    :raises ContentError: if a source cannot be read.
    :raises SourcesCutError: if sources have to be cut, and the user has not agreed to it.
    :raises ContextWindowError: if the prompt is too long for the model, whatever is cut.
    """
    used = variables_in(run)
    sources = _read_sources(action, request, sees=sees)
    before = _current_value(spec, current) if "current_value" in used and current else ()
    run.sources = [_source_copy(source) for source in (*sources, *before)]
    _check_material(used, sources, current)
    builtins = _builtins(used, current, request, spec)
    write = partial(_prompt, run, builtins, instructions(spec))
    sources = fit_to_window(run, sources, write, accept_cut=request.accept_cut)
    run.sources = [_source_copy(source) for source in (*sources, *before)]
    prompt = write(sources)
    if not prompt.user.strip() and not any(source.pictures for source in sources):
        raise _nothing_to_work_on("the prompt is blank")
    run.system_prompt, run.prompt = prompt.system, prompt.user


def _read_sources(action: LLMAction, request: "RunRequest", *, sees: bool) -> list[SourceText]:
    return [_read_source(source, request, sees=sees) for source in action.sources.all()]


def _read_source(source: LLMActionSource, request: "RunRequest", *, sees: bool) -> SourceText:
    value = request.bound.read(source.path, near=request.address)
    pictures, notice = pictures_of(value.images, value.label, sees=sees)
    text = storable(value.text)
    return SourceText(
        name=source.name,
        path=source.path,
        label=value.label,
        text=defused(text),
        required=source.required,
        findings=suspicious(text),
        pictures=pictures,
        notice=notice,
    )


def _current_value(spec: FieldSpec, current: str) -> tuple[SourceText, ...]:
    """Return what the field says, which is looked at like any source where the prompt uses it."""
    return (
        SourceText(
            name="current_value",
            path=spec.path,
            label=spec.label,
            text=defused(current),
            required=False,
            findings=suspicious(current),
        ),
    )


def _source_copy(source: SourceText) -> dict[str, Any]:
    return {**asdict(source), "words": source.words, "tokens": source.tokens}


def _check_material(used: set[str], sources: list[SourceText], current: str) -> None:
    """
    Make sure that the prompt has something to work on.

    :param used: the variables that the template uses.
    :raises EmptyVariableError: if a required source is empty, or if all that the template uses is.
    """
    material = [source for source in sources if source.name in used or "sources" in used]
    for source in material:
        if source.required and not source.text.strip() and not source.pictures:
            raise _empty(source.path, source.label)
    if any(source.pictures for source in sources):
        return
    texts = [source.text for source in material] + [current] * ("current_value" in used)
    texts += [""] * ("selection" in used)
    if texts and not any(text.strip() for text in texts):
        raise _nothing_to_work_on("everything that the template uses is empty")


def _nothing_to_work_on(detail: str) -> EmptyVariableError:
    message = gettext(
        "There is no text to work on yet. Nothing was sent. Write something first, then try again."
    )
    return EmptyVariableError(detail, user_message=message)


def _empty(path: str, label: str) -> EmptyVariableError:
    message = gettext(
        "“%(label)s” is empty, and this LLM action needs it. Nothing was sent. "
        "Fill it in, then try again."
    )
    return EmptyVariableError(f"source {path!r} is empty", user_message=message % {"label": label})


def _builtins(
    used: set[str], current: str, request: "RunRequest", spec: FieldSpec
) -> dict[str, Any]:
    """Return the values of the built-in variables; what takes a query only if it is used."""
    editor = request.bound.editor
    return {
        "current_value": defused(current),
        "page_title": defused(storable(request.bound.title)),
        "page_type": editor.page_type,
        "language": language_name(editor.language) if "language" in used else "",
        "site_name": editor.site_name if "site_name" in used else "",
        "today": timezone.localdate().isoformat(),
        "max_length": spec.max_length,
        "field_label": spec.label,
    }


def _prompt(
    run: LLMActionHistory, builtins: dict[str, Any], shape: str, sources: Sequence[SourceText]
) -> Prompt:
    """
    Return the prompt.

    :param shape: what the model is told about the shape of its answer; empty for prose.
    """
    texts = {source.name: source.text for source in sources}
    pictures = sum(len(source.pictures) for source in sources)
    variables = {
        "selection": "",
        **texts,
        **builtins,
        "sources": delimit(sources),
        "pictures": pictures,
    }
    system = render(run.template_system_prompt, variables)
    return Prompt(
        system="\n\n".join(filter(None, (system, shape))),
        user=render(run.template_prompt, variables),
    )
