"""Puts a placement into the data of a form as the browser does, and posts it."""

from bs4 import BeautifulSoup
from wagtail.blocks import BooleanBlock, ChooserBlock, FieldBlock, ListBlock, StructBlock
from wagtail.test.utils.form_data import nested_form_data

from tests.content.browser_form import _values


def applied(bound, address, placement):
    """Return the data of a form with a placement for one of its own fields, or for new rows."""
    post = bound._post.copy()
    if placement.method == "rows":
        _add_rows(post, address, placement.state)
    else:
        _apply(post, bound, address, placement.method, placement.state, placement.html)
    return post


def _apply(post, bound, address, method, state, html):
    name = address.replace(".", "-")
    if method == "html":
        _replace_inputs(post, html)
    elif method in ("text", "rich_text"):
        post[name] = state
    elif isinstance(state, bool):
        post.setlist(name, ["on"] if state else [])
    elif isinstance(state, dict) or state is None:
        post[name] = str(state["id"]) if state else ""
    elif state and isinstance(state[0], str):
        post.setlist(name, state)
    else:
        block = bound._place(address).block
        for key in [key for key in post if key.startswith(f"{name}-")]:
            del post[key]
        _set_inputs(post, {name: inputs_from_state(block, state)})


def _add_rows(post, relation, rows):
    total = int(post[f"{relation}-TOTAL_FORMS"])
    post[f"{relation}-TOTAL_FORMS"] = str(total + len(rows))
    for number, row in enumerate(rows, start=total):
        prefix = f"{relation}-{number}"
        _set_inputs(post, {prefix: {"id": "", "ORDER": str(number + 1), "DELETE": ""}})
        for name, cell in row.items():
            if cell["method"] == "html":
                _replace_inputs(post, cell["html"])
            else:
                post[f"{prefix}-{name}"] = cell["state"]


def _replace_inputs(post, html):
    for element in BeautifulSoup(html, "html.parser").select("input, select, textarea"):
        if element.get("name"):
            post.setlist(element["name"], _values(element))


def _set_inputs(post, data):
    for key, value in nested_form_data(data).items():
        if value is not None:
            post.setlist(key, list(value) if isinstance(value, tuple) else [value])


def inputs_from_state(block, state):
    """Return the inputs that Wagtail's blocks render for a form state, nested."""
    if isinstance(block, ChooserBlock):
        return str(state["id"]) if state else ""
    if isinstance(block, BooleanBlock):
        return "on" if state else None
    if isinstance(block, FieldBlock):
        return tuple(state) if isinstance(state, list) else state or ""
    if isinstance(block, StructBlock):
        return {name: inputs_from_state(block.child_blocks[name], state[name]) for name in state}
    if isinstance(block, ListBlock):
        return _children([({}, block.child_block, item) for item in state])
    return _children(
        [({"type": item["type"]}, block.child_blocks[item["type"]], item) for item in state]
    )


def _children(children):
    inputs = {"count": str(len(children))}
    for number, (extra, block, item) in enumerate(children):
        assert item["id"], "without an identity the browser cannot find the block again"
        inputs[str(number)] = {
            **extra,
            "value": inputs_from_state(block, item["value"]),
            "id": item["id"],
            "order": str(number),
            "deleted": "",
        }
    return inputs
