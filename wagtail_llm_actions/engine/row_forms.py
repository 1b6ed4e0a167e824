"""The form that the admin edits a row in, filled with plain values instead of by a browser."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from wagtail_llm_actions.content.catalogue import panel_for
from wagtail_llm_actions.content.problems import problems_of
from wagtail_llm_actions.engine.row_contents import COLUMNS
from wagtail_llm_actions.exceptions import RowInvalidError

NAMES = {column: name for name, column in COLUMNS.items()}


def bound_form(row: Any, user: Any, values: Mapping[str, Any], *, publish: bool) -> Any:
    """
    Return the valid form of a row with other values.

    :param values: by the name of the form's field; what is left out stays as it is.
    :param publish: whether it is to go live: more is asked of it then.
    :raises RowInvalidError: if the form refuses them.
    """
    form_class = panel_for(type(row)).get_form_class()
    shown = form_class(instance=row, for_user=user)
    with timezone.override(UTC):  # the only one in which a form's moments are never ambiguous
        form = form_class(_posted(shown, values), MultiValueDict(), instance=row, for_user=user)
        if not publish:
            form.defer_required_fields()
        if form.is_valid():
            return form
    raise _refusal(form)


def refusal_of(error: ValidationError) -> RowInvalidError:
    """Return the error of ours that says what a model refuses."""
    by_name = getattr(error, "error_dict", None)
    fields = error.message_dict if by_name else {}
    return _invalid(list(error.messages), fields)


def _posted(form: Any, values: Mapping[str, Any]) -> MultiValueDict:
    """Return what the browser would post."""
    posted = {
        name: _prepared(form, name, values[name] if name in values else _initial(form, name))
        for name in form.fields
    }
    for name, formset in form.formsets.items():
        posted |= _posted_children(formset, values.get(name))
    return MultiValueDict(
        {name: value if isinstance(value, list) else [value] for name, value in posted.items()}
    )


def _initial(form: Any, name: str) -> Any:
    return form.get_initial_for_field(form.fields[name], name)


def _prepared(form: Any, name: str, value: Any) -> Any:
    if value is None:
        return "" if name != "extra_parameters" else "{}"
    return form.fields[name].prepare_value(value)


def _posted_children(formset: Any, wanted: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """
    Return what the browser would post of the inline children.

    Those that are there are filled anew, one after the other; what is too many is deleted.
    """
    stored, prefix = formset.initial_forms, formset.prefix
    if wanted is None:
        wanted = [_child_values(form) for form in stored]
    count = max(len(stored), len(wanted))
    posted: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": count,
        f"{prefix}-INITIAL_FORMS": len(stored),
        f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }
    for number in range(count):
        at = f"{prefix}-{number}"
        is_stored = number < len(stored)
        posted[f"{at}-id"] = (stored[number].instance.pk or "") if is_stored else ""
        posted[f"{at}-ORDER"] = number + 1
        posted[f"{at}-DELETE"] = "" if number < len(wanted) else "on"
        child = wanted[number] if number < len(wanted) else _child_values(stored[number])
        posted |= {f"{at}-{name}": value for name, value in child.items()}
    return posted


def _child_values(form: Any) -> dict[str, Any]:
    names = [name for name in form.fields if name not in ("id", "ORDER", "DELETE")]
    return {name: _initial(form, name) for name in names}


def _refusal(form: Any) -> RowInvalidError:
    fields: dict[str, list[str]] = {}
    problems = list(problems_of(form))
    for problem in problems:
        name, *steps = problem.location
        place = [str(NAMES.get(str(name), name)), *(str(step) for step in steps)]
        fields.setdefault(".".join(place), []).append(problem.message)
    return _invalid([problem.sentence() for problem in problems], fields)


def _invalid(reasons: list[str], fields: Mapping[str, list[str]]) -> RowInvalidError:
    named = {
        NAMES.get(name, name).replace(NON_FIELD_ERRORS, ""): all_ for name, all_ in fields.items()
    }
    sentence = " ".join(reasons)
    return RowInvalidError(sentence, reasons=reasons, fields=named, user_message=sentence or None)
