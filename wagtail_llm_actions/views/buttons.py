"""Buttons that change something at once."""

from collections.abc import Iterator

from django.utils.translation import gettext
from wagtail.admin.widgets.button import BaseButton, Button


class PostButton(BaseButton):
    """Sends an empty ``POST`` request to its URL and follows the redirect."""

    template_name = "wagtail_llm_actions/includes/post_button.html"
    allow_in_dropdown = True


def fill_button(page, user, view_name, next_url=None) -> Iterator[Button]:
    """Offer to run the actions of all empty fields, in the header of a page's edit form."""
    from wagtail_llm_actions.permissions import can_run  # not with every start of Django

    if view_name != "edit" or not can_run(user):
        return
    permissions = page.permissions_for_user(user)
    if permissions.can_edit() and not permissions.page_locked():
        yield Button(
            gettext("Fill empty fields"),
            url="#llm-actions-fill",
            icon_name="llm-actions",
            attrs={"data-llm-actions-fill": True, "role": "button"},
            priority=90,
        )
