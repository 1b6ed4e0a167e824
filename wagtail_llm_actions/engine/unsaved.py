"""Runs on create forms: they get the identity of the object when it is saved."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from wagtail.models import AbstractPage

from wagtail_llm_actions.engine.provenance import log_adopted
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.models.texts import fitted


def adopt_runs(user: Any, form_token: str, instance: Model) -> None:
    """
    Give the user's runs on a create form the identity of the object that it was saved as.

    :param form_token: what the browser calls this opening of the form; without one nothing is
        certain, and nothing is done.
    """
    if not form_token:
        return
    identity = {
        "object_id": str(instance.pk),
        "object_repr": str(instance),
        "page_id": instance.pk if isinstance(instance, AbstractPage) else None,
    }
    runs = LLMActionHistory.objects.filter(
        user=user,
        form_token=form_token,
        object_id="",
        content_type=ContentType.objects.get_for_model(instance, for_concrete_model=False),
    )
    adopted = list(runs.select_related("decided_by", "restored_by"))
    LLMActionHistory.objects.filter(pk__in=[run.pk for run in adopted]).update(
        **fitted(LLMActionHistory, identity)
    )
    log_adopted(instance, adopted)
