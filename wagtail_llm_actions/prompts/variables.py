"""The variables that every prompt template may use."""

from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

BUILTIN_VARIABLES = {
    "sources": _("The text of all sources, each with its label."),
    "current_value": _("The text that the field has now; nothing if it is empty."),
    "selection": _("The text that is selected in the field; nothing if none is."),
    "field_label": _("What the field is called in the editor."),
    "max_length": _("How many characters the field takes; nothing if there is no limit."),
    "page_title": _("The title of the page."),
    "page_type": _("What kind of page it is, for example “Blog post”."),
    "language": _("The language of the page, by its English name."),
    "site_name": _("The name of the site."),
    "today": _("Today’s date."),
    "pictures": _("How many pictures are sent along; 0 where the language model sees none."),
}
"""Names and descriptions; an action's sources add theirs."""

RESERVED_NAMES = frozenset(
    [
        *("and", "else", "if", "in", "is", "not", "or", "loop", "self"),
        *("true", "false", "none", "True", "False", "None"),
    ]
)
"""Names that mean something in a template, whatever is called so."""


def is_variable_name(name: str) -> bool:
    """Return whether a source may be called ``name``: an identifier that means nothing else yet."""
    return name.isidentifier() and name not in RESERVED_NAMES and name not in BUILTIN_VARIABLES


def language_name(code: str) -> str:
    """Return the English name of a language, which small models know better than its code."""
    try:
        return get_language_info(code)["name"]
    except KeyError:
        return code
