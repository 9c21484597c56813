"""A monitor at work, at a wearer who has a cramp again and again and presses the button at each buzz."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from detector.broker_address import BrokerAddress
from detector.buzzer import ALARM
from detector.monitor import Monitor, Wishes
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Frame
from firmware_bridge.samples import Mark, SampleBlock, StreamItem
from tests.detector.night_watch import Night, Worn, rows
from tests.detector.played import seconds
from tests.detector.signals import Scene
from tests.detector.test_monitor import NOBODY

# A cramp in each so many seconds of the night, and how long it lasts.
EVERY_S, CRAMP_S = 40.0, 15.0
BLOCK = Scene(EVERY_S, amplitude_uv=[(5.0, 5.0 + CRAMP_S, 60.0)]).block()
# No verdict on a cramp comes later in its round, s.
DECIDED_S = 20.0
PATIENCE_S = 30.0


class Wearer(Worn):
    """Gives a second of samples when it is due.

    Attributes:
        delays_s: How long each buzz left after the samples that it came of were read, s of life.
        given_s: How much was given, s of the night.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__([], clock)
        self.delays_s: list[float] = []
        self.given_s = 0.0
        self.is_over = False
        self._pieces: Iterator[SampleBlock] = iter(())
        self._round = -1
        self._due_s = clock.mono_s()
        self._read_s = 0.0

    @property
    def finished(self) -> bool:
        return self.is_over

    @property
    def cramps(self) -> int:
        """How many should have been noticed by now."""
        rounds, rest_s = divmod(self.given_s, EVERY_S)
        return int(rounds) + (rest_s >= DECIDED_S)

    def read(self, timeout_s: float) -> list[StreamItem]:
        if self.given:
            return super().read(timeout_s)
        wait_s = self._due_s - self._clock.mono_s()
        if wait_s > 0:
            self._clock.sleep(min(wait_s, timeout_s))
            return []
        self._due_s += 1.0
        self._read_s = time.monotonic()
        self.given_s += 1.0
        return [self._next()]

    def _next(self) -> SampleBlock:
        piece = next(self._pieces, None)
        if piece is None:
            self._pieces = seconds(BLOCK)
            self._round += 1
            piece = next(self._pieces)
        return SampleBlock(
            piece.info,
            self._round * BLOCK.samples + piece.first_index,
            piece.emg_counts,
            piece.acc_counts,
        )

    def send(self, frame: Frame) -> None:
        super().send(frame)
        if frame == ALARM.cue:
            self.delays_s.append(time.monotonic() - self._read_s)
            self.given = [Mark(0, "button short")]


@contextmanager
def watched(
    folder: Path, clock: Clock, *, broker: BrokerAddress = NOBODY, **wishes: Any
) -> Iterator[tuple[Night, Wearer]]:
    """Watch the wearer until the end of the block."""
    source, said = Wearer(clock), list[str]()
    wanted = Wishes(folder / "nights", folder / "outbox", mode="guarded", say=said.append, **wishes)
    stop, failed = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            Monitor(lambda: source, broker, wanted, clock).run(stop)
        except BaseException as error:  # noqa: BLE001 - shown by the row's own thread
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield Night(folder, source, said, clock), source
    finally:
        stop.set()
        thread.join(PATIENCE_S)
    if failed:
        raise failed[0]


def stored_cramps(folder: Path) -> int:
    """Return how many cramps are in the outbox."""
    [(count,)] = rows(
        folder,
        "SELECT count(DISTINCT json_extract(payload, '$.id')) FROM message "
        "WHERE json_extract(payload, '$.alert') = 'cramp'",
    )
    return int(count)
