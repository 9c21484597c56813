"""A board that is not there: plays any stream as real frames on a real pseudo-terminal.

It waits for a host to ask for HELLO, so that a recording is heard from its first sample, and holds still
while
nobody has the port open or the host reads too slowly: nothing is ever lost but what a fault asks for. After
the last sample it says BYE, by which the source at the other end knows that the recording is over.
"""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware_bridge.board_ears import ALONE_AFTER_S, BoardEars
from firmware_bridge.board_faults import Fault, FaultPlan, Outage, Reboot, Unplug
from firmware_bridge.clock import Clock
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import Cue
from firmware_bridge.pty_line import PtyLine
from firmware_bridge.samples import Gap, SampleBlock, SensorInfo, StreamItem

_log = logging.getLogger(__name__)

# Samples go out in pieces that last so many seconds of life, of at most so many samples.
_PIECE_S, _LONGEST_PIECE = 0.02, 4000
# How often it looks whether somebody has opened the port, and whether it is to stop, in seconds of life.
_LOOK_S = 0.02
# However fast the clock, a host may be busy for so many seconds of life before the board feels alone.
_LEAST_PATIENCE_S = 5.0
# What a boot loader may say before the firmware does.
_BOOT_NOISE = b"\xf0\x00\x8e\xffboot\r\n"


class SimulatedBoard:
    """Plays a stream.

    Args:
        items: The stream; read only as fast as it is played.
        info: Who it says it is.
        speed: Seconds of stream per second of the clock; infinity for as fast as it is read.
        faults: What goes wrong.
        clock: What the speed is measured on.
        link: A symbolic link to keep pointing at the port, whose own name changes when it is unplugged.
        seed: Of the faults.

    Raises:
        FrameError: no board could say this stream.
    """

    def __init__(
        self,
        items: Iterable[StreamItem],
        info: SensorInfo,
        speed: float = 1.0,
        faults: Sequence[Fault] = (),
        *,
        clock: Clock | None = None,
        link: Path | None = None,
        seed: int = 0,
    ) -> None:
        self._clock = clock or Clock()
        self._speed = speed
        self._plan = FaultPlan(faults, info.emg_rate_hz, seed)
        self._line = PtyLine(link)
        first_index, self._items = _look_ahead(iter(items))
        self._encoder = Encoder(info, first_index)
        self._ears = BoardEars(self._encoder, max(1.0, _LEAST_PATIENCE_S * self._clock.rate / ALONE_AFTER_S))
        self._outage: Outage | None = None
        self._began_s = 0.0
        self._failure: Exception | None = None
        self._out = bytearray()
        # Whether any host has asked for HELLO yet.
        self._met = False
        self._stop = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated-board", daemon=True)

    @property
    def port(self) -> str:
        """What a host opens."""
        return self._line.port

    @property
    def info(self) -> SensorInfo:
        """Who a host will see; other than the stream's own only as `warnings` tell."""
        return self._encoder.info

    @property
    def warnings(self) -> tuple[str, ...]:
        """What of the stream does not fit the wire."""
        return self._encoder.warnings

    @property
    def finished(self) -> bool:
        """Whether everything has been sent, or the stream has failed."""
        return self._done.is_set()

    @property
    def failure(self) -> Exception | None:
        """What went wrong with the stream."""
        return self._failure

    @property
    def cues(self) -> tuple[Cue, ...]:
        """Every CUE that was carried out."""
        return tuple(self._ears.cues)

    @property
    def alone_buzzes(self) -> int:
        """How often it has buzzed because the host was silent."""
        return self._ears.alone_buzzes

    def start(self) -> None:
        """Make the port and begin to wait for a host.

        Raises:
            OSError: this system has no pseudo-terminals.
        """
        self._line.plug()
        self._thread.start()

    def close(self) -> None:
        """Stop and take the port away; may be called twice."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._line.unplug()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        try:
            self._play()
        # Whatever the stream's maker raises, the owner of the board is told.
        except Exception as error:  # noqa: BLE001
            self._failure = error
            _log.exception("simulated board")
        self._done.set()
        while not self._stop.is_set():
            self._ears.greeted = False
            self._listen(_LOOK_S)
            if self._ears.greeted and self._failure is None:
                # Whoever asks now has missed that it is over.
                self._send(b"".join(self._encoder.finish()))

    def _play(self) -> None:
        self._began_s = self._clock.mono_s()
        first_index = self._encoder.end_index
        for piece in self._pieces():
            if isinstance(piece, SampleBlock | Gap):
                self._wait_for((piece.end_index - first_index) / self._plan.rate_hz / self._speed)
                self._change_outage(piece.first_index)
                self._hold()
            if self._stop.is_set():
                return
            if self._outage is None:
                sent_at = self._encoder.end_index
                self._send(self._plan.damage(self._encoder.feed(piece), sent_at))
            elif isinstance(piece, SampleBlock | Gap):
                self._encoder.feed(Gap(piece.first_index, piece.end_index - piece.first_index, "lost frames"))
        self._send(b"".join(self._encoder.finish()))

    def _pieces(self) -> Iterator[StreamItem]:
        """Yield the stream with its blocks cut short, and wherever a fault begins or ends."""
        rate_hz, frame, unit = self._plan.rate_hz, self._encoder.frame_samples, self._encoder.info.acc_ratio
        wanted = min(_PIECE_S * self._speed * self._clock.rate * rate_hz, _LONGEST_PIECE)
        longest = max(1, int(wanted / frame)) * frame
        for item in self._items:
            if not isinstance(item, SampleBlock):
                yield item
                continue
            start = 0
            while start < item.samples:
                edge = self._plan.next_edge(item.first_index + start) - item.first_index
                stop = min(start + longest, item.samples)
                if edge < stop:
                    stop = max(start + unit, int(edge) // unit * unit)
                yield _part(item, start, stop)
                start = stop

    def _wait_for(self, stream_s: float) -> None:
        """Wait until the stream may have come so far, and hear what the host says meanwhile."""
        while not self._stop.is_set():
            self._hold()
            left_s = self._began_s + stream_s - self._clock.mono_s()
            self._listen(min(_LOOK_S, max(0.0, self._clock.real_s(left_s))))
            if left_s <= 0:
                return

    def _hold(self) -> None:
        """Let time stand still until somebody listens and has said so by asking for HELLO."""
        if not self._is_holding():
            return
        since_s = self._clock.mono_s()
        while self._is_holding():
            self._listen(_LOOK_S)
        self._began_s += self._clock.mono_s() - since_s

    def _is_holding(self) -> bool:
        self._met = self._met or self._ears.greeted
        return not (self._ears.greeted or self._outage or self._stop.is_set() or self._overruns())

    def _overruns(self) -> bool:
        """Tell whether samples wait for nobody, once somebody has been there."""
        return self._met and self._plan.overruns(self._encoder.end_index)

    def _listen(self, real_s: float) -> None:
        """Wait for the host to say something, and answer."""
        if not self._line.listened_to:
            self._ears.greeted = False
            self._stop.wait(real_s)
            return
        self._line.wait(real_s, to_write=False)
        heard = self._line.read()
        if self._outage is None:
            now_s = self._clock.mono_s()
            self._send(self._ears.hear(heard, now_s) + self._ears.tend(now_s))

    def _send(self, data: bytes) -> None:
        """Write all of it, however slowly the host reads."""
        self._out += data
        while self._out and not self._stop.is_set():
            if not self._line.listened_to:
                self._ears.greeted = False
                if self._overruns():
                    self._out.clear()
                self._hold()
            del self._out[: self._line.write(self._out)]
            if self._overruns():
                self._out.clear()
            if self._out:
                self._line.wait(_LOOK_S, to_write=True)
                self._out += self._ears.hear(self._line.read(), self._clock.mono_s())

    def _change_outage(self, index: int) -> None:
        """Begin or end an outage."""
        before, self._outage = self._outage, self._plan.outage(index)
        if before is self._outage:
            return
        if isinstance(before, Unplug):
            self._line.plug()
        if isinstance(before, Reboot) or (isinstance(before, Unplug) and before.reboot):
            greeting = self._encoder.restart()
            if self._line.listened_to:
                self._send(_BOOT_NOISE + greeting)
        if isinstance(self._outage, Reboot):
            hello = self._encoder.hello()
            self._send(hello[: len(hello) // 2])
        if isinstance(self._outage, Unplug):
            self._line.unplug()
            self._out.clear()


def _look_ahead(items: Iterator[StreamItem]) -> tuple[int, Iterator[StreamItem]]:
    """Return the sample index at which a stream begins, and the whole stream."""
    seen: list[StreamItem] = []
    for item in items:
        seen.append(item)
        if isinstance(item, SampleBlock | Gap):
            return item.first_index, chain(seen, items)
    return 0, iter(seen)


def _part(block: SampleBlock, start: int, stop: int) -> SampleBlock:
    ratio = block.info.acc_ratio
    acc = block.acc_counts[start // ratio : stop // ratio]
    return SampleBlock(block.info, block.first_index + start, block.emg_counts[start:stop], acc)
