"""What the run history can be narrowed down to."""

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, DateFromToRangeFilter, MultipleChoiceFilter
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.permissions import visible_runs
from wagtail_llm_actions.values import Decision, RunStatus

OCCURRING = ("site_name", "action_slug", "action_name", "username", "model_name", "object_type")
NONE = ((),) * len(OCCURRING)


def _choices(field_name, label, choices=()):
    return MultipleChoiceFilter(
        field_name=field_name,
        label=label,
        choices=choices,
        distinct=False,
        widget=forms.CheckboxSelectMultiple,
    )


class RunFilterSet(WagtailFilterSet):
    """
    Filters over the run history.

    They offer what occurs in the runs that the user may see, also names that exist nowhere else
    any more.
    """

    created_at = DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)
    status = _choices("status", _("Status"), RunStatus.choices)
    decision = _choices(
        "decision", _("Decision"), [choice for choice in Decision.choices if choice[0]]
    )
    site = _choices("site_name", _("Site"))
    action = _choices("action_slug", _("LLM action"))
    user = _choices("username", _("User"))
    model_name = _choices("model_name", _("Model"))
    object_type = _choices("object_type", _("Object type"))
    object_id = CharFilter(label=_("Object ID"))

    class Meta:
        model = LLMActionHistory
        fields = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        runs = visible_runs(self.request.user).order_by()
        occurring = list(runs.values_list(*OCCURRING).distinct())  # one look at a long history
        sites, slugs, names, users, models, types = (
            zip(*occurring, strict=True) if occurring else NONE
        )
        self._offer("site", zip(sites, sites, strict=True))
        self._offer("action", zip(slugs, names, strict=True))
        self._offer("user", zip(users, users, strict=True))
        self._offer("model_name", zip(models, models, strict=True))
        self._offer("object_type", ((value, type_label(value)) for value in set(types) - {""}))

    def _offer(self, name, choices):
        named = {value: label for value, label in choices if value}
        self.filters[name].extra["choices"] = sorted(
            named.items(), key=lambda choice: choice[1].casefold()
        )


def type_label(object_type: str) -> str:
    """
    Return the name of an object type for people; of one that is gone, what is known.

    :param object_type: ``app_label.model``.
    """
    app_label, _dot, model = object_type.partition(".")
    try:
        content_type = ContentType.objects.get_by_natural_key(app_label, model)
    except ContentType.DoesNotExist:
        return object_type
    model_class = content_type.model_class()
    return str(capfirst(model_class._meta.verbose_name)) if model_class else object_type
