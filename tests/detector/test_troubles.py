"""When a trouble began is told with it: its alarm's delay counts from there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from detector.troubles import Troubles


def quiet() -> Troubles:
    """Return what is asked where nothing but the recording may be in trouble."""
    nothing: Any = SimpleNamespace(
        news=dict,
        conditions=tuple,
        observed=lambda _now_s: None,
        tend=lambda _now_s, needed: None,  # noqa: ARG005 - it is called by this name
        trouble="",
        alerter_trouble="",
        alerter_seen_s=None,
    )
    return Troubles(nothing, nothing, nothing, nothing, nothing, nothing)


def test_a_full_disk_counts_from_the_last_moment_at_which_all_was_recorded() -> None:
    troubles = quiet()
    assert troubles.observed(100.0, None) == {}
    first = troubles.observed(101.0, "no space left")["STORAGE", ""]
    later = troubles.observed(130.0, "no space left")["STORAGE", ""]
    assert first.since_s == later.since_s == 100.0
    assert troubles.observed(140.0, None) == {}
    assert troubles.observed(141.0, "no space left")["STORAGE", ""].since_s == 140.0


def test_one_that_never_recorded_counts_from_when_it_is_first_seen() -> None:
    assert quiet().observed(5.0, "no space left")["STORAGE", ""].since_s is None
