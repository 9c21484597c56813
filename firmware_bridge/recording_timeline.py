"""Where a recording's samples lie on the index axis: runs of samples in the file, and the gaps between them.

A continuous file is one run, cut by the gaps that our recorder has noted. In EDF+D every data record has its
own time (EDF+ specification, section 2.2.4); joining the records as if they were continuous would move every
later event, so the times decide and holes become gaps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from firmware_bridge.edf_header import EdfError
from firmware_bridge.samples import Gap

# What nobody recorded, as far as the file tells.
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Run:
    """Samples without a hole: ``samples`` of them from ``first_sample`` of the file, at ``first_index``."""

    first_index: int
    first_sample: int
    samples: int

    @property
    def end_index(self) -> int:
        """Index just after the last sample."""
        return self.first_index + self.samples


Piece = Run | Gap


def continuous(samples: int, gaps: Iterable[Gap] = ()) -> list[Piece]:
    """Return the pieces of a continuous file; of noted gaps that overlap, the first and longest counts."""
    pieces: list[Piece] = []
    at = 0
    for gap in sorted(gaps, key=lambda gap: (gap.first_index, -gap.missing)):
        first, stop = max(gap.first_index, at), min(gap.end_index, samples)
        if first >= stop:
            continue
        if first > at:
            pieces.append(Run(at, at, first - at))
        pieces.append(Gap(first, stop - first, gap.reason))
        at = stop
    if at < samples:
        pieces.append(Run(at, at, samples - at))
    return pieces


def by_times(times_s: Sequence[float | None], samples: int, rate_hz: float, grid: int) -> list[Piece]:
    """Return the pieces of a file whose data records, of ``samples`` each, have times of their own.

    Gaps are multiples of ``grid`` samples; a hole of less than half of that is the rounding of the times.

    Raises:
        EdfError: a record has no time, or begins before the one before it has ended.
    """
    pieces: list[Piece] = []
    origin_s, end = None, 0
    for record, time_s in enumerate(times_s):
        if time_s is None:
            raise EdfError(f"data record {record + 1} of an EDF+D file: expected its time, got none")
        origin_s = time_s if origin_s is None else origin_s
        missing = round(((time_s - origin_s) * rate_hz - end) / grid) * grid
        if missing < 0:
            expected_s = origin_s + end / rate_hz
            raise EdfError(
                f"data record {record + 1} of an EDF+D file: expected it after the one before it, "
                f"at {expected_s:g} s or later, got {time_s:g} s"
            )
        if missing:
            pieces.append(Gap(end, missing, NOT_RECORDED))
        _extend(pieces, Run(end + missing, record * samples, samples))
        end += missing + samples
    return pieces


def cut(pieces: Iterable[Piece], first_index: int, end_index: int) -> list[Piece]:
    """Return the part of the pieces that lies between two indices."""
    return [part for piece in pieces if (part := _clipped(piece, first_index, end_index))]


def _extend(pieces: list[Piece], run: Run) -> None:
    last = pieces[-1] if pieces else None
    if isinstance(last, Run):
        pieces[-1] = replace(last, samples=last.samples + run.samples)
    else:
        pieces.append(run)


def _clipped(piece: Piece, first_index: int, end_index: int) -> Piece | None:
    first, stop = max(piece.first_index, first_index), min(piece.end_index, end_index)
    if first >= stop:
        return None
    if isinstance(piece, Gap):
        return Gap(first, stop - first, piece.reason)
    return Run(first, piece.first_sample + first - piece.first_index, stop - first)
