"""Whether anything may run at all."""

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.exceptions import SwitchedOffError
from wagtail_llm_actions.models import LLMActionsSwitch


def is_switched_on() -> bool:
    """Return whether neither the setting nor an admin has turned LLM actions off."""
    return settings.ENABLED and LLMActionsSwitch.is_on()


def require_switched_on() -> None:
    """
    Let nothing through while LLM actions are turned off.

    :raises SwitchedOffError: if the setting or an admin has turned them off.
    """
    if not settings.ENABLED:
        raise SwitchedOffError("switched off by setting")
    if not LLMActionsSwitch.is_on():
        raise SwitchedOffError("switched off by an admin")
