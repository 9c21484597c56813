"""A monitor at work in a thread, with a wearer who presses and is buzzed, and a look into what it has stored."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from detector.broker_address import BrokerAddress
from detector.monitor import Monitor, Wishes
from detector.monitor_state import Mode
from detector.topics import Topics
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Cue, Frame
from firmware_bridge.samples import Mark, StreamItem
from tests.detector.played import Played
from tests.detector.signals import Scene
from tests.detector.test_monitor import NOBODY

# It is still going on when the scene ends.
CRAMP = Scene(20.0, amplitude_uv=[(5.0, 20.0, 60.0)])
REST = Scene(40.0)
TOPICS = Topics("test")
RATE = 20.0


class Worn(Played):
    """A source whose wearer presses and is buzzed; between two items given by hand lies silence."""

    def __init__(self, items: Iterable[StreamItem | None], clock: Clock) -> None:
        super().__init__(CRAMP.info, [*items, *[None] * 100_000], clock)
        self.cues: list[Cue] = []
        self.given: list[StreamItem] = []

    def read(self, timeout_s: float) -> list[StreamItem]:
        given, self.given = self.given, []
        return given or super().read(timeout_s)

    def send(self, frame: Frame) -> None:
        if isinstance(frame, Cue):
            self.cues.append(frame)


class Night:
    """A monitor at work, and what lies in its folder."""

    def __init__(self, folder: Path, source: Worn, said: list[str], clock: Clock) -> None:
        self.folder = folder
        self.clock = clock
        self.source = source
        self.said = said

    def press(self, kind: str) -> None:
        self.source.given = [Mark(0, f"button {kind}")]

    def snapshot(self) -> dict[str, Any]:
        [(body,)] = rows(self.folder, "SELECT body FROM alarm_snapshot")
        return dict(json.loads(body))

    def alarms(self, code: str) -> list[dict[str, Any]]:
        """Return every change of alarms of a code, oldest first."""
        changes = [
            json.loads(body) for (body,) in rows(self.folder, "SELECT body FROM alarm_change ORDER BY number")
        ]
        return [change for change in changes if change.get("occurrence", {}).get("code") == code]

    def stages(self, code: str) -> list[str]:
        return [change["now"] for change in self.alarms(code)]


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(
        sqlite3.connect(f"file:{folder / 'outbox' / 'test.sqlite'}?mode=ro", uri=True)
    ) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def night(
    folder: Path,
    mode: Mode,
    items: Iterable[StreamItem | None] = (),
    *,
    broker: BrokerAddress = NOBODY,
    clock: Clock | None = None,
    **wishes: Any,
) -> Iterator[Night]:
    clock, said = clock or Clock(rate=RATE), list[str]()
    source = Worn(items, clock)
    wanted = Wishes(folder / "nights", folder / "outbox", mode=mode, say=said.append, **wishes)
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=Monitor(lambda: source, broker, wanted, clock).run, args=(stop, ready.set)
    )
    thread.start()
    try:
        assert ready.wait(20.0)
        yield Night(folder, source, said, clock)
    finally:
        stop.set()
        thread.join(20.0)
