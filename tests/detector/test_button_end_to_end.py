"""The sensor's button, from the thumb to the alarm: on a simulated board behind a real pseudo-terminal."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from detector import mqtt_link
from detector.buzzer import ALARM, URGENT
from detector.monitor import Monitor, Wishes
from firmware_bridge.clock import Clock
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Mark, SampleBlock
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.detector.signals import Scene, part
from tests.detector.test_monitor import NOBODY

# Seconds of the night in a second of life.
RATE = 16.0
PATIENCE_S = 60.0
PIECE = 20
SCENE = Scene(34.0, amplitude_uv=[(4.0, 34.0, 60.0)])
# A thumb at rest, one in the cramp (judged about 13 s from the beginning), one that calls, one that then slips.
PRESSES = {2.0: "button short", 20.0: "button short", 25.0: "button long", 29.0: "button short"}


def pressed() -> Iterator[SampleBlock | Mark]:
    block, presses = SCENE.block(), dict(PRESSES)
    for begin in range(0, block.samples, PIECE):
        for at_s in [at_s for at_s in presses if at_s * block.info.emg_rate_hz <= begin]:
            yield Mark(begin, presses.pop(at_s))
        yield part(block, begin, begin + PIECE)


@pytest.mark.slow
def test_a_short_press_answers_what_sounds_or_marks_and_a_long_one_calls_for_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.05, 0.05))
    clock = Clock(rate=RATE)
    with SimulatedBoard(pressed(), SCENE.info, clock=clock) as board:
        source = open_source(f"serial:{board.port}", clock=clock)
        wishes = Wishes(tmp_path / "nights", tmp_path / "outbox", mode="guarded")
        monitor = Monitor(lambda: source, NOBODY, wishes, clock)
        watching = threading.Thread(target=monitor.run, args=(threading.Event(),))
        watching.start()
        watching.join(PATIENCE_S)
        assert board.failure is None
        felt = [cue.vibration for cue in board.cues]
    cramp, call = told(tmp_path, "CRAMP"), told(tmp_path, "HELP")
    assert [change["now"] for change in cramp[:3]] == ["pending", "active", "acked"]
    assert (cramp[2]["who"], cramp[2]["occurrence"]["answer"]) == ("sleeper", "ack")
    assert "button" in cramp[2]["why"]
    assert [change["now"] for change in call] == ["pending", "active"]
    # Nothing of the cramp is felt again once it was answered; the call for help is, until somebody comes.
    assert felt[0] == ALARM.cue.vibration
    assert set(felt[1:]) == {URGENT.cue.vibration}
    [file] = (tmp_path / "nights").rglob("*.edf")
    marks = [item for item in open_recording(file).items() if isinstance(item, Mark)]
    assert [mark.kind for mark in marks if mark.kind.startswith("button")] == list(PRESSES.values())


def told(folder: Path, code: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / "outbox" / "test.sqlite")) as connection:
        rows = connection.execute("SELECT body FROM alarm_change ORDER BY number").fetchall()
    changes = [json.loads(body) for (body,) in rows]
    return [change for change in changes if change.get("occurrence", {}).get("code") == code]
