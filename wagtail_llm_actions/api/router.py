"""
The endpoints. Each parses its input, calls one engine function and presents what it yields.

Runs are made from the page editor's own form, posted whole, so unsaved edits count.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from ninja import NinjaAPI, Router
from ninja.security import django_auth

from wagtail_llm_actions import engine, permissions
from wagtail_llm_actions.api.builder import make_builder_router
from wagtail_llm_actions.api.errors import answer_errors
from wagtail_llm_actions.api.field_schemas import (
    ActionOut,
    FieldsIn,
    FieldsOut,
    FieldStateOut,
    TemplateOut,
)
from wagtail_llm_actions.api.request_schemas import (
    ActionIn,
    PreviewOut,
    RightsOut,
    RunChangesIn,
    TemplateChoiceOut,
    TemplateIn,
)
from wagtail_llm_actions.api.run_schemas import (
    DecisionIn,
    Mode,
    PastRunsOut,
    PresentationOut,
    RunOut,
)
from wagtail_llm_actions.api.streaming import introduction, stream_events
from wagtail_llm_actions.content import BoundEditor, Editor, find_editor
from wagtail_llm_actions.exceptions import PermissionRefusedError
from wagtail_llm_actions.models import LLMAction, PromptTemplate
from wagtail_llm_actions.values import FieldKind, OutputMode

MENDED = "llm-mended"
"""The name of the text, beside the form's own, that a person made of an output."""


CHANGES = "llm-changes"
"""The name of what is otherwise than in the action, beside the form's own, as JSON."""


FEEDBACK = "llm-feedback"
"""The name of what is to be revised in an output, beside the form's own."""


def make_api() -> NinjaAPI:
    """Return the API as it is mounted in Wagtail's admin: session and CSRF token."""
    api = NinjaAPI(
        title="LLM actions",
        urls_namespace="llm_actions_api",
        auth=django_auth,
        docs_url=None,
        openapi_url=None,
    )
    api.add_router("", make_router())
    api.add_router("/builder", make_builder_router())
    answer_errors(api)
    return api


def make_router() -> Router:
    """Return the endpoints, without authentication of their own."""
    router = Router()
    router.post("/fields", response=FieldsOut, url_name="api_fields")(fields)
    router.post("/preview", response=PreviewOut, url_name="api_preview")(preview_run)
    router.get("/models", response=list[str], url_name="api_models")(list_models)
    router.post("/actions/save", response=ActionOut, url_name="api_save_action")(save_action)
    router.post("/actions/delete", url_name="api_delete_action")(delete_action)
    router.post("/templates/save", response=TemplateChoiceOut, url_name="api_save_template")(
        save_template
    )
    router.post("/runs", url_name="api_runs")(start_run)
    router.get("/runs", response=PastRunsOut, url_name="api_past_runs")(list_past_runs)
    router.get("/runs/{uuid:run_id}", response=RunOut, url_name="api_run")(show_run)
    router.post("/runs/{uuid:run_id}/present", response=PresentationOut, url_name="api_present")(
        present_run
    )
    router.post("/runs/{uuid:run_id}/decide", response=RunOut, url_name="api_decide")(decide_run)
    router.post("/runs/{uuid:run_id}/cancel", response=RunOut, url_name="api_cancel")(cancel_run)
    router.post("/runs/{uuid:run_id}/restored", response=RunOut, url_name="api_restored")(
        note_restored
    )
    return router


def fields(request: HttpRequest, asked: FieldsIn) -> FieldsOut:
    """Say what every field of a form shows."""
    user = request.user
    enabled, may_run = engine.is_switched_on(), permissions.can_run(user)
    may_add = permissions.can_configure(user)
    states, add_url, templates = {}, "", []
    if enabled and (may_run or may_add):
        editor = find_editor(asked.editor, user)
        paths = {field.address: field.path for field in asked.fields}
        numbered = {field.address: field.numbered for field in asked.fields if field.numbered}
        states = engine.field_states(editor, paths, numbered)
        add_url = _add_url(editor) if may_add else ""
        if may_run and any(state.kind == FieldKind.RICH_TEXT for state in states.values()):
            templates = engine.selection_templates()
    return FieldsOut(
        enabled=enabled,
        may_run=may_run,
        may_add=may_add,
        may_customise=permissions.can_customise(user),
        add_url=add_url,
        selection_templates=[TemplateOut.of(template) for template in templates],
        fields={address: FieldStateOut.of(state) for address, state in states.items()},
    )


def preview_run(request: HttpRequest, editor: str, address: str, template: str = "") -> PreviewOut:
    """
    Say what a run on the posted form would send, and what of it can be changed.

    With ``llm-changes``, posted beside the form, what it would send with them.
    """
    user, bound = request.user, _bind(request, editor)
    if not permissions.can_run(user):
        raise PermissionRefusedError(f"user {user.pk} may not run LLM actions")
    preview = engine.preview(_wish(request, bound, address, template=template))
    may_change = permissions.can_customise(user) and not template
    rights = _rights(user, preview.action) if may_change else RightsOut()
    return PreviewOut.of_field(
        preview,
        engine.choices(bound, address) if may_change else None,
        rights=rights,
        edit_url=_edit_url(preview.action) if rights.save and preview.action else "",
        serves=engine.serves(preview.action or bound.editor),
    )


def list_models(request: HttpRequest, config: str = "") -> list[str]:
    """
    Name the models that the provider of an LLM configuration offers now.

    :param config: its slug; blank for the default one.
    """
    if not permissions.can_customise(request.user):
        raise PermissionRefusedError(f"user {request.user.pk} may not change what is sent")
    return engine.model_names(config)


def save_action(request: HttpRequest, editor: str, path: str, wanted: ActionIn) -> ActionOut:
    """
    Save what was changed in the action of a field, or make its first one, and publish it.

    It may become the action of another field, or another action.
    """
    user = request.user
    action = engine.save_action(
        user,
        find_editor(editor, user),
        path,
        wanted.changes.value(),
        template_name=wanted.template_name,
        destination=wanted.destination,
        as_new=wanted.as_new,
        version=wanted.version,
    )
    return ActionOut.of(action)


def delete_action(
    request: HttpRequest, editor: str, path: str, version: str | None = None
) -> HttpResponse:
    """Delete the action of a field; with the version that was shown, no other."""
    user = request.user
    engine.delete_action(user, find_editor(editor, user), path, version=version)
    return HttpResponse(status=204)


def save_template(request: HttpRequest, template: TemplateIn) -> TemplateChoiceOut:
    """Save a prompt as a template of its own, and publish it."""
    return TemplateChoiceOut.from_orm(engine.save_template(request.user, **template.dict()))


def start_run(
    request: HttpRequest,
    editor: str,
    address: str,
    retry_of: UUID | None = None,
    template: str = "",
    accept_cut: bool = False,
) -> StreamingHttpResponse:
    """
    Prepare a run from the posted form, then stream what happens.

    With a template, the run is one of what is selected in the field, which is posted beside the
    form, as ``llm-selection``. With ``llm-feedback`` the model is asked to revise the output of the
    run to retry, or what the user has made of it, ``llm-mended``. With ``llm-changes`` something is
    otherwise than in the action, for this run only: JSON, see ``RunChangesIn``.
    """
    with engine.refusals_recorded(request.user, editor, address):
        bound = _bind(request, editor)
    run = engine.prepare(
        _wish(request, bound, address, retry_of=retry_of, template=template, accept_cut=accept_cut)
    )
    return stream_events(request, engine.execute(run), lambda: introduction(run))


def list_past_runs(
    request: HttpRequest, editor: str, address: str, form_token: str = ""
) -> PastRunsOut:
    """List the last runs on a field, those on a create form by the form's token."""
    opened = find_editor(editor, request.user)
    return PastRunsOut.of(engine.past_runs(opened, address, form_token), opened)


def show_run(request: HttpRequest, run_id: UUID) -> RunOut:
    """Show one run."""
    engine.sweep()
    return RunOut.of(engine.find_run(run_id, request.user))


def present_run(
    request: HttpRequest,
    run_id: UUID,
    editor: str,
    address: str,
    mode: Mode | None = None,
    restore: bool = False,
) -> PresentationOut:
    """
    Put an output into the posted form and return what the browser applies.

    The user's own version of the output is posted beside the form, as ``llm-mended``. With
    ``restore`` it is what the field said before the run, instead of the output.
    """
    bound, mended = _bind(request, editor), request.POST.get(MENDED)
    if restore:
        presentation = engine.present_before(run_id, request.user, bound, address, mended)
    else:
        used = OutputMode(mode) if mode else None
        presentation = engine.present(run_id, request.user, bound, address, mended, mode=used)
    return PresentationOut.from_orm(presentation)


def note_restored(request: HttpRequest, run_id: UUID) -> RunOut:
    """Record that what the field held before a run was put back."""
    return RunOut.of(engine.note_restored(run_id, request.user))


def decide_run(request: HttpRequest, run_id: UUID, decision: DecisionIn) -> RunOut:
    """Record what became of an output."""
    run = engine.decide(
        run_id, request.user, decision.value(), decision.mended, decision.output_mode()
    )
    return RunOut.of(run)


def cancel_run(request: HttpRequest, run_id: UUID) -> RunOut:
    """Ask for the end of a run."""
    return RunOut.of(engine.cancel(run_id, request.user))


def _bind(request: HttpRequest, editor: str) -> BoundEditor:
    return find_editor(editor, request.user).bind(request.POST)


def _wish(request: HttpRequest, bound: BoundEditor, address: str, **more: Any) -> engine.RunRequest:
    """Return the run that is asked for."""
    post = request.POST
    return engine.RunRequest(
        user=request.user,
        bound=bound,
        address=address,
        feedback=post.get(FEEDBACK, ""),
        draft=post.get(MENDED, ""),
        changes=RunChangesIn.read(post.get(CHANGES, "")),
        **more,
    )


def _add_url(editor: Editor) -> str:
    """Return where an action for this type of object is added; the browser names the field."""
    url = reverse("wagtailsnippets_wagtail_llm_actions_llmaction:add")
    return f"{url}?{urlencode({'destination_type': editor.content_types[0].pk})}"


def _rights(user: Any, action: LLMAction | None) -> RightsOut:
    """Return what a user may do with the action of a field, and with what was tried there."""
    return RightsOut(
        save=permissions.can_save(user, action),
        save_as=action is not None and permissions.can_save(user, None),
        save_template=permissions.can_save(user, None, PromptTemplate),
        delete=action is not None and permissions.can_delete(user, action),
    )


def _edit_url(action: LLMAction) -> str:
    return reverse("wagtailsnippets_wagtail_llm_actions_llmaction:edit", args=[quote(action.pk)])
