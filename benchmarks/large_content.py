"""Large forms, schemas and outputs, against Wagtail's own preview request of the same form."""

import json
import os
from collections.abc import Iterator

from benchmarks.figures import Figure, alternate, milliseconds
from benchmarks.site import ask, seeded

KEYS = 1500
KEYS_OF_A_BLOCK = 5
BLOCK_TYPES = 60
OUTPUT_BLOCKS = 100
ROUNDS = 10


def figures() -> Iterator[Figure]:
    """Measure in one process, in turns; the figures are times and multiples of a preview."""
    with seeded() as environment:
        found = ask("benchmarks.large_content", environment)
    print(f"A form of {found['keys']} keys. The baseline is Wagtail's preview request of it.")
    for key, name in (
        ("read", "reading a form"),
        ("schema", f"deriving the schema of {BLOCK_TYPES} block types"),
        ("validate", f"checking an output of {OUTPUT_BLOCKS} blocks by the field's rules"),
        ("place", f"putting an output of {OUTPUT_BLOCKS} blocks into the form"),
    ):
        ratio = found[key] / found["preview"]
        yield Figure(
            name=f"{name}: × {ratio:.2f} of a preview",
            unit="ms",
            baseline=found["preview"],
            cost=found[key],
        )


def measure() -> dict[str, float]:
    """Measure in this process."""
    import django

    django.setup()
    from django.conf import settings
    from django.http import QueryDict
    from django.urls import reverse

    from benchmarks.editor import Editor
    from wagtail_llm_actions.content import find_editor, problems_of_value
    from wagtail_llm_actions.content.specs import spec_of
    from wagtail_llm_actions.outputs import dump, fit, json_schema
    from wagtail_llm_actions.values import FieldKind, OutputMode

    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2 * KEYS
    editor = Editor(int(os.environ["BENCH_PAGE"]))
    editor.form |= _blocks((KEYS - len(editor.form)) // KEYS_OF_A_BLOCK)
    preview = reverse("wagtailadmin_pages:preview_on_edit", args=[editor.page.pk])
    post = QueryDict(mutable=True)
    post.update(editor.form)
    block = _many_types()
    value = [{"type": "text", "value": f"Paragraph {n}"} for n in range(OUTPUT_BLOCKS)]
    bound = find_editor(editor.path, editor.user).bind(post)
    spec = bound.spec("stream")
    answer = dump(spec, value)
    model = bound.editor.model

    def read() -> None:
        assert len(editor.open().bind(post).read("stream").text) > KEYS

    def schema() -> None:
        assert json_schema(
            spec_of(None, FieldKind.STREAM, path="body", label="Body", required=True, block=block)
        )

    def validate() -> None:
        assert not problems_of_value(model, "stream", fit(spec, answer), editor.user)

    def place() -> None:
        placement = editor.open().bind(post).place("stream", value, OutputMode.REPLACE)
        assert not placement.errors, placement.errors

    def show() -> None:
        assert editor.post(preview).json()["is_valid"]

    actions = {
        "preview": show,
        "read": read,
        "schema": schema,
        "validate": validate,
        "place": place,
    }
    times = alternate(*map(milliseconds, actions.values()), rounds=ROUNDS)
    return {"keys": len(post), **dict(zip(actions, times, strict=True))}


def _blocks(number: int) -> dict[str, str]:
    inputs = {"stream-count": str(number)}
    for n in range(number):
        inputs |= {
            f"stream-{n}-type": "heading",
            f"stream-{n}-id": f"block-{n}",
            f"stream-{n}-order": str(n),
            f"stream-{n}-deleted": "",
            f"stream-{n}-value": f"Heading {n}",
        }
    return inputs


def _many_types():
    from wagtail.blocks import (
        CharBlock,
        ChoiceBlock,
        ListBlock,
        StreamBlock,
        StructBlock,
        TextBlock,
    )

    def one(n: int) -> StructBlock:
        choices = [(f"value-{n}-{m}", f"Choice {m}") for m in range(5)]
        fields = [
            ("heading", CharBlock(max_length=80)),
            ("text", TextBlock(required=False)),
            ("look", ChoiceBlock(choices=choices)),
            ("points", ListBlock(CharBlock())),
        ]
        return StructBlock(fields)

    return StreamBlock([(f"type_{n}", one(n)) for n in range(BLOCK_TYPES)])


if __name__ == "__main__":
    print(json.dumps(measure()))
