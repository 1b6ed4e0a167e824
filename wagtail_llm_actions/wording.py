"""Pieces that sentences are put together from, in the language of the person who reads them."""

from collections.abc import Iterable

from django.utils.translation import gettext


def listed(names: Iterable[str]) -> str:
    """Return the names as a part of a sentence."""
    # Translators: What stands between the items of a list within a sentence.
    return gettext(", ").join(map(str, names))


def in_quotes(text: str) -> str:
    """Return a text in quotation marks."""
    # Translators: The quotation marks of your language.
    return gettext("“%(text)s”") % {"text": text}


def listed_in_quotes(names: Iterable[str]) -> str:
    """Return the names as a part of a sentence, each in quotation marks."""
    return listed(map(in_quotes, names))
