"""
What can be chosen, by names that a model can tell apart.

Models choose by meaning: they are given labels, never keys. What they answer is looked up among the
options and nowhere else, so that nothing can be chosen which was not offered.
"""

import difflib
import functools
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from wagtail_llm_actions.outputs.characters import readable
from wagtail_llm_actions.outputs.reasons import Unfit, quoted, short
from wagtail_llm_actions.values import FieldSpec, Option
from wagtail_llm_actions.wording import listed

MAX_LABEL = 100
"""Characters of a label that are shown to a model."""
MAX_LISTED = 12
"""How many options a sentence names; of more, it names the closest."""
CLOSEST = 5
AROUND = " *_`\"'“”„«».!\n"
"""What models write around the name of an option."""
NOTHING_WORDS = frozenset({"", "null", "none", "n/a", "-", "nothing"})
"""What models write where nothing fits."""


def labels_of(spec: FieldSpec) -> tuple[str, ...]:
    """Return the labels of what can be chosen, each only once."""
    return tuple(_by_label(spec.options))


def label_of(spec: FieldSpec, value: Any) -> str:
    """Return the label of an option, as it stands in its spec; of an unknown one the value."""
    return next((option.label for option in spec.options if option.value == value), str(value))


def is_option(spec: FieldSpec, text: str) -> bool:
    """Return whether ``text`` as a whole names an option."""
    try:
        choose(spec, text)
    except Unfit:
        return False
    return True


def choose(spec: FieldSpec, found: Any) -> str:
    """
    Return the value of the option that ``found`` names, by label or by value.

    :raises Unfit: if it names none, or more than one.
    """
    if not spec.options:
        raise Unfit(gettext("There is nothing to choose from."))
    if not isinstance(found, str):
        raise Unfit(_refusal(spec, found))
    for name in (found, _key(found), _key(found.strip(AROUND))):
        for values in _lookups(spec.options):
            if name in values:
                return values[name]
    raise Unfit(_refusal(spec, found))


def _refusal(spec: FieldSpec, found: Any) -> str:
    labels = labels_of(spec)
    if len(labels) <= MAX_LISTED:
        return gettext("%(answer)s is none of: %(options)s.") % {
            "answer": quoted(found),
            "options": listed(labels),
        }
    wanted = short(found) if isinstance(found, str) else ""
    closest = difflib.get_close_matches(wanted, labels, n=CLOSEST, cutoff=0)
    return gettext("%(answer)s is none of the %(count)d options. The closest are: %(options)s.") % {
        "answer": quoted(found),
        "count": len(labels),
        "options": listed(closest or labels[:CLOSEST]),
    }


@functools.lru_cache(maxsize=64)
def _by_label(options: tuple[Option, ...]) -> Mapping[str, str]:
    """Return the values by labels that are short, on one line and each only once."""
    some = [option for option in options if option.value != ""]
    labels = [_shown(option) for option in some]
    counts = Counter(map(_key, labels))
    taken = set(counts)
    values: dict[str, str] = {}
    for option, label in zip(some, labels, strict=True):
        if counts[_key(label)] > 1:
            label = _distinct(label, option.value, taken)
        values[label] = option.value
    return values


def _distinct(label: str, value: str, taken: set[str]) -> str:
    """Return the label with as many times the value behind it as it needs to be the only one."""
    while _key(label) in taken:
        label = f"{label} ({_one_line(value)})"
    taken.add(_key(label))
    return label


@functools.lru_cache(maxsize=64)
def _lookups(options: tuple[Option, ...]) -> tuple[Mapping[str, str], ...]:
    """Return the ways to name an option, the surest first."""
    labels = _by_label(options)
    values = {value: value for value in labels.values()}
    whole = {option.label: option.value for option in reversed(options) if option.value != ""}
    return labels, values, _folded(labels), _folded(values), _folded(whole)


def _folded(names: Mapping[str, str]) -> dict[str, str]:
    """Return the names without regard to case and spaces, and without those that then collide."""
    counts = Counter(map(_key, names))
    return {_key(name): value for name, value in names.items() if counts[_key(name)] == 1}


def _shown(option: Option) -> str:
    label = _one_line(option.label) or _one_line(option.value)
    return label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1].rstrip() + "…"


def _one_line(text: str) -> str:
    return " ".join(readable(str(text)).split())


def _key(text: str) -> str:
    return _one_line(text[: 10 * MAX_LABEL]).casefold()
