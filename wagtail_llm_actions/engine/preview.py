"""
What a run would send, before any call: nothing is saved and no model is asked.

It is prepared like the run itself, so it cannot say anything else than what would happen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from wagtail_llm_actions.content import BoundEditor, paths_of
from wagtail_llm_actions.content.source_paths import CONTENT, IMAGE, source_label
from wagtail_llm_actions.engine.changes import action_name
from wagtail_llm_actions.engine.connections import release_connections
from wagtail_llm_actions.engine.destinations import actions_in_force
from wagtail_llm_actions.engine.pictures import picture_count
from wagtail_llm_actions.engine.preparation import RunRequest, begin, fill
from wagtail_llm_actions.engine.receipts import FROM_HISTORY
from wagtail_llm_actions.engine.saving import free_destinations
from wagtail_llm_actions.engine.standings import price_sentence, room_for
from wagtail_llm_actions.engine.template_versions import TemplateChoice, with_versions
from wagtail_llm_actions.engine.windows import measured
from wagtail_llm_actions.exceptions import (
    ActionNotReadyError,
    ContentError,
    LLMActionsError,
    PermissionRefusedError,
    SourcesCutError,
)
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMConfig, PromptTemplate
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.permissions import can_see_costs
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.providers.options import is_loopback
from wagtail_llm_actions.values import FieldSpec

BEGINNING = 40
"""Characters by which a source is known that a template has cut short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a prompt."""

    text: str
    source: str = ""
    """What the source is called that it comes from; blank for the template's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChoice:
    """A source that the action could read."""

    path: str
    label: str
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A field that has no action of its own on this type of object."""

    path: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a run would send, or why it cannot be sent."""

    run: LLMActionHistory
    """The row as it would be, unsaved; what could not be prepared is blank."""
    action: LLMAction | None
    """The one that is in force for the field."""
    system: tuple[Part, ...] = ()
    user: tuple[Part, ...] = ()
    cuts: tuple[str, ...] = ()
    """What would be left out of the sources, as sentences."""
    tokens: int | None = None
    """Of the whole prompt, estimated where the provider cannot count."""
    window: int | None = None
    """Tokens that the model reads and writes together; ``None`` where nobody knows."""
    goes_to: str = ""
    """Where the prompt would go, as a sentence."""
    price: str = ""
    """What the run would cost at the most, as a sentence; blank for who may not see money."""
    limits: tuple[str, ...] = ()
    """What is left of the limits that count for it, as sentences."""
    problem: LLMActionsError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be changed for a run, and into what."""

    templates: tuple[TemplateChoice, ...]
    """Live ones, those first that suit the field."""
    configs: tuple[LLMConfig, ...]
    sources: tuple[SourceChoice, ...]
    suggested: tuple[str, ...]
    """The paths of the sources that an action would begin with."""
    name: str
    """What a new action would be called."""
    destinations: tuple[Destination, ...]
    """The fields that it could be moved to, or that another one could be for."""


def preview(request: RunRequest) -> Preview:
    """Return what the run that is asked for would send."""
    run, action = begin(request), None
    cuts: tuple[str, ...] = ()
    try:
        spec = request.bound.spec(request.address)
        action = actions_in_force(request.bound.editor, [spec.path]).get(spec.path)
        try:
            claims = fill(run, replace(request, accept_cut=False))
        except SourcesCutError as error:
            cuts = tuple(str(reason) for reason in error.reasons)
            run = begin(request)
            claims = fill(run, replace(request, accept_cut=True))
    except LLMActionsError as error:
        return Preview(run=run, action=action, problem=error)
    sees_money = can_see_costs(request.user)
    left, problem = room_for(run, claims, sees_money=sees_money)
    if run.is_from_history:
        run.price, problem = FROM_HISTORY.dump(), None
    tokens, window = measured(run, picture_count(run))
    return Preview(
        run=run,
        action=action,
        system=parts(run.system_prompt, run.sources),
        user=parts(run.prompt, run.sources),
        cuts=cuts,
        tokens=tokens,
        window=window,
        goes_to=_goes_to(run),
        price=price_sentence(run) if sees_money else "",
        limits=left,
        problem=problem,
    )


def choices(bound: BoundEditor, address: str) -> Choices:
    """
    Return what a person can choose from for a run on a field.

    :raises ContentError: if there is no such field.
    """
    spec = bound.spec(address)
    sources = tuple(_sources(bound, address))
    paths = [source.path for source in sources]
    return Choices(
        templates=with_versions(_templates(spec), bound.editor.user),
        configs=tuple(LLMConfig.objects.live()),
        sources=sources,
        suggested=tuple(path for path in (IMAGE, CONTENT) if path in paths)[:1],
        name=action_name(bound.editor.model, spec.label),
        destinations=tuple(
            Destination(path=path, label=label) for path, label in free_destinations(bound.editor)
        ),
    )


def model_names(slug: str) -> list[str]:
    """
    Return the names of the models that a configuration's provider offers now.

    :param slug: of a live LLM configuration; blank for the default one.
    :raises ProviderError: if the service does not answer.
    """
    configs = LLMConfig.objects.live()
    config = configs.filter(slug=storable(slug)).first() if slug else configs.default()
    if config is None:
        return []
    return models_of(config.provider)


def models_of(alias: str) -> list[str]:
    """
    Return the names of the models that a provider offers now; nothing of one that is not there.

    :raises ProviderError: if the service does not answer.
    :raises ActionNotReadyError: if the provider is not set up correctly.
    """
    if alias not in providers:
        return []
    try:
        provider = providers[alias]
    except ImproperlyConfigured as error:
        raise ActionNotReadyError(
            str(error),
            user_message=gettext("The provider “%(provider)s” is not set up correctly.")
            % {"provider": alias},
        ) from error
    release_connections()  # the provider is asked now
    return [model.name for model in provider.list_models()]


def parts(text: str, sources: Iterable[dict[str, Any]]) -> tuple[Part, ...]:
    """
    Return a prompt in parts, those marked that a source says.

    Also where a template takes only the beginning of a source; what else it makes of one cannot be
    told apart and is not marked.
    """
    result = [Part(text=text)]
    by_length = sorted(sources, key=lambda source: len(source["text"]), reverse=True)
    for source in by_length:
        if source["text"].strip():
            result = [piece for part in result for piece in _split(part, source)]
    return tuple(part for part in result if part.text)


def _split(part: Part, source: dict[str, Any]) -> list[Part]:
    """Return a part cut at each place where the source stands, or begins and is cut short."""
    text, label = source["text"].strip(), source["label"] or source["path"]
    result: list[Part] = []
    rest = part.text
    while not part.source and (start := rest.find(text[:BEGINNING])) >= 0:
        end = start + _common_length(rest[start:], text)
        result += [Part(text=rest[:start]), Part(text=rest[start:end], source=label)]
        rest = rest[end:]
    return [*result, replace(part, text=rest)]


def _common_length(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _goes_to(run: LLMActionHistory) -> str:
    provider = providers[run.provider]
    values = {
        "provider": provider.display_name or provider.alias,
        "model": run.model_name,
        "host": provider.host,
    }
    if not provider.host:
        return gettext("%(model)s of %(provider)s") % values
    if is_loopback(f"http://{provider.host}") and provider.is_self_hosted(run.model_name):
        return gettext("%(model)s of %(provider)s, on this machine") % values
    return gettext("%(model)s of %(provider)s, at %(host)s") % values


def _templates(spec: FieldSpec) -> list[PromptTemplate]:
    """Return the live templates; those first whose name has words of the field's."""
    words = _words(f"{spec.name} {spec.label}")

    def rank(template: PromptTemplate) -> tuple[int, str]:
        return -len(words & _words(f"{template.name} {template.slug}")), template.name

    return sorted(PromptTemplate.objects.filter(live=True), key=rank)


def _words(text: str) -> set[str]:
    return {word for word in text.casefold().replace("_", " ").replace("-", " ").split() if word}


def _sources(bound: BoundEditor, address: str) -> Iterable[SourceChoice]:
    """Yield what can be read: the special sources first, then the fields that stand alone."""
    model = bound.editor.model
    paths = [IMAGE, CONTENT]
    paths += [known.path for known in paths_of(model) if "." not in known.path]
    for path in paths:
        try:
            value = bound.read(path, near=address)
            label = value.label or source_label(model, path)
        except (ContentError, PermissionRefusedError):
            continue
        yield SourceChoice(path=path, label=label, words=len(value.text.split()))
