"""A recording as the items that came live: blocks, gaps and notices, in the order of the index axis.

A notice comes where it came live, just before the block or gap that begins at the sample that was next then;
blocks are cut there, gaps never. In files of others it comes before the samples that it stands at.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Protocol

from firmware_bridge.recorded_channels import Present
from firmware_bridge.recorded_log import PlacedNotice
from firmware_bridge.recording_timeline import NOT_RECORDED, Piece, Run, cut
from firmware_bridge.samples import Counts, Gap, Mark, SampleBlock, SensorInfo, SensorStatus

Notice = Mark | SensorStatus


class SampleReader(Protocol):
    """The chosen channels of an open recording: any span of their counts, and which of them were recorded."""

    @property
    def ratio(self) -> int:
        """EMG samples per acceleration sample; 1 without acceleration."""
        ...

    def read(self, start: int, stop: int) -> tuple[Counts, Counts]:
        """Return ``[n, channel]`` EMG and ``[n / ratio, 3]`` acceleration counts, read-only."""
        ...

    def one(self, channel: int, start: int, stop: int) -> tuple[Counts, Present | None]:
        """Return the counts of one EMG channel, and which of them were recorded (None: all)."""
        ...

    def present(self, emg: Counts, acc: Counts) -> Present | None:
        """Tell per group of ``ratio`` instants whether anything was recorded; None where all of it was."""
        ...

    def last_present(self, start: int, stop: int) -> int:
        """Return the sample after the last recorded one of a span; ``start`` if none was."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Raw counts of one channel without a hole, from ``first_index`` on; read-only."""

    first_index: int
    counts: Counts


def stream(
    channels: SampleReader,
    info: SensorInfo,
    pieces: Sequence[Piece],
    notices: Sequence[PlacedNotice],
    step: int,
) -> Iterator[SampleBlock | Gap | Notice]:
    """Yield everything in order, in blocks of at most ``step`` samples (a multiple of ``info.acc_ratio``).

    Raises:
        EdfError: the file has become shorter.
    """
    waiting = deque(notices)
    cuts = [placed.heard_index for placed in notices]
    for piece in pieces:
        items = (
            iter([piece])
            if isinstance(piece, Gap)
            else _run(channels, info, piece, _edges(piece, cuts, step))
        )
        for item in items:
            while waiting and waiting[0].heard_index < item.end_index:
                yield waiting.popleft().notice
            yield item
    yield from (placed.notice for placed in waiting)


def stretches(channels: SampleReader, channel: int, pieces: Sequence[Piece]) -> Iterator[Stretch]:
    """Yield the counts of one EMG channel in the pieces, what was not recorded left out.

    Raises:
        EdfError: the file has become shorter.
    """
    for run in pieces:
        if isinstance(run, Gap):
            continue
        counts, present = channels.one(channel, run.first_sample, run.first_sample + run.samples)
        for first, stop, recorded in _groups(present, len(counts), 1):
            if recorded:
                yield Stretch(run.first_index + first, counts[first:stop])


def ended(channels: SampleReader, pieces: Sequence[Piece], end_index: int | None) -> list[Piece]:
    """Return the pieces up to where the stream ended: as noted, or else at the last recorded sample."""
    if end_index is not None:
        return cut(pieces, 0, end_index)
    kept = list(pieces)
    while kept:
        last = kept.pop()
        if isinstance(last, Gap):
            continue
        stop = channels.last_present(last.first_sample, last.first_sample + last.samples)
        if stop > last.first_sample:
            return [*kept, replace(last, samples=stop - last.first_sample)]
    return []


def _edges(run: Run, cuts: Sequence[int], step: int) -> list[int]:
    """Indices at which the run is cut into blocks: every ``step``, and wherever a notice stands."""
    regular = range(run.first_index, run.end_index, step)
    noted = cuts[bisect_right(cuts, run.first_index) : bisect_right(cuts, run.end_index - 1)]
    return sorted({*regular, *noted, run.end_index})


def _run(
    channels: SampleReader, info: SensorInfo, run: Run, edges: Sequence[int]
) -> Iterator[SampleBlock | Gap]:
    """Yield blocks, and a gap for each stretch that was filled; one that crosses an edge is one gap."""
    lost_from: int | None = None
    shift = run.first_sample - run.first_index
    for begin, end in pairwise(edges):
        emg, acc = channels.read(begin + shift, end + shift)
        for first, stop, recorded in _groups(channels.present(emg, acc), end - begin, channels.ratio):
            if not recorded:
                lost_from = begin + first if lost_from is None else lost_from
                continue
            if lost_from is not None:
                yield Gap(lost_from, begin + first - lost_from, NOT_RECORDED)
                lost_from = None
            triples = acc[first // channels.ratio : stop // channels.ratio]
            yield SampleBlock(info, begin + first, emg[first:stop], triples)
    if lost_from is not None:
        yield Gap(lost_from, run.end_index - lost_from, NOT_RECORDED)


def _groups(present: Present | None, samples: int, grid: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (first, stop, recorded) of each stretch that is recorded or missing throughout."""
    if present is None:
        yield 0, samples, True
        return
    first = 0
    for recorded, group in groupby(present.tolist()):
        stop = first + sum(1 for _ in group) * grid
        yield first, stop, recorded
        first = stop
