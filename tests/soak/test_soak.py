"""The soak can fail: what grows is measured, what is past its bound is said."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.soak.__main__ import wrong
from tests.soak.drawing import draw
from tests.soak.footprint import Footprint, Slope, footprint

TIMES_S = np.arange(0.0, 2400.0, 2.0)


def _sound() -> dict[str, Any]:
    steady = {"monitor": {"begin": 16, "end": 16, "least": 15, "most": 17}}
    return {
        "events_lost": 0,
        "changes_lost": 0,
        "shown_twice": 0,
        "rss_slope_together": {"per_h": 0.1, "low": -0.5, "high": 0.7},
        "descriptors": steady,
        "threads": steady,
        "wal_mb": {"night_log.sqlite-wal": 2.4},
        "unplanned_restarts": [],
        "cramps": 200,
    }


@pytest.mark.parametrize("leak_mb_per_h", [0.0, 3.0, 40.0])
def test_a_leak_is_measured_through_noise(leak_mb_per_h: float) -> None:
    noise_mb = np.random.default_rng(5).normal(0.0, 0.3, len(TIMES_S))
    slope = Slope.of(list(TIMES_S), list(200.0 + TIMES_S / 3600 * leak_mb_per_h + noise_mb))
    assert slope.low < leak_mb_per_h < slope.high
    assert slope.high - slope.low < 2.0


def test_too_few_readings_prove_nothing() -> None:
    figures = _sound()
    bounds = Slope.of([0.0, 2.0], [200.0, 200.0])
    figures["rss_slope_together"] = {"high": bounds.high}
    assert wrong(figures)


def test_a_sound_soak_passes() -> None:
    assert wrong(_sound()) == []


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("events_lost", 1),
        ("changes_lost", 1),
        ("shown_twice", 2),
        ("rss_slope_together", {"per_h": 1.9, "low": 1.0, "high": 2.8}),
        ("descriptors", {"monitor": {"begin": 16, "end": 19, "least": 16, "most": 19}}),
        ("threads", {"dashboard": {"begin": 8, "end": 5, "least": 5, "most": 8}}),
        ("wal_mb", {"night_log.sqlite-wal": 65.0}),
        ("unplanned_restarts", ["monitor ended"]),
        ("cramps", 0),
    ],
)
def test_what_is_past_its_bound_is_said(what: str, value: object) -> None:
    (said,) = wrong(_sound() | {what: value})
    assert said


def test_this_process_has_a_footprint_and_one_that_is_gone_has_none(tmp_path: Path) -> None:
    here = footprint(os.getpid())
    assert here is not None
    assert here.rss_mb > 1
    assert here.descriptors >= 3
    assert footprint(2**22 + 1) is None
    draw(
        [0.0, 2.0],
        {"monitor": [here, Footprint(1, 60.0, 16, 5)]},
        {"a-wal": [0.0, 4.1]},
        tmp_path / "soak.png",
    )
    assert (tmp_path / "soak.png").stat().st_size > 1000
