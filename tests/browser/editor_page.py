"""What a person does and sees on an edit form."""

from playwright.sync_api import Locator, Page, expect


class EditorPage:
    """An edit form in the browser."""

    def __init__(self, page: Page):
        self.page = page
        self.dialog = page.get_by_role("dialog").and_(page.locator("#llm-run-dialog"))
        self.result = page.locator("[data-llm-run-dialog-target=result]")
        self.current = page.locator("[data-llm-run-dialog-target=current]")
        self.status = page.locator("[data-llm-run-dialog-target=status]")
        self.counter = page.locator("[data-llm-run-dialog-target=counter]")
        self.message = page.locator("[data-llm-run-dialog-target=message]")

    @property
    def box(self) -> Locator:
        """Where the output of a field of text stands once it is there, to be changed and used."""
        return self.dialog.get_by_role("textbox", name="New text")

    def goto(self, url: str) -> None:
        """Open an edit form and wait until its controls are there, or nothing will come."""
        self.page.goto(url)
        self.page.wait_for_function("document.body.classList.contains('ready')")

    def control(self, label: str) -> Locator:
        """Return the button that generates a field."""
        return self.page.get_by_role("button", name=f"Generate {label}", exact=True)

    def control_in(self, field: Locator) -> Locator:
        """Return the button of the field that holds an input."""
        return field.locator("xpath=ancestor::*[@data-field][1]").locator(".llm-field__button")

    def input(self, name: str) -> Locator:
        """Return the input of a field."""
        return self.page.locator(f"form[data-edit-form] [name={name!r}]")

    def press(self, name: str) -> None:
        """Press a button of the dialog."""
        self.dialog.get_by_role("button", name=name, exact=True).click()

    def generate(self, control: Locator) -> None:
        """Start a run and wait until it succeeded."""
        control.click()
        expect(self.dialog.get_by_role("button", name="Use this")).to_be_visible()

    def shown_at(self, name: str) -> Locator:
        """Return what the control of a field says about its last run."""
        field = self.input(name).locator("xpath=ancestor::*[@data-field][1]")
        return field.locator(".llm-field__status")
