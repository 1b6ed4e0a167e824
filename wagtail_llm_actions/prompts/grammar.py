"""
What of Jinja2's language prompt templates may use, and how it is made to pay for itself.

The parsed template is checked against a list of what is allowed, then rewritten: every operator
that could grow a text, and every loop, becomes a call of our own bounded function.
"""
# ruff: noqa: N802 - Jinja2's visitors find their methods by the names of node classes.

from collections.abc import Iterable

from django.utils.translation import gettext
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from wagtail_llm_actions.exceptions import PromptLimitError
from wagtail_llm_actions.prompts.errors import syntax_error
from wagtail_llm_actions.prompts.filters import FILTERS, TESTS
from wagtail_llm_actions.prompts.limits import MAX_DEPTH, MAX_NUMBER
from wagtail_llm_actions.wording import listed

ALLOWED = frozenset(
    [
        *(nodes.Template, nodes.TemplateData, nodes.Output, nodes.For, nodes.If, nodes.Assign),
        *(nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Slice, nodes.Keyword),
        *(nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Filter, nodes.Test),
        *(nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Compare, nodes.Operand),
        *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod),
        *(nodes.Neg, nodes.Pos, nodes.Concat),
    ]
)
NAMES = {
    nodes.AssignBlock: "{% set %} with {% endset %}",
    nodes.FilterBlock: "{% filter %}",
    nodes.CallBlock: "{% call %}",
    nodes.FromImport: "{% from %}",
    nodes.Dict: "a dictionary in braces",
    nodes.Pow: "**",
    nodes.NSRef: "namespace",
}
"""What people call those nodes that are not called after their tag."""

# The names of our operators among the filters: no template can spell them.
CONCATENATE, COMPARE, SLICE, LIST, RANGE, LOOP = "~", "<>", "[:]", "[,]", "range()", "{%for%}"


def bounded(tree: nodes.Template) -> nodes.Template:
    """
    Return the template with each of its operations bounded.

    :raises PromptSyntaxError: if it uses what prompt templates may not.
    :raises PromptLimitError: if it is nested too deeply.
    """
    _check(tree)
    return Rewriter().visit(tree)


def _check(tree: nodes.Template) -> None:
    """Check all nodes from the root down, without recursion: the depth is not known yet."""
    level: list[nodes.Node] = [tree]
    for _ in range(MAX_DEPTH):
        for node in level:
            _check_node(node)
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return
    raise PromptLimitError(f"the template is nested more than {MAX_DEPTH} levels deep")


def _check_node(node: nodes.Node) -> None:
    if type(node) not in ALLOWED:
        name = NAMES.get(type(node), f"{{% {type(node).__name__.lower()} %}}")
        raise syntax_error(_not_allowed(name), node.lineno)
    if isinstance(node, nodes.For) and node.recursive:
        raise syntax_error(gettext("a loop cannot be recursive"), node.lineno)
    if isinstance(node, nodes.Call) and not _is_range(node):
        problem = gettext("only range() can be called; use a filter instead")
        raise syntax_error(problem, node.lineno)
    if isinstance(node, (nodes.Filter, nodes.Test)):
        _check_filter_or_test(node)
    if isinstance(node, nodes.Tuple) and any(isinstance(item, nodes.Slice) for item in node.items):
        raise syntax_error(gettext("a slice cannot have a comma"), node.lineno)
    if isinstance(node, nodes.Name) and node.name == "self":
        raise syntax_error(_not_allowed("“self”"), node.lineno)
    if isinstance(node, nodes.Const) and not isinstance(node.value, (str, type(None))):
        _check_number(node)


def _check_filter_or_test(node: nodes.Filter | nodes.Test) -> None:
    if isinstance(node, nodes.Filter):
        known, problem = FILTERS, gettext("there is no filter “%(name)s”, but: %(known)s")
    else:
        known, problem = TESTS, gettext("there is no test “%(name)s”, but: %(known)s")
    if node.name not in known:
        words = {"name": node.name, "known": listed(sorted(known))}
        raise syntax_error(problem % words, node.lineno)
    if node.dyn_args or node.dyn_kwargs:
        raise syntax_error(gettext("* is not allowed in arguments"), node.lineno)


def _not_allowed(what: str) -> str:
    # Translators: A part of a sentence; what is not allowed is a tag or a sign.
    return gettext("%(sign)s is not allowed in prompt templates") % {"sign": what}


def _is_range(node: nodes.Call) -> bool:
    plain = node.args and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
    return bool(plain and isinstance(node.node, nodes.Name) and node.node.name == "range")


def _check_number(node: nodes.Const) -> None:
    if not abs(node.value) <= MAX_NUMBER:
        raise PromptLimitError("the template uses too large a number")


class Rewriter(NodeTransformer):
    """Puts calls of our operators where Jinja2 would use Python's."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        return _call(CONCATENATE, node, self._visited(node.nodes))

    def visit_List(self, node: nodes.List) -> nodes.Node:
        return _call(LIST, node, self._visited(node.items)) if node.items else node

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        if node.ctx == "store":
            return self.generic_visit(node)
        return self.visit_List(nodes.List(node.items, lineno=node.lineno))

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        return _call(RANGE, node, self._visited(node.args))

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        rest = [part for pair in node.ops for part in (nodes.Const(pair.op), self.visit(pair.expr))]
        return _call(COMPARE, node, [self.visit(node.expr), *rest])

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        if not isinstance(node.arg, nodes.Slice):
            return self.generic_visit(node)
        bounds = [node.arg.start, node.arg.stop, node.arg.step]
        given = [bound or nodes.Const(None) for bound in bounds]
        return _call(SLICE, node, self._visited([node.node, *given]))

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:
        node.expr2 = node.expr2 or nodes.Const(None)
        return self.generic_visit(node)

    def visit_For(self, node: nodes.For) -> nodes.Node:
        weight = _count([*node.body, node.test])
        self.generic_visit(node)
        rounds: list[nodes.Expr] = [node.iter, nodes.Const(weight)]  # type: ignore[list-item]
        node.iter = _call(LOOP, node, rounds)
        return node

    def _visited(self, expressions: Iterable[nodes.Expr]) -> list[nodes.Expr]:
        return [self.visit(expression) for expression in expressions]


def _call(name: str, node: nodes.Node, values: list[nodes.Expr]) -> nodes.Filter:
    return nodes.Filter(values[0], name, values[1:], [], None, None, lineno=node.lineno)


def _count(parts: Iterable[nodes.Node | None]) -> int:
    """Return of how many nodes the parts consist."""
    number, rest = 0, [part for part in parts if part]
    while rest:
        number += 1
        rest.extend(rest.pop().iter_child_nodes())
    return number
