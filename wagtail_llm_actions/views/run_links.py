"""What a run points to, as far as it is still there."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.models import Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An action, template or configuration that a run used, as it was then."""

    kind: str
    name: str
    number: int | None
    """The id of its revision."""
    url: str | None
    """Where that revision can be seen; ``None`` if it is gone or the user may not."""


def target_of(run) -> Model | None:
    """Return the object that a run was for, or ``None`` if it is gone or was never saved."""
    model = run.content_type.model_class() if run.content_type else None
    if model is None or not run.object_id:
        return None
    try:
        return model._default_manager.filter(pk=run.object_id).first()
    except (ValueError, ValidationError):  # the type of the key has changed since
        return None


def versions_of(run, urls) -> list[Version]:
    """
    Return what a run used, with links to the revisions that still exist.

    :param urls: the ``AdminURLFinder`` of the user.
    """
    used = [
        (gettext("LLM action"), run.action_name, run.action_revision_id, run.action),
        (
            gettext("Prompt template"),
            run.prompt_template_name,
            run.prompt_template_revision_id,
            run.prompt_template,
        ),
        (
            gettext("LLM configuration"),
            run.llm_config_name,
            run.llm_config_revision_id,
            run.llm_config,
        ),
    ]
    kept = _kept_revisions([number for _kind, _name, number, _row in used if number])
    return [
        Version(kind=kind, name=name, number=number, url=_revision_url(row, number, kept, urls))
        for kind, name, number, row in used
        if name
    ]


def _kept_revisions(numbers):
    return set(Revision.objects.filter(pk__in=numbers).values_list("pk", flat=True))


def _revision_url(row, number, kept, urls):
    if row is None or number not in kept or not urls.get_edit_url(row):
        return None
    return reverse(row.snippet_viewset.get_url_name("revisions_revert"), args=[row.pk, number])
