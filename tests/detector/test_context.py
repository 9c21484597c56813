"""What is kept of the ten minutes before a cramp."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from detector.event_files import read_events, write_events
from detector.types import Before, Contraction
from firmware_bridge.samples import Gap
from tests.detector.signals import Scene, contractions, detect, exact, found, sensor, stream

SLOW = sensor(250.0, 25.0)
# Ten quiet minutes, ten with two turns and some tension, a cramp.
NIGHT = Scene(
    1260.0,
    amplitude_uv=[(900.0, 930.0, 11.0), (1180.0, 1210.0, 60.0)],
    movement_mg=[(650.0, 660.0, 400.0), (800.0, 810.0, 400.0), (1000.0, 1001.0, 60.0)],
    tilt_deg=[(651.0, 653.0, 60.0)],
    info=SLOW,
)


def before(events: list[Contraction]) -> Before:
    cramp = next(event for event in events if event.alert == "cramp")
    assert cramp.before is not None
    return cramp.before


def test_a_cramp_keeps_what_went_before_it() -> None:
    kept = before(found(NIGHT))
    assert kept.seen_s == pytest.approx(600.0)
    assert kept.turns == 2
    assert kept.turned_deg == pytest.approx(60.0, abs=2.0)
    assert kept.still_s == pytest.approx(179.0, abs=2.0)
    assert kept.moved_share == pytest.approx(22.0 / 600.0, abs=0.01)
    assert kept.tense_share == pytest.approx(30.0 / 600.0, abs=0.01)
    assert kept.moved_share_earlier == pytest.approx(0.0, abs=0.005)
    assert kept.tense_share_earlier == pytest.approx(0.0, abs=0.005)
    assert kept.tense_share_last_minute == pytest.approx(0.0, abs=0.02)
    assert kept.earlier_s == pytest.approx(580.0, abs=5.0)
    assert kept.turns_earlier_per_h == 0.0


def test_only_cramps_keep_it() -> None:
    assert {event.before for event in found(NIGHT) if event.alert != "cramp"} == {None}


def test_without_an_accelerometer_nothing_is_known_of_posture() -> None:
    kept = before(found(replace(NIGHT, info=sensor(250.0, 0.0))))
    unknown = (kept.turned_deg, kept.turns, kept.turns_earlier_per_h, kept.still_s, kept.moved_share)
    assert unknown == (None,) * len(unknown)
    assert kept.tense_share == pytest.approx(30.0 / 600.0, abs=0.01)


def test_a_cramp_in_the_first_minutes_has_a_shorter_past_and_no_rest_of_the_night() -> None:
    kept = before(found(Scene(90.0, amplitude_uv=[(40.0, 70.0, 60.0)], info=SLOW)))
    assert kept.seen_s == pytest.approx(40.0, abs=1.0)
    assert kept.tense_share_earlier is None
    assert kept.turns_earlier_per_h is None
    assert kept.earlier_s == 0.0


def test_no_cutting_and_no_gap_changes_what_is_kept() -> None:
    block = NIGHT.block()
    gaps = [Gap(200_000, 5_000, "lost")]
    whole = contractions(detect(stream(block, gaps=gaps), SLOW))
    cut = contractions(detect(stream(block, cuts=range(0, block.samples, 7_310), gaps=gaps), SLOW))
    assert exact(whole) == exact(cut)
    assert before(whole).seen_s < 600.0


def test_the_table_has_it_for_cramps(tmp_path: Path) -> None:
    path = tmp_path / "n_events.tsv"
    write_events(path, found(NIGHT), SLOW)
    rows = read_events(path)
    (cramp,) = (row for row in rows if row.alert == "cramp")
    assert cramp.extra["before_turns"] == "2"
    assert all("before_turns" not in row.extra for row in rows if row.alert != "cramp")
    assert all(one.onset_s <= other.onset_s for one, other in pairwise(rows))
