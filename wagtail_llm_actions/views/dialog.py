"""The dialog of a run, fetched when an editor first opens it."""

from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext, ngettext
from django.views.generic import TemplateView

from wagtail_llm_actions.permissions import can_customise
from wagtail_llm_actions.values import OutputMode

PLURAL_SAMPLES = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}
"""A number of each plural category of the Unicode CLDR, in every language that has the category."""


NO_RUN = UUID(int=0)
"""Stands for a run's key in its address, which the browser puts in."""


class DialogView(TemplateView):
    """The dialog's HTML, without a run: the browser fills it."""

    template_name = "wagtail_llm_actions/editor/dialog.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            strings=dialog_texts(),
            output_modes=OutputMode.choices,
            may_customise=can_customise(self.request.user),
            no_run=NO_RUN,
            **kwargs,
        )


def plural_forms(translate: Callable[[int], str]) -> dict[str, str]:
    """
    Return the translation for each plural category, for the browser to choose from.

    :param translate: calls ``ngettext``, where gettext finds the sentences.
    """
    return {name: translate(n) for name, n in PLURAL_SAMPLES.items()}


def dialog_texts() -> dict[str, str | dict[str, str]]:
    """Return the texts that the scripts of the dialog show."""
    return {
        "applied": gettext("%(label)s: the new text stands in the field."),
        "between_items": gettext(", "),
        "cancelled": gettext("Cancelled. Nothing was changed."),
        "choose_field": gettext("Choose a field"),
        "choose_template": gettext("Choose a prompt template"),
        # Translators: names for a change that a screen reader says, in the list of changes.
        "change_add": gettext("Add “%(added)s”"),
        "change_remove": gettext("Remove “%(removed)s”"),
        "change_replace": gettext("Replace “%(removed)s” by “%(added)s”"),
        "checking": gettext("Done. Checking whether the field takes it…"),
        "compare_hint": gettext(
            "Choose another template or model, then press “Try again”. Both texts stay."
        ),
        "conflict": gettext(
            "The field has changed since this text was asked for. Which of the two do you want?"
        ),
        "copied": gettext("Copied."),
        "current_text": gettext("Current text"),
        "decide_first": gettext("Use or discard the text first. Nothing was changed."),
        "decided_before": gettext(
            "This text was decided on before, perhaps in another tab."
            " That first decision stays on record."
        ),
        "default_config": gettext("The default configuration"),
        "deleted": gettext("The LLM action “%(name)s” is deleted."),
        "details": gettext("Details"),
        "details_of": gettext("Details of the run of %(when)s (opens in a new tab)"),
        "discarded": gettext("Discarded. Nothing was changed."),
        "done": plural_forms(
            lambda n: ngettext("Done: %(count)s character.", "Done: %(count)s characters.", n)
        ),
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
        "length": plural_forms(
            lambda n: ngettext("%(count)s character", "%(count)s characters", n)
        ),
        "length_of": gettext("%(count)s / %(limit)s characters"),
        "new_text": gettext("New text"),
        "no_runs": gettext("Nothing was generated for this field yet."),
        "not_applied": gettext("It could not be put into the field. Nothing was changed."),
        "not_recorded": gettext("The decision could not be recorded. The field is not concerned."),
        "old_text": gettext("Text before"),
        "past_restore": gettext("Restore what stood before"),
        "past_restore_of": gettext("Restore what stood before the run of %(when)s"),
        "past_retry": gettext("Retry"),
        "past_retry_of": gettext("Retry the run of %(when)s"),
        "past_show": gettext("Show"),
        "past_show_of": gettext("Show the text of %(when)s"),
        "prepared": gettext("Nothing has been sent yet."),
        "queue": gettext("Field %(number)s of %(count)s. %(name)s"),
        "queue_done": gettext("That was the last empty field."),
        "refused": gettext("The field would not take this text:"),
        "restored": gettext("%(label)s: what stood there before is back."),
        "restoring": gettext(
            "Before the run of %(when)s this stood in the field. Use it to restore it."
        ),
        "role_system": gettext("System prompt"),
        "role_user": gettext("Prompt"),
        "save_draft": gettext(
            "This LLM action has changes that are not published. Publish or discard them in its own "
            "form first."
        ),
        "save_model": gettext(
            "The model name belongs to an LLM configuration, and was for this run only. "
            "Choose a configuration with that model, then save the action."
        ),
        "save_prompt": gettext(
            "Another prompt becomes a template of its own, which you may not add. It is for this "
            "run only."
        ),
        "saved": gettext("The LLM action “%(name)s” is saved and published."),
        "since_version": gettext("Since version %(number)s, published on %(date)s (in a new tab)"),
        "sources_cut": gettext("Nothing was sent yet."),
        "template_saved": gettext("The prompt template “%(name)s” is saved and published."),
        "text_before": gettext("Before the run of %(when)s"),
        "text_letter": gettext("Text %(letter)s"),
        "text_number": gettext("Text %(number)s"),
        "this_field": gettext("This field, for this type of object alone"),
        "tokens": plural_forms(
            lambda n: ngettext("About %(count)s token", "About %(count)s tokens", n)
        ),
        "tokens_of": gettext("About %(count)s of %(window)s tokens"),
        "unfit": gettext("The answer does not fit the field."),
        # Translators: Something with what tells it apart: “Text 2 (Short, llama3.2)”, “Intro (5 words)”.
        "with_detail": gettext("%(name)s (%(detail)s)"),
        "words": plural_forms(lambda n: ngettext("%(count)s word", "%(count)s words", n)),
    }
