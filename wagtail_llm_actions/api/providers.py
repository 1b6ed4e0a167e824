"""The endpoints of the providers in the settings: what they are called and what they can do."""

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from wagtail_llm_actions import engine
from wagtail_llm_actions.api.errors import answers


class ProviderOut(Schema):
    """A provider; where it is and its key stay in the settings."""

    alias: str = Field(examples=["default"])
    service: str = Field(examples=["Ollama"])
    abilities: list[str] = Field(examples=[["schema", "images"]])
    allowed_parameters: list[str] = Field(examples=[["top_p"]])
    problem: str
    """What is wrong with its settings, for a person; blank if nothing."""


def make_providers_router() -> Router:
    """Return the endpoints."""
    router = Router(tags=["providers"])
    router.get(
        "",
        response=answers(ok=list[ProviderOut]),
        url_name="providers",
        operation_id="get_providers",
        summary="List the providers of the settings",
    )(list_providers)
    router.get(
        "/{str:alias}/models",
        response=answers(ok=list[str]),
        url_name="provider_models",
        operation_id="get_provider_models",
        summary="List the models that a provider offers now",
    )(list_models)
    return router


def list_providers(request: HttpRequest) -> list[ProviderOut]:
    """List the providers of the settings, for who may keep LLM configurations."""
    return [ProviderOut.from_orm(one) for one in engine.providers_for(request.user)]


def list_models(request: HttpRequest, alias: str) -> list[str]:
    """Ask a provider which models it offers now, for who may keep LLM configurations."""
    return engine.offered_models(request.user, alias)
