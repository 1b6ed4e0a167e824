"""Pictures of screens, for who looks at them."""

import os

PICTURES = os.environ.get("PICTURES")
"""The folder that they go to; none are taken without it."""


def picture(page, name, element=None):
    """Take a screen wide and narrow, light and dark; with ``element`` in sight."""
    if not PICTURES:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            if element is not None:
                element.scroll_into_view_if_needed()
            page.screenshot(path=f"{PICTURES}/{name}-{scheme}-{width}.png")
    page.set_viewport_size({"width": 1280, "height": 720})
