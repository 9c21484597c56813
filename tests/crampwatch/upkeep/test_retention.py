"""Old recordings go, the right ones, and nothing else does."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from crampwatch.upkeep.home import Home
from crampwatch.upkeep.retention import Rule, due, remove
from crampwatch.upkeep.retention_service import RetentionService

PLENTY = 10**12
LONG_AGO_S = 1_600_000_000
FIRST = date(2025, 1, 1)
# Nights in the small, so that they take no room of the machine that tests it; row D8 has 400 of them.
NIGHTS = 40
NIGHT_BYTES = 50_000


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def night(home: Home, number: int, sensor: str = "left-calf", size: int = 100) -> Path:
    folder = home.nights / f"{FIRST + timedelta(days=number)}_{sensor}"
    folder.mkdir(parents=True)
    for name in ("signal.edf", "signal_events.tsv"):
        (folder / name).write_bytes(bytes(size // 2))
        os.utime(folder / name, (LONG_AGO_S, LONG_AGO_S))
    overview = home.overviews / folder.name
    overview.mkdir(parents=True)
    (overview / "card.json").write_text("{}")
    return folder


def names(home: Home) -> list[str]:
    return [folder.name for folder in home.night_folders()]


def test_the_newest_nights_of_each_sensor_are_kept(home: Home) -> None:
    left = [night(home, number) for number in range(5)]
    right = [night(home, number, "right-calf") for number in (0, 9)]
    removals = due(home, Rule(3, PLENTY))
    assert [one.night for one in removals] == left[:2]
    assert names(home) == sorted(folder.name for folder in left + right)
    assert remove(home, removals) == 0
    assert names(home) == sorted(folder.name for folder in left[2:] + right)
    assert sorted(path.name for path in home.overviews.iterdir()) == names(home)


def test_a_night_that_is_kept_or_recorded_and_the_newest_never_go(home: Home) -> None:
    marked, running, newest = night(home, 0), night(home, 1), night(home, 2)
    (marked / "keep").touch()
    os.utime(running / "signal.edf")
    assert due(home, Rule(1, 1)) == []
    os.utime(running / "signal.edf", (LONG_AGO_S, LONG_AGO_S))
    assert [one.night for one in due(home, Rule(1, 1))] == [running]
    assert newest.is_dir()


def test_no_number_keeps_all_within_the_quota(home: Home) -> None:
    nights = [night(home, number) for number in range(4)]
    assert due(home, Rule(0, PLENTY)) == []
    assert [one.night for one in due(home, Rule(0, home.used_bytes() - 1))] == nights[:1]


def test_what_somebody_put_beside_a_recording_stays(home: Home) -> None:
    old, _ = night(home, 0), night(home, 1)
    (old / "notes.txt").write_text("hers")
    remove(home, due(home, Rule(1, PLENTY)))
    assert [path.name for path in old.iterdir()] == ["notes.txt"]
    assert due(home, Rule(1, PLENTY)) == []


def test_so_many_nights_never_take_more_than_the_quota_and_a_twentieth(home: Home) -> None:
    quota = 8 * NIGHT_BYTES
    service = RetentionService(home, Rule(0, quota), lambda _text: None)
    most = 0
    for number in range(NIGHTS):
        night(home, number, size=NIGHT_BYTES)
        service.tidy()
        most = max(most, home.used_bytes())
    assert most <= 1.05 * quota
    assert names(home)[-1] == f"{FIRST + timedelta(days=NIGHTS - 1)}_left-calf"
    assert len(names(home)) >= 6
    assert service.failures == 0


def test_retention_stops_when_told_and_says_what_went(home: Home) -> None:
    said: list[str] = []
    for number in range(3):
        night(home, number)
    service = RetentionService(home, Rule(2, PLENTY), said.append)
    service.start()
    assert service.alive()
    service.stop()
    assert not service.alive()
    service.tidy()
    assert "2025-01-01_left-calf" in said[0]


def test_nights_of_a_clock_that_was_wrong_neither_go_for_their_age_nor_push_others_out(home: Home) -> None:
    nights = [night(home, number) for number in range(4)]
    before, ahead = night(home, -20_000), [night(home, 30_000 + number) for number in range(3)]
    today = FIRST + timedelta(days=4)
    assert [one.night for one in due(home, Rule(3, PLENTY), today)] == nights[:1]
    # A clock that is set back by years finds every night in the future.
    assert due(home, Rule(3, PLENTY), date(1970, 1, 1)) == []
    # Within the quota the oldest go by their names, and never the newest that has a date.
    gone = [one.night for one in due(home, Rule(3, 1), today)]
    assert gone == [before, *nights[:3], *ahead[:2]]
