"""Nights run from noon to noon, so that none is split at midnight; the date of its evening is a night's name. Pure."""

from datetime import date, datetime, time, timedelta

NIGHT_BEGINS = timedelta(hours=12)
_NOON = time(12)
_S_PER_H = 3600.0


def evening_of(when: datetime) -> date:
    """Return the date of the night that a local time belongs to: until noon, yesterday's."""
    return (when - NIGHT_BEGINS).date()


def began_at(when: datetime) -> datetime:
    """Return the noon at which the night of a local time began, in the same zone."""
    return datetime.combine(evening_of(when), _NOON, when.tzinfo)


def after_noon_h(evening: date, when: datetime) -> float:
    """Return hours since an evening's noon by the wall's clock: a night of 23 or 25 hours fits as others do."""
    return (when.replace(tzinfo=None) - datetime.combine(evening, _NOON)).total_seconds() / _S_PER_H
