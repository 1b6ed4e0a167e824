"""Whether what a run would send may go where it would go, by the data classes of the site."""

from collections.abc import Collection

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext
from wagtail.images import get_image_model
from wagtail.models import Page

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.content import Editor
from wagtail_llm_actions.content.data_classes import class_of
from wagtail_llm_actions.content.source_paths import CONTENT, IMAGE, source_label
from wagtail_llm_actions.exceptions import NotClearedError, UnknownFieldError
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMConfig
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.providers.options import is_loopback
from wagtail_llm_actions.values import DataClass

OF_FIELD = frozenset({"current_value", "selection"})
"""The variables that say what the field says."""


def cleared_config(
    run: LLMActionHistory,
    action: LLMAction,
    config: LLMConfig,
    editor: Editor,
    used: Collection[str],
) -> LLMConfig:
    """
    Return the configuration if its provider is cleared for what would be sent, or one that takes over.

    :param used: the variables of the template.
    :raises NotClearedError: if there is none, naming what is in the way.
    """
    if not settings.DATA_CLASSES:
        return config
    texts = [(_earlier(run, editor), run.destination_path)]
    texts += [(_class(editor, path), path) for path in _paths(run, action, editor, used)]
    highest, path = _highest(texts, config)
    run.data_class = highest
    if is_cleared(config, highest):
        return config
    for other in LLMConfig.objects.live().filter(takes_over=True):
        held, _path = _highest(texts, other)
        if is_cleared(other, held) and not action.problem(other):
            run.data_class, run.replaced_config_name = held, config.name
            return other
    raise _not_cleared(editor, path, highest, config)


def _highest(texts: list[tuple[DataClass, str]], config: LLMConfig) -> tuple[DataClass, str]:
    """Return the highest class of what a configuration would be sent, and the path that has it."""
    images = (class_of(get_image_model(), CONTENT), IMAGE)
    sent = [*texts, images] if config.reads_images else texts
    return max(sent, key=lambda one: one[0].rank)


def is_cleared(config: LLMConfig, held: DataClass) -> bool:
    """
    Return whether a provider may be sent what is of a class.

    Where the settings do not say what for, a provider on this machine is cleared for all, and any
    other for what is public.
    """
    try:
        cleared = settings.cleared_for(config.provider)
        if cleared is None:
            cleared = DataClass.PERSONAL if stays_here(config) else DataClass.PUBLIC
    except (ImproperlyConfigured, KeyError):
        return False
    return held.rank <= cleared.rank


def stays_here(config: LLMConfig) -> bool:
    """Return whether nothing leaves this machine; a server on it may pass prompts on to a cloud."""
    provider = providers[config.provider]
    is_near = provider.is_in_process or is_loopback(f"http://{provider.host}")
    return is_near and provider.is_self_hosted(config.model_name)


def _class(editor: Editor, path: str) -> DataClass:
    return class_of(editor.model, path, parent=editor.opened.parent)


def _earlier(run: LLMActionHistory, editor: Editor) -> DataClass:
    """Return the class of the output that is to be revised: it may say what its sources said."""
    if not run.revised_text or run.retry_of is None:
        return DataClass.PUBLIC
    held = [_class(editor, source["path"]) for source in run.retry_of.sources]
    if run.retry_of.data_class:
        held.append(DataClass(run.retry_of.data_class))
    return max(held, key=lambda one: one.rank, default=DataClass.PUBLIC)


def _paths(
    run: LLMActionHistory, action: LLMAction, editor: Editor, used: Collection[str]
) -> list[str]:
    """Return the paths of all that would be sent."""
    paths = [source.path for source in action.sources.all()]
    if OF_FIELD.intersection(used) or run.of_selection or run.revision_prompt:
        paths.append(run.destination_path)
    if "page_title" in used:
        paths.append("title" if editor.model.__str__ is Page.__str__ else CONTENT)
    return paths


def _not_cleared(editor: Editor, path: str, held: DataClass, config: LLMConfig) -> NotClearedError:
    try:
        label = source_label(editor.model, path)
    except UnknownFieldError:
        label = path
    message = gettext(
        "“%(label)s” is marked as “%(class)s”, and the provider of “%(config)s” is not cleared for "
        "that. Nothing was sent. Choose another LLM configuration, or ask an administrator."
    )
    values = {"label": label, "class": held.label, "config": config.name}
    return NotClearedError(
        f"{path!r} is {held.value}, provider {config.provider!r} is not cleared for it",
        user_message=message % values,
    )
