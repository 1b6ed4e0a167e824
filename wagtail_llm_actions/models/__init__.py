"""The rows: what admins configure, and what happened."""

from wagtail_llm_actions.models.actions import LLMAction, LLMActionSource
from wagtail_llm_actions.models.attempts import LLMActionAttempt
from wagtail_llm_actions.models.configs import LLMConfig
from wagtail_llm_actions.models.idempotency import IdempotencyKey
from wagtail_llm_actions.models.limits import LLMLimit, LLMLimitCounter
from wagtail_llm_actions.models.runs import LLMActionHistory
from wagtail_llm_actions.models.switch import LLMActionsSwitch
from wagtail_llm_actions.models.templates import PromptTemplate

__all__ = [
    "IdempotencyKey",
    "LLMAction",
    "LLMActionAttempt",
    "LLMActionHistory",
    "LLMActionSource",
    "LLMActionsSwitch",
    "LLMConfig",
    "LLMLimit",
    "LLMLimitCounter",
    "PromptTemplate",
]
