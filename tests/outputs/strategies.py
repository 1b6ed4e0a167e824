"""Any spec that a form could have, and any value that its field takes."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from tests.outputs.specs import field
from wagtail_llm_actions.outputs.characters import readable
from wagtail_llm_actions.outputs.texts import one_line, without_heading_mark
from wagtail_llm_actions.values import FieldKind, FieldSpec, Option

NAMES = st.sampled_from(["heading", "value", "type", "body", "card", "is_open", "x1", "answer"])
LABELS = st.text(max_size=12) | st.sampled_from(["Heading", "value", "Is open", "\u202eevil", ""])
URLS = ["https://example.org", "http://example.org/a?b=c&d=%20#e", "ftp://example.org/file"]
EMAILS = ["name@example.org", "o'neil+news@mail.example.org"]
OFFSETS = [UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=9, minutes=30))]
CHOOSING = [FieldKind.CHOICE, FieldKind.OBJECT, FieldKind.CHOICES, FieldKind.OBJECTS]
OPEN_ENDED = [FieldKind.CHOICES, FieldKind.OBJECTS, FieldKind.TAGS]
LEAVES = [
    *(FieldKind.TEXT, FieldKind.RICH_TEXT, FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.BOOLEAN),
    *(FieldKind.DATE, FieldKind.TIME, FieldKind.DATETIME, FieldKind.URL, FieldKind.EMAIL),
    *(FieldKind.SLUG, FieldKind.TAGS),
    *CHOOSING,
]
NODES = [FieldKind.STRUCT, FieldKind.LIST, FieldKind.STREAM, FieldKind.ROWS]
assert {*LEAVES, *NODES} == set(FieldKind)

SOME_OPTIONS = st.lists(
    st.builds(
        Option,
        value=st.text(alphabet="0123456789abAB ", min_size=1, max_size=3).filter(str.strip),
        label=st.text(max_size=8) | st.sampled_from(["Bread", "bread", "1", "None", "a" * 150]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda option: option.value,
).map(tuple)


@st.composite
def leaf_specs(draw, name):
    """Specs of fields with a single value, or a list of texts."""
    kind = draw(st.sampled_from(LEAVES))
    values = {"required": draw(st.booleans()), "label": draw(LABELS)}
    if kind in (FieldKind.TEXT, FieldKind.RICH_TEXT):
        values["multiline"] = draw(st.booleans())
        values["max_length"] = draw(st.none() | st.integers(min_value=1, max_value=30))
    if kind in CHOOSING:
        values["options"] = draw(SOME_OPTIONS)
    if kind in OPEN_ENDED:
        values["min_items"], values["max_items"] = draw(item_limits(most=1))
    if kind == FieldKind.NUMBER:
        values["decimal_places"] = draw(st.none() | st.integers(min_value=0, max_value=4))
    if kind in LIMITS:
        limits = sorted([draw(LIMITS[kind]), draw(LIMITS[kind])])
        values["minimum"] = draw(st.none() | st.just(as_text(limits[0])))
        values["maximum"] = draw(st.none() | st.just(as_text(limits[1])))
    return field(kind, name, **values)


@st.composite
def item_limits(draw, most=3):
    """At least and at most so many items, or ``None``."""
    least = draw(st.none() | st.integers(min_value=0, max_value=most))
    return least, draw(st.none() | st.integers(min_value=least or 1, max_value=most + 2))


@st.composite
def specs(draw, name=None, depth=3):
    """Specs of any field, with fields in fields."""
    name = name or draw(NAMES)
    if depth == 0 or draw(st.booleans()):
        return draw(leaf_specs(name))
    kind = draw(st.sampled_from(NODES))
    single = kind == FieldKind.LIST
    names = draw(
        st.lists(NAMES, min_size=1, max_size=1 if single else 3, unique=True), label="names"
    )
    values = {"fields": tuple(draw(specs(inner, depth - 1)) for inner in names)}
    if kind != FieldKind.STRUCT:
        values["min_items"], values["max_items"] = draw(item_limits())
    return field(kind, name, required=draw(st.booleans()), label=draw(LABELS), **values)


def values_of(spec: FieldSpec):
    """Return a strategy for the values that the field takes."""
    if spec.kind == FieldKind.STRUCT:
        return st.fixed_dictionaries({inner.name: values_of(inner) for inner in spec.fields})
    if spec.kind == FieldKind.ROWS:
        return items(
            spec, st.fixed_dictionaries({inner.name: values_of(inner) for inner in spec.fields})
        )
    if spec.kind == FieldKind.LIST:
        item = values_of(spec.fields[0])
        return items(spec, item.filter(lambda value: value is not None))
    if spec.kind == FieldKind.STREAM:
        return items(spec, st.sampled_from(spec.fields).flatmap(blocks_of))
    if spec.kind in OPEN_ENDED:
        return sets_of(spec)
    present = SCALARS[spec.kind](spec)
    return present if spec.required else st.none() | present


def blocks_of(block: FieldSpec):
    return st.fixed_dictionaries({"type": st.just(block.name), "value": values_of(block)})


def items(spec: FieldSpec, item, **limits):
    least, most = counts(spec)
    return st.lists(item, min_size=least, max_size=max(least, most), **limits)


def counts(spec: FieldSpec) -> tuple[int, int]:
    least = max(spec.min_items or 0, 1 if spec.required else 0)
    return least, 3 if spec.max_items is None else spec.max_items


def sets_of(spec: FieldSpec):
    if spec.kind == FieldKind.TAGS:
        words = st.text(alphabet="abcÄß語 -", min_size=1, max_size=6)
        tags = words.map(lambda text: " ".join(text.split())).filter(bool)
        return items(spec, tags, unique_by=str.casefold)
    return items(spec, st.sampled_from([option.value for option in spec.options]), unique=True)


def texts_of(spec: FieldSpec):
    limit = spec.max_length or 40
    return st.text(max_size=50).map(lambda text: normal(spec, text, limit)).filter(bool)


def normal(spec: FieldSpec, text: str, limit: int) -> str:
    """Return the text as an output may have it, whatever is normalised done to its end."""
    while True:
        before = text
        text = readable(text)[:limit].strip()
        if spec.kind == FieldKind.TEXT and not spec.multiline:
            text = one_line(without_heading_mark(text)).strip()
        if text == before:
            return text


def moments(spec: FieldSpec):
    plain = between(spec, DATETIMES, datetime.fromisoformat)
    if spec.minimum or spec.maximum:
        return plain
    return plain | st.builds(
        lambda text, offset: datetime.fromisoformat(text).replace(tzinfo=offset).isoformat(),
        plain,
        st.sampled_from(OFFSETS),
    )


def between(spec: FieldSpec, strategy, parse):
    def fits(value):
        after = spec.minimum is None or value >= parse(spec.minimum)
        return after and (spec.maximum is None or value <= parse(spec.maximum))

    limits = [parse(limit) for limit in (spec.minimum, spec.maximum) if limit is not None]
    found = strategy.filter(fits) if not limits else st.sampled_from(limits) | strategy
    return found.filter(fits).map(as_text)


def numbers(spec: FieldSpec):
    places = 6 if spec.decimal_places is None else spec.decimal_places
    unit = Decimal(1).scaleb(-places)
    rounded = NUMBERS.map(lambda number: number.quantize(unit) if places < 4 else number)
    limited = between(spec, rounded, Decimal)
    return limited.filter(lambda text: decimals(text) <= places).filter(lambda text: text != "-0")


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


def as_text(value) -> str:
    if isinstance(value, Decimal):
        return format(abs(value) if value == 0 else value, "f")
    return str(value) if isinstance(value, int) else value.isoformat()


DATES = st.dates(min_value=date(1, 1, 1))
TIMES = st.times()
DATETIMES = st.datetimes()
INTEGERS = st.integers(min_value=-(10**18), max_value=10**18) | st.integers(-5, 5)
NUMBERS = st.decimals(min_value=-(10**6), max_value=10**6, places=4)
LIMITS = {
    FieldKind.INTEGER: INTEGERS,
    FieldKind.NUMBER: NUMBERS,
    FieldKind.DATE: DATES,
    FieldKind.TIME: TIMES,
    FieldKind.DATETIME: DATETIMES,
}
SCALARS = {
    FieldKind.TEXT: texts_of,
    FieldKind.RICH_TEXT: texts_of,
    FieldKind.INTEGER: lambda spec: between(spec, INTEGERS, int).map(int),
    FieldKind.NUMBER: numbers,
    FieldKind.BOOLEAN: lambda spec: st.booleans(),
    FieldKind.DATE: lambda spec: between(spec, DATES, date.fromisoformat),
    FieldKind.TIME: lambda spec: between(spec, TIMES, time.fromisoformat),
    FieldKind.DATETIME: moments,
    FieldKind.URL: lambda spec: st.sampled_from(URLS),
    FieldKind.EMAIL: lambda spec: st.sampled_from(EMAILS),
    FieldKind.SLUG: lambda spec: st.from_regex(r"[-a-zé0-9_]{1,8}", fullmatch=True),
    FieldKind.CHOICE: lambda spec: st.sampled_from([option.value for option in spec.options]),
    FieldKind.OBJECT: lambda spec: st.sampled_from([option.value for option in spec.options]),
}
