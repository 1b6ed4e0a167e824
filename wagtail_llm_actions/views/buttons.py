"""Buttons that change something at once."""

from wagtail.admin.widgets.button import BaseButton


class PostButton(BaseButton):
    """Sends an empty ``POST`` request to its URL and follows the redirect."""

    template_name = "wagtail_llm_actions/includes/post_button.html"
    allow_in_dropdown = True
