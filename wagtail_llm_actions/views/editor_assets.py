"""
What the edit form loads: one script, which brings its stylesheet where it has work to do.

Wagtail calls the hooks without a request, the one on every generic form of the admin and the other
on every page, so they cost microseconds and no query.
"""

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, json_script
from django.utils.translation import gettext

from wagtail_llm_actions.content.media import MEDIA_VIEWS


def editor_js() -> str:
    """Return the script element of the field controls, and the texts that they show."""
    dialog_url = reverse("wagtail_llm_actions:dialog")
    return format_html(
        '{}<script type="module" id="llm-actions-main" src="{}"'
        ' data-css-url="{}" data-api-url="{}" data-dialog-url="{}" data-media-urls="{}"></script>',
        json_script(_texts(), "llm-actions-strings"),
        static("wagtail_llm_actions/js/main.js"),
        static("wagtail_llm_actions/css/editor.css"),
        f"{dialog_url.removesuffix('dialog/')}api/",
        dialog_url,
        " ".join(_media_urls()),
    )


def uploads_js() -> str:
    """Return the script element that brings the field controls to the upload pages."""
    return format_html(
        '<script type="module" id="llm-actions-uploads" src="{}" data-assets-url="{}"></script>',
        static("wagtail_llm_actions/js/uploads.js"),
        reverse("wagtail_llm_actions:editor_assets"),
    )


def editor_assets(request: HttpRequest) -> HttpResponse:
    """Give the upload pages what edit forms get from the hook."""
    return HttpResponse(editor_js())


def _media_urls() -> list[str]:
    """Return what the addresses of the forms of images and documents begin with, before the key."""
    urls = []
    for name in MEDIA_VIEWS:
        try:
            urls.append(reverse(name, args=[0]).removesuffix("0/"))
        except NoReverseMatch:  # of an app that is not installed
            continue
    return urls


def _texts() -> dict[str, str]:
    return {
        "add": gettext("Add LLM action"),
        "add_field": gettext("Add LLM action: %(label)s (opens in a new tab)"),
        "add_here": gettext("Add LLM action: %(label)s"),
        "cancel": gettext("Cancel"),
        "changed_since": gettext("The field has changed since. Nothing was taken back."),
        "cut": gettext("The answer broke off. Nothing was changed. Try again."),
        "edited_since": gettext("AI, edited since"),
        "generate": gettext("Generate"),
        "generate_field": gettext("Generate %(label)s"),
        "generating": gettext("Generating…"),
        "network": gettext(
            "The server cannot be reached. Is this device online? Nothing was changed. Try again."
        ),
        "nothing_to_fill": gettext("No empty field here has an LLM action that can run."),
        "on_selection": gettext("On the selection"),
        "on_selection_field": gettext("On the selection: %(label)s"),
        "prepare": gettext("What is sent"),
        "prepare_field": gettext("What is sent: %(label)s"),
        "retry": gettext("Retry"),
        "review": gettext("Review"),
        "select_first": gettext("Select text in the editor first."),
        "server": gettext("The server made an error. Nothing was changed. Try again."),
        "session": gettext(
            "You are not logged in any more. Nothing was changed. Log in in another tab, then press"
            " the same button here again. If that tab does not let you in, ask an administrator."
        ),
        "undo": gettext("Undo"),
        "undo_field": gettext("Undo: %(label)s"),
        "undone": gettext("Taken back."),
        "undone_field": gettext("%(label)s: what stood in the field before is back."),
    }
