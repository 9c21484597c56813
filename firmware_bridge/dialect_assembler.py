"""Rows of other boards into the stream: samples, and gaps where rows are missing.

What a row's place is follows from its number since the beginning. Missing rows are known from the board's
counter where it has one, and from lines that could not be read; after a silence, in which any number may have
been lost and a counter may have gone round, the host's clock tells. It is asked only after what was merely
held up has had time to arrive, so that a late stretch does not become a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from firmware_bridge.device_clock import DeviceClock
from firmware_bridge.dialect_layout import ColumnLayout
from firmware_bridge.dialect_rows import BadRow, Found, Row
from firmware_bridge.rectified import WHAT_IS_LOST, RectifiedWatch
from firmware_bridge.sample_axis import LONGEST_GAP_S
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo, StreamItem
from firmware_bridge.wire import WRAP

Rows = list[tuple[float, ...]]

# Without anything for so long, rows may have been lost; ports are read every 50 ms.
SILENCE_S = 0.3
# So long what was held up may take to arrive.
CATCH_UP_S = 0.5
# Fewer seconds than this missing by the clock are its own uncertainty.
_LEAST_MISSING_S = 0.1
# A counter that went round agrees with the clock to within this.
_COUNTER_AGREES_S = 0.15
# A second of the board's time in its own unit; boards of this kind do not tell theirs.
_US = 1e6


@dataclass(frozen=True, slots=True)
class DialectTotals:
    """What became of the rows so far.

    Attributes:
        samples: Passed on.
        lost_samples: In gaps.
        gaps: How often something was missing.
        odd_rows: Rows with more or fewer numbers than all others; lost.
        out_of_range: Numbers that were cut to the range that counts can hold.
    """

    samples: int = 0
    lost_samples: int = 0
    gaps: int = 0
    odd_rows: int = 0
    out_of_range: int = 0


class DialectAssembler:
    """Places rows on an index axis that begins at 0.

    Pure: the same rows at the same times give the same items.

    Args:
        info: Who is sending.
        layout: What its columns mean.
        cycle: After how many rows its counter begins anew; 0 where there is none.
        watch: Follows the first EMG column, to tell a rectified signal; None where that is known.
        patience: Factor on the times of silence, for a clock that runs faster than life.
    """

    def __init__(
        self,
        info: SensorInfo,
        layout: ColumnLayout,
        *,
        cycle: int = 0,
        watch: RectifiedWatch | None = None,
        patience: float = 1.0,
    ) -> None:
        self.info = info
        self.clock = DeviceClock(info.emg_rate_hz)
        self.index = 0
        self._layout = layout
        self._cycle = cycle
        self._watch = watch
        self._patience = patience
        self._heard_s: float | None = None
        self._link_lost = False
        # Rows that wait until it is clear how many are missing before them; None when nothing waits.
        self._held: Rows | None = None
        self._held_since_s = 0.0
        # How many of them came before the first that something is missing before, by the counter.
        self._held_whole = 0
        self._skipped = 0
        self._counts = dict.fromkeys(DialectTotals.__slots__, 0)

    @property
    def totals(self) -> DialectTotals:
        """A snapshot."""
        return DialectTotals(**self._counts)

    def link_lost(self) -> None:
        """Take note that the link broke: how many rows are missing only the clock can tell."""
        self._link_lost = True

    def feed(self, found: Sequence[Found], received_at_s: float) -> list[StreamItem]:
        """Return what the rows add to the stream, in order.

        Args:
            found: As the decoder gives it.
            received_at_s: Host monotonic time at which the last of it had arrived.
        """
        self._notice_silence(received_at_s)
        items: list[StreamItem] = []
        rows = self._collected(found, items)
        if self._held is not None:
            if received_at_s - self._held_since_s < CATCH_UP_S * self._patience:
                return items
            rows = self._caught_up(self._held, received_at_s, items)
        if rows:
            items.extend(self._pass_on(rows))
            device_us = round(self.index / self.info.emg_rate_hz * _US) % WRAP
            self.clock.observe(self.index, received_at_s, device_us)
        return items

    def _collected(self, found: Sequence[Found], items: list[StreamItem]) -> Rows:
        """Return the rows behind the last that are missing; what stands before goes to ``items``."""
        rows: Rows = [] if self._held is None else self._held
        for one in found:
            missing, values = self._sorted(one)
            self._skipped += missing
            if values is None:
                continue
            if self._held is not None:
                self._held_whole += not self._skipped
            elif self._skipped:
                items.extend(self._pass_on(rows) if rows else [])
                rows = []
                items.append(self._gap(self._skipped))
            rows.append(values)
        return rows

    def _notice_silence(self, received_at_s: float) -> None:
        before_s, self._heard_s = self._heard_s, received_at_s
        silent = before_s is not None and received_at_s - before_s > SILENCE_S * self._patience
        if self._held is None and self.clock.known and (silent or self._link_lost):
            self._held, self._held_since_s, self._held_whole = [], received_at_s, 0

    def _sorted(self, one: Found) -> tuple[int, tuple[float, ...] | None]:
        """Return how many rows are missing before something, and its numbers if it is a row."""
        if isinstance(one, BadRow):
            return one.rows, None
        if not isinstance(one, Row):
            return 0, None
        if len(one.values) != self._layout.width:
            self._counts["odd_rows"] += 1
            return one.skipped + 1, None
        return one.skipped, one.values

    def _caught_up(self, held: Rows, received_at_s: float, items: list[StreamItem]) -> Rows:
        """Place the gap that a silence left, if it did, and return the rows behind it."""
        self._held = None
        rate_hz = self.info.emg_rate_hz
        missing = round(self.clock.index_at(received_at_s)) - self.index - len(held)
        if self._cycle:
            round_trips = max(0, round((missing - self._skipped) / self._cycle))
            counted = self._skipped + round_trips * self._cycle
            if abs(counted - missing) <= _COUNTER_AGREES_S * rate_hz and not self._link_lost:
                missing = counted
        elif missing < _LEAST_MISSING_S * rate_hz:
            missing = self._skipped
        missing = min(max(0, missing), round(LONGEST_GAP_S * rate_hz))
        # Where no counter tells, the silence was before all that came after it.
        before = self._held_whole if self._cycle and self._skipped else 0
        if before:
            items.extend(self._pass_on(held[:before]))
        if missing:
            items.append(self._gap(missing))
        self._skipped, self._link_lost = 0, False
        return held[before:]

    def _gap(self, missing: int) -> Gap:
        gap = Gap(self.index, missing, "link down" if self._link_lost else "lost frames")
        self.index += missing
        self._skipped = 0
        self._counts["gaps"] += 1
        self._counts["lost_samples"] += missing
        return gap

    def _pass_on(self, rows: Sequence[tuple[float, ...]]) -> list[StreamItem]:
        emg, acc, outside = self._layout.counts(rows)
        emg.flags.writeable = acc.flags.writeable = False
        block = SampleBlock(self.info, self.index, emg, acc)
        self.index += len(rows)
        self._counts["samples"] += len(rows)
        self._counts["out_of_range"] += outside
        return [block, *self._judged(rows)]

    def _judged(self, rows: Sequence[tuple[float, ...]]) -> list[Mark]:
        """Return a note if these rows show that the signal is rectified."""
        if self._watch is None:
            return []
        column = self._layout.emg[0].index
        verdict = self._watch.feed([values[column] for values in rows])
        return [Mark(self.index, "note", WHAT_IS_LOST)] if verdict == "envelope" else []
