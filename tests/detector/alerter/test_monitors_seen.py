"""How the alerter sees monitors by the signs of life that they leave."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from detector.alarms.values import Moment
from detector.alerter.monitors import SIGNS, Monitors
from detector.sign_of_life import SIGN_VALID_S, SignOfLife
from firmware_bridge.clock import Clock


def test_a_monitors_silence_counts_from_its_last_sign_but_not_through_the_hosts_sleep(tmp_path: Path) -> None:
    clock = Clock()
    SignOfLife(tmp_path / SIGNS / "left-calf.alive", clock, "other").beat(watching=True)
    # A moment after that, as the alerter's first turn is.
    beaten = Moment(clock.mono_s(), datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
    monitors = Monitors(tmp_path, ["left-calf"], clock, "boot")
    for second in range(int(SIGN_VALID_S)):
        [seen] = monitors.look(beaten.after(second))
        assert seen.alive
    [seen] = monitors.look(beaten.after(SIGN_VALID_S + 1.0))
    assert seen.silent_since is not None
    assert abs(seen.silent_since.mono_s - beaten.mono_s) < 1.0

    woken = beaten.after(8 * 3600.0)
    [seen] = monitors.look(woken)
    assert seen.alive
    for second in range(1, int(SIGN_VALID_S)):
        [seen] = monitors.look(woken.after(second))
        assert seen.alive
    [seen] = monitors.look(woken.after(SIGN_VALID_S + 1.0))
    assert seen.silent_since == woken
    monitors.close()
