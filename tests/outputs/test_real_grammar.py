"""
The schemas on a real server: it accepts each, and what a model writes under it can be judged.

The model is a tiny one. What it says is not looked at, only that the grammar makes it the JSON that
was asked for, which then fits, or is refused with a reason.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.outputs.specs import field, options
from wagtail_llm_actions.exceptions import OutputError
from wagtail_llm_actions.outputs import clean, fit, instructions, json_schema
from wagtail_llm_actions.providers.embedded import EmbeddedProvider
from wagtail_llm_actions.values import (
    PROSE_KINDS,
    CompletionRequest,
    FieldKind,
    FinishReason,
    Message,
)

ROOT = Path(__file__).resolve().parent.parent.parent
WEIGHTS = os.environ.get("EMBEDDED_MODEL", "")
TEXT = "The bakery opens on 2026-03-01 at 08:30. It sells bread and cake, and has 12 seats."

FOOD = options("Bread", "Cake", 'Pie “warm”, "sweet" \\ sour', "Äpfel 語")
PAGES = options(*(f"Page {number}: {'news of the bakery ' * 4}" for number in range(1, 101)))
CARD = (
    field("text", "title", required=True, max_length=80),
    field("date", "opens"),
    field("choice", "food", options=FOOD),
    field("boolean", "is_open"),
)
BLOCKS = (
    field("text", "heading", required=True),
    field("rich_text", "paragraph", multiline=True),
    field("struct", "card", fields=CARD),
    field("list", "quotes", fields=(field("text", "item", required=True),)),
    field("struct", "divider"),
    field(
        "stream",
        "columns",
        fields=(field("text", "heading"), field("struct", "card", fields=CARD)),
    ),
)
SPECS = {
    **{kind: field(kind, required=True) for kind in FieldKind},
    **{f"optional {kind}": field(kind) for kind in ("integer", "number", "boolean", "date")},
    FieldKind.CHOICE: field("choice", options=FOOD, required=True),
    FieldKind.CHOICES: field("choices", options=FOOD, max_items=4),
    FieldKind.OBJECT: field("object", options=PAGES, required=True),
    FieldKind.OBJECTS: field("objects", options=PAGES),
    "optional choice": field("choice", options=FOOD),
    "optional object": field("object", options=PAGES),
    FieldKind.STRUCT: field("struct", fields=CARD),
    FieldKind.LIST: field("list", fields=(field("struct", "item", fields=CARD),)),
    FieldKind.ROWS: field("rows", fields=CARD),
    FieldKind.STREAM: field("stream", fields=BLOCKS, required=True),
    "sixty types of block": field(
        "stream",
        fields=tuple(field("struct", f"block_{number}", fields=CARD) for number in range(60)),
    ),
}
ASKED = {name: spec for name, spec in SPECS.items() if json_schema(spec)}


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """The embedded model, served as a site serves it."""
    if not os.path.isfile(WEIGHTS):
        pytest.skip("EMBEDDED_MODEL does not name a GGUF file")
    state_file = tmp_path_factory.mktemp("model") / "state.json"
    command = [sys.executable, "-m", "django", "llm_serve", WEIGHTS, "--name", "tiny"]
    with subprocess.Popen(
        [*command, "--state-file", str(state_file), "--context-size", "8192"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert "tiny is ready at http://127.0.0.1:" in process.stdout.readline()
        embedded = EmbeddedProvider(alias="tested", state_file=state_file)
        yield embedded
        embedded.close()
        process.kill()


def test_every_kind_is_asked_for():
    assert {spec.kind for spec in ASKED.values()} == set(FieldKind) - PROSE_KINDS


@pytest.mark.embedded
@pytest.mark.parametrize("name", ASKED)
def test_the_server_takes_the_schema_and_its_answer_can_be_judged(provider, name):
    spec = ASKED[name]
    text, finish_reason = ask(provider, spec)
    try:
        fit(spec, clean(text))
    except OutputError as error:
        assert getattr(error, "reasons", None) != ()
    if finish_reason == FinishReason.STOP:
        Draft202012Validator(json_schema(spec)).validate(json.loads(text))
    else:
        assert text.lstrip().startswith("{")


def ask(provider, spec):
    """Return the model's answer about a text, and why it stopped."""
    request = CompletionRequest(
        model_name="tiny",
        messages=(
            Message(role="system", content=instructions(spec)[:4000]),
            Message(role="user", content=TEXT),
        ),
        temperature=0,
        max_output_tokens=48,
        json_schema=json_schema(spec),
    )
    chunks = list(provider.stream(request))
    return "".join(chunk.text for chunk in chunks), chunks[-1].finish_reason
