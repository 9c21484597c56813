"""Nights run from noon to noon."""

from datetime import UTC, date, datetime, timedelta

import pytest

from detector.noon import after_noon_h, began_at, evening_of


@pytest.mark.parametrize(
    ("when", "night"),
    [
        (datetime(2026, 3, 1, 11, 59, 59, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 2, 3, 0, tzinfo=UTC), date(2026, 3, 1)),
    ],
)
def test_a_night_is_named_by_its_evening(when: datetime, night: date) -> None:
    assert evening_of(when) == night
    assert str(evening_of(when)) == night.isoformat()


@pytest.mark.parametrize(
    ("now", "began"),
    [(12, 12), (23, 12), (36, 36)],
)
def test_a_night_begins_at_noon(now: int, began: int) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    assert began_at(midnight + timedelta(hours=now)) == midnight + timedelta(hours=began)
    assert began_at(midnight + timedelta(hours=11)) == midnight - timedelta(hours=12)


def test_hours_are_counted_on_the_wall_whatever_its_zone() -> None:
    zone = datetime(2026, 10, 25, 4, 30).astimezone().tzinfo
    assert after_noon_h(date(2026, 10, 24), datetime(2026, 10, 25, 4, 30, tzinfo=zone)) == 16.5
    assert after_noon_h(date(2026, 10, 24), datetime(2026, 10, 24, 9, 0, tzinfo=UTC)) == -3.0
