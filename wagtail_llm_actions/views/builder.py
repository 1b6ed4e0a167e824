"""
What the form of an LLM action fetches when its type or field is chosen, as HTML.

It is the answer to a choice, never to a key that is pressed.
"""

import json

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext
from django.views.generic import TemplateView
from wagtail.admin.widgets import AdminPageChooser
from wagtail.models import AbstractPage

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.content.candidates import latest_first
from wagtail_llm_actions.content.kinds import LABEL_SEPARATOR
from wagtail_llm_actions.content.outline import (
    destinations_in,
    parent_sources_of,
    sources_in,
    special_sources_of,
)
from wagtail_llm_actions.engine import Wanted, conflicts_of, served_by
from wagtail_llm_actions.engine.changes import action_name, sources_at
from wagtail_llm_actions.permissions import can_build
from wagtail_llm_actions.sites import sites_for
from wagtail_llm_actions.views.enabling import edit_url
from wagtail_llm_actions.views.forms.destinations import destination_choices, type_label

MOST_OBJECTS = 50
"""How many objects that are no pages are offered to try an action on."""
MOST_PARENT_SOURCES = 30
"""How many fields of the page above are offered; others can be typed."""
CHOOSER_ID = "llm-trial-object"


class BuilderView(TemplateView):
    """Answers who may add or change LLM actions, about a type that an action may be for."""

    def dispatch(self, request, *args, **kwargs):
        if not can_build(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def model(self):
        """The type that the address names."""
        return model_called(self.request.GET.get("destination_type", ""))


class FieldsView(BuilderView):
    """The fields of one type: to fill, to read, and what the action can be tried on."""

    template_name = "wagtail_llm_actions/forms/builder/fields.html"

    def get_context_data(self, **kwargs):
        model = self.model
        is_page = issubclass(model, AbstractPage)
        parent = parent_sources_of(model)
        return super().get_context_data(
            destinations=[_with_names(model, group) for group in destinations_in(model)],
            special=_named(special_sources_of(model)),
            sources=[
                (group.label, _named(group.fields, group.label)) for group in sources_in(model)
            ],
            parent=_named(parent[:MOST_PARENT_SOURCES], gettext("Parent page")),
            parent_rest=len(parent[MOST_PARENT_SOURCES:]),
            chooser=_page_chooser(model) if is_page else None,
            objects=[] if is_page else _objects(model, self.request.user),
            object_id=CHOOSER_ID,
            **kwargs,
        )


class ServingView(BuilderView):
    """Whom an action serves, and which others are for the same field."""

    template_name = "wagtail_llm_actions/forms/builder/serving.html"

    def get_context_data(self, **kwargs):
        query = self.request.GET
        wanted = Wanted(
            model=self.model,
            path=query.get("destination_path", ""),
            site=_site(query.get("site", ""), self.request.user),
            user=self.request.user,
            action_id=int(query["action"]) if query.get("action", "").isdecimal() else None,
        )
        served = served_by(wanted)
        return super().get_context_data(
            served=served,
            total=sum(one.count for one in served),
            is_page=issubclass(wanted.model, AbstractPage),
            type=type_label(wanted.model),
            site=wanted.site,
            conflicts=[
                {"action": one.action, "url": edit_url(one.action), "conflict": one}
                for one in conflicts_of(wanted)
            ],
            **kwargs,
        )


def model_called(key: str):
    """
    Return a type of object that an LLM action may be for.

    :raises Http404: if ``key`` is that of no such content type.
    """
    offered = {str(pk) for _heading, choices in destination_choices() for pk, _label in choices}
    if key not in offered:
        raise Http404
    return ContentType.objects.get_for_id(int(key)).model_class()


def _site(key, user):
    return sites_for(user).filter(pk=key).first() if key.isdecimal() else None


def _with_names(model, group):
    """Return what a group is called, and each field with what an action for it would be called."""
    return group.label, [(field, action_name(model, field.label)) for field in group.fields]


def _named(fields, heading=""):
    """Return each field with a name that a variable may have, and what it is called below a heading."""
    start = f"{heading}{LABEL_SEPARATOR}" if heading else ""
    return [
        (field, sources_at([field.path])[0].name, field.label.removeprefix(start))
        for field in fields
    ]


def _page_chooser(model):
    """Return a page chooser, whose script the browser starts; nothing of it is in the form."""
    widget = AdminPageChooser(target_models=[model])
    value = widget.get_value_data(None)
    return {
        "html": widget.render_html(CHOOSER_ID, value, {"id": CHOOSER_ID}),
        "options": json.dumps(widget.get_js_init_options(CHOOSER_ID, CHOOSER_ID, value)),
    }


def _objects(model, user):
    policy = permission_policy_for(model)
    editable = policy.instances_user_has_permission_for(user, "change")
    return latest_first(editable)[:MOST_OBJECTS]
