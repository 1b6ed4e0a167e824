"""The published versions of prompt templates: which one a run used, and what changed since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from wagtail.models import ModelLogEntry, Revision

from wagtail_llm_actions.models import PromptTemplate
from wagtail_llm_actions.permissions import can_compare

MOST = 5
"""How many earlier versions of a template are offered to compare with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """A version of a prompt template that was published."""

    template_id: int
    revision_id: int
    number: int
    """Counted from the first one that was published."""
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChoice:
    """A live prompt template, with the earlier versions that the user may compare it with."""

    slug: str
    name: str
    system_prompt: str
    prompt: str
    versions: tuple[TemplateVersion, ...]
    """The latest first."""


def with_versions(templates: Iterable[PromptTemplate], user: Any) -> tuple[TemplateChoice, ...]:
    """Return templates to choose from; two queries for all their versions."""
    templates = list(templates)
    earlier = _earlier(templates) if can_compare(user, PromptTemplate) else {}
    return tuple(
        TemplateChoice(
            slug=template.slug,
            name=template.name,
            system_prompt=template.system_prompt,
            prompt=template.prompt,
            versions=tuple(earlier.get(template.pk, ())),
        )
        for template in templates
    )


def version_numbers(keys: Iterable[int | None]) -> dict[int, int]:
    """Return the number of each published version of some templates, by the key of its revision."""
    return {version.revision_id: version.number for version in _published(set(keys) - {None})}


def _earlier(templates: list[PromptTemplate]) -> dict[int, list[TemplateVersion]]:
    """Return the versions before the live one whose revisions are still there."""
    versions = _published({template.pk for template in templates})
    keys = [version.revision_id for version in versions]
    kept = set(Revision.objects.filter(pk__in=keys).values_list("pk", flat=True))
    kept -= {template.live_revision_id for template in templates}
    result: dict[int, list[TemplateVersion]] = {}
    for version in reversed(versions):
        found = result.setdefault(version.template_id, [])
        if version.revision_id in kept and len(found) < MOST:
            found.append(version)
    return result


def _published(keys: set[Any]) -> list[TemplateVersion]:
    """Return all versions that were published, the oldest first, as Wagtail's log has them."""
    if not keys:
        return []
    entries = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(PromptTemplate),
        object_id__in=[str(key) for key in keys],
        action="wagtail.publish",
        revision_id__isnull=False,
    )
    found: dict[int, TemplateVersion] = {}
    count: dict[int, int] = {}
    rows = entries.order_by("timestamp", "pk").values_list("object_id", "revision_id", "timestamp")
    for key, revision, at in rows:
        if revision not in found:
            template = int(key)
            count[template] = count.get(template, 0) + 1
            found[revision] = TemplateVersion(
                template_id=template,
                revision_id=revision,
                number=count[template],
                published_at=at,
            )
    return list(found.values())
