"""A host of few words: frames to and from a port, without anything in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt
import serial

from firmware_bridge.decoder import Decoder
from firmware_bridge.frames import BadFrame, Frame, Samples, encode, samples_layout

F = TypeVar("F")
Counts = npt.NDArray[np.int16]
# On however busy a machine: what has not come by then does not come.
PATIENCE_S = 60.0


class FrameLink:
    """Everything that came over a port, in order.

    Attributes:
        frames: All frames so far.
    """

    def __init__(self, port: str) -> None:
        self._port = serial.Serial(port, 115200, timeout=0.02)
        self._decoder = Decoder()
        self.frames: list[Frame | BadFrame] = []

    def send(self, frame: Frame) -> None:
        self._port.write(encode(frame))

    def send_bytes(self, data: bytes) -> None:
        self._port.write(data)

    def of(self, kind: type[F]) -> list[F]:
        """Return the frames of one kind that have come so far."""
        return [frame for frame in self.frames if isinstance(frame, kind)]

    def wait(self, done: Callable[[], bool]) -> None:
        """Read until that is so."""
        ends_s = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < ends_s, f"waited in vain; last came {self.frames[-3:]}"
            self.frames += self._decoder.feed(self._port.read(4096))

    def wait_for(self, kind: type[F], count: int = 1) -> F:
        """Read until so many of a kind have come; return the last of them."""
        self.wait(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    def run(self, samples: int) -> None:
        """Read until the board has gone on by so many samples."""
        start = len(self.of(Samples))
        self.wait(lambda: len(self.of(Samples)) >= start + samples // 10)

    def close(self) -> None:
        self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Signal(NamedTuple):
    """What SAMPLES frames hold, unpacked: per frame counter and time, per instant the counts."""

    counters: npt.NDArray[np.uint32]
    device_us: npt.NDArray[np.uint32]
    epochs: npt.NDArray[np.uint8]
    emg: Counts
    acc: Counts


def signal_of(frames: list[Samples], channels: int = 1, acc_ratio: int = 10) -> Signal:
    """Unpack frames of one unit each (ten instants where there is no acceleration)."""
    layout = samples_layout(channels, acc_ratio, 1 if acc_ratio else 10)
    rows = np.frombuffer(b"".join(frame.payload for frame in frames), layout)
    emg = rows["units"]["emg"].reshape(-1, channels)
    acc = rows["units"]["acc"].reshape(-1, 3) if acc_ratio else np.zeros((0, 3), np.int16)
    return Signal(rows["counter"], rows["device_us"], rows["epoch"], emg, acc)
