"""The form of an LLM action."""

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
)

from wagtail_llm_actions.content import resolve_path
from wagtail_llm_actions.content.broken_paths import closest_destination, closest_source
from wagtail_llm_actions.content.opt_outs import require_opted_in
from wagtail_llm_actions.content.source_paths import source_label
from wagtail_llm_actions.exceptions import PromptError, UnknownFieldError, UnsupportedFieldError
from wagtail_llm_actions.models import LLMConfig
from wagtail_llm_actions.prompts import check_template, is_variable_name
from wagtail_llm_actions.views.forms.builder import DestinationPanel, SourcesPanel, TrialPanel
from wagtail_llm_actions.views.forms.destinations import destination_choices, fields_of
from wagtail_llm_actions.views.forms.layout import layout, parameters_panel
from wagtail_llm_actions.views.forms.paths import PathInput
from wagtail_llm_actions.views.forms.publication import PublishedForm
from wagtail_llm_actions.views.forms.sites import OwnSitesForm
from wagtail_llm_actions.wording import listed

CHOOSERS = {
    "prompt_template": {
        "choose_one_text": _("Choose a prompt template"),
        "choose_another_text": _("Choose another prompt template"),
        "link_to_chosen_text": _("Edit this prompt template"),
    },
    "llm_config": {
        "choose_one_text": _("Choose an LLM configuration"),
        "choose_another_text": _("Choose another LLM configuration"),
        "link_to_chosen_text": _("Edit this LLM configuration"),
    },
}
"""What the choosers say; Wagtail keeps the words of the language in which it first made them."""


class LLMActionForm(OwnSitesForm, PublishedForm):
    """Offers the types that have fields to fill, and checks what it is told about them."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if field := self.fields.get("destination_type"):
            groups = destination_choices()
            types = [pk for _heading, choices in groups for pk, _label in choices]
            field.queryset = ContentType.objects.filter(pk__in=types)
            field.choices = [("", "---------"), *groups]
        for name in CHOOSERS.keys() & self.fields.keys():
            for text, said in CHOOSERS[name].items():
                setattr(self.fields[name].widget, text, str(said))

    def clean_for_publication(self):
        self._check_path()
        sources = self._clean_sources()
        self._check_variables(sources)
        config = self.cleaned_data.get("llm_config") or LLMConfig.objects.default()
        if config:
            self.check_parameters(config.provider)

    @property
    def _model(self):
        content_type = self.cleaned_data.get("destination_type")
        return content_type.model_class() if content_type else None

    def _check_path(self):
        path = self.cleaned_data.get("destination_path")
        if not path or self._model is None:
            return
        try:
            resolve_path(self._model, path)
            require_opted_in(self._model, path)
        except UnknownFieldError:
            problem = gettext("There is no field “%(path)s”.") % {"path": path}
            self.add_error(
                "destination_path",
                f"{problem} {self._suggestion(path)} {self._possible_paths()}",
            )
        except UnsupportedFieldError as error:
            self.add_error("destination_path", f"{error.user_message} {self._possible_paths()}")

    def _suggestion(self, path):
        new_path = closest_destination(self._model, path)
        return _did_you_mean(new_path) if new_path else ""

    def _possible_paths(self):
        paths = listed(known.path for known in fields_of(self._model))
        return gettext("Possible are: %(paths)s.") % {"paths": paths}

    def _clean_sources(self):
        """Check each source and return the names of the variables."""
        names = []
        for form in self.formsets["sources"].forms if "sources" in self.formsets else ():
            if form.is_valid() and not form.cleaned_data.get("DELETE"):
                name = form.cleaned_data["name"]
                self._check_source(form, name, form.cleaned_data["path"], names)
                names.append(name)
        return names

    def _check_source(self, form, name, path, names):
        if not is_variable_name(name):
            form.add_error("name", _("This cannot be the name of a variable."))
        elif name in names:
            form.add_error("name", _("Another source has this name."))
        if self._model:
            try:
                source_label(self._model, path)
            except UnknownFieldError:
                new_path = closest_source(self._model, path)
                suggestion = f" {_did_you_mean(new_path)}" if new_path else ""
                form.add_error("path", gettext("There is no such field.") + suggestion)

    def _check_variables(self, names):
        template = self.cleaned_data.get("prompt_template")
        if template is None:
            return
        for text in (template.system_prompt, template.prompt):
            try:
                check_template(text, names)
            except PromptError as error:
                self.add_error("prompt_template", error.user_message)


def _did_you_mean(path):
    return gettext("Did you mean “%(path)s”?") % {"path": path}


class PathProblemPanel(HelpPanel):
    """Says which paths of a published action mean nothing any more, and what they became."""

    class BoundPanel(HelpPanel.BoundPanel):
        """Shows only where there is a problem."""

        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            is_live = self.instance.pk is not None and self.instance.live
            self.problem = self.instance.path_problem() if is_live else ""

        def is_shown(self):
            return bool(self.problem)

        def get_context_data(self, parent_context=None):
            return super().get_context_data(parent_context) | {"problem": self.problem}


ACTION_PANELS = layout(
    [
        PathProblemPanel(
            heading=_("This LLM action does not run"),
            template="wagtail_llm_actions/forms/path_problem_panel.html",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel(
                    [
                        FieldPanel("destination_type"),
                        FieldPanel("destination_path", widget=PathInput),
                    ]
                ),
                DestinationPanel(),
                FieldRowPanel([FieldPanel("output_mode"), FieldPanel("site")]),
            ],
            heading=_("What it fills"),
        ),
        FieldPanel("groups", heading=_("Who may run it"), widget=forms.CheckboxSelectMultiple),
        MultiFieldPanel(
            [
                SourcesPanel(),
                InlinePanel(
                    "sources",
                    heading=_("Sources"),
                    label=_("Source"),
                    panels=[
                        FieldRowPanel([FieldPanel("path", widget=PathInput), FieldPanel("name")]),
                        FieldPanel("required"),
                    ],
                ),
            ],
            heading=_("What it reads"),
            help_text=_(
                "The fields whose text goes into the prompt, as they stand in the form, also "
                "unsaved. “@content” is everything that the page says."
            ),
        ),
        MultiFieldPanel(
            [FieldPanel("prompt_template"), FieldPanel("llm_config")],
            heading=_("How it is written"),
        ),
        parameters_panel(
            _("Parameters of this action"),
            _("Blank leaves them to the LLM configuration."),
            FieldPanel("answers_from_history"),
        ),
        TrialPanel(),
    ],
    LLMActionForm,
)
