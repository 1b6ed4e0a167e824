"""The ready-made LLM actions, and the configuration they use."""

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from wagtail_llm_actions.models import LLMAction, LLMActionSource, LLMConfig, PromptTemplate

CONFIG_SLUG = "sandbox"


def make_templates(table: list[dict]) -> None:
    """Load the predefined prompt templates, and the sandbox's own beside them."""
    call_command("load_prompt_templates", verbosity=0)
    for values in table:
        template = PromptTemplate.objects.create(**values)
        template.save_revision().publish()


def follow_choice() -> LLMConfig:
    """
    Make the default configuration name the model that was chosen at the last start.

    A configuration that a person has edited or replaced is left as it is.
    """
    config = LLMConfig.objects.filter(slug=CONFIG_SLUG).first() or LLMConfig(slug=CONFIG_SLUG)
    choice = settings.SANDBOX_CHOICE
    wanted = {
        "name": choice.label,
        "provider": "default",
        "model_name": choice.model_name,
        "temperature": 0.2,
        "extra_parameters": choice.parameters,
    }
    if config.pk and (_edited(config) or all(getattr(config, k) == v for k, v in wanted.items())):
        return config
    for name, value in wanted.items():
        setattr(config, name, value)
    if not config.pk:
        config.is_default = LLMConfig.objects.default() is None
    config.save()
    config.save_revision().publish()
    return config


def _edited(config: LLMConfig) -> bool:
    """Whether a person saved the configuration: what the loader saves has no user."""
    return config.revisions.filter(user__isnull=False).exists()


def make_actions(table: list[dict]) -> None:
    """Make the actions of the content."""
    for values in table:
        sources = values.pop("sources")
        model = apps.get_model(values.pop("model"))
        template = PromptTemplate.objects.get(slug=values.pop("template"))
        action = LLMAction(
            destination_type=ContentType.objects.get_for_model(model),
            destination_path=values.pop("path"),
            prompt_template=template,
            **values,
        )
        action.sources = [
            LLMActionSource(sort_order=order, **source) for order, source in enumerate(sources)
        ]
        action.save()
        action.save_revision().publish()
