"""
Brings the catalogues of the translations up to date with the package::

    python tests/messages.py            extract, merge and compile; say what is to be translated

Needs GNU gettext (Debian: gettext). New sentences come in empty, and those whose English has changed
empty too: an old translation of another sentence is no help to a reader.
"""

import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import django
import polib
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "wagtail_llm_actions"
LOCALE = PACKAGE / "locale"
LANGUAGES = ("de", "ar")
DOMAIN = "LC_MESSAGES/django"
TOOLS = ("xgettext", "msgmerge", "msguniq", "msgattrib", "msgfmt")

SHIPPED = Path("data") / "prompt_templates.py"
"""Where, in the copy that is extracted from, the words of the predefined templates stand as code."""


def missing_tools() -> list[str]:
    """Return the programs of GNU gettext that are not installed."""
    return [name for name in TOOLS if shutil.which(name) is None]


def main() -> int:
    """Update every catalogue in the package; return 1 where something is left to translate."""
    if missing := missing_tools():
        print(f"Not installed (Debian: gettext): {', '.join(missing)}")
        return 2
    with extraction(*LANGUAGES) as folder:
        for language in LANGUAGES:
            made = folder / language / f"{DOMAIN}.po"
            target = LOCALE / language / f"{DOMAIN}.po"
            target.parent.mkdir(parents=True, exist_ok=True)
            catalogue = tidy(polib.pofile(str(made)))
            catalogue.save(str(target))
            catalogue.save_as_mofile(str(target.with_suffix(".mo")))
    return report()


def report() -> int:
    """Say what is not translated yet, and return 1 if there is such a thing."""
    status = 0
    for language in LANGUAGES:
        entries = untranslated(catalogue_of(language))
        print(f"{language}: {len(entries)} to translate" if entries else f"{language}: complete")
        for entry in entries:
            status = 1
            print(f"  {entry.msgid!r}  ({', '.join(path for path, _line in entry.occurrences)})")
    return status


def catalogue_of(language: str) -> polib.POFile:
    """Return the catalogue of a language as the package has it."""
    return polib.pofile(str(LOCALE / language / f"{DOMAIN}.po"))


def untranslated(catalogue: polib.POFile) -> list[polib.POEntry]:
    """Return the entries that lack a translation, or one of their plural forms, or are doubtful."""
    return [entry for entry in catalogue if not entry.obsolete and not is_translated(entry)]


def is_translated(entry: polib.POEntry) -> bool:
    """Return whether an entry is translated, in all of its forms and without doubt."""
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    return not entry.fuzzy and bool(texts) and all(texts)


def tidy(catalogue: polib.POFile) -> polib.POFile:
    """Return a catalogue without guesses, leftovers and what changes with every extraction."""
    catalogue.metadata.pop("POT-Creation-Date", None)
    for entry in list(catalogue):
        if entry.obsolete:
            catalogue.remove(entry)
        elif entry.fuzzy:
            entry.flags.remove("fuzzy")
            entry.msgstr = ""
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "")
            entry.previous_msgid = entry.previous_msgctxt = entry.previous_msgid_plural = None
    return catalogue


@contextmanager
def extraction(*languages: str) -> Iterator[Path]:
    """
    Extract all that is to be translated; give the folder ``locale`` of a copy of the package.

    What a catalogue of the package has already is merged into it.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
        (copy / "locale").mkdir(exist_ok=True)
        (copy / SHIPPED).write_text(shipped_as_code(), encoding="utf-8")
        with chdir(copy):
            call_command(
                "makemessages",
                locale=list(languages),
                add_location="file",
                no_wrap=True,
                verbosity=0,
            )
        yield copy / "locale"


def shipped_as_code() -> str:
    """Return what people read of the predefined templates, as gettext can find it."""
    lines = ["from django.utils.translation import gettext as _, pgettext"]
    for file in sorted((PACKAGE / "data" / "prompt_templates").glob("*.toml")):
        values = tomllib.loads(file.read_text(encoding="utf-8"))
        lines.append(f"pgettext('prompt template', {values['name'].strip()!r})")
        lines.append("# Translators: The description of a predefined prompt template.")
        lines.append(f"_({values['description'].strip()!r})")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    if not settings.configured:
        django.setup()
    sys.exit(main())
