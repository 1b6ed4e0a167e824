"""
Who may do what: run LLM actions, configure them, see what others ran, switch everything off.

Whether a user may edit one object or one field is Wagtail's to say; ``content`` asks it.
"""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.models import CharField, Func, Model, Q, QuerySet, TextField, UUIDField, Value
from django.db.models.functions import Cast, Concat, Substr
from django.db.models.lookups import Contains
from wagtail.models import get_page_models
from wagtail.permissions import page_permission_policy
from wagtail.snippets.models import get_snippet_models

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.content.guards import hidden_paths
from wagtail_llm_actions.content.media import media_models
from wagtail_llm_actions.content.site_settings import setting_models
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMConfig, LLMLimit
from wagtail_llm_actions.sites import may_keep, own_sites

APP = "wagtail_llm_actions"
NONE = Q(pk__in=[])
SEEING = ("view", "add", "change", "delete")
"""Who has any of these rights sees the rows, as in the admin."""
UUID_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
"""Where the parts of a UUID begin among its 32 digits, and how long they are."""


def can_run(user) -> bool:
    """Return whether ``user`` may run LLM actions on what they may edit."""
    return user.is_active and user.has_perm(f"{APP}.run_llmaction")


def barred(user, actions: Iterable[LLMAction]) -> dict[int, list[str]]:
    """Return the saved actions that are for members of groups which ``user`` is not in, with their names."""
    if user.is_superuser:
        return {}
    memberships = LLMAction.groups.through.objects.filter(llmaction__in=actions)
    groups: dict[int, dict[int, str]] = {}
    for action, group, name in memberships.values_list("llmaction", "group", "group__name"):
        groups.setdefault(action, {})[group] = name
    own = set(user.groups.values_list("pk", flat=True)) if groups else set()
    return {
        action: list(names.values()) for action, names in groups.items() if own.isdisjoint(names)
    }


def can_customise(user) -> bool:
    """Return whether ``user`` may change what is sent, for one run of theirs."""
    return can_run(user) and user.has_perm(f"{APP}.customise_llmaction")


def can_configure(user) -> bool:
    """Return whether ``user`` may add LLM actions."""
    return user.is_active and permission_policy_for(LLMAction).user_has_permission(user, "add")


def can_build(user) -> bool:
    """Return whether ``user`` may add LLM actions, or change those that are there."""
    policy = permission_policy_for(LLMAction)
    return user.is_active and policy.user_has_any_permission(user, ["add", "change"])


def can_try(user) -> bool:
    """Return whether ``user`` may run an LLM action as its form stands, before it is saved."""
    return can_customise(user) and can_build(user)


def can_keep_configs(user) -> bool:
    """Return whether ``user`` may add LLM configurations, or change those that are there."""
    policy = permission_policy_for(LLMConfig)
    return user.is_active and policy.user_has_any_permission(user, ["add", "change"])


def can_choose(user, model: type[Model]) -> bool:
    """Return whether ``user`` may be told which rows of ``model`` there are, to choose one."""
    sees = permission_policy_for(model).user_has_any_permission(user, SEEING)
    keeper = permission_policy_for(LLMLimit if model is LLMAction else LLMAction)
    return user.is_active and (sees or keeper.user_has_any_permission(user, ["add", "change"]))


def can_compare(user, model: type[Model]) -> bool:
    """Return whether ``user`` may see what changed between the versions of such rows."""
    policy = permission_policy_for(model)
    return user.is_active and policy.user_has_permission(user, "change")


def can_save(user, row: Model | None, model: type[Model] = LLMAction) -> bool:
    """
    Return whether ``user`` may save and publish a row.

    :param row: one that is there; ``None`` for a new one of ``model``.
    """
    policy = permission_policy_for(type(row) if row else model)
    needed = ("publish", "change" if row else "add")
    if row is not None and not may_keep(user, row):
        return False
    return user.is_active and all(policy.user_has_permission(user, name) for name in needed)


def can_delete(user, row: Model) -> bool:
    """Return whether ``user`` may delete a row."""
    policy = permission_policy_for(type(row))
    return user.is_active and policy.user_has_permission(user, "delete") and may_keep(user, row)


def can_turn(user, row: LLMAction | None = None) -> bool:
    """
    Return whether ``user`` may enable and disable LLM actions.

    :param row: one of them; ``None`` for any.
    """
    if not user.is_active or not permission_policy_for(LLMAction).user_has_permission(
        user, "change"
    ):
        return False
    return row is None or may_keep(user, row)


def can_see_all_runs(user) -> bool:
    """Return whether ``user`` may see every run on their sites, also those of deleted objects."""
    return user.is_active and user.has_perm(f"{APP}.view_llmactionhistory")


def can_see_costs(user) -> bool:
    """Return whether ``user`` may see prices, what runs cost, and budgets."""
    return user.is_active and user.has_perm(f"{APP}.view_llmcost")


def can_open_history(user) -> bool:
    """Return whether the run history is there for ``user``; which runs it shows is another matter."""
    return can_run(user) or can_configure(user) or can_see_all_runs(user)


def can_switch(user) -> bool:
    """Return whether ``user`` may turn all LLM actions off and on."""
    return user.is_active and user.has_perm(f"{APP}.change_llmactionsswitch")


def visible_runs(user, queryset: QuerySet | None = None) -> QuerySet:
    """
    Return the runs that ``user`` may see, since a run quotes what its object says.

    Everybody sees their own; who may edit an object sees the runs of others on it, but for those
    that wrote or read a field which the edit form does not show them; all runs, and with them
    those of deleted objects, need :func:`can_see_all_runs`. Where sites are kept apart, nobody sees
    the runs of others on a site that is not theirs.
    """
    runs = LLMActionHistory.objects.all() if queryset is None else queryset
    if not user.is_active:
        return runs.none()
    if not can_see_all_runs(user):
        return own_runs(user, runs)
    sites = own_sites(user)
    return runs if sites is None else runs.filter(_owned_by(user) | Q(site__in=sites))


def own_runs(user, queryset: QuerySet | None = None) -> QuerySet:
    """
    Return the runs that are ``user``'s to cancel and to decide on.

    They are what they started themselves, and what others ran on objects that they may edit. To see
    every run is not enough.
    """
    runs = LLMActionHistory.objects.all() if queryset is None else queryset
    if not user.is_active:
        return runs.none()
    if user.is_superuser:
        return runs
    return runs.filter(_owned_by(user))


def _owned_by(user) -> Q:
    others = [*get_snippet_models(), *media_models().values(), *setting_models()]
    others = [model for model in others if _may_change(user, model)]
    editable = _on_editable_pages(user) | _on_editable_objects(user, others)
    hidden = about_hidden_fields(user, [*get_page_models(), *others])
    shared, sites = editable & ~hidden, own_sites(user)
    if sites is not None:
        shared &= Q(site=None) | Q(site__in=sites)
    return Q(user=user) | shared


def about_hidden_fields(user, models: Iterable[type[Model]]) -> Q:
    """Return the runs on these models that wrote or read a field which ``user`` may not see."""
    condition = NONE
    for model in models:
        for path in hidden_paths(model, user):
            condition |= Q(object_type=model._meta.label_lower) & _about(path)
    return condition


def _about(path: str) -> Q:
    """Return the runs that wrote a field, or read it, or something that it is in."""
    steps = path.split(".")
    above = [".".join(steps[:depth]) for depth in range(1, len(steps))]
    condition = Q(destination_path=path) | Q(destination_path__startswith=f"{path}.")
    for beginning in (f'{path}"', f"{path}.", '@content"', *(f'{outer}"' for outer in above)):
        # As JSON is written: the text of a source cannot hold it, its quotes are escaped.
        condition |= Q(Contains(Cast("sources", TextField()), f'"path": "{beginning}'))
    return condition


def _on_editable_pages(user) -> Q:
    pages = page_permission_policy.instances_user_has_permission_for(user, "change")
    return Q(page_id__in=pages.values("pk"))


def _may_change(user, model) -> bool:
    return permission_policy_for(model).user_has_permission(user, "change")


def _on_editable_objects(user, models: Iterable[type[Model]]) -> Q:
    condition = NONE
    for model in models:
        policy = permission_policy_for(model)
        keys = _keys_as_text(policy.instances_user_has_permission_for(user, "change"))
        content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
        condition |= Q(content_type=content_type, object_id__in=keys)
    return condition


def _keys_as_text(instances: QuerySet) -> QuerySet:
    """Return the primary keys as runs hold them: UUIDs with hyphens, also from 32 digits."""
    key: Func = Cast("pk", CharField())
    is_uuid = isinstance(instances.model._meta.pk, UUIDField)
    if is_uuid and not connections[instances.db].features.has_native_uuid_field:
        parts = (Substr(key, start, length) for start, length in UUID_PARTS)
        key = Concat(next(parts), *(text for part in parts for text in (Value("-"), part)))
    return instances.annotate(_key=key).values("_key")
