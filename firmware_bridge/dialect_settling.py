"""The first seconds of a board's talk, from which is learnt what it sends, what that means, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass

from firmware_bridge.dialect_assembler import DialectAssembler
from firmware_bridge.dialect_layout import ColumnLayout, learn_layout
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.dialect_rate import RowArrival, measured_rate_hz, settled_rate_hz
from firmware_bridge.dialect_rows import DialectDecoder, Found, Header, Row
from firmware_bridge.dialects import Dialect, decoder_of
from firmware_bridge.rectified import WHAT_IS_LOST, RectifiedWatch
from firmware_bridge.samples import SensorInfo

# Reads come 50 ms apart: over two seconds that is a rate to within 1 %, after which a clock follows it.
_MEASURE_S = 2.0
# A row more or less does not matter from here on.
_ENOUGH_ROWS = 20
# What is kept to find out how many channels a packet has.
_SEEN_BYTES = 1024
FIRMWARE = {"text": "text lines", "chords": "Chords packets", "lsl": "LSL stream"}
RECTIFIED = "rectified envelope"


@dataclass(frozen=True, slots=True)
class Settled:
    """What was learnt.

    Attributes:
        info: Who is sending.
        decoder: Goes on where the first seconds end.
        assembler: Has seen nothing yet.
        early: What the first seconds held, with its times.
        warnings: Sentences on what had to be guessed.
    """

    info: SensorInfo
    decoder: DialectDecoder
    assembler: DialectAssembler
    early: tuple[tuple[Sequence[Found], float], ...]
    warnings: tuple[str, ...]


class Settling:
    """Collects until enough is known.

    Args:
        dialect: What the board speaks.
        options: The user's word.
    """

    def __init__(self, dialect: Dialect, options: DialectOptions) -> None:
        self._dialect = dialect
        self._options = options
        self._decoder = None if dialect == "chords" else decoder_of(dialect, b"", options.rate_hz)
        # Times as the reader's clock gives them, and in seconds of life.
        self._found: list[tuple[Sequence[Found], float]] = []
        self._arrivals: list[RowArrival] = []
        self._began_s: float | None = None
        self._lasted_s = 0.0
        self.seen = b""
        self.rows = 0

    @property
    def enough(self) -> bool:
        """Whether the rate and the columns can be told."""
        return self.rows >= _ENOUGH_ROWS and self._lasted_s >= _MEASURE_S

    def feed(self, data: bytes, received_at_s: float, life_s: float) -> None:
        """Take what came.

        Args:
            data: Bytes.
            received_at_s: Host monotonic time at which the last of them had arrived.
            life_s: Now, on a clock that runs as fast as life.
        """
        self.seen = (self.seen + data)[-_SEEN_BYTES:]
        if self._decoder is None:
            self._decoder = decoder_of(self._dialect, self.seen)
            data = self.seen
        if self._decoder is None:
            return
        found = self._decoder.feed(data)
        rows = sum(1 + one.skipped for one in found if isinstance(one, Row))
        if not rows:
            return
        if self._began_s is None:
            self._began_s = life_s
        self._lasted_s = life_s - self._began_s
        self.rows += rows
        self._found.append((found, received_at_s))
        self._arrivals.append(RowArrival(rows, received_at_s))

    def settled(self, sensor_id: str, patience: float) -> Settled:
        """Return what was learnt.

        Raises:
            ValueError: it contradicts the user's word; the message says what was expected, and got.
        """
        assert self._decoder is not None
        measured_hz = measured_rate_hz(self._arrivals)
        if measured_hz is None:
            raise ValueError("expected rows to come steadily, got them all at once")
        rate_hz, rate_warnings = settled_rate_hz(measured_hz, self._options.rate_hz)
        layout = learn_layout(self._values(), self._labels(), self._options)
        envelope = self._options.signal == "envelope"
        info = layout.info(sensor_id, rate_hz, FIRMWARE[self._dialect], RECTIFIED if envelope else "")
        assembler = DialectAssembler(
            info, layout, cycle=self._decoder.cycle, watch=self._watch(rate_hz, layout), patience=patience
        )
        warnings = (*rate_warnings, *layout.warnings, *([WHAT_IS_LOST] if envelope else []))
        return Settled(info, self._decoder, assembler, tuple(self._found), warnings)

    def _watch(self, rate_hz: float, layout: ColumnLayout) -> RectifiedWatch | None:
        return RectifiedWatch(rate_hz, layout.emg[0].step) if self._options.signal is None else None

    def _values(self) -> list[tuple[float, ...]]:
        return [one.values for found, _ in self._found for one in found if isinstance(one, Row)]

    def _labels(self) -> tuple[str, ...]:
        headers = [one.labels for found, _ in self._found for one in found if isinstance(one, Header)]
        return headers[-1] if headers else ()
