"""
The catalogues of the translations: complete, without mistakes of form, compiled.

Whether one says the right thing only its readers can tell. ``make messages`` brings them up to date.
"""

import ast
import re
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.utils.functional import Promise

from tests import messages
from tests.messages import LANGUAGES, LOCALE, PACKAGE
from wagtail_llm_actions.models.shipped_templates import shipped_templates

CALLS = {
    **dict.fromkeys(["gettext", "gettext_lazy", "_"], ("msgid",)),
    "ngettext": ("msgid", "plural"),
    "pgettext": ("msgctxt", "msgid"),
    "pgettext_lazy": ("msgctxt", "msgid"),
}
"""What each function takes first; no other is used in this package."""
AT_ONCE = {"gettext", "ngettext", "pgettext"}
"""Those that translate when they are called: at import time nobody's language is known."""
OF_FILES = {
    ("models/shipped_templates.py", "shipped.name"),
    ("models/shipped_templates.py", "shipped.description"),
}
"""Calls with what stands in the files of the predefined templates, which are extracted otherwise."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\{ ?\w+ ?\}\}|\{[^{}]*\}|</?\w[^>]*>|@\w+")
QUOTES = {"de": ("„", "“"), "ar": ("«", "»")}
FORMS = {"de": 2, "ar": 6}
UNREVIEWED = {"de", "ar"}
"""The languages that no native speaker has read through yet."""
ONE_NUMBER = {"de": {0}, "ar": {0, 1, 2}}
"""The plural forms that stand for a single number, which a sentence may say in a word."""
COUNTS = {f"%({name}){kind}" for name in ("count", "counter", "limit", "length") for kind in "ds"}
INHERITED = {"sort_order", "live", "has_unpublished_changes", "first_published_at"} | {
    "last_published_at",
    "go_live_at",
    "expire_at",
    "expired",
}
"""Fields of Wagtail's mixins."""


def entries_of(language):
    return list(messages.catalogue_of(language))


def texts_of(entry):
    """Yield every translation of an entry: the English that it is of, the text, its plural form."""
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr, None
    for form, text in entry.msgstr_plural.items():
        yield entry.msgid_plural, text, form


def every_text():
    for language in LANGUAGES:
        for entry in entries_of(language):
            for english, text, form in texts_of(entry):
                yield language, english, text, form


# The catalogues


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete(language):
    missing = messages.untranslated(messages.catalogue_of(language))
    assert [entry.msgid for entry in missing] == [], "run make messages and translate these"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_nothing_that_is_not_used_any_more(language):
    catalogue = messages.catalogue_of(language)
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_form_is_there(language):
    plurals = [entry for entry in entries_of(language) if entry.msgid_plural]
    assert plurals
    assert {tuple(entry.msgstr_plural) for entry in plurals} == {tuple(range(FORMS[language]))}
    assert (
        f"nplurals={FORMS[language]};" in messages.catalogue_of(language).metadata["Plural-Forms"]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_whether_anybody_has_reviewed_it(language):
    said = "UNREVIEWED" in messages.catalogue_of(language).header
    assert said == (language in UNREVIEWED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_the_catalogue_says(language):
    compiled = polib.mofile(str(LOCALE / language / f"{messages.DOMAIN}.mo"))
    said = {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in entries_of(language)}
    made = {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in compiled}
    assert made == said, "run make messages"


def test_a_translation_has_the_placeholders_of_its_english():
    wrong = []
    for language, english, text, form in every_text():
        wanted, found = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(text))
        in_a_word = COUNTS if form in ONE_NUMBER[language] else set()
        if found - wanted or wanted - found - in_a_word:
            wrong.append((language, text, sorted(wanted ^ found)))
    assert wrong == []


def test_a_percent_sign_is_part_of_a_placeholder():
    stray = re.compile(r"%(?!\(\w+\)[sd])")
    assert [text for _language, _english, text, _form in every_text() if stray.search(text)] == []


def test_a_placeholder_can_be_filled():
    values = dict.fromkeys(re.findall(r"%\((\w+)\)", str(list(every_text()))), 3)
    for _language, _english, text, _form in every_text():
        assert "%(" not in text % values


def test_a_translation_begins_and_ends_as_its_english():
    """With the same space, and with the ellipsis, colon, question mark or full stop it has."""
    ends = {"…": "…", "?": "?؟", ":": ":", ".": ".", " ": " "}
    wrong = []
    for language, english, text, _form in every_text():
        end = next((ends[sign] for sign in ends if english.endswith(sign)), None)
        if (end and text[-1] not in end) or (english[0] == " ") != (text[0] == " "):
            wrong.append((language, english, text))
        if end is None and text[-1] in ".…?؟:":
            wrong.append((language, english, text))
    assert wrong == []


def test_quotation_marks_are_those_of_the_language():
    """What is quoted in English is quoted, with both marks; straight ones stand in JSON alone."""
    wrong = []
    for language, english, text, _form in every_text():
        opening, closing = QUOTES[language]
        strange = set('“”„«»"') - {opening, closing} - (set(english) & {'"'})
        is_paired = text.count(opening) == text.count(closing) >= english.count("“")
        if strange & set(text) or not is_paired:
            wrong.append((language, english, text))
    assert wrong == []


# The source


def calls():
    """Yield every call of gettext in the package: file, node, name, and whether it runs at import."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            file = path.relative_to(PACKAGE).as_posix()
            yield from _calls(file, ast.parse(path.read_text(encoding="utf-8")), at_import=True)


def _calls(file, node, *, at_import):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and getattr(child.func, "id", None) in CALLS:
            yield file, child, child.func.id, at_import
        inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from _calls(file, child, at_import=at_import and not inside)


def literals(call, name):
    arguments = zip(CALLS[name], call.args, strict=False)
    return {key: getattr(node, "value", None) for key, node in arguments}


def test_gettext_finds_every_sentence():
    """It reads the source and runs nothing: a sentence has to stand in the call, and in no f-string."""
    found = [
        (file, ast.unparse(call.args[-1]))
        for file, call, name, _at_import in calls()
        if not all(isinstance(text, str) for text in literals(call, name).values())
    ]
    assert set(found) == OF_FILES


def test_nothing_is_translated_at_import():
    wrong = [
        (file, call.lineno)
        for file, call, name, at_import in calls()
        if at_import and name in AT_ONCE
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_code_is_in_the_catalogue(language):
    known = {(entry.msgctxt, entry.msgid) for entry in entries_of(language)}
    said = [literals(call, name) for _file, call, name, _at_import in calls()]
    used = {(one.get("msgctxt"), one["msgid"]) for one in said if isinstance(one["msgid"], str)}
    assert len(used) > 400
    assert sorted(text for _context, text in used - known) == [], "run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_predefined_template_is_in_the_catalogue(language):
    known = {(entry.msgctxt, entry.msgid) for entry in entries_of(language)}
    for shipped in shipped_templates():
        assert ("prompt template", shipped.name) in known
        assert (None, shipped.description) in known


@pytest.mark.skipif(
    bool(messages.missing_tools()), reason="NOT RUN: GNU gettext is not installed (Debian: gettext)"
)
def test_the_catalogues_hold_what_gettext_extracts_and_no_more():
    with messages.extraction("xx") as folder:
        extracted = polib.pofile(str(folder / "xx" / f"{messages.DOMAIN}.po"))
    wanted = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in extracted}
    for language in LANGUAGES:
        known = {(e.msgctxt, e.msgid, e.msgid_plural) for e in entries_of(language)}
        assert sorted(text for _, text, _ in wanted - known) == [], f"{language}: run make messages"
        assert sorted(text for _, text, _ in known - wanted) == [], f"{language}: run make messages"


def test_every_field_has_a_name_and_help_in_the_language_of_the_user():
    wrong = []
    for model in apps.get_app_config("wagtail_llm_actions").get_models():
        assert isinstance(model._meta.verbose_name, Promise)
        assert isinstance(model._meta.verbose_name_plural, Promise)
        for field in model._meta.local_fields:
            own = not (field.primary_key or field.name in INHERITED or field.remote_field)
            if own and not isinstance(field._verbose_name, Promise):
                wrong.append(f"{field}: name")
            if field.help_text and not isinstance(field.help_text, Promise):
                wrong.append(f"{field}: help")
    assert wrong == []


def test_the_locale_folder_is_where_django_looks():
    assert (Path(apps.get_app_config("wagtail_llm_actions").path) / "locale") == LOCALE
