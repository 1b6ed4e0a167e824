"""
What the forms of actions and configurations offer besides their fields, where there are scripts.

Without scripts nothing of it shows, and the fields alone do all that they do with them.
"""

from django.forms import Media, Script
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import HelpPanel
from wagtail.admin.widgets import AdminPageChooser

from wagtail_llm_actions.permissions import can_keep_configs, can_try
from wagtail_llm_actions.views.dialog import dialog_texts

SHARED = ("goes_to", "length", "length_of", "role_system", "role_user", "tokens", "tokens_of")
"""Texts of the dialog that stand here too."""


class BuilderPanel(HelpPanel):
    """A part of a form that a script brings to life."""

    class BoundPanel(HelpPanel.BoundPanel):
        """Brings the scripts and their texts along."""

        @cached_property
        def media(self):
            """The scripts and styles of all parts."""
            return Media(
                css={
                    "all": [
                        "wagtail_llm_actions/css/dialog.css",
                        "wagtail_llm_actions/css/builder.css",
                    ]
                },
                js=[Script("wagtail_llm_actions/js/builder/main.js", type="module")],
            )

        def get_context_data(self, parent_context=None):
            return super().get_context_data(parent_context) | {"strings": _texts()}


class DestinationPanel(BuilderPanel):
    """Offers the fields of the chosen type, and says whom the action serves."""

    def __init__(self, **kwargs):
        kwargs.setdefault("template", "wagtail_llm_actions/forms/builder/destination.html")
        super().__init__(**kwargs)


class SourcesPanel(BuilderPanel):
    """Offers what can be read, to be added with one click."""

    def __init__(self, **kwargs):
        kwargs.setdefault("template", "wagtail_llm_actions/forms/builder/sources.html")
        super().__init__(**kwargs)


class TrialPanel(BuilderPanel):
    """Shows what the action would send for an object, and tests it there."""

    def __init__(self, **kwargs):
        kwargs.setdefault("heading", _("Try it"))
        kwargs.setdefault("template", "wagtail_llm_actions/forms/builder/trial.html")
        super().__init__(**kwargs)

    class BoundPanel(BuilderPanel.BoundPanel):
        """Shows to those who may try."""

        def is_shown(self):
            return can_try(self.request.user)

        @cached_property
        def media(self):
            """What a page is chosen with, besides the scripts."""
            return super().media + AdminPageChooser().media


class ModelsPanel(BuilderPanel):
    """Offers the models that the chosen provider has now."""

    def __init__(self, **kwargs):
        kwargs.setdefault("template", "wagtail_llm_actions/forms/builder/models.html")
        super().__init__(**kwargs)

    class BoundPanel(BuilderPanel.BoundPanel):
        """Shows to those who may ask a provider."""

        def is_shown(self):
            return can_keep_configs(self.request.user)


def _texts() -> dict[str, str | dict[str, str]]:
    shared = dialog_texts()
    return {name: shared[name] for name in SHARED} | {
        "choose_model": gettext("Choose a model"),
        "no_models": gettext("The provider names no models. Type the name of one."),
        "models_failed": gettext("%(reason)s The name of a model can still be typed."),
        "source_added": gettext("“%(label)s” is read as %(name)s."),
        "source_used": gettext("Read as %(name)s"),
        "test_cancelled": gettext("The test was cancelled."),
        "test_fits": gettext("The field takes this text. Nothing was changed in it."),
        "test_refused": gettext("The field would not take this text:"),
        "test_unchecked": gettext(
            "%(reason)s This is the whole text, but it is not known whether the field takes it."
        ),
        "test_removes": gettext("The field would take this text, but something would be lost:"),
        "testing": gettext("Testing…"),
        "type_first": gettext("Choose the content type first."),
    }
