"""Moments as people write them, and as the database takes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from wagtail_llm_actions.engine.row_contents import read_moment
from wagtail_llm_actions.exceptions import RowInvalidError


@pytest.fixture(autouse=True)
def london(settings):
    settings.TIME_ZONE = "Europe/London"


@pytest.mark.parametrize(
    ("said", "hour"),
    [
        ("2026-10-25T01:30:00+01:00", 0),
        ("2026-10-25T01:30:00+00:00", 1),
        ("2026-10-25T12:30:00", 12),
        ("2026-07-25T12:30:00", 11),
        (datetime(2026, 7, 25, 12, 30), 11),
        (datetime(2026, 7, 25, 12, 30, tzinfo=UTC), 12),
    ],
)
def test_one_moment_is_meant(said, hour):
    assert read_moment("go_live_at", said).astimezone(UTC).hour == hour


@pytest.mark.parametrize("said", [None, ""])
def test_none_is_none(said):
    assert read_moment("go_live_at", said) is None


@pytest.mark.parametrize("said", ["2026-10-25T01:30:00", "2027-03-28T01:30:00"])
def test_where_the_clocks_are_changed_the_offset_is_asked_for(said):
    with pytest.raises(RowInvalidError) as refused:
        read_moment("go_live_at", said)
    assert refused.value.fields == {
        "go_live_at": [
            f"“{said}” comes twice or never where the clocks are changed. Add its offset: "
            "2026-01-31T12:00:00+01:00."
        ]
    }


TOO_LATE = datetime.max.replace(tzinfo=timezone(-timedelta(hours=14)))


@pytest.mark.parametrize("said", ["soon", "2026-13-01T00:00:00", 5, TOO_LATE, str(TOO_LATE)])
def test_what_is_no_moment_is_refused(said):
    with pytest.raises(RowInvalidError) as refused:
        read_moment("expire_at", said)
    assert refused.value.fields == {
        "expire_at": [f"“{said}” is no moment: write it like 2026-01-31T12:00:00Z."]
    }


def test_a_site_that_knows_no_time_zones_keeps_its_own_time(settings):
    settings.USE_TZ = False
    kept = datetime(2026, 7, 25, 12, 30)
    assert read_moment("go_live_at", "2026-07-25T11:30:00Z") == kept
    assert read_moment("go_live_at", "2026-07-25T12:30:00") == kept
