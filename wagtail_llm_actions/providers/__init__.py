"""Services that answer prompts, by alias: ``providers["default"].stream(request)``."""

from wagtail_llm_actions.providers.handler import ProviderHandler

providers = ProviderHandler()

__all__ = ["providers"]
