"""
The endpoints of the forms that actions and configurations are built in.

The form of the action is posted whole, so that it is tried as it stands, unsaved.
"""

from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from wagtail_llm_actions import engine, permissions
from wagtail_llm_actions.api.builder_schemas import TrialPreviewOut, TrialResultOut
from wagtail_llm_actions.api.streaming import introduction, stream_events
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.exceptions import PermissionRefusedError


def make_builder_router() -> Router:
    """Return the endpoints, without authentication of their own."""
    router = Router()
    router.post("/preview", response=TrialPreviewOut, url_name="api_trial_preview")(preview_trial)
    router.post("/runs", url_name="api_trials")(start_trial)
    router.get("/runs/{uuid:run_id}", response=TrialResultOut, url_name="api_trial")(show_trial)
    router.get("/models", response=list[str], url_name="api_provider_models")(list_models)
    return router


def preview_trial(request: HttpRequest, editor: str, key: str) -> TrialPreviewOut:
    """
    Say what the action of the posted form would send for an object.

    :param editor: the path of the form's action.
    :param key: the primary key of the object.
    """
    preview = engine.preview(_trial(request, editor, key))
    return TrialPreviewOut.of(preview, label=preview.run.destination_label)


def start_trial(request: HttpRequest, editor: str, key: str) -> StreamingHttpResponse:
    """Test the action of the posted form on an object: stream what happens, and apply nothing."""
    run = engine.prepare(_trial(request, editor, key))
    return stream_events(request, engine.execute(run), lambda: introduction(run))


def show_trial(request: HttpRequest, run_id: UUID) -> TrialResultOut:
    """Show the output of a test, with what the field says to it."""
    return TrialResultOut.of(engine.result_of(run_id, request.user))


def list_models(request: HttpRequest, provider: str) -> list[str]:
    """Name the models that a provider of the settings offers now."""
    user = request.user
    if not permissions.can_keep_configs(user):
        raise PermissionRefusedError(f"user {user.pk} may not keep LLM configurations")
    return engine.models_of(provider)


def _trial(request: HttpRequest, editor: str, key: str) -> engine.RunRequest:
    bound = find_editor(editor, request.user).bind(request.POST)
    return engine.trial_of(request.user, bound, key)
