"""
What an action, a template or a configuration says, as plain values.

Whatever it refers to is named by what is the same on another installation: slugs, types of objects,
the host of a site. The API, export and import speak of rows in these words.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from wagtail.models import Site

from wagtail_llm_actions.exceptions import RowInvalidError
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate
from wagtail_llm_actions.models.texts import storable, storable_json

PARAMETERS = ("temperature", "max_output_tokens", "extra_parameters")
PRICES = ("input_price", "output_price", "cached_input_price")
SCHEDULE = ("go_live_at", "expire_at")
FIELDS: dict[type[Model], tuple[str, ...]] = {
    LLMAction: (
        *("name", "slug", "object_type", "path", "site", "groups", "prompt_template"),
        *("llm_config", "output_mode", "answers_from_history"),
        *(*PARAMETERS, *SCHEDULE, "sources"),
    ),
    PromptTemplate: (
        *("name", "slug", "category", "description", "system_prompt", "prompt", *SCHEDULE),
    ),
    LLMConfig: (
        *("name", "slug", "provider", "model_name", "reads_images", "is_default", "takes_over"),
        *(*PRICES, *PARAMETERS, *SCHEDULE),
    ),
}
"""What can be said of a row."""
COLUMNS = {"object_type": "destination_type", "path": "destination_path"}
"""The names that are other ones in the form."""


def contents_of(row: Any) -> dict[str, Any]:
    """Return what a row says."""
    return {name: _written(row, name) for name in FIELDS[type(row)]}


def form_values(model: type[Model], contents: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return what is said of a row as its form takes it.

    :raises RowInvalidError: if it refers to what is not there.
    """
    values = {}
    for name in FIELDS[model]:
        if name in contents:
            read = READERS.get(name, storable_json)
            values[COLUMNS.get(name, name)] = (
                read_moment(name, contents[name]) if name in SCHEDULE else read(contents[name])
            )
    return values


def _written(row: Any, name: str) -> Any:
    match name:
        case "object_type":
            return type_name(row.destination_type)
        case "site":
            return site_name(row.site) if row.site else None
        case "groups":
            return sorted(group.name for group in row.groups.all())
        case "input_price" | "output_price" | "cached_input_price":
            price = getattr(row, name)
            return None if price is None else f"{price.normalize():f}"
        case "prompt_template":
            return row.prompt_template.slug if row.prompt_template_id else ""
        case "llm_config":
            return row.llm_config.slug if row.llm_config else None
        case "sources":
            return [
                {"path": source.path, "name": source.name, "required": source.required}
                for source in row.sources.all()
            ]
    return getattr(row, COLUMNS.get(name, name))


def type_name(content_type: ContentType) -> str:
    """Return the name of a type of objects: ``app_label.model``."""
    return f"{content_type.app_label}.{content_type.model}"


def site_name(site: Site) -> str:
    """Return the name of a site: ``host:port``."""
    return f"{site.hostname}:{site.port}"


def type_called(name: str) -> ContentType:
    """
    Return the type of objects of a name: ``app_label.model``.

    :raises RowInvalidError: if there is none.
    """
    try:
        model = apps.get_model(storable(name))
    except (LookupError, ValueError) as error:
        message = gettext("There is no type of object “%(name)s”.") % {"name": name}
        raise _unknown("object_type", message) from error
    return ContentType.objects.get_for_model(model, for_concrete_model=False)


def _read_type(name: str | None) -> Any:
    return type_called(name).pk if name else None


def _read_site(name: str | None) -> Any:
    if not name:
        return None
    host, _colon, port = storable(name).partition(":")
    number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else 80
    site = Site.objects.filter(hostname=host, port=number).first()
    if site is None:
        raise _unknown("site", gettext("There is no site “%(name)s”.") % {"name": name})
    return site.pk


def _read_groups(names: Sequence[str] | None) -> list[Any]:
    wanted = [storable(name) for name in names or ()]
    found = dict(Group.objects.filter(name__in=wanted).values_list("name", "pk"))
    for name in wanted:
        if name not in found:
            raise _unknown("groups", gettext("There is no group “%(name)s”.") % {"name": name})
    return [found[name] for name in wanted]


def _read_price(price: Any) -> str | None:
    return None if price is None else storable(str(price))


def read_moment(name: str, said: datetime | str | None) -> datetime | None:
    """
    Return a moment as the database takes it; one without an offset is of the time zone of the site.

    :param name: of what happens then.
    :raises RowInvalidError: if it is none, or nobody knows which one is meant.
    """
    if not said:
        return None
    try:
        return _moment(said)
    except (ValueError, OverflowError) as error:
        message = gettext("“%(said)s” is no moment: write it like 2026-01-31T12:00:00Z.")
        raise _unknown(name, message % {"said": said}) from error
    except ValidationError as error:
        message = gettext(
            "“%(said)s” comes twice or never where the clocks are changed. Add its offset: "
            "2026-01-31T12:00:00+01:00."
        )
        raise _unknown(name, message % {"said": said}) from error


def _moment(said: datetime | str) -> datetime:
    moment = said if isinstance(said, datetime) else parse_datetime(str(said))
    if moment is None:
        raise ValueError(f"{said!r} is no moment")
    if timezone.is_naive(timezone.now()):  # the site knows no time zones
        return timezone.make_naive(moment) if timezone.is_aware(moment) else moment
    return from_current_timezone(moment).astimezone(UTC)


def _read_template(slug: str | None) -> Any:
    return _key_of(PromptTemplate, slug, "prompt_template")


def _read_config(slug: str | None) -> Any:
    return _key_of(LLMConfig, slug, "llm_config")


def _key_of(model: Any, slug: str | None, field: str) -> Any:
    if not slug:
        return None
    row = model.objects.filter(slug=storable(slug)).first()
    if row is None:
        names = {"type": model._meta.verbose_name, "slug": slug}
        raise _unknown(field, gettext("There is no %(type)s “%(slug)s”.") % names)
    return row.pk


READERS: dict[str, Callable[[Any], Any]] = {
    "object_type": _read_type,
    "site": _read_site,
    "groups": _read_groups,
    **dict.fromkeys(PRICES, _read_price),
    "prompt_template": _read_template,
    "llm_config": _read_config,
}
"""What refers to something is read by its name; all else is taken as it is."""


def _unknown(field: str, message: str) -> RowInvalidError:
    return RowInvalidError(
        message, reasons=[message], fields={field: [message]}, user_message=message
    )
