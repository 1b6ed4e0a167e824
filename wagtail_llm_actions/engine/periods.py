"""The periods that limits count in: by the clock and the calendar of the site's time zone."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from wagtail_llm_actions.values import LimitPeriod

NO_PERIOD = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the beginning of a period where there is none."""


def period_start(period: str, moment: datetime) -> datetime:
    """Return when the period began that ``moment`` is in; ``NO_PERIOD`` for a blank one."""
    if not period:
        return NO_PERIOD
    local = timezone.localtime(moment)
    if period == LimitPeriod.MINUTE:
        return local.replace(second=0, microsecond=0)
    if period == LimitPeriod.HOUR:
        return local.replace(minute=0, second=0, microsecond=0)
    return _midnight(_first_day(period, local))


def period_end(period: str, moment: datetime) -> datetime | None:
    """Return when the period ends that ``moment`` is in; ``None`` for a blank one."""
    start = period_start(period, moment)
    if not period:
        return None
    if period in {LimitPeriod.MINUTE, LimitPeriod.HOUR}:
        length = timedelta(minutes=1 if period == LimitPeriod.MINUTE else 60)
        return start.astimezone(UTC) + length
    days = {LimitPeriod.DAY: 1, LimitPeriod.WEEK: 7, LimitPeriod.MONTH: 31}[LimitPeriod(period)]
    return _midnight(_first_day(period, start + timedelta(days=days, hours=3)))


def _first_day(period: str, local: datetime) -> datetime:
    if period == LimitPeriod.WEEK:
        return local - timedelta(days=local.weekday())
    return local.replace(day=1) if period == LimitPeriod.MONTH else local


def _midnight(local: datetime) -> datetime:
    """Return the beginning of a day, which a change of the clock may have moved."""
    return timezone.make_aware(datetime(local.year, local.month, local.day))
