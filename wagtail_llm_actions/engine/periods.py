"""
The periods that limits count in: by the clock and the calendar of the site's own time zone.

Not by that of the user, which Wagtail puts in force in the admin: a period is the same for all.
"""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from wagtail_llm_actions.values import LimitPeriod

NO_PERIOD = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the beginning of a period where there is none."""
DAYS = {LimitPeriod.DAY: 1, LimitPeriod.WEEK: 7, LimitPeriod.MONTH: 31}
"""After as many days and some hours, the next period has begun and is not over."""


def period_start(period: str, moment: datetime) -> datetime:
    """Return when the period began that ``moment`` is in, in UTC; ``NO_PERIOD`` for a blank one."""
    if not period:
        return NO_PERIOD
    local = timezone.localtime(moment, timezone.get_default_timezone())
    if period == LimitPeriod.MINUTE:
        return local.replace(second=0, microsecond=0).astimezone(UTC)
    if period == LimitPeriod.HOUR:
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    return _midnight(_first_day(period, local))


def period_end(period: str, moment: datetime) -> datetime | None:
    """Return when the period ends that ``moment`` is in, in UTC; ``None`` for a blank one."""
    if not period:
        return None
    start = period_start(period, moment)
    if period in {LimitPeriod.MINUTE, LimitPeriod.HOUR}:
        return start + timedelta(minutes=1 if period == LimitPeriod.MINUTE else 60)
    local = timezone.localtime(start, timezone.get_default_timezone())
    later = local + timedelta(days=DAYS[LimitPeriod(period)], hours=3)
    return _midnight(_first_day(period, later))


def _first_day(period: str, local: datetime) -> datetime:
    if period == LimitPeriod.WEEK:
        return local - timedelta(days=local.weekday())
    return local.replace(day=1) if period == LimitPeriod.MONTH else local


def _midnight(local: datetime) -> datetime:
    """Return the beginning of a day, which a change of the clock may have moved."""
    first = datetime(local.year, local.month, local.day)
    return timezone.make_aware(first, timezone.get_default_timezone()).astimezone(UTC)
