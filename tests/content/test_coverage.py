"""
Every class that Django and Wagtail bring is read and written, or left alone for a reason.

The tables of ``docs/reference/coverage.md`` are what comes of trying; ``WRITE_COVERAGE=1`` in the
environment of this test writes them anew.
"""

import os
import re

import pytest
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.models import Embed

from tests.content.coverage import (
    DOCUMENT,
    HEADINGS,
    REASONS,
    addresses_of,
    block_class,
    name_of,
    shipped,
    trial_of,
)
from tests.content.test_saved import bind, image, page, values  # noqa: F401
from wagtail_llm_actions.content.kinds import NOT_WRITABLE
from wagtail_llm_actions.content.saved import open_saved

pytestmark = pytest.mark.django_db

COLUMNS = ("class", "form", "saved", "schema", "editor", "draft", "tried on")
ROW = re.compile(r"^\| `(?P<name>[\w.<>]+)(?P<rest>\*?)` \|", re.MULTILINE)
MADE = re.compile(r"tests\.|django\.forms\.widgets\.\w+ChooserWidget$")
"""Classes of the tests, and those that Wagtail makes for a model."""


@pytest.fixture
def trials(page, admin, admin_client):  # noqa: F811
    """The best trial of each class, by what it is and its name."""
    url = "https://example.com/video"
    Embed.objects.create(url=url, hash=get_embed_hash(url), type="video", html="<video></video>")
    bound, saved = bind(page, admin, admin_client), open_saved(page, admin)
    found = {kind: {} for kind in HEADINGS}
    by_path = {}
    for address in addresses_of(bound):
        trial = trial_of(bound, saved, address)
        by_path[trial.path] = trial
        for kind, cls in _classes(bound, address):
            _keep_better(found[kind], cls, trial)
    for cls, trial in _panels(bound.editor.opened.panel, by_path):
        _keep_better(found["panel"], cls, trial)
    return found


def _keep_better(found, cls, trial):
    known = found.get(name_of(cls))
    if known is None or _rank(trial) > _rank(known[0]):
        found[name_of(cls)] = (trial, cls)


def _rank(trial):
    return sum(cell not in ("no", "–") for cell in trial.cells)


def _classes(bound, address):
    if address in bound.form.formsets:
        return
    place = bound.place_of(address)
    if place.block is not None:
        yield "block", block_class(place.block)
    if place.field is not None:
        yield "field", type(place.field)
        yield "widget", type(place.field.widget)


def _panels(panel, by_path):
    """Yield the panels with what was tried in them; a group does what each of its panels does."""
    name = getattr(panel, "field_name", None) or getattr(panel, "relation_name", None)
    if name in by_path:
        yield type(panel), by_path[name]
    for child in getattr(panel, "children", ()):
        for cls, trial in _panels(child, by_path):
            yield cls, trial
            yield type(panel), trial


def tables(trials):
    """Return the tables, as the document has them."""
    lines = []
    for kind, heading in HEADINGS.items():
        lines += ["", f"## {heading}", "", f"| {' | '.join(COLUMNS)} |"]
        lines += ["|---" * len(COLUMNS) + "|"]
        for name, (trial, _) in sorted(trials[kind].items()):
            if not MADE.match(name) and trial.editor != "–":
                lines.append(f"| `{name}` | {' | '.join(trial.cells)} |")
    lines += ["", "## Left alone", "", "| class | why |", "|---|---|"]
    lines += [f"| `{name}` | {why} |" for name, why in sorted(_reasons(trials).items())]
    return "\n".join(lines) + "\n"


def _reasons(trials):
    reasons = {
        name + ("*" if name.endswith((".", "Base")) else ""): why for name, why in REASONS.items()
    }
    for found in trials.values():
        for name, (trial, cls) in found.items():
            if trial.editor == "–" and name.startswith(("django.", "wagtail.")):
                whys = [NOT_WRITABLE[base] for base in cls.__mro__ if base in NOT_WRITABLE]
                reasons |= {name: whys[0]} if whys else {}
    return reasons


def test_the_document_says_what_came_of_trying(trials):
    _check(trials)
    text = DOCUMENT.read_text(encoding="utf-8")
    introduction, mark, written = text.partition("\n## Form fields")
    found = tables(trials)
    if os.environ.get("WRITE_COVERAGE"):
        DOCUMENT.write_text(introduction + found, encoding="utf-8")
    names = {match["name"] for match in ROW.finditer(found)}
    # A version of Wagtail may lack a class that another has.
    expected = [line for line in (mark + written).splitlines() if _is_here(line, names)]
    assert [_untried(line) for line in found.splitlines()] == [_untried(line) for line in expected]


def _untried(line):
    """Versions differ in which field has a class first."""
    return re.sub(r"\| `[\w.]+` \|$", "|", line)


def _is_here(line, names):
    match = ROW.match(line)
    return not match or match["name"] in names


def _check(trials):
    """What is written is read, asked for, and written in the editor and as a draft."""
    for found in trials.values():
        for name, (trial, _) in found.items():
            if trial.editor != "–":
                assert trial.form and trial.saved, name
                assert trial.schema in ("prose", "JSON"), name
                assert trial.editor in ("text", "rich_text", "state", "html", "rows"), name
                assert trial.draft == "yes", name


@pytest.mark.parametrize("kind", HEADINGS)
def test_no_class_is_forgotten(kind):
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = [(match["name"], bool(match["rest"])) for match in ROW.finditer(text)]
    names = shipped()[kind]
    assert len(names) > 10
    forgotten = [
        name
        for name in names
        if not any(name == row or (rest and name.startswith(row)) for row, rest in rows)
    ]
    assert forgotten == []
