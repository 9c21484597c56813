"""Frames into the stream: samples by their counters, holes as gaps, and what the board says about itself.

A sample's place is its 32-bit counter, never its arrival. Only across a restart of the board, which begins a
new count, is the hole's width taken from the host's clock.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_bridge.device_clock import AHEAD_S, DeviceClock
from firmware_bridge.frames import (
    END_OF_RECORDING,
    NO_BATTERY,
    SAMPLES_HEAD,
    BadFrame,
    Bye,
    Frame,
    MarkFrame,
    Samples,
    Status,
    samples_layout,
)
from firmware_bridge.hello import Hello
from firmware_bridge.marks import to_mark
from firmware_bridge.sample_axis import SampleAxis
from firmware_bridge.samples import Counts, Gap, SampleBlock, SensorInfo, SensorStatus, StreamItem
from firmware_bridge.wire import WRAP

_US = 1e6
_NO_ACC = np.zeros((0, 3), np.int16)

Rows = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class AssemblerCounters:
    """What became of the frames so far.

    Attributes:
        samples: Passed on.
        lost_samples: In gaps.
        gaps: How often something was missing.
        late_samples: Came again, or after their place was passed; dropped.
        unannounced: SAMPLES, STATUS and MARK frames that no HELLO explains; dropped.
        impossible: SAMPLES frames with a counter that cannot be, or of a length that HELLO does not allow;
            dropped.
        strangers: HELLO frames of another board than ours; everything it sends is dropped.
        restarts: How often the board began a new count.
    """

    samples: int = 0
    lost_samples: int = 0
    gaps: int = 0
    late_samples: int = 0
    unannounced: int = 0
    impossible: int = 0
    strangers: int = 0
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class _Voice:
    """What the HELLO at hand says, and the axis that its samples lie on."""

    hello: Hello
    info: SensorInfo
    axis: SampleAxis

    def index_of(self, frame: Status | MarkFrame | Bye) -> int:
        """Return where something belongs that happened; what its counter cannot tell happened just now."""
        return self.axis.near(frame.counter) if frame.epoch == self.hello.epoch else self.axis.index


class Assembler:
    """Places frames on an index axis, which begins at 0 with the first HELLO and when the signal changes.

    Pure: the same frames at the same times give the same items, and how frames are grouped changes nothing
    but the cutting of blocks. All blocks of one axis share one `SensorInfo`, that of its beginning.

    Args:
        sensor_id: Name to use instead of the board's own.
        hardware_id: The only board to believe; None: the first that says HELLO.
        ahead_s: How far ahead of the host's clock samples may claim to be; further is a fault of the board.
    """

    def __init__(
        self, sensor_id: str | None = None, hardware_id: str | None = None, ahead_s: float = AHEAD_S
    ) -> None:
        self._sensor_id = sensor_id
        self._hardware_id = hardware_id
        self._ahead_s = ahead_s
        self._voice: _Voice | None = None
        # Whether that HELLO explains what comes now: not after a lost link or a stranger's HELLO.
        self._explained = False
        self._link_lost = False
        self._end_us = 0
        self._counts = dict.fromkeys(AssemblerCounters.__slots__, 0)
        self.needs_hello = False
        self.ended = False
        # Hardware id of another board, if one has taken the place of ours.
        self.stranger = ""

    @property
    def info(self) -> SensorInfo | None:
        """Who is sending; None before the first HELLO."""
        return self._voice.info if self._voice else None

    @property
    def clock(self) -> DeviceClock | None:
        """When samples since the last restart were taken; None before the first HELLO."""
        return self._voice.axis.clock if self._voice else None

    @property
    def restarting(self) -> bool:
        """Whether the board has said that it begins a new count, none of whose samples has come yet."""
        return self._explained and self._voice is not None and self._voice.axis.restarted

    @property
    def counters(self) -> AssemblerCounters:
        """A snapshot."""
        return AssemblerCounters(**self._counts)

    def link_lost(self) -> None:
        """Take note that the link broke: nothing is believed before the board has said HELLO again."""
        self._link_lost, self._explained = True, False

    def feed(self, frames: Iterable[Frame | BadFrame], received_at_s: float) -> list[StreamItem]:
        """Return what the frames add to the stream, in order.

        Args:
            frames: As the decoder gives them.
            received_at_s: Host monotonic time at which the last of them had arrived.
        """
        samples_before = self._counts["samples"]
        items: list[StreamItem] = []
        for kind, group in groupby(frames, key=type):
            handle = _HANDLERS.get(kind)
            if handle is not None:
                items.extend(handle(self, list(group), received_at_s))
        if self._voice and self._counts["samples"] > samples_before:
            self._voice.axis.clock.observe(self._voice.axis.index, received_at_s, self._end_us)
        return items

    def _on_hello(self, frames: Sequence[Hello], _received_at_s: float) -> Iterator[StreamItem]:
        for hello in frames:
            voice = self._voice
            if self._hardware_id not in {None, hello.hardware_id}:
                self._counts["strangers"] += 1
                self._explained, self.stranger = False, hello.hardware_id
                continue
            info = hello.info(self._sensor_id)
            if voice is None or not info.same_signal(voice.info):
                axis = SampleAxis(info.emg_rate_hz, hello.unit_samples, hello.next_counter)
                self._voice = _Voice(hello, info, axis)
                yield info
            else:
                self._voice = _Voice(hello, voice.info, voice.axis)
                if hello.boot_id != voice.hello.boot_id:
                    self._restart(voice.axis)
            self._hardware_id = hello.hardware_id
            self._explained, self.needs_hello, self.ended, self.stranger = True, False, False, ""

    def _restart(self, axis: SampleAxis) -> None:
        axis.restart()
        self._counts["restarts"] += 1

    def _on_samples(self, frames: Sequence[Samples], received_at_s: float) -> Iterator[StreamItem]:
        voice = self._known(len(frames))
        if voice is None:
            return
        hello = voice.hello
        channels = len(hello.emg_scales)
        unit_bytes = samples_layout(channels, hello.acc_ratio, 1).itemsize - SAMPLES_HEAD.size
        for size, group in groupby([frame.payload for frame in frames], key=len):
            units, odd_bytes = divmod(size - SAMPLES_HEAD.size, unit_bytes)
            batch = list(group)
            if odd_bytes or units * hello.unit_samples > hello.frame_samples:
                self._counts["impossible"] += len(batch)
                continue
            rows = np.frombuffer(b"".join(batch), samples_layout(channels, hello.acc_ratio, units))
            for run in _runs(rows, units * hello.unit_samples):
                yield from self._on_run(run, voice, received_at_s)

    def _on_run(self, run: Rows, voice: _Voice, received_at_s: float) -> Iterator[StreamItem]:
        """Place frames that follow one another without a hole."""
        hello, axis = voice.hello, voice.axis
        if int(run["epoch"][0]) != hello.epoch:
            self._counts["unannounced"] += len(run)
            self.needs_hello = True
            return
        emg = run["units"]["emg"].reshape(-1, len(hello.emg_scales))
        acc = run["units"]["acc"].reshape(-1, 3) if hello.acc_ratio else _NO_ACC
        first = int(run["counter"][0])
        if axis.restarted:
            axis.rebase(first, len(emg), received_at_s)
        ahead = axis.ahead(first, axis.clock.latest_index(received_at_s, self._ahead_s))
        if ahead is None:
            yield from self._on_stray(run, len(emg) // len(run), voice, received_at_s)
            return
        if ahead > 0:
            yield self._gap(ahead, axis)
        seen = min(max(0, -ahead), len(emg))
        self._counts["late_samples"] += seen
        if seen < len(emg):
            frame_us = round(len(emg) / len(run) / axis.rate_hz * _US)
            self._end_us = (int(run["device_us"][-1]) + frame_us) % WRAP
            yield self._block(emg[seen:], acc[seen // axis.unit :], voice)
        axis.believe()
        self._link_lost = False

    def _on_stray(
        self, run: Rows, frame_samples: int, voice: _Voice, received_at_s: float
    ) -> Iterator[StreamItem]:
        """Drop frames whose counter cannot be, unless they go on agreeing with one another."""
        dropped = voice.axis.doubt(int(run["counter"][0]), len(run), frame_samples)
        self._counts["impossible"] += dropped
        self._counts["restarts"] += voice.axis.restarted
        if dropped < len(run):
            yield from self._on_run(run[dropped:], voice, received_at_s)

    def _gap(self, missing: int, axis: SampleAxis) -> Gap:
        reason = "link down" if self._link_lost else "sensor restarted" if axis.restarted else "lost frames"
        gap = Gap(axis.index, missing, reason)
        axis.advance(missing)
        self._counts["gaps"] += 1
        self._counts["lost_samples"] += missing
        return gap

    def _block(self, emg: Counts, acc: Counts, voice: _Voice) -> SampleBlock:
        emg.flags.writeable = acc.flags.writeable = False
        block = SampleBlock(voice.info, voice.axis.index, emg, acc)
        voice.axis.advance(len(emg))
        self._counts["samples"] += len(emg)
        return block

    def _on_status(self, frames: Sequence[Status], _received_at_s: float) -> Iterator[StreamItem]:
        voice = self._known(len(frames))
        if voice is None:
            return
        for frame in frames:
            yield SensorStatus(
                index=voice.index_of(frame),
                battery_mv=None if frame.battery_mv == NO_BATTERY else frame.battery_mv,
                lead_off=tuple(bool(frame.lead_off >> i & 1) for i in range(len(voice.info.sites))),
                clipped=frame.clipped,
                lost=frame.lost,
            )

    def _on_mark(self, frames: Sequence[MarkFrame], _received_at_s: float) -> Iterator[StreamItem]:
        voice = self._known(len(frames))
        if voice is not None:
            for frame in frames:
                yield to_mark(frame, voice.index_of(frame))

    def _on_bye(self, frames: Sequence[Bye], _received_at_s: float) -> Iterator[StreamItem]:
        voice = self._known(len(frames))
        if voice is None:
            return
        missing = voice.index_of(frames[-1]) - voice.axis.index
        missing -= missing % voice.axis.unit
        if missing > 0:
            yield self._gap(missing, voice.axis)
        self.ended = frames[-1].reason == END_OF_RECORDING

    def _known(self, frames: int) -> _Voice | None:
        """Return the HELLO that explains these frames; count them as unannounced where there is none."""
        if self._explained:
            return self._voice
        self._counts["unannounced"] += frames
        self.needs_hello = True
        return None


def _runs(rows: Rows, frame_samples: int) -> list[Rows]:
    """Cut frames of one length wherever the counter or the epoch does not go on."""
    if len(rows) == 1:
        return [rows]
    counters, epochs = rows["counter"].astype(np.int64), rows["epoch"]
    jumps = (counters[1:] - counters[:-1] - frame_samples) % WRAP
    cuts = np.flatnonzero((jumps != 0) | (epochs[1:] != epochs[:-1])) + 1
    return np.split(rows, cuts)


_HANDLERS: Mapping[type[Any], Callable[[Assembler, Sequence[Any], float], Iterator[StreamItem]]] = {
    Hello: Assembler._on_hello,  # noqa: SLF001 - the table belongs to the class
    Samples: Assembler._on_samples,  # noqa: SLF001
    Status: Assembler._on_status,  # noqa: SLF001
    MarkFrame: Assembler._on_mark,  # noqa: SLF001
    Bye: Assembler._on_bye,  # noqa: SLF001
}
