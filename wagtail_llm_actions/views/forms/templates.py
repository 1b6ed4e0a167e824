"""The form of a prompt template."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel

from wagtail_llm_actions.exceptions import PromptError
from wagtail_llm_actions.prompts import BUILTIN_VARIABLES, variables_of
from wagtail_llm_actions.views.forms.layout import layout
from wagtail_llm_actions.views.forms.publication import PublishedForm
from wagtail_llm_actions.wording import listed_in_quotes

TEXTS = ("system_prompt", "prompt")


class PromptTemplateForm(PublishedForm):
    """Checks that the texts can be read, and that the live actions have what they use."""

    def clean_for_publication(self):
        for name in TEXTS:
            self._check(name, self.cleaned_data.get(name) or "")

    def _check(self, name, text):
        try:
            used = variables_of(text) - set(BUILTIN_VARIABLES)
        except PromptError as error:
            self.add_error(name, error.user_message)
            return
        for action in self._live_actions():
            if missing := used - {source.name for source in action.sources.all()}:
                self.add_error(name, _lack(action, missing))

    def _live_actions(self):
        if self.instance.pk is None:
            return []
        return self.instance.actions.live().prefetch_related("sources")


def _lack(action, missing):
    return gettext(
        "The published LLM action “%(action)s” uses this template and has no source called "
        "%(missing)s. Add it there first."
    ) % {"action": action.name, "missing": listed_in_quotes(sorted(missing))}


class VariablesPanel(HelpPanel):
    """Lists the variables that every template may use."""

    def __init__(self, **kwargs):
        kwargs.setdefault("template", "wagtail_llm_actions/forms/variables_panel.html")
        super().__init__(**kwargs)

    class BoundPanel(HelpPanel.BoundPanel):
        """Hands the variables to the template."""

        def get_context_data(self, parent_context=None):
            variables = [
                (f"{{{{ {name} }}}}", sentence) for name, sentence in BUILTIN_VARIABLES.items()
            ]
            return super().get_context_data(parent_context) | {"variables": variables}


def _text(rows):
    return forms.Textarea(attrs={"rows": rows, "spellcheck": "true"})


TEMPLATE_PANELS = layout(
    [
        FieldPanel("category"),
        FieldPanel("description", widget=_text(2)),
        MultiFieldPanel(
            [
                FieldPanel("system_prompt", widget=_text(4)),
                FieldPanel("prompt", widget=_text(10)),
                VariablesPanel(),
            ],
            heading=_("Texts"),
        ),
    ],
    PromptTemplateForm,
)
