"""What a template becomes, and which sentence one reads when it cannot become anything."""

import subprocess
import sys

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from wagtail_llm_actions.exceptions import (
    EmptyVariableError,
    PromptLimitError,
    PromptSyntaxError,
    UnknownVariableError,
)
from wagtail_llm_actions.prompts import (
    BUILTIN_VARIABLES,
    check_template,
    is_variable_name,
    language_name,
    render,
    rendering,
    variables_of,
)
from wagtail_llm_actions.prompts.limits import MAX_DEPTH, MAX_TEMPLATE_LENGTH, MAX_VALUES_LENGTH
from wagtail_llm_actions.values import OutputMode

VALUES = {
    "title": "Swifts",
    "body": "Ten months in the air. {{ title }} {% for %} {# no #}",
    "empty": "",
    "nothing": None,
    "max_length": 255,
    "ratio": 0.5,
    "site": {"name": "Birds", "place": {"city": "Bergen"}},
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("Title: {{ title }}.", "Title: Swifts."),
        ("{{title}}{{-title}}", "SwiftsSwifts"),
        ("{{ body }}", VALUES["body"]),
        ("{{ nothing }}{{ empty }}", ""),
        ("{{ max_length // 5 }} words, {{ ratio * 2 }}", "51 words, 1.0"),
        ("{{ site.name }} {{ site['place'].city }}", "Birds Bergen"),
        ("<b> & \"quotes\" '{{ '<i>' }}'", "<b> & \"quotes\" '<i>'"),
        ('{"a": 1, "b": {"c": [{}]}} { } 100% $5', '{"a": 1, "b": {"c": [{}]}} { } 100% $5'),
        ("{{ '{{' }} {% raw %}{{ title }}{% endraw %}", "{{ {{ title }}"),
        ("a{# a comment #}b", "ab"),
        ("two\r\nlines\n\n", "two\nlines\n"),
        ("{% if max_length %}At most {{ max_length }}.{% else %}Free.{% endif %}", "At most 255."),
        ("{% if not empty and title == 'Swifts' %}yes{% endif %}", "yes"),
        ("{% if 'Ten' in body and 'no' not in site %}yes{% endif %}", "yes"),
        ("{{ 1 < 2 <= 2 }} {{ 'a' in ('a', 'b') }} {{ 2 > 3 }}", "True True False"),
        (
            "{% for w in ['a', 'b'] %}{{ loop.index }}{{ w }}{{ ',' if not loop.last }}{% endfor %}",
            "1a,2b",
        ),
        ("{% for k, v in site|items if k == 'name' %}{{ k }}={{ v }}{% endfor %}", "name=Birds"),
        ("{% for c in empty %}x{% else %}none{% endfor %}", "none"),
        ("{% for i in range(3) %}{{ i }}{% endfor %}{{ range(1, 9, 4)|join(' ') }}", "0121 5"),
        ("{% set a, b = ['x', 'y'] %}{{ b ~ a ~ 1 ~ nothing }}", "yx1"),
        ("{{ title[:3] }} {{ title[-1] }} {{ ['a', 'b'][::-1]|join }}", "Swi s ba"),
        ("{{ title + '!' }} {{ '-' * 3 }} {{ 7 % 4 }} {{ -2 + +1 }}", "Swifts! --- 3 -1"),
        ("{{ []|length }}", "0"),
        (
            "{{ site.missing|default('none') }} {{ nothing|d('-') }} {{ empty|d('e', true) }}",
            "none - e",
        ),
        ("{{ site.missing is defined }} {{ site.name is undefined }}", "False False"),
        ("{{ nothing is none }} {{ 3 is odd }} {{ 4 is divisibleby 2 }}", "True True True"),
        ("{{ title is string }} {{ 1 is number }} {{ site is mapping }}", "True True True"),
        ("{{ title|upper|lower|capitalize }} {{ ' a b '|trim|title }}", "Swifts A B"),
        ("{{ body|truncate(10) }} {{ body|wordcount }}", "Ten… 14"),
        ("{{ 'a-b'|replace('-', '+') }} {{ ['b', 'a', 'b']|unique|sort|join(', ') }}", "a+b a, b"),
        ("{{ '12'|int }} {{ 'x'|int(5) }} {{ '1.5'|float }} {{ 2.345|round(1) }}", "12 5 1.5 2.3"),
        ("{{ [3, 1]|sort(reverse=true)|first }} {{ [3, 1]|last }} {{ 'ab'|reverse }}", "3 1 ba"),
        ("{{ -3|abs }} {{ 'ab'|list|length }} {{ 5|string }}", "3 2 5"),
    ],
)
def test_a_template_becomes_a_text(template, text):
    assert render(template, VALUES) == text


def test_what_looks_like_text_or_a_number_becomes_plain():
    values = {"a": mark_safe("<b>"), "b": gettext_lazy("Bergen"), "c": OutputMode.APPEND}
    assert render("{{ a }} {{ b }} {{ c }}{{ '<' ~ a }}", values) == "<b> Bergen append<<b>"


@pytest.mark.parametrize("value", [object(), [1], b"bytes", {"a": {1, 2}}, print])
def test_no_other_value_reaches_a_template(value):
    with pytest.raises(TypeError, match="'value"):
        render("text", {"value": value})


def test_an_unknown_variable_is_named_with_the_known_ones():
    with pytest.raises(UnknownVariableError) as caught:
        render("Write\n{% if 0 %}{{ titel }}{% endif %}", {"title": "", "body": ""})
    assert caught.value.user_message == (
        "The prompt template uses the unknown variable “titel” in line 2. "
        "Known are: body, title. Nothing was sent."
    )


@pytest.mark.parametrize("empty", ["", " \n\t ", None, {}])
def test_an_empty_required_variable_is_named(empty):
    with pytest.raises(EmptyVariableError) as caught:
        render("{{ body }}", {"body": empty}, required=["body"])
    assert (
        caught.value.user_message == "“body” is empty, and the prompt needs it. Nothing was sent."
    )


def test_a_required_variable_that_the_template_does_not_use_may_be_empty():
    values = {"title": "Swifts", "body": "", "sources": "x"}
    assert render("{{ title }}", values, required=["title", "body"]) == "Swifts"


def test_the_sources_use_every_required_source_and_nothing_built_in():
    values = {"sources": "x", "body": "", "current_value": ""}
    assert render("{{ sources }}", values, required=["current_value"]) == "x"
    with pytest.raises(EmptyVariableError, match="body"):
        render("{{ sources }}", values, required=["body"])


def test_zero_is_not_empty():
    assert render("{{ n }}", {"n": 0}, required=["n"]) == "0"


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("one\n{{", "in line 2: unexpected 'end of template'"),
        ("{% if x %}", "in line 1: Unexpected end of template."),
        ("\n\n{{ 'a' 1 }}", "in line 3: expected token 'end of print statement', got 'integer'"),
        ("{{ title|upper() |nope }}", "in line 1: there is no filter “nope”"),
        ("{% if title is nope %}{% endif %}", "in line 1: there is no test “nope”"),
        ("\n{% include 'a' %}", "in line 2: {% include %} is not allowed in prompt templates"),
        ("{% macro a() %}{% endmacro %}", "{% macro %} is not allowed"),
        ("{{ {'a': 1} }}", "a dictionary in braces is not allowed"),
        ("{{ title.upper() }}", "only range() can be called; use a filter instead"),
        ("\n{{ site }}", "in line 2: a dict has no text"),
        ("{{ 1 / 0 }}", "in line 1: division by zero"),
        ("{{ title < 1 }}", "in line 1: '<' not supported"),
        ("{{ '%s' % title }}", "in line 1: % cannot be used between str and str"),
        ("{{ title|truncate(5, wrong=1) }}", "unexpected keyword argument 'wrong'"),
        ("{{ loop }}{% for a in 'a' %}{{ loop }}{% endfor %}", "loop"),
        ("{{ self }}", "“self” is not allowed"),
    ],
)
def test_a_wrong_template_is_refused_with_its_line(template, sentence):
    with pytest.raises((PromptSyntaxError, UnknownVariableError)) as caught:
        render(template, VALUES)
    assert sentence in str(caught.value.user_message)
    assert str(caught.value.user_message).endswith("Nothing was sent.")


def test_a_key_that_is_not_there_is_named_with_its_line():
    with pytest.raises(UnknownVariableError) as caught:
        render("\n{{ site.town }}", VALUES)
    assert "line 2: 'dict object' has no attribute 'town'" in caught.value.user_message


def test_a_template_is_checked_without_values():
    check_template("{{ body }} {{ sources }} {{ max_length }}", ["body"])
    check_template(" ".join(f"{{{{ {name} }}}}" for name in BUILTIN_VARIABLES), [])
    with pytest.raises(UnknownVariableError, match="body"):
        check_template("{{ body }}", ["title"])
    with pytest.raises(PromptSyntaxError):
        check_template("{{", [])


def test_names_that_a_template_makes_itself_are_no_variables():
    template = "{% set a = body %}{% for b in range(2) %}{{ a }}{{ b }}{{ loop.index }}{% endfor %}"
    assert variables_of(template) == {"body"}
    assert variables_of("{% for b in b %}{{ b }}{% endfor %}") == {"b"}
    assert variables_of("{{ a.b.c[d] }}") == {"a", "d"}


def test_a_mistake_is_found_each_time():
    for _ in range(2):
        with pytest.raises(PromptSyntaxError):
            check_template("{{ oh no }}", [])


def test_limits_have_edges():
    assert len(render("x" * MAX_TEMPLATE_LENGTH, {})) == MAX_TEMPLATE_LENGTH
    with pytest.raises(PromptLimitError):
        render("x" * (MAX_TEMPLATE_LENGTH + 1), {})
    half = "x" * (MAX_VALUES_LENGTH // 2)
    assert len(render("{{ a }}{{ b }}", {"a": half, "b": half})) == MAX_VALUES_LENGTH
    with pytest.raises(PromptLimitError):
        render("", {"a": half, "b": {"c": half + "x"}})
    nested = MAX_DEPTH // 2 - 2
    assert render("{% if 1 %}" * nested + "x" + "{% endif %}" * nested, {}) == "x"


@pytest.mark.parametrize(
    ("name", "may"),
    [
        *[("body", True), ("größe", True), ("a-b", False), ("1a", False), ("", False)],
        *[("sources", False), ("loop", False), ("none", False), ("self", False)],
    ],
)
def test_a_source_may_be_called_what_a_template_can_say(name, may):
    assert is_variable_name(name) is may


@pytest.mark.parametrize(
    ("code", "name"),
    [("de", "German"), ("en-gb", "British English"), ("de-xx", "German"), ("tlh", "tlh")],
)
def test_a_language_is_called_by_its_english_name(code, name):
    assert language_name(code) == name


def test_importing_the_prompts_does_not_load_jinja2():
    code = "import sys, wagtail_llm_actions.prompts; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_template_is_compiled_once_for_each_version(monkeypatch):
    compiled = []
    visit = rendering.TrackingGenerator.visit_Template

    def counted(generator, *args, **more):
        compiled.append(generator)
        return visit(generator, *args, **more)

    monkeypatch.setattr(rendering.TrackingGenerator, "visit_Template", counted)
    first, second = "One version of {{ title }}.", "Another version of {{ title }}."
    check_template(first, ["title"])
    assert variables_of(first) == {"title"}
    assert [render(first, {"title": word}) for word in ("a", "b")] == [
        "One version of a.",
        "One version of b.",
    ]
    assert len(compiled) == 1
    assert render(second, {"title": "a"}) == "Another version of a."
    render(first, {"title": "c"})
    assert len(compiled) == 2
