"""The dialog of a run, fetched when an editor first opens it."""

from django.utils.translation import gettext, ngettext
from django.views.generic import TemplateView

from wagtail_llm_actions.values import OutputMode

PLURAL_SAMPLES = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}
"""A number of each plural category of the Unicode CLDR, in every language that has the category."""


class DialogView(TemplateView):
    """The dialog's HTML, without a run: the browser fills it."""

    template_name = "wagtail_llm_actions/editor/dialog.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(strings=_texts(), output_modes=OutputMode.choices, **kwargs)


def plural_forms(singular: str, plural: str) -> dict[str, str]:
    """Return the translation for each plural category, for the browser to choose from."""
    return {name: ngettext(singular, plural, n) for name, n in PLURAL_SAMPLES.items()}


def _texts() -> dict[str, str | dict[str, str]]:
    return {
        "applied": gettext("%(label)s: the new text stands in the field."),
        "cancelled": gettext("Cancelled. Nothing was changed."),
        "choose_template": gettext("Choose a prompt template"),
        "checking": gettext("Done. Checking whether the field takes it…"),
        "conflict": gettext(
            "The field has changed since this text was asked for. Which of the two do you want?"
        ),
        "copied": gettext("Copied."),
        "current_text": gettext("Current text"),
        "decided_before": gettext(
            "This text was decided on before, perhaps in another tab."
            " That first decision stays on record."
        ),
        "default_config": gettext("The default configuration"),
        "details": gettext("Details"),
        "details_of": gettext("Details of the run of %(when)s (opens in a new tab)"),
        "discarded": gettext("Discarded. Nothing was changed."),
        "done": plural_forms("Done: %(count)s character.", "Done: %(count)s characters."),
        "empty": gettext("Empty"),
        "failed": gettext("No text was generated."),
        "gone": gettext(
            "The field has been deleted since the text was asked for. You can still copy the text."
        ),
        "goes_to": gettext("%(length)s, to %(place)s."),
        "incomplete": gettext("The text is not complete and cannot be used."),
        "kept": gettext("%(reason)s The text is still here: you can copy it."),
        "leave_request": gettext("What you changed for this run would be lost. Close?"),
        "leave_running": gettext("The text is still being generated. Stop and close?"),
        "leave_undecided": gettext("The text has not been used. Discard it and close?"),
        "length": plural_forms("%(count)s character", "%(count)s characters"),
        "length_of": gettext("%(count)s / %(limit)s characters"),
        "no_runs": gettext("Nothing was generated for this field yet."),
        "not_applied": gettext("It could not be put into the field. Nothing was changed."),
        "not_recorded": gettext("The decision could not be recorded. The field is not concerned."),
        "prepared": gettext("Nothing has been sent yet."),
        "queue": gettext("Field %(number)s of %(count)s. %(name)s"),
        "queue_done": gettext("That was the last empty field."),
        "refused": gettext("The field would not take this text:"),
        "role_system": gettext("System prompt"),
        "role_user": gettext("Prompt"),
        "saved": gettext("The LLM action “%(name)s” is saved and published."),
        "show_again": gettext("Show"),
        "show_again_of": gettext("Show the text of %(when)s"),
        "sources_cut": gettext("Nothing was sent yet."),
        "text_number": gettext("Text %(number)s"),
        "tokens": plural_forms("About %(count)s token", "About %(count)s tokens"),
        "tokens_of": gettext("About %(count)s of %(window)s tokens"),
        "unfit": gettext("The answer does not fit the field."),
        "words": plural_forms("%(count)s word", "%(count)s words"),
    }
