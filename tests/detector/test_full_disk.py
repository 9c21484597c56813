"""A disk that is full: recordings stop early, and what is kept for events lets alarms through (RELIABILITY D1, P10)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from detector import mqtt_link
from detector.alarms.reader import AlarmReader
from detector.reserve import LOOK_EVERY_S, RESERVE_BYTES, ROOMY_BYTES, Reserve, trouble_of
from detector.sign_of_life import read_sign
from firmware_bridge.clock import Clock
from tests.detector.alerter.players import heard_in, recording_player
from tests.detector.alerter.world import alerting
from tests.detector.mqtt_world import until
from tests.detector.night_watch import RATE, night
from tests.detector.played import seconds
from tests.detector.signals import Scene


class Usage(NamedTuple):
    total: int
    used: int
    free: int


# The reserve of the one monitor, and some room besides.
DISK_MB = 48


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, as small as a disk is that is nearly full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=700", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here (that needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take up all that is free, as another program would."""
    path = disk / "somebody-elses"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path


@pytest.mark.slow
def test_on_a_full_disk_a_cramp_is_kept_felt_and_heard_all_the_same(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.05, 0.05))
    clock, heard = Clock(rate=RATE), tmp_path / "heard"
    scene = Scene(120.0, amplitude_uv=[(100.0, 120.0, 60.0)])
    paced = [item for second in seconds(scene.block()) for item in (second, *[None] * 10)]
    kept = small_disk / "outbox" / "test.reserve"
    with (
        alerting(small_disk, clock, expected=("test",), player=recording_player(tmp_path, heard)),
        night(small_disk, "guarded", paced, clock=clock, session=small_disk, alerter=True) as running,
    ):
        assert until(lambda: kept.exists() and kept.stat().st_size == RESERVE_BYTES)
        filled = fill(small_disk)
        assert until(lambda: not kept.exists())
        assert until(lambda: any("STORAGE" in line for line in running.said))
        assert until(lambda: running.source.cues)
        assert until(lambda: "medium-soft.wav" in heard_in(heard))
        stored = AlarmReader(small_disk / "outbox" / "test.sqlite")
        now = running.clock.mono_s()
        sign = read_sign(small_disk / "run" / "test.alive", now)
        assert sign is not None
        assert sign.is_fresh(clock)
        assert {change.change.occurrence.code for change in stored.changes(0)} >= {"CRAMP", "STORAGE"}  # type: ignore[union-attr]
        stored.close()
        filled.unlink()
        assert until(kept.exists)
    assert "active" in running.stages("CRAMP")


def test_recordings_leave_the_reserve_alone_and_begin_again_with_twice_as_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(free: int, *, stopped: bool) -> str:
        monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**9, 0, free))
        return trouble_of(tmp_path, stopped=stopped)

    assert told(RESERVE_BYTES, stopped=False) == ""
    assert "8 MB are left on the disk" in told(RESERVE_BYTES - 1, stopped=False)
    assert "17 MB free" in told(ROOMY_BYTES - 1, stopped=True)
    assert told(ROOMY_BYTES, stopped=True) == ""
    monkeypatch.undo()
    assert trouble_of(tmp_path / "nowhere", stopped=False) == ""


def test_a_reserve_is_made_once_given_up_only_when_full_and_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [10 * RESERVE_BYTES]
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**9, 0, free[0]))
    kept = Reserve(tmp_path / "x.reserve")
    kept.tend(0.0, needed=False)
    assert (tmp_path / "x.reserve").stat().st_blocks * 512 >= RESERVE_BYTES
    kept.tend(1.0, needed=True)
    assert (tmp_path / "x.reserve").exists()
    free[0] = 0
    kept.tend(2.0, needed=True)
    kept.tend(3.0, needed=True)
    assert not (tmp_path / "x.reserve").exists()
    kept.tend(LOOK_EVERY_S + 3, needed=False)
    assert not (tmp_path / "x.reserve").exists()
    free[0] = 10 * RESERVE_BYTES
    kept.tend(2 * LOOK_EVERY_S + 3, needed=False)
    assert (tmp_path / "x.reserve").exists()


def test_where_no_reserve_can_be_made_the_watch_goes_on(tmp_path: Path) -> None:
    Reserve(tmp_path / "nowhere" / "x.reserve").tend(0.0, needed=False)
    Reserve(tmp_path / "nowhere" / "x.reserve").tend(0.0, needed=True)
