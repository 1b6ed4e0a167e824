"""The dialog in other languages, one of which runs from right to left."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests import factories
from tests.browser.test_accessibility import violations
from wagtail_llm_actions.testing import reply_with


@dataclass(frozen=True, kw_only=True)
class Language:
    """What an editor sees who works in a language."""

    code: str
    direction: str
    generate: str
    done: str
    new_text: str
    count: str
    use: str
    used: str
    mark: str
    prepare: str
    words: str
    close: str


GERMAN = Language(
    code="de",
    direction="ltr",
    generate="Summary generieren",
    done="Fertig: 18 Zeichen.",
    new_text="Neuer Text",
    count="18 / 100 Zeichen",
    use="Übernehmen",
    used="Summary: Der neue Text steht im Feld.",
    mark="KI, angenommen von admin am",
    prepare="Was gesendet wird: Summary",
    words="Intro (5 Wörter)",
    close="Schließen",
)
ARABIC = Language(
    code="ar",
    direction="rtl",
    generate="توليد Summary",
    done="اكتمل: 18 حرفًا.",
    new_text="النص الجديد",
    count="عدد الأحرف: 18 / 100",
    use="استخدام هذا النص",
    used="Summary: النص الجديد في الحقل.",
    mark="ذكاء اصطناعي، قبِله admin في",
    prepare="ما سيُرسَل: Summary",
    words="Intro (5 كلمات)",
    close="إغلاق",
)


@pytest.fixture(params=[GERMAN, ARABIC], ids=lambda language: language.code)
def language(request):
    return request.param


@pytest.fixture
def form(form_of, rows, admin, language):
    """The edit form of a page with an action, as an administrator sees it in the language."""
    UserProfile.objects.create(user=admin, preferred_language=language.code)
    page = factories.make_page(title="The tide", intro="The tide comes and goes.")
    factories.make_action("summary", prompt="Sum up: {{ intro }}", sources={"intro": "intro"})
    return form_of(admin, f"pages/{page.pk}/edit/")


def test_a_run_works_through_to_its_use(form, language):
    expect(form.page.locator("html")).to_have_attribute("dir", language.direction)
    expect(form.page.locator("html")).to_have_attribute("lang", language.code)
    with reply_with("The sea came back."):
        form.control_in(form.input("summary")).click()
        expect(form.status).to_have_text(language.done)
    box = form.dialog.get_by_role("textbox", name=language.new_text)
    expect(box).to_have_value("The sea came back.")
    expect(form.counter).to_have_text(language.count)
    assert violations(form, "#llm-run-dialog") == []
    form.press(language.use)
    expect(form.input("summary")).to_have_value("The sea came back.")
    expect(form.page.get_by_text(language.used)).to_be_attached()
    expect(form.shown_at("summary")).to_contain_text(language.mark)


def test_what_is_sent_is_said_in_the_language(form, language):
    expect(form.page.get_by_role("button", name=language.generate)).to_be_visible()
    form.input("summary").focus()
    form.page.get_by_role("button", name=language.prepare).click()
    expect(form.dialog.get_by_label(language.words)).to_be_checked()
    expect(form.dialog).to_have_css("direction", language.direction)
    form.press(language.close)
    expect(form.dialog).to_be_hidden()
