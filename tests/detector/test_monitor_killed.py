"""A monitor that is killed, at the worst places and at any instant: nothing lost or twice, nothing felt unwritten."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.alarms.values import UNANSWERED
from tests.detector.monitor_child import PLACES
from tests.detector.mqtt_world import until
from tests.detector.signals import Scene

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0


CRAMP = Scene(20.0, amplitude_uv=[(5.0, 20.0, 60.0)])
REST = Scene(12.0)
# A cramp in every half minute, for kills at any instant.
MANY = Scene(240.0, amplitude_uv=[(30.0 * n + 5.0, 30.0 * n + 20.0, 60.0) for n in range(8)])


def start(folder: Path, scene: Scene, place: str = "never") -> subprocess.Popen[str]:
    counts = folder / f"{scene.duration_s:.0f}.npz"
    if not counts.exists():
        block = scene.block()
        np.savez(counts, emg=block.emg_counts, acc=block.acc_counts)
    arguments = [sys.executable, "-m", "tests.detector.monitor_child", str(folder), str(counts), place]
    child = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate(timeout=PATIENCE_S)


class Kept:
    """What a monitor's file holds."""

    def __init__(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / "outbox" / "test.sqlite")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            messages = connection.execute("SELECT topic, payload FROM message ORDER BY seq").fetchall()
            bodies = connection.execute("SELECT body FROM alarm_change ORDER BY number").fetchall()
            snapshots = connection.execute("SELECT body FROM alarm_snapshot").fetchall()
        told = [(topic.rpartition("/")[2], json.loads(payload)) for topic, payload in messages]
        self.events = [message for name, message in told if name == "event"]
        self.alarms = [message for name, message in told if name == "alarm"]
        self.changes = [change for (body,) in bodies if "occurrence" in (change := json.loads(body))]
        self.snapshot: dict[str, Any] = json.loads(snapshots[0][0])
        cues = folder / "cues"
        self.cues = cues.read_text(encoding="ascii").split() if cues.exists() else []

    def of(self, code: str) -> list[dict[str, Any]]:
        return [change["occurrence"] for change in self.changes if change["occurrence"]["code"] == code]

    def check(self) -> None:
        """Hold what must be true of every file at every instant."""
        revisions = Counter((one["occurrence"]["id"], one["occurrence"]["revision"]) for one in self.changes)
        assert set(revisions.values()) <= {1}, "a change was made twice"
        public = [
            (one["occurrence"]["id"], one["occurrence"]["revision"])
            for one in self.changes
            if one["occurrence"]["raised"] or one["occurrence"]["stale"]
        ]
        assert [(one["id"], one["revision"]) for one in self.alarms] == public, "message and change part"
        told = {event["id"] for event in self.events if event["alert"] == "cramp"}
        alarmed = {one["event_id"] for one in self.of("CRAMP")}
        assert alarmed <= told, "an alarm without its event"
        assert told <= alarmed, "an event without its alarm"
        newest = {one["occurrence"]["id"]: one["occurrence"] for one in self.changes}
        standing = {
            machine["occurrence"]["id"]: machine["occurrence"]["revision"]
            for machine in self.snapshot["machines"]
            if machine["occurrence"] is not None
        }
        for name, revision in standing.items():
            assert newest[name]["revision"] == revision, "the state and its changes part"


@pytest.mark.parametrize("place", PLACES)
def test_killed_around_its_first_cramp_it_has_written_what_was_felt_and_goes_on(
    place: str, tmp_path: Path
) -> None:
    child = start(tmp_path, CRAMP, place)
    assert child.wait(PATIENCE_S) == -signal.SIGKILL
    child.communicate()
    kept = Kept(tmp_path)
    kept.check()
    written = PLACES.index(place) >= 2
    assert bool([event for event in kept.events if event["alert"] == "cramp"]) is written
    assert len(kept.cues) == (1 if place == "after the cue" else 0)

    again = start(tmp_path, REST)
    assert until(lambda: "NO_DATA" in {one["occurrence"]["code"] for one in Kept(tmp_path).changes})
    kill(again)
    after = Kept(tmp_path)
    after.check()
    cramps = {one["id"]: one for one in after.of("CRAMP")}
    assert len(cramps) == (1 if written else 0)
    for cramp in cramps.values():
        # Nobody has answered it, and nobody saw how it went on.
        assert cramp["stage"] in UNANSWERED
    assert len(
        [event for event in after.events if event["phase"] == "ended" and event["alert"] == "cramp"]
    ) == (1 if written else 0)


def test_killed_at_any_instant_it_never_contradicts_itself(tmp_path: Path) -> None:
    dice = random.Random(4)
    kills = 8
    for _ in range(kills):
        child = start(tmp_path, MANY)
        time.sleep(dice.uniform(0.2, 1.6))
        kill(child)
        Kept(tmp_path).check()
    kept = Kept(tmp_path)
    assert kept.of("CRAMP"), "no cramp was met: the kills came too early"
    starts = {message["id"].rpartition(".")[0] for message in kept.events}
    assert len(starts) > 1
