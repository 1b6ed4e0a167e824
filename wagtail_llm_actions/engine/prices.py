"""What a run's tokens cost, and who says so."""

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.models import LLMConfig
from wagtail_llm_actions.pricing import Price, fixed_price, listed_price
from wagtail_llm_actions.providers import providers


def price_of(config: LLMConfig) -> Price | None:
    """
    Return what tokens cost; ``None`` if nobody knows.

    The configuration's own price wins; then comes what the settings say of models on own machines,
    then the price list.
    """
    if own := _own_price(config):
        return own
    provider, model_name = providers[config.provider], config.model_name
    if provider.is_self_hosted(model_name):
        return fixed_price(**settings.SELF_HOSTED_PRICE, source="settings")
    if not provider.price_list_url:
        return None
    return listed_price(model_name, provider.price_list_url)


def _own_price(config: LLMConfig) -> Price | None:
    if config.input_price is None or config.output_price is None:
        return None
    return fixed_price(
        config.input_price,
        config.output_price,
        config.cached_input_price,
        source=f"configuration {config.slug}",
    )
