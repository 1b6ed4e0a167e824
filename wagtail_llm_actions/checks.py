"""
System checks: what is wrong with the settings and rows, before first use.

The settings are checked always. The rows are checked with the tag ``database`` only, and only
where every migration has been applied; they warn, because a row that somebody edited must not keep
a site from being deployed.

The app config registers the checks by name: what they look into takes long to import.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from django.core import checks
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.db.migrations.loader import MigrationLoader
from django.utils.module_loading import import_string
from django.utils.timezone import get_default_timezone_name

from wagtail_llm_actions.conf import DEFAULTS, NAME, settings
from wagtail_llm_actions.content import resolve_path
from wagtail_llm_actions.content.broken_paths import closest_destination, closest_source
from wagtail_llm_actions.content.naming import means_something
from wagtail_llm_actions.content.source_paths import source_label
from wagtail_llm_actions.exceptions import ContentError, PromptError
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate
from wagtail_llm_actions.prompts import check_template, variables_of
from wagtail_llm_actions.providers import providers

APP = "wagtail_llm_actions"
ROW_APPS = {APP, "contenttypes", "wagtailcore"}


def check_settings(app_configs, **kwargs) -> list[CheckMessage]:
    """Check the setting, and ask each provider what is wrong with its own part."""
    if app_configs is not None and APP not in {config.name for config in app_configs}:
        return []
    try:
        found = [*_check_keys(), *_check_values()]
        found += _check_api()
    except ImproperlyConfigured as error:
        hint = "See the settings reference in the documentation."
        return [checks.Error(str(error), hint=hint, id=f"{APP}.E001")]
    if not settings.ENABLED:
        return found
    return [*found, *(_check_names() if not found else ()), *_check_providers()]


def check_rows(app_configs, databases=None, **kwargs) -> list[CheckMessage]:
    """Check the published rows."""
    alias = router.db_for_read(LLMAction)
    if not databases or alias not in databases or not settings.ENABLED:
        return []
    if not _is_migrated(connections[alias]):
        return []
    actions = list(
        LLMAction.objects.live()
        .filter(enabled=True)
        .select_related("destination_type", "prompt_template", "llm_config")
        .prefetch_related("sources")
    )
    default = LLMConfig.objects.default()
    return [
        *_check_time_zones(connections[alias]),
        *chain.from_iterable(map(_check_config, LLMConfig.objects.live())),
        *chain.from_iterable(map(_check_template, PromptTemplate.objects.filter(live=True))),
        *_check_default(actions, default),
        *chain.from_iterable(_check_action(action, default) for action in actions),
    ]


def _check_keys() -> Iterator[CheckMessage]:
    for path in settings.unknown_keys():
        known = ", ".join(sorted(DEFAULTS))
        yield checks.Error(f"{path} is no setting.", hint=f"Known are: {known}.", id=f"{APP}.E002")


def _check_values() -> Iterator[CheckMessage]:
    for key in DEFAULTS:
        try:
            getattr(settings, key)
            if isinstance(DEFAULTS[key], bool):
                settings.flag(key)
        except ImproperlyConfigured as error:
            hint = "Correct it, or leave the key away to use the default."
            yield checks.Error(str(error), hint=hint, id=f"{APP}.E003")


def _check_names() -> Iterator[CheckMessage]:
    """Warn of names that mean nothing: what they were to protect is not protected."""
    for key, names in (("OPTED_OUT", settings.OPTED_OUT), ("DATA_CLASSES", settings.DATA_CLASSES)):
        for name in names:
            if not means_something(name):
                yield checks.Warning(
                    f"{NAME}['{key}'] names {name!r}, which is no type, field or class.",
                    hint="Write “app_label.Model”, “app_label.Model.field” or a dotted class.",
                    id=f"{APP}.W007",
                )


def _check_api() -> Iterator[CheckMessage]:
    try:
        path = settings.API_AUTHENTICATION
        if path:
            import_string(path)
    except ImportError as error:
        yield checks.Error(
            f"{NAME}['API_AUTHENTICATION']: {error}",
            hint="It is the dotted path of what reads the tokens of the API.",
            id=f"{APP}.E007",
        )
    except ImproperlyConfigured:
        return  # said already


def _check_providers() -> list[CheckMessage]:
    if not isinstance(settings.PROVIDERS, dict):
        hint = "It maps each alias to a dictionary with a BACKEND and OPTIONS."
        return [
            checks.Error(f"{NAME}['PROVIDERS'] must be a dictionary.", hint=hint, id=f"{APP}.E004")
        ]
    if not settings.PROVIDERS:
        hint = "Leave the key away to use Ollama on this machine, or name a provider."
        return [checks.Warning(f"{NAME}['PROVIDERS'] is empty.", hint=hint, id=f"{APP}.W005")]
    return list(chain.from_iterable(map(_check_provider, settings.PROVIDERS)))


def _check_provider(alias) -> list[CheckMessage]:
    try:
        return providers[alias].check()
    except ImproperlyConfigured as error:
        hint = (
            "See the settings reference in the documentation for the providers and their options."
        )
        return [checks.Error(str(error), hint=hint, id=f"{APP}.E006")]


def _is_migrated(connection) -> bool:
    applied = MigrationLoader(connection)
    wanted = {key for key in applied.graph.nodes if key[0] in ROW_APPS}
    return wanted <= set(applied.applied_migrations) and _table_exists(connection)


def _table_exists(connection) -> bool:
    return LLMAction._meta.db_table in connection.introspection.table_names()


def _check_time_zones(connection) -> Iterator[CheckMessage]:
    zone = get_default_timezone_name()
    if zone != connection.timezone_name and not connection.features.has_zoneinfo_database:
        yield checks.Warning(
            f"The database does not know the time zone {zone!r}: what runs have used cannot be told "
            "by day.",
            hint="Load the time zone tables of MySQL, with mysql_tzinfo_to_sql.",
            id=f"{APP}.W019",
        )


def _check_config(config) -> Iterator[CheckMessage]:
    if config.provider not in providers:
        yield checks.Warning(
            f"The LLM configuration {config.slug!r} uses the provider {config.provider!r}, which "
            f"{NAME}['PROVIDERS'] does not have.",
            hint=f"Add it there, or choose another in the configuration: {_names(providers)}.",
            obj=config,
            id=f"{APP}.W010",
        )
    yield from _check_parameters(config, config.provider)


def _check_parameters(row, alias) -> Iterator[CheckMessage]:
    if not row.extra_parameters or alias not in providers:
        return
    try:
        allowed = providers[alias].allowed_parameters
    except ImproperlyConfigured:
        return  # check_settings says it
    if refused := set(row.extra_parameters) - allowed:
        yield checks.Warning(
            f"The extra parameters of {row.slug!r} are not allowed: {_names(refused)}.",
            hint=f"Take them away. The provider {alias!r} allows: {_names(allowed)}.",
            obj=row,
            id=f"{APP}.W011",
        )


def _check_template(template) -> Iterator[CheckMessage]:
    for text in (template.system_prompt, template.prompt):
        try:
            variables_of(text)
        except PromptError as error:
            yield checks.Warning(
                f"The prompt template {template.slug!r} has an error: {error}.",
                hint="Correct the text in the admin and publish it.",
                obj=template,
                id=f"{APP}.W012",
            )


def _check_default(actions, default) -> Iterator[CheckMessage]:
    needy = [action.slug for action in actions if action.llm_config_id is None]
    if needy and default is None:
        yield checks.Warning(
            f"No LLM configuration is the default, and these LLM actions need one: {_names(needy)}.",
            hint="Tick “default” in a configuration and publish it.",
            id=f"{APP}.W013",
        )


def _check_action(action, default) -> Iterator[CheckMessage]:
    config = action.llm_config or default
    if config is not None:
        if problem := action.state_problem(default):
            hint = "Publish what it uses, or choose something else in the action."
            yield _about(action, f"cannot run: {problem.rstrip('.')}", hint, "W014")
        yield from _check_parameters(action, config.provider)
    model = action.destination_type.model_class()
    if model is None:
        gone = f"{action.destination_type.app_label}.{action.destination_type.model}"
        hint = "Delete the action, or choose another content type."
        yield _about(action, f"is for {gone}, which does not exist any more", hint, "W015")
        return
    yield from _check_paths(action, model)
    yield from _check_variables(action)


def _check_paths(action, model) -> Iterator[CheckMessage]:
    path = action.destination_path
    try:
        resolve_path(model, path)
    except ContentError as error:
        hint = _renamed(closest_destination(model, path))
        yield _about(action, f"fills {path!r}, which it cannot: {error}", hint, "W016")
    for source in action.sources.all():
        try:
            source_label(model, source.path)
        except ContentError as error:
            hint = _renamed(closest_source(model, source.path))
            problem = f"reads {source.path!r}, which it cannot: {error}"
            yield _about(action, problem, hint, "W017")


def _renamed(new_path) -> str:
    question = f"Is it called {new_path!r} now?" if new_path else "Was the field renamed?"
    return f"{question} Change it in the action and publish it."


def _check_variables(action) -> Iterator[CheckMessage]:
    template = action.prompt_template
    names = [source.name for source in action.sources.all()]
    for text in (template.system_prompt, template.prompt):
        try:
            check_template(text, names)
        except PromptError as error:
            if error.code == "unknown_variable":
                problem = f"has a template, {template.slug!r}, with an unknown variable: {error}"
                hint = f"Add a source with this name, or use one of: {_names(names)}."
                yield _about(action, problem, hint, "W018")


def _about(action, problem, hint, number) -> CheckMessage:
    message = f"The LLM action {action.slug!r} {problem}."
    return checks.Warning(message, hint=hint, obj=action, id=f"{APP}.{number}")


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(repr, names))) or "none"
