"""A live sensor: frames over a serial port or TCP, opened again whenever the link breaks."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

from firmware_bridge.assembler import Assembler
from firmware_bridge.clock import Clock, host_slept_s
from firmware_bridge.decoder import Decoder
from firmware_bridge.device_clock import AHEAD_S
from firmware_bridge.downlink import REPEAT_EVERY_S, Downlink
from firmware_bridge.frames import Ack, BadFrame, Frame, HelloRequest, encode
from firmware_bridge.link_watch import GIVEN_UP_AFTER_S
from firmware_bridge.live_source import LiveSource
from firmware_bridge.port_reader import Arrival, Chunk, Lost, Opened, Port
from firmware_bridge.samples import Mark, SampleBlock, SensorInfo, StreamItem
from firmware_bridge.settling import SETTLE_S, Settling
from firmware_bridge.source_contract import NotASensorError, SourceUrl
from firmware_bridge.strangers import describe
from firmware_bridge.time_watch import DriftWatch, SleepWatch

_log = logging.getLogger(__name__)

# How long a board may take to say HELLO, in seconds of life: opening the port may reset it, and an Arduino's
# boot loader takes two seconds of that.
HELLO_S = 6.0
ASK_EVERY_S = 0.5
# A wall-clock time is put beside a sample index this often.
ANCHOR_EVERY_S = 60.0
# However fast the clock, samples may stay away for one second of life before the link is given up.
LEAST_PATIENCE_S = 1.0
# Nor is an early arrival, after others that a busy machine read late, a sample of the future.
_LEAST_AHEAD_S = 0.2
# However fast the clock, a restart is timed over a few reads.
_LEAST_SETTLE_S = 0.1
# Nor is a command unanswered before a board and this machine have had time for it.
_LEAST_ANSWER_S = 0.1
# What is kept of a stranger's bytes, to show.
_SEEN_BYTES = 256


class BoardSource(LiveSource):
    """Reads one board.

    It sends a sign of life every few seconds, but only while somebody calls `read`: a host whose loop hangs
    falls silent, and the board alarms by itself. Closing says no goodbye, for the same reason; a host that
    stops on purpose sends ``Keepalive(watching=False)``.

    Args:
        url: The address.
        connect: Opens the port; raises OSError.
        clock: Stamps what arrives.
    """

    def __init__(self, url: SourceUrl, connect: Callable[[SourceUrl], Port], clock: Clock) -> None:
        super().__init__(url, connect, clock)
        self._decoder = Decoder()
        self._assembler = Assembler(
            url.options.get("id"),
            url.options.get("hardware"),
            ahead_s=clock.at_least(AHEAD_S, real_s=_LEAST_AHEAD_S),
        )
        self._settling = Settling(self._assembler, clock.at_least(SETTLE_S, real_s=_LEAST_SETTLE_S))
        self._downlink = Downlink(clock.at_least(REPEAT_EVERY_S, real_s=_LEAST_ANSWER_S))
        self._asked_s = float("-inf")
        self._host_sleeps = self._clock_faults = 0
        self._sleep = SleepWatch(host_slept_s())
        self._drift = DriftWatch(clock.rate)

    @property
    def finished(self) -> bool:
        """Whether the board has said that the recording it played is over."""
        return self._assembler.ended and not self._early

    @property
    def counters(self) -> Mapping[str, int]:
        """What came, was lost and was sent so far, by name."""
        return {
            **asdict(self._decoder.counters),
            **asdict(self._assembler.counters),
            **self._downlink.counters,
            "links_lost": self._links_lost,
            "host_sleeps": self._host_sleeps,
            "clock_faults": self._clock_faults,
            "unsent_writes": self._reader.unsent_writes,
            "port_faults": self._reader.faults,
        }

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what has come, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        self._reader.write(self._downlink.due(self._clock.mono_s()))
        items, self._early = self._early, []
        items.extend(self._woken())
        for arrival in self._reader.take(0.0 if items else self._clock.real_s(timeout_s)):
            items.extend(self._arrived(arrival))
        if not self._assembler.ended:
            items.extend(self._watched())
        return items

    def send(self, frame: Frame) -> None:
        """Send a command; a CUE or SET is repeated until the board has acknowledged it."""
        self._reader.write(self._downlink.send(frame, self._clock.mono_s()))

    def _meet(self) -> SensorInfo:
        seen = b""
        reasons: list[str] = []
        ends_s = time.monotonic() + HELLO_S
        while self._assembler.info is None and not self._assembler.stranger and time.monotonic() < ends_s:
            self._ask()
            for arrival in self._reader.take(ASK_EVERY_S):
                if isinstance(arrival, Chunk):
                    seen = (seen + arrival.data)[:_SEEN_BYTES]
                    frames = self._decoder.feed(arrival.data)
                    reasons = [frame.reason for frame in frames if isinstance(frame, BadFrame)] or reasons
                    self._early.extend(self._assembled(frames, arrival.received_at_s))
        info = self._assembler.info
        if info is None:
            if self._assembler.stranger:
                raise NotASensorError(self._not_ours())
            raise NotASensorError(describe(seen, reasons, self._url.text))
        self._early = [item for item in self._early if item is not info]
        patience = max(1.0, LEAST_PATIENCE_S * self._clock.rate / GIVEN_UP_AFTER_S)
        self._watch_from_now(patience)
        return info

    def _woken(self) -> Sequence[StreamItem]:
        """Begin afresh after the computer has slept: the port may be dead without a sign."""
        slept_s = self._sleep.woken(host_slept_s())
        if not slept_s:
            return ()
        self._host_sleeps += 1
        items = self._settling.release()
        self._assembler.link_lost()
        self._reader.reopen()
        return [*items, *self._note(self._watch.lost(f"the computer slept for {slept_s:.0f} s"))]

    def _arrived(self, arrival: Arrival) -> Sequence[StreamItem]:
        match arrival:
            case Chunk(data, received_at_s):
                return self._assembled(self._decoder.feed(data), received_at_s)
            case Lost():
                items = self._settling.release()
                self._assembler.link_lost()
                return [*items, *self._broken(arrival)]
            case Opened():
                self._watch.opened(self._clock.mono_s())
                self._asked_s = float("-inf")
                self._ask()
        return ()

    def _assembled(self, frames: Sequence[Frame | BadFrame], received_at_s: float) -> list[StreamItem]:
        for frame in frames:
            if isinstance(frame, Ack):
                self._downlink.heard(frame)
        items = self._settling.feed(frames, received_at_s)
        if self._assembler.needs_hello:
            self._ask()
        if any(isinstance(item, SampleBlock) for item in items):
            return [*self._watch.samples_came(self._clock.mono_s()), *self._anchored(items)]
        return items

    def _anchored(self, items: Sequence[StreamItem]) -> list[StreamItem]:
        """Put a wall-clock time before the first block of every minute."""
        anchored: list[StreamItem] = []
        for item in items:
            if isinstance(item, SensorInfo):
                self._next_anchor = 0
            elif isinstance(item, SampleBlock) and item.first_index >= self._next_anchor:
                anchored.extend(self._anchor(item.first_index))
                self._next_anchor = item.first_index + round(ANCHOR_EVERY_S * item.info.emg_rate_hz)
            anchored.append(item)
        return anchored

    def _anchor(self, index: int) -> Iterator[Mark]:
        clock = self._assembler.clock
        assert clock is not None
        # Never in the future, however much faster than it claims the board may be sampling.
        taken_s = min(clock.host_s(index), self._clock.mono_s())
        wall = self._clock.wall_at(taken_s).isoformat(timespec="milliseconds")
        yield Mark(index, "clock", f"{wall} device_us={clock.device_us(index)}")
        off = self._drift.judge(clock)
        if off:
            self._clock_faults += 1
            _log.warning("%s: %s", self.url, off)
            yield Mark(index, "note", off)

    def _not_ours(self) -> str:
        expected, got = self._url.options["hardware"], self._assembler.stranger
        return (
            f"{self._url.text}: expected the sensor of hardware {expected}, got {got}: plug in the right one, "
            "or pair this one"
        )

    def _why_silent(self) -> str:
        stranger = self._assembler.stranger
        if stranger:
            return f"another sensor has taken the place of this one (hardware {stranger})"
        return "the sensor is connected, but no samples come from it"

    def _ask(self) -> None:
        """Ask for HELLO, but not over and over."""
        now_s = time.monotonic()
        if now_s - self._asked_s >= ASK_EVERY_S:
            self._asked_s = now_s
            self._reader.write(encode(HelloRequest()))
