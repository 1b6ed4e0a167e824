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
    fields: str
    read: str
    served: str
    test: str
    fits: str
    others: str
    delete: str
    keep: str


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
    fields="Felder dieses Inhaltstyps",
    read="„Intro“ wird als {{ intro }} gelesen.",
    served="Gilt für 1 Seite vom Typ „Story page“.",
    test="Testen",
    fits="Das Feld nimmt diesen Text an. Es wurde darin nichts geändert.",
    others="Für ein anderes Feld oder gar nicht",
    delete="LLM-Aktion löschen",
    keep="Behalten",
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
    fields="حقول نوع المحتوى هذا",
    read="يُقرأ «Intro» باسم {{ intro }}.",
    served="يسري على صفحة واحدة من النوع «Story page».",
    test="اختبار",
    fits="يقبل الحقل هذا النص. لم يتغيّر شيء فيه.",
    others="لحقل آخر أو دون أي حقل",
    delete="حذف إجراء LLM",
    keep="الاحتفاظ به",
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


def test_what_can_be_kept_is_said_in_the_language(form, language):
    form.input("summary").focus()
    form.page.get_by_role("button", name=language.prepare).click()
    form.dialog.get_by_text(language.others, exact=True).click()
    form.press(language.delete)
    expect(form.dialog.get_by_role("button", name=language.keep)).to_be_focused()
    assert violations(form, "#llm-run-dialog") == []


def test_an_action_is_built_and_tested_in_the_language(form_of, rows, admin, language):
    UserProfile.objects.create(user=admin, preferred_language=language.code)
    page = factories.make_page(title="The tide", intro="The tide comes and goes.")
    action = factories.make_action("summary", prompt="Say something.")
    form = form_of(admin, f"snippets/wagtail_llm_actions/llmaction/edit/{action.pk}/")
    expect(form.page.get_by_label(language.fields)).to_have_value("summary")
    expect(form.page.get_by_text(language.served)).to_be_visible()
    form.page.locator(".llm-sources__add[data-path=intro]").click()
    expect(form.page.get_by_text(language.read)).to_be_visible()
    assert violations(form, ".llm-sources") == []
    trial = form.page.locator(".llm-trial")
    trial.locator("[data-chooser-action-choose]").first.click()
    form.page.get_by_role("dialog").get_by_role("link", name=page.title).click()
    with reply_with("It comes, it goes."):
        trial.get_by_role("button", name=language.test, exact=True).click()
        expect(trial.get_by_text(language.fits)).to_be_visible()
    assert violations(form, ".llm-trial") == []
