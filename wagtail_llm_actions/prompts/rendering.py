"""Compiles prompt templates, checks their variables and renders them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from itertools import islice
from types import CodeType
from typing import Any

from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame

from wagtail_llm_actions.exceptions import PromptLimitError
from wagtail_llm_actions.prompts.environment import PromptEnvironment
from wagtail_llm_actions.prompts.errors import (
    FILENAME,
    empty_variable,
    our_errors,
    unknown_variable,
)
from wagtail_llm_actions.prompts.grammar import bounded
from wagtail_llm_actions.prompts.limits import MAX_TEMPLATE_LENGTH, MAX_TOKENS, Budget
from wagtail_llm_actions.prompts.plain import Value, is_blank, plain_values
from wagtail_llm_actions.prompts.variables import BUILTIN_VARIABLES

CACHED_TEMPLATES = 32


class TrackingGenerator(CodeGenerator):
    """Writes a template's code, and remembers which names it takes from outside."""

    def __init__(self, environment: PromptEnvironment) -> None:
        self.source = StringIO()
        self.names: set[str] = set()
        super().__init__(environment, FILENAME, FILENAME, self.source, optimized=False)

    def enter_frame(self, frame: Frame) -> None:
        super().enter_frame(frame)
        self.names.update(
            name for action, name in frame.symbols.loads.values() if action == "resolve" and name
        )


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """A template that is ready to be rendered."""

    code: CodeType
    variables: Mapping[str, int]
    """The names that it takes from outside, each with the line of its first use."""


def render(template: str, variables: Mapping[str, Value], *, required: Iterable[str]) -> str:
    """Return the text that ``template`` becomes: see :func:`wagtail_llm_actions.prompts.render`."""
    values = plain_values(variables)
    compiled = _compiled(template)
    _check_names(compiled, values)
    _check_filled(compiled, values, required)
    return _rendered(compiled, values)


def check(template: str, known: Iterable[str]) -> None:
    """Check a template: see :func:`wagtail_llm_actions.prompts.check_template`."""
    _check_names(_compiled(template), {*known, *BUILTIN_VARIABLES})


def variables_of(template: str) -> set[str]:
    """Return the names that a template uses."""
    return set(_compiled(template).variables)


def _check_names(compiled: CompiledTemplate, known: Iterable[str]) -> None:
    for name, line in compiled.variables.items():
        if name not in known:
            raise unknown_variable(name, line, known)


def _check_filled(
    compiled: CompiledTemplate, values: Mapping[str, Any], required: Iterable[str]
) -> None:
    uses_sources = "sources" in compiled.variables
    for name in required:
        used = name in compiled.variables or (uses_sources and name not in BUILTIN_VARIABLES)
        if used and is_blank(values.get(name)):
            raise empty_variable(name)


@lru_cache(maxsize=CACHED_TEMPLATES)
def _compiled(template: str) -> CompiledTemplate:
    if len(template) > MAX_TEMPLATE_LENGTH:
        raise PromptLimitError(f"the template has {len(template)} characters")
    environment = PromptEnvironment(Budget())
    with our_errors():
        _check_tokens(environment, template)
        tree = bounded(environment.parse(template))
        generator = TrackingGenerator(environment)
        generator.visit(tree)
        code = compile(generator.source.getvalue(), FILENAME, "exec")
        return CompiledTemplate(code, _first_lines(tree, generator.names))


def _check_tokens(environment: PromptEnvironment, template: str) -> None:
    """Stop at the limit, before the parser sees more than it can parse in time."""
    tokens = environment.lexer.tokeniter(template, None)
    if next(islice(tokens, MAX_TOKENS, None), None):
        raise PromptLimitError(f"the template has more than {MAX_TOKENS} words and signs")


def _first_lines(tree: nodes.Template, names: set[str]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        if node.name in names:
            lines[node.name] = min(node.lineno, lines.get(node.name, node.lineno))
    return dict(sorted(lines.items(), key=lambda item: item[1]))


def _rendered(compiled: CompiledTemplate, values: Mapping[str, Any]) -> str:
    budget = Budget()
    environment = PromptEnvironment(budget)
    parts = []
    with our_errors():
        template = Template.from_code(environment, compiled.code, {})
        for part in template.root_render_func(template.new_context(dict(values))):
            budget.write(len(part))
            parts.append(part)
    return "".join(parts)
