"""Pictures of the forms that LLM actions and LLM configurations are built in, for the how-to."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page

SNIPPETS = "/admin/snippets/wagtail_llm_actions"
ACTION = "Search description"
"""What the name of the action that is shown begins with."""


class BuilderPictures:
    """Takes the pictures on one page of the browser."""

    def __init__(self, page: Page, site: dict[str, str], directory: Path):
        self.page, self.site, self.directory = page, site, directory

    def take(self) -> None:
        """Take all of them."""
        title = self.page_title()
        self.open_action()
        self.save(self.page.locator(".llm-destination"), "destination")
        self.save(self.page.locator(".llm-sources"), "sources")
        self.try_on(title)
        self.save(self.page.locator(".llm-trial"), "trial")
        self.page.goto(f"{self.site['url']}{SNIPPETS}/llmconfig/add/")
        self.page.locator("#llm-models-picker:enabled").wait_for()
        self.save(self.page.locator(".llm-models"), "models")

    def open_action(self) -> None:
        """Open the form of an action, and wait until it has asked for what it offers."""
        self.page.goto(f"{self.site['url']}{SNIPPETS}/llmaction/")
        self.page.get_by_role("link", name=re.compile(ACTION)).first.click()
        self.page.locator("#llm-destination-picker:enabled").wait_for()
        self.page.locator(".llm-sources__group summary").first.click()
        # Wagtail's buttons at the lower edge stand over what is below them.
        self.page.add_style_tag(content="footer { display: none !important; }")

    def page_title(self) -> str:
        """Return what the page is called that the action is tried on."""
        self.page.goto(self.site["edit_url"])
        return self.page.locator("form[data-edit-form] [name=title]").input_value()

    def try_on(self, title: str) -> None:
        """Choose a page, see what is sent, and test the action there."""
        trial = self.page.locator(".llm-trial")
        trial.get_by_role("button", name=re.compile("Choose a page")).click()
        chooser = self.page.get_by_role("dialog").filter(has_text="Choose a page")
        chooser.get_by_role("textbox").first.fill(title)
        chooser.get_by_role("link", name=title, exact=True).first.click()
        trial.locator("mark").first.wait_for()
        trial.get_by_role("button", name="Test", exact=True).click()
        trial.get_by_text("The field takes this text.").wait_for()

    def save(self, element: Locator, name: str) -> None:
        """Write a picture of an element."""
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(400)
        path = self.directory / f"builder-{name}.png"
        element.screenshot(path=path, animations="disabled")
        print(f"docs/images/{path.name}")
