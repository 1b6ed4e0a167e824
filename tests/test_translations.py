"""What people get who work in another language, and what models are told by them."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from wagtail.models import Page, Site
from wagtail.users.models import UserProfile

from tests import factories, messages
from tests.engine.conftest import form_data
from tests.messages import LANGUAGES
from tests.testapp.models import Note, Person, StoryPage
from tests.views.test_snippets import action_data
from wagtail_llm_actions.exceptions import ActionNotFoundError, InvalidOutputError
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate
from wagtail_llm_actions.models.shipped_templates import load_shipped_template, shipped_templates
from wagtail_llm_actions.outputs import fit, instructions, repair_prompt, revision_prompt
from wagtail_llm_actions.values import FieldKind, FieldSpec
from wagtail_llm_actions.wording import listed, listed_in_quotes


def log_in(language):
    user = factories.make_superuser()
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def client(db, language):
    return log_in(language)


class Texts(HTMLParser):
    """Collects what a page says: its texts, those of attributes, and those handed to scripts."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt")

    def __init__(self, html):
        super().__init__()
        self.found = set()
        self.skipping = False
        self.json = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.json = tag == "script" and str(attrs.get("id", "")).startswith("llm-")
        self.skipping = tag in ("script", "style")
        self.found |= {attrs[name].strip() for name in self.SPOKEN if attrs.get(name)}

    def handle_endtag(self, tag):
        self.skipping = False

    def handle_data(self, data):
        if self.json and data.strip():
            for value in json.loads(data).values():
                self.found |= set(value.values() if isinstance(value, dict) else [value])
        elif not self.skipping:
            self.found.add(" ".join(data.split()))


def english_in(html, language):
    """Return what stands on a page in English and has a translation."""
    catalogue = messages.catalogue_of(language)
    patterns, said = {}, {entry.msgstr for entry in catalogue}
    for entry in catalogue:
        for english in (entry.msgid, entry.msgid_plural):
            if english and english not in said:  # “Test” is German too
                parts = re.split(r"%\(\w+\)[sd]", english)
                if len(parts) == 1:
                    patterns[english] = re.compile(re.escape(english))
                if sum(len(part.strip(" :“”.").split()) for part in parts) > 1:
                    patterns[english] = re.compile("(.+)".join(map(re.escape, parts)))
    texts = Texts(html).found
    return sorted(
        text for text in texts if any(text == e or p.fullmatch(text) for e, p in patterns.items())
    )


def screens():
    """Return the addresses of all screens of the package, with something on each."""
    page = factories.make_page()
    action = factories.make_action(sources={"intro": "intro"}, prompt="{{ intro }}")
    run = factories.make_run(action, target=page, decision="accepted", system_prompt="Be brief.")
    failed = factories.make_run(action, target=page, status="failed", error_code="provider_timeout")
    factories.make_attempt(run, number=2, finish_reason="stop", kind="repair")
    app = "wagtailsnippets_wagtail_llm_actions"
    yield reverse("wagtailadmin_pages:edit", args=[page.pk])
    yield reverse("wagtail_llm_actions:dialog")
    yield reverse("wagtail_llm_actions:run_list")
    yield reverse("wagtail_llm_actions:run", args=[run.pk])
    yield reverse("wagtail_llm_actions:run", args=[failed.pk])
    yield reverse("wagtail_llm_actions:switch")
    rows = {LLMAction: action, PromptTemplate: action.prompt_template, LLMConfig: action.llm_config}
    for model, row in rows.items():
        name = f"{app}_{model._meta.model_name}"
        yield reverse(f"{name}:list")
        yield reverse(f"{name}:add")
        if row:
            yield reverse(f"{name}:edit", args=[row.pk])
            yield reverse(f"{name}:inspect", args=[row.pk])
    yield from builder_parts(action)


def builder_parts(action):
    """Return the addresses of a test, and of what the form of an action fetches, with rivals for it."""
    yield reverse("wagtail_llm_actions:run", args=[factories.make_run(action, is_test=True).pk])
    site, path = Site.objects.get(is_default_site=True), action.destination_path
    factories.make_action(path, site=site, name="Zwei", enabled=False)
    for model in (StoryPage, Page, Note, Person):
        query = {"destination_type": ContentType.objects.get_for_model(model).pk}
        yield f"{reverse('wagtail_llm_actions:builder_fields')}?{urlencode(query)}"
        for place in ({}, {"site": site.pk}):
            asked = urlencode({**query, "destination_path": path, **place})
            yield f"{reverse('wagtail_llm_actions:builder_serving')}?{asked}"


DATA = {
    "Choice",
    "Date",
    "Details",
    "Duration",
    "Name",
    "Rich text",
    "Summary",
    "Text",
    "Time",
    "Title",
    "default",
    "name",
    "slug",
}
"""What the test project calls its fields and its provider, and paths; nobody translates that."""


def test_no_screen_says_anything_in_english(client, language):
    found = set()
    for url in screens():
        response = client.get(url)
        assert response.status_code == 200, url
        found |= {*english_in(response.content.decode(), language)}
    assert ", ".join(sorted(found - DATA)) == ""


def test_english_on_a_page_is_noticed(language):
    html = '<p>No text was generated.</p><a aria-label="Undo: Title of it">x</a><p>Generate Foo</p>'
    assert "No text was generated." in english_in(html, language)
    script = '<script id="llm-x">{"a": {"one": "Done: %(count)s characters."}}</script>'
    assert english_in(script, language) == ["Done: %(count)s characters."]


def ask(client, page, address, **data):
    """Ask for a run and return the sentence that says why there is none."""
    where = {"editor": reverse("wagtailadmin_pages:edit", args=[page.pk]), "address": address}
    url = f"/admin/llm-actions/api/runs?{urlencode(where)}"
    return client.post(url, form_data(page).dict() | data).json()["message"]


def test_an_error_comes_in_the_language_of_the_user(client, language):
    page = factories.make_page()
    with translation.override(language):
        no_action = str(ActionNotFoundError.user_message)
        too_warm = MaxValueValidator.message % {"limit_value": 2}
        named = f"{gettext('Temperature')}: {too_warm}"
    assert ask(client, page, "summary") == no_action
    factories.make_action("summary", prompt="Say something.")
    changes = json.dumps({"temperature": 3})
    assert ask(client, page, "summary", **{"llm-changes": changes}) == named


@pytest.mark.parametrize("key", ["", "999999"])
def test_why_nothing_can_be_tried_comes_in_the_language_of_the_user(client, language, key):
    template = factories.make_template("Sum up: {{ intro }}")
    data = action_data(template, destination_path="summary", sources={"intro": "intro"})
    editor = reverse("wagtailsnippets_wagtail_llm_actions_llmaction:add")
    url = f"/admin/llm-actions/api/builder/preview?{urlencode({'editor': editor, 'key': key})}"
    assert (
        client.post(url, data).json()["message"]
        == {
            "de": "Wählen Sie, woran ausprobiert werden soll: ein Objekt des Inhaltstyps.",
            "ar": "اختر ما تريد التجربة عليه: كائنًا من نوع المحتوى.",
        }[language]
    )


@pytest.mark.parametrize(
    ("count", "german", "arabic"),
    [
        (0, "Gilt für 0 Objekte vom Typ „Note“.", "لا يسري على أي كائن من النوع «Note»."),
        (1, "Gilt für 1 Objekt vom Typ „Note“.", "يسري على كائن واحد من النوع «Note»."),
        (2, "Gilt für 2 Objekte vom Typ „Note“.", "يسري على كائنين من النوع «Note»."),
        (3, "Gilt für 3 Objekte vom Typ „Note“.", "يسري على 3 كائنات من النوع «Note»."),
        (11, "Gilt für 11 Objekte vom Typ „Note“.", "يسري على 11 كائنًا من النوع «Note»."),
    ],
)
def test_whom_an_action_serves_is_counted_as_the_language_counts(
    client, language, count, german, arabic
):
    Note.objects.bulk_create(Note(subject="x") for _ in range(count))
    note = ContentType.objects.get_for_model(Note).pk
    query = urlencode({"destination_type": note, "destination_path": "text"})
    html = client.get(f"{reverse('wagtail_llm_actions:builder_serving')}?{query}").text
    assert {"de": german, "ar": arabic}[language] in html


def test_why_an_answer_does_not_fit_comes_in_the_language_of_the_user(language):
    spec = FieldSpec(path="title", label="Title", kind=FieldKind.TEXT, max_length=10)
    with translation.override(language), pytest.raises(InvalidOutputError) as caught:
        fit(spec, "eleven long words that no title of ten characters takes")
    assert (
        caught.value.user_message
        == {
            "de": "Die Antwort hat 55 Zeichen; in dieses Feld passen 10. Es wurde nichts geändert.",
            "ar": "في الإجابة 55 حرفًا؛ ويتسع هذا الحقل لـ 10. لم يتغيّر شيء.",
        }[language]
    )


def test_an_arabic_page_runs_from_right_to_left(db):
    client = log_in("ar")
    html = client.get(reverse("wagtail_llm_actions:run_list")).content.decode()
    assert re.search(r'<html[^>]*lang="ar"[^>]*dir="rtl"', html)


def test_a_list_within_a_sentence_has_the_marks_of_its_language():
    assert listed_in_quotes(["a", "b"]) == "“a”, “b”"
    with translation.override("de"):
        assert listed_in_quotes(["a", "b"]) == "„a“, „b“"
    with translation.override("ar"):
        assert listed(["a", "b"]) == "a، b"
        assert listed_in_quotes(["a"]) == "«a»"


def test_predefined_templates_come_in_the_language_of_the_site(db):
    shipped = {one.slug: one for one in shipped_templates()}["proofread"]
    with translation.override("de"):
        load_shipped_template(shipped)
    row = PromptTemplate.objects.get(slug="proofread")
    assert (row.name, row.prompt) == ("Korrektur lesen", shipped.prompt)
    assert row.description.startswith("Berichtigt Rechtschreibung")


@pytest.mark.parametrize("kind", [FieldKind.TEXT, FieldKind.TAGS, FieldKind.DATE])
def test_a_model_is_told_the_same_whoever_asks(kind):
    spec = FieldSpec(path="field", label="Feld", kind=kind, max_length=20)
    told = [instructions(spec), repair_prompt(spec, ["zu lang"]), revision_prompt(spec, "kürzer")]
    with translation.override("de"):
        assert told == [
            *(instructions(spec), repair_prompt(spec, ["zu lang"])),
            revision_prompt(spec, "kürzer"),
        ]
