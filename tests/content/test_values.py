"""Whatever blocks there are and whatever is in them, a value comes back as it was."""

import datetime
import string
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail import blocks
from wagtail.test.utils.form_data import nested_form_data

from tests import factories
from tests.content.applying import applied, inputs_from_state
from tests.content.forms import edit_path, everything
from tests.processor_time import limited_time, repeated
from tests.testapp.blocks import COLOURS, EverythingBlock
from tests.testapp.models import EverythingPage
from wagtail_llm_actions.content import problems_of_value
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.kinds import children_of, kind_of_block
from wagtail_llm_actions.content.markdown import html_to_markdown
from wagtail_llm_actions.content.native import members_of, native_value, on_one_line
from wagtail_llm_actions.content.states import state_of_block
from wagtail_llm_actions.values import FieldKind, OutputMode

OPEN_ENDED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), max_size=20)
WORDS = st.lists(st.text(string.ascii_letters, min_size=1, max_size=8), min_size=1, max_size=5)
MINUTES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
NAMES = st.lists(
    st.text(string.ascii_lowercase, min_size=1, max_size=6), min_size=1, max_size=3, unique=True
)
CHOICES = [value for value, _ in COLOURS]

LEAVES = {
    blocks.CharBlock: LINE,
    blocks.TextBlock: st.lists(LINE.filter(bool), max_size=3).map("\n".join),
    blocks.BlockQuoteBlock: LINE,
    blocks.RichTextBlock: WORDS.map(" ".join),
    blocks.IntegerBlock: st.none() | st.integers(-(10**15), 10**15),
    blocks.FloatBlock: st.none() | st.floats(allow_nan=False, allow_infinity=False).map(str),
    blocks.DecimalBlock: st.none()
    | st.decimals(-(10**9), 10**9, places=3, allow_nan=False).map(str),
    blocks.BooleanBlock: st.booleans(),
    blocks.DateBlock: st.none() | st.dates(datetime.date(1000, 1, 1)).map(datetime.date.isoformat),
    blocks.TimeBlock: st.none() | MINUTES.map(datetime.time.isoformat),
    blocks.EmailBlock: st.sampled_from(["", "ada@example.com"]),
    blocks.URLBlock: st.sampled_from(["", "http://localhost/a/?b=c#d"]),
}


def leaf(cls):
    return st.builds(cls, required=st.just(False))


def a_struct(inner):
    return NAMES.flatmap(
        lambda names: st.tuples(*[inner] * len(names)).map(
            lambda made: blocks.StructBlock(list(zip(names, made, strict=True)))
        )
    )


def a_stream(inner):
    return NAMES.flatmap(
        lambda names: st.tuples(*[inner] * len(names)).map(
            lambda made: blocks.StreamBlock(list(zip(names, made, strict=True)), required=False)
        )
    )


LEAF = st.one_of(
    [leaf(cls) for cls in LEAVES]
    + [
        st.builds(blocks.ChoiceBlock, choices=st.just(COLOURS), required=st.just(False)),
        st.builds(blocks.MultipleChoiceBlock, choices=st.just(COLOURS), required=st.just(False)),
    ]
)
TREE = st.recursive(
    LEAF,
    lambda inner: a_struct(inner) | a_stream(inner) | inner.map(blocks.ListBlock),
    max_leaves=6,
)


def values(block):
    """Generate field values of a block."""
    if isinstance(block, blocks.ChoiceBlock):
        return st.sampled_from(["", *CHOICES])
    if isinstance(block, blocks.MultipleChoiceBlock):
        return st.lists(st.sampled_from(CHOICES), unique=True)
    if type(block) in LEAVES:
        return LEAVES[type(block)]
    children = children_of(block)
    if isinstance(block, blocks.StructBlock):
        return st.fixed_dictionaries({name: values(child) for name, child in children.items()})
    if isinstance(block, blocks.ListBlock):
        return st.lists(values(block.child_block), max_size=3)
    made = [
        values(child).map(lambda value, name=name: {"type": name, "value": value})
        for name, child in children.items()
    ]
    return st.lists(st.one_of(made), max_size=3)


def value_of(block, native):
    """Return the field value of a block's own value."""
    kind = kind_of_block(block)
    if kind == FieldKind.STREAM:
        return [
            {"type": child.block_type, "value": value_of(child.block, child.value)}
            for child in native
        ]
    if kind == FieldKind.LIST:
        return [value_of(block.child_block, item) for item in native]
    if kind == FieldKind.STRUCT:
        members = members_of(block, native)
        return {name: value_of(block.child_blocks[name], members[name]) for name in members}
    if kind == FieldKind.RICH_TEXT:
        return html_to_markdown(native.source)
    if kind in (FieldKind.DATE, FieldKind.TIME):
        return native and native.isoformat() if native is not None else None
    if kind == FieldKind.NUMBER:
        return None if native is None else str(native)
    return native


def posted_value(block, state):
    """Return what a block reads from the inputs that the browser renders for a form state."""
    data = nested_form_data({"x": inputs_from_state(block, state)})
    pairs = {key: value for key, value in data.items() if value is not None}
    return block.value_from_datadict(QueryDict(urlencode(pairs, doseq=True)), {}, "x")


@OPEN_ENDED
@given(st.data())
def test_a_value_comes_back_from_the_form_as_it_was(data):
    block = data.draw(TREE)
    value = data.draw(values(block))
    native = native_value(block, value)
    assert value_of(block, native) == value
    again = posted_value(block, state_of_block(block, native))
    assert value_of(block, block.clean(again)) == value


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from([10**400, "9" * 30, "2026-02-30", "nan", "\x00", "a" * 5000]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.fixed_dictionaries(
            {"type": st.sampled_from(sorted(EverythingBlock().child_blocks)), "value": inner}
        )
    ),
    max_leaves=8,
)
PATHS = [
    *("char", "rich", "integer", "decimal", "float", "boolean", "date", "time", "datetime"),
    *("choice", "colours", "sizes", "url", "email", "own_slug", "duration", "pair"),
    *("page_link", "image", "person", "topics", "stream", "stream.chapter", "stream.dates"),
    *("items", "stream.image", "stream.page"),
]


@OPEN_ENDED
@given(JSON)
def test_no_json_breaks_a_block(value):
    block = EverythingBlock()
    for child in (block.child_blocks["chapter"], block.child_blocks["dates"], block):
        try:
            native_value(child, value)
        except ValidationError:
            continue


@pytest.mark.django_db
@OPEN_ENDED
@given(st.sampled_from(PATHS), JSON)
def test_no_json_breaks_a_field(path, value):
    assert isinstance(problems_of_value(EverythingPage, path, value), tuple)


@pytest.mark.django_db
@settings(OPEN_ENDED, max_examples=40)
@given(st.sampled_from([path for path in PATHS if not path.startswith("stream.")]), JSON)
def test_no_json_reaches_a_form_that_refuses_it(admin, home, path, value):
    page = EverythingPage.objects.first() or factories.make_page(EverythingPage)
    bound = find_editor(edit_path(page), admin).bind(everything())
    placed = bound.place(path, value, OutputMode.REPLACE)
    if not placed.errors:
        again = bound.editor.bind(applied(bound, path, placed))
        assert again.form.errors == {}
        assert not any(formset.errors for formset in again.form.formsets.values())


@pytest.mark.parametrize("space", [" ", "\t", "\n", " \n"], ids=ascii)
def test_much_space_in_a_line_is_no_work(space):
    with limited_time():
        assert on_one_line(repeated(space, before="a", after="b")).startswith("a")
