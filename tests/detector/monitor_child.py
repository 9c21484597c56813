"""A monitor in a process of its own, to be killed: ``python -m tests.detector.monitor_child FOLDER COUNTS PLACE``.

It plays counts from an npz file, then stays silent. At ``PLACE`` of the first change to an active cramp alarm it kills
itself; ``never`` leaves that to others. Each CUE is a line in ``cues``, written as it leaves. What it imports is kept
short, since it is started often.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import Any, Self

import numpy as np

from detector.alarm_desk import AlarmDesk
from detector.alarms import store
from detector.alarms.values import AlarmChange
from detector.broker_address import BrokerAddress
from detector.event_sender import EventSender, Parcel
from detector.monitor import Monitor, Wishes
from detector.watch import Watch
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Cue, Frame
from firmware_bridge.samples import LinkState, SampleBlock, Scale, SensorInfo, StreamItem

PLACES = ("before the transaction", "in the transaction", "after the transaction", "after the cue")
# Nothing listens on the discard port.
NOBODY = BrokerAddress("127.0.0.1", 9, "nobody", "nothing")
RATE = 20.0
SECOND, ACC_SECOND = 1000, 100
INFO = SensorInfo(
    *("test", 1000.0, 100.0, ("left-calf",)),
    (Scale(-32768, 32767, -6553.6, 6553.4, "uV"),),
    Scale(-32768, 32767, -16.0, 16.0, "g"),
)


class Endless:
    """The counts at their pace, then silence without end; its cues are kept in a file."""

    url = "endless:"
    finished = False
    counters: Mapping[str, int] = {}

    def __init__(self, counts: Path, cues: Path, clock: Clock) -> None:
        arrays = np.load(counts)
        self._items = paced(arrays["emg"], arrays["acc"])
        self._cues = cues
        self._clock = clock
        self.sent: Callable[[], None] = lambda: None

    def open(self) -> SensorInfo:
        return INFO

    def read(self, timeout_s: float) -> list[StreamItem]:
        item = next(self._items)
        if item is not None:
            return [item]
        self._clock.sleep(timeout_s)
        return []

    def send(self, frame: Frame) -> None:
        if isinstance(frame, Cue):
            with self._cues.open("a", encoding="ascii") as file:
                file.write(f"{frame.vibration}\n")
            self.sent()

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """Nothing is open."""


def paced(emg: Any, acc: Any) -> Iterator[StreamItem | None]:
    for n in range(len(emg) // SECOND):
        yield SampleBlock(
            INFO,
            n * SECOND,
            emg[n * SECOND : (n + 1) * SECOND],
            acc[n * ACC_SECOND : (n + 1) * ACC_SECOND],
        )
        yield from repeat(None, 3)
    yield LinkState(up=False, reason="the scene is over")
    yield from repeat(None)


def has_cramp(changes: Iterable[Any]) -> bool:
    return any(
        isinstance(change, AlarmChange) and (change.occurrence.code, change.now) == ("CRAMP", "active")
        for change in changes
    )


class Doom:
    """Kills the process at a place, once the first cramp alarm is about to be written."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._near = False

    def noted(self, changes: Iterable[Any]) -> None:
        self._near = self._near or has_cramp(changes)

    def at(self, place: str) -> None:
        if self._near and place == self._place:
            os.kill(os.getpid(), signal.SIGKILL)


def surround(doom: Doom, source: Endless) -> None:
    """Tell the doom of every place that is passed."""
    take, write, rows, buzz = EventSender.take, store.write, AlarmDesk.rows, Watch._buzz

    def noting(desk: AlarmDesk, changes: Any) -> Any:
        doom.noted(changes)
        return rows(desk, changes)

    def taking(sender: EventSender, parcel: Parcel) -> None:
        doom.at(PLACES[0])
        take(sender, parcel)

    def writing(*arguments: Any) -> None:
        write(*arguments)
        doom.at(PLACES[1])

    def buzzing(watch: Watch) -> None:
        doom.at(PLACES[2])
        buzz(watch)

    for owner, name, instead in (
        (AlarmDesk, "rows", noting),
        (EventSender, "take", taking),
        (store, "write", writing),
        (Watch, "_buzz", buzzing),
    ):
        setattr(owner, name, instead)
    source.sent = lambda: doom.at(PLACES[3])


def main() -> None:
    folder, counts, place = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    clock = Clock(rate=RATE)
    source = Endless(counts, folder / "cues", clock)
    surround(Doom(place), source)
    wishes = Wishes(folder / "nights", folder / "outbox", mode="guarded", session=folder)
    Monitor(lambda: source, NOBODY, wishes, clock).run(threading.Event(), say_ready)


def say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
