"""Numbers, dates, times and yes or no, out of the ways in which models write them."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from wagtail_llm_actions.outputs.reasons import Unfit, short
from wagtail_llm_actions.outputs.texts import plain
from wagtail_llm_actions.values import FieldSpec

MAX_DIGITS = 40
"""Of a number, before or after its point; no field of a database takes more."""
PRECISION = Context(prec=4 * MAX_DIGITS)
AROUND = " \n*_`\"“”'"
"""What models write around a single value."""
MAX_TOKEN = 200
"""Characters of a single value that are looked at."""
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
DATE = r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})"
TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
)
ZONE = r"(?P<zone>[zZ]|[+-]\d{2}:?\d{2})"
ISO_DATE = re.compile(rf"{DATE}(?:[T ]00:00(?::00(?:\.0+)?)?{ZONE}?)?", re.ASCII)
ISO_TIME = re.compile(TIME, re.ASCII)
ISO_DATETIME = re.compile(rf"{DATE}(?:T|,? +){TIME} ?{ZONE}?", re.ASCII)
YES = frozenset({"true", "yes", "y", "1", "on"})
NO = frozenset({"false", "no", "n", "0", "off"})
VERDICT = re.compile(r"(yes|no|true|false)\b[.,;:!]", re.IGNORECASE)


def to_boolean(spec: FieldSpec, found: Any) -> bool:
    """Return ``found`` as true or false."""
    if isinstance(found, bool):
        return found
    reason = gettext("The answer must be true or false.")
    word = _token(found, reason).casefold()
    verdict = VERDICT.match(word)
    word = verdict[1] if verdict else word
    if word in YES or word == gettext("Yes").casefold():
        return True
    if word in NO or word == gettext("No").casefold():
        return False
    raise Unfit(reason)


def to_integer(spec: FieldSpec, found: Any) -> int:
    """Return ``found`` as a whole number within the limits of the field."""
    reason = gettext("The answer must be a whole number like 3.")
    number = _decimal(found, reason)
    if number != number.to_integral_value():
        raise Unfit(reason)
    _check_range(spec, number, Decimal, short(str(found)))
    return int(number)


def to_number(spec: FieldSpec, found: Any) -> str:
    """Return ``found`` as a decimal number without exponent, within the limits of the field."""
    number = _decimal(found, gettext("The answer must be a number like 3.5."))
    if spec.decimal_places is not None:
        number = _with_places(number, spec.decimal_places)
    _check_range(spec, number, Decimal, short(str(found)))
    return format(abs(number) if number == 0 else number, "f")


def to_date(spec: FieldSpec, found: Any) -> str:
    """Return ``found`` as an ISO 8601 date; only what has the year first is certain."""
    reason = gettext("The date must be like 2026-01-31.")
    match = ISO_DATE.fullmatch(_token(found, reason))
    value = _made(reason, match, lambda parts: date(*_date_parts(parts)))
    _check_range(spec, value, date.fromisoformat, value.isoformat())
    return value.isoformat()


def to_time(spec: FieldSpec, found: Any) -> str:
    """Return ``found`` as an ISO 8601 time of day."""
    reason = gettext("The time must be like 14:30.")
    match = ISO_TIME.fullmatch(_token(found, reason))
    value = _made(reason, match, lambda parts: time(*_time_parts(parts)))
    _check_range(spec, value, time.fromisoformat, value.isoformat())
    return value.isoformat()


def to_datetime(spec: FieldSpec, found: Any) -> str:
    """Return ``found`` as an ISO 8601 date and time; its offset stays where it has one."""
    reason = gettext("The date and time must be like 2026-01-31T14:30.")
    match = ISO_DATETIME.fullmatch(_token(found, reason))
    value = _made(reason, match, _moment)
    _check_range(spec, value, datetime.fromisoformat, value.isoformat())
    return value.isoformat()


def _token(found: Any, reason: str) -> str:
    """
    Return the text of a single value, without what models put around it.

    :raises Unfit: with ``reason`` if there is more than one value, or a truth.
    """
    if not isinstance(found, str):
        raise Unfit(reason)
    end = "…" if len(found) > MAX_TOKEN else ""
    return plain(found[:MAX_TOKEN]).strip(AROUND).rstrip(".").strip(AROUND) + end


def _decimal(found: Any, reason: str) -> Decimal:
    token = _token(found, reason).replace("−", "-")
    if not NUMBER.fullmatch(token):
        raise Unfit(reason)
    try:
        number = Decimal(token)
    except InvalidOperation:
        raise Unfit(reason) from None
    _, digits, exponent = number.as_tuple()
    if number.adjusted() > MAX_DIGITS or len(digits) + abs(int(exponent)) > 2 * MAX_DIGITS:
        raise Unfit(gettext("The number has too many digits."))
    return number


def _with_places(number: Decimal, places: int) -> Decimal:
    """Return ``number`` with no more decimal places than that; zeros at its end do not count."""
    _, _, exponent = number.as_tuple()
    if -int(exponent) <= places:
        return number
    shortened = number.quantize(Decimal(1).scaleb(-places), context=PRECISION)
    if shortened != number:
        raise Unfit(
            ngettext(
                "The number may have at most %(count)d decimal place.",
                "The number may have at most %(count)d decimal places.",
                places,
            )
            % {"count": places}
        )
    return shortened


def _made(reason: str, match: re.Match[str] | None, make: Callable[[Any], Any]) -> Any:
    """Return what ``make`` makes of the match; there is no 31 February."""
    if match is None:
        raise Unfit(reason)
    try:
        return make(match)
    except (ValueError, OverflowError):
        raise Unfit(gettext("There is no %(answer)s.") % {"answer": short(match[0])}) from None


def _date_parts(parts: re.Match[str]) -> tuple[int, int, int]:
    return int(parts["year"]), int(parts["month"]), int(parts["day"])


def _time_parts(parts: re.Match[str]) -> tuple[int, int, int, int]:
    fraction = (parts["fraction"] or "0").ljust(6, "0")
    return int(parts["hour"]), int(parts["minute"]), int(parts["second"] or 0), int(fraction)


def _moment(parts: re.Match[str]) -> datetime:
    value = datetime(*_date_parts(parts), *_time_parts(parts))
    zone = parts["zone"]
    return datetime.fromisoformat(value.isoformat() + zone.upper()) if zone else value


def _check_range(spec: FieldSpec, value: Any, parsed: Callable[[str], Any], shown: str) -> None:
    """Raise :class:`Unfit` if ``value`` is outside the limits of the field."""
    words = {"answer": shown, "minimum": spec.minimum, "maximum": spec.maximum}
    too_small = spec.minimum is not None and _before(value, parsed(spec.minimum))
    too_large = spec.maximum is not None and _before(parsed(spec.maximum), value)
    if not too_small and not too_large:
        return
    if spec.minimum is not None and spec.maximum is not None:
        raise Unfit(gettext("%(answer)s is not from %(minimum)s to %(maximum)s.") % words)
    if too_small:
        raise Unfit(gettext("%(answer)s is less than %(minimum)s.") % words)
    raise Unfit(gettext("%(answer)s is more than %(maximum)s.") % words)


def _before(first: Any, second: Any) -> bool:
    """Return whether ``first`` comes before ``second``; of two moments one may know its offset."""
    if isinstance(first, datetime) and timezone.is_aware(first) != timezone.is_aware(second):
        first, second = _aware(first), _aware(second)
    return bool(first < second)


def _aware(moment: datetime) -> datetime:
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
