"""Templates that want all the time, all the memory, or what is not theirs."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_llm_actions.exceptions import PromptError, PromptLimitError, PromptSyntaxError
from wagtail_llm_actions.prompts import render

LONG = "a" * 1_900_000
WIDE = "🐦" * 1_900_000
VALUES = {"body": LONG, "short": "a" * 29_999, "title": "Swifts", "d": {"a": "x", "b": LONG}}
WIDE_VALUES = {**VALUES, "body": WIDE, "d": {"a": "x", "b": "x" + WIDE}}

TOO_MUCH = {
    "a long range": "{% for i in range(10**9) %}x{% endfor %}".replace("10**9", "1000000000"),
    "a longer range": "{{ range(0, 1000000000000, 2)|join }}",
    "many times a text": "{{ 'a' * 1000000000 }}",
    "a text many times many times": "{{ 'a' * 100000 * 100000 * 100000 }}",
    "nested loops": "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
    "a loop over characters": "{% for c in body %}x{% endfor %}",
    "a loop over a list of them": "{% for c in body|list %}x{% endfor %}",
    "a loop that is filtered": "{% for a in range(99999) if a < 0 %}{% endfor %}",
    "a loop with a large body": "{% for a in range(9999) %}" + "{{ a }}" * 500 + "{% endfor %}",
    "a loop with many conditions": "{% for a in range(9999) %}"
    + "{% if a %}{% endif %}" * 400
    + "{% endfor %}",
    "a loop that writes": "{% for a in range(9999) %}{{ short }}{% endfor %}",
    "a loop that writes long": "{% for a in range(9999) %}" + "x" * 90_000 + "{% endfor %}",
    "a loop that counts": "{% for a in range(9999) %}{% set b = body|wordcount %}{% endfor %}",
    "a loop that compares": "{% for a in range(9999) %}{{ d.b == body }}{% endfor %}",
    "a loop that searches": "{% for a in range(9999) %}{{ short[:9999] ~ 'b' in short }}{% endfor %}",
    "a loop that slices": "{% for a in range(9999) %}{% set b = body[::2] %}{% endfor %}",
    "a loop that sorts": "{% set l = short[:5000]|list %}"
    + "{% for a in range(9999) %}{% set b = l|sort %}{% endfor %}",
    "doubling": "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "doubling with plus": "{% set a = body %}" + "{% set a = a + a %}" * 60,
    "keeping all": "".join(f"{{% set a{i} = body ~ {i} %}}" for i in range(500)),
    "join": "{{ (body|list)|join(body) }}",
    "join of much": "{{ [" + "body, " * 900 + "]|join(body) }}",
    "join of little": "{{ ('a' * 9000)|list|join('b' * 9000) }}",
    "replace": "{{ body|replace(body[0], body) }}",
    "replace much": "{{ short|replace('a', short) }}",
    "sort of long texts": "{{ [" + "body, " * 900 + "]|sort|first }}",
    "writing too much": "{{ body }}" * 5,
    "a large number": "{{ " + "9" * 400 + " }}",
    "a large product": "{{ 999999999 * 999999999 }}",
    "a large float": "{{ 1e999 }}",
    "nested brackets": "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
    "nested lists": "{{ " + "[" * 900 + "]" * 900 + " }}",
    "nested negations": "{{ " + "not " * 3000 + "1 }}",
    "nested signs": "{{ " + "-" * 3000 + "1 }}",
    "a long sum": "{{ 1" + " + 1" * 1400 + " }}",
    "a long path": "{{ d" + ".a" * 2500 + " }}",
    "a long chain of filters": "{{ title" + "|upper" * 2500 + " }}",
    "nested conditions": "{% if 1 %}" * 700 + "{% endif %}" * 700,
    "nested alternatives": "{{ " + "1 if 1 else " * 1400 + "1 }}",
    "a list of many": "{{ range(20000)|length }}",
    "many lists": "".join(f"{{% set a{i} = range(9999) %}}" for i in range(400)),
    "many nested loops": "{% for a in 'a' %}" * 30 + "x" + "{% endfor %}" * 30,
    "many tokens": "{{ title }}" * 9_000,
    "many tokens in one": "{{ [" + "1," * 40_000 + "] }}",
    "a long template": "x" * 10_000_000,
}

NOT_ALLOWED = {
    "power": "{{ 10**10**9 }}",
    "printf": "{{ '%1000000000d' % 1 }}",
    "format": "{{ '{:1000000000}'.format(1) }}",
    "format filter": "{{ '%1000000000d'|format(1) }}",
    "center": "{{ 'a'.center(1000000000) }}",
    "center filter": "{{ 'a'|center(1000000000) }}",
    "zfill": "{{ 'a'.zfill(1000000000) }}",
    "join method": "{{ 'x'.join(['a']) }}",
    "indent": "{{ 'a'|indent(1000000000) }}",
    "wordwrap": "{{ body|wordwrap(1) }}",
    "batch": "{{ [1]|batch(1000000000)|list }}",
    "slice": "{{ [1]|slice(1000000000)|list }}",
    "tojson": "{{ body|tojson }}",
    "pprint": "{{ d|pprint }}",
    "xmlattr": "{{ d|xmlattr }}",
    "urlize": "{{ body|urlize }}",
    "lipsum": "{{ lipsum(1000000) }}",
    "round": "{{ 1|round(-1000000000) }}",
    "int": "{{ ('9' * 100000)|int.real }}",
    "a huge literal": "{{ " + "9" * 99_000 + " }}",
    "a huge hexadecimal literal": "{{ 0x" + "f" * 90_000 + " }}",
    "lists in lists": "{% set a = [1] %}" + "{% set a = [a, a] %}" * 50,
    "a repeated list": "{{ [1] * 1000000000 }}",
    "a printed list": "{{ [body, body] }}",
    "a recursive loop": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "a macro": "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    "a block": "{% block a %}{{ self.a() }}{% endblock %}",
    "call": "{% call a() %}{% endcall %}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'a' as b %}",
    "from": "{% from 'a' import b %}",
    "extends": "{% extends 'a' %}",
    "a block of set": "{% set a %}x{% endset %}",
    "a block of filter": "{% filter upper %}x{% endfilter %}",
    "with": "{% with a = 1 %}{% endwith %}",
    "namespace": "{% set a = namespace(b=1) %}",
    "a namespace's value": "{% set title.a = 1 %}",
    "cycler": "{{ cycler('a').next() }}",
    "loop.cycle": "{% for a in 'a' %}{{ loop.cycle('a') }}{% endfor %}",
    "a slice with a comma": "{{ title[1:2, 3] }}",
    "star": "{{ title|replace(*'ab') }}",
    "the operator's name": "{{ title|~('a') }}",
    "broken escapes": "{{ '\\N{nope}' }}",
    "self": "{{ self }}",
}

ESCAPES = [
    "{{ title.__class__ }}",
    "{{ title['__class__'] }}",
    "{{ title|attr('__class__') }}",
    "{{ ''.__class__.__mro__ }}",
    "{{ d.items }}",
    "{{ d.__init__ }}",
    "{{ range.__self__ }}",
    "{{ loop.__init__ }}",
    "{% for a in 'a' %}{{ loop.__init__ }}{% endfor %}",
    "{% for a in 'a' %}{{ loop._iterable }}{% endfor %}",
    "{% for a in 'a' %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{{ undefined }}",
    "{{ environment }}",
    "{{ context }}",
    "{{ _ }}",
    "{{ ()|map('upper') }}",
    "{{ request }}",
]


def refused_within_a_second(template, errors, values=VALUES):
    started = time.perf_counter()
    with pytest.raises(errors) as caught:
        render(template, values)
    assert time.perf_counter() - started < 10  # on a busy machine
    assert caught.value.user_message
    assert len(str(caught.value.user_message)) < 1000


@pytest.mark.parametrize("name", TOO_MUCH)
def test_a_template_that_wants_too_much_ends_within_a_second(name):
    refused_within_a_second(TOO_MUCH[name], PromptLimitError)
    refused_within_a_second(TOO_MUCH[name], PromptLimitError, WIDE_VALUES)


@pytest.mark.parametrize("name", NOT_ALLOWED)
def test_what_templates_may_not_use_is_refused_within_a_second(name):
    refused_within_a_second(NOT_ALLOWED[name], PromptError)


@pytest.mark.parametrize("template", ESCAPES)
def test_nothing_of_python_can_be_reached(template):
    with pytest.raises(PromptError):
        render(template, VALUES)


@pytest.mark.parametrize(
    "alphabet", ["([{", "{%if 1%}", "-", "a|", "{{", "{#", "'", "\\", "9", "9_"]
)
def test_no_repetition_makes_the_parser_slow(alphabet):
    for opening in ("", "{{ ", "{% "):
        template = (opening + alphabet * 100_000)[:100_000]
        started = time.perf_counter()
        with pytest.raises(PromptError):
            render(template + "{{", VALUES)
        assert time.perf_counter() - started < 10  # on a busy machine


def test_the_most_that_is_allowed_takes_less_than_a_second():
    template = (
        "{% for a in range(9999) %}{{ a }}{{ a }} {% if a %}{% endif %}{% endfor %}{{ body }}"
    )
    started = time.perf_counter()
    assert len(render(template, VALUES)) > len(LONG)
    assert time.perf_counter() - started < 10  # on a busy machine


MEASURE = """
from pathlib import Path
import django
from django.conf import settings
settings.configure()
django.setup()
from tests.prompts.test_hostile_templates import *
from wagtail_llm_actions.exceptions import PromptError
from wagtail_llm_actions.prompts import render
render("{{ title }}", VALUES)
def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
before = peak()
for template in [*TOO_MUCH.values(), *NOT_ALLOWED.values()]:
    for values in (VALUES, WIDE_VALUES):
        try:
            render(template, values)
        except PromptError:
            pass
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_no_template_takes_more_than_some_memory():
    root = Path(__file__).resolve().parents[2]
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=root, capture_output=True, text=True, check=True
    )
    kibibytes = int(measured.stdout)
    assert kibibytes < 100 * 1024


PIECES = [
    *("{{ ", " }}", "{% ", " %}", "{#", "#}", "{%- ", "-}}", "title", "d", "d.a", "d['a']", "nope"),
    *(
        "if ",
        "else ",
        "elif ",
        "endif ",
        "for ",
        "x",
        " in ",
        "endfor",
        "set ",
        " = ",
        "is ",
        "not ",
    ),
    *("+", "-", "*", "/", "//", "**", "%", "~", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|"),
    *("upper", "join", "replace('a', 'b')", "first", "items", "list", "int", "round(2)", "sort"),
    *("range(9)", "loop", "loop.index", "'a'", "'", '"', "0", "1", "99999999999", "1e9", "none"),
    *(" ", "\n", "raw", "endraw", "include 'a'", "block a", "macro m()", "caller()", "\\", "\x00"),
]
EXPRESSION = st.recursive(
    st.sampled_from(["title", "d", "d.a", "d.nope", "1", "0", "-7", "1.5", "'a'", "none", "true"]),
    lambda inner: st.one_of(
        st.tuples(
            inner,
            st.sampled_from(["+", "-", "*", "/", "//", "%", "~", "<", "==", "in", "and", "or"]),
            inner,
        ).map(" ".join),
        st.tuples(st.just("("), inner, st.just(")")).map("".join),
        st.tuples(st.just("["), inner, st.just(","), inner, st.just("]")).map("".join),
        st.tuples(inner, st.just("["), inner, st.just("]")).map("".join),
        st.tuples(inner, st.just("[:"), inner, st.just("]")).map("".join),
        st.tuples(st.just("range("), inner, st.just(")")).map("".join),
        st.tuples(
            inner,
            st.sampled_from(
                ["upper", "join", "first", "last", "sort", "list", "items", "int", "round", "abs"]
            ),
        ).map("|".join),
        st.tuples(inner, st.just(" if "), inner, st.just(" else "), inner).map("".join),
        st.tuples(inner, st.sampled_from(["odd", "defined", "string", "mapping"])).map(" is ".join),
    ),
    max_leaves=8,
)
SMALL = {"title": "Swifts", "d": {"a": "x", "n": 1}}


def renders_or_is_refused(template):
    try:
        assert isinstance(render(template, SMALL), str)
    except PromptError as error:
        assert str(error.user_message)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join))
def test_any_text_renders_or_is_refused(template):
    renders_or_is_refused(template)


@settings(max_examples=150, deadline=None)
@given(EXPRESSION, EXPRESSION)
def test_any_expression_renders_or_is_refused(one, other):
    renders_or_is_refused(f"{{{{ {one} }}}}")
    renders_or_is_refused(f"{{% for x in {one} %}}{{{{ {other} }}}}{{% endfor %}}")
    renders_or_is_refused(f"{{% if {one} %}}{{% set y = {other} %}}{{{{ y }}}}{{% endif %}}")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_a_value_is_never_rendered(value):
    assert render("{{ value }}", {"value": value}) == value


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='{}": ,a1[]%$#\\', max_size=60))
def test_braces_that_open_no_tag_are_text(template):
    if any(opening in template for opening in ("{{", "{%", "{#")):
        return
    assert render(template, {}) == template


def test_a_mistake_in_a_deep_call_stack_is_still_ours():
    def deep(levels):
        return deep(levels - 1) if levels else render("{{ " + "(" * 30 + "1" + ")" * 30 + " }}", {})

    with pytest.raises((PromptLimitError, PromptSyntaxError)):
        deep(sys.getrecursionlimit() - 250)
