"""Damage to a valid byte stream, drawn for a whole batch of frames at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SUBSTITUTE, DELETE, INSERT, TRUNCATE, MERGE = range(5)
KINDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Damaged:
    """What is left of a batch of frames.

    Attributes:
        data: The bytes.
        hit: For each frame whether anything between its delimiters was changed.
        clean: For each frame whether neither it nor any of its delimiters was touched.
    """

    data: bytes
    hit: npt.NDArray[np.bool_]
    clean: npt.NDArray[np.bool_]


def damage(frames: list[bytes], share: float, rng: np.random.Generator) -> Damaged:
    """Damage a share of all bytes.

    A byte is replaced by another; lost; has random ones put before it; takes the rest of its frame with it;
    or takes both delimiters between its frame and the next with it.

    Args:
        frames: As they are sent, a delimiter at either end of each.
        share: Of the bytes at which something happens.
        rng: What is drawn from.
    """
    raw = np.frombuffer(b"".join(frames), np.uint8).copy()
    ends = np.cumsum([len(frame) for frame in frames])
    starts = np.concatenate([[0], ends[:-1]])
    at = np.flatnonzero(rng.random(len(raw)) < share)
    kinds = rng.integers(0, KINDS, len(at))
    frame_of = np.searchsorted(ends, at, side="right")

    substituted = at[kinds == SUBSTITUTE]
    raw[substituted] ^= rng.integers(1, 256, len(substituted), dtype=np.uint8)
    inserted = at[kinds == INSERT]
    extra = rng.integers(0, 256, len(inserted), dtype=np.uint8)
    truncated, rest_from = frame_of[kinds == TRUNCATE], at[kinds == TRUNCATE]
    merged = frame_of[kinds == MERGE]
    merged = merged[merged < len(frames) - 1]

    gone = np.zeros(len(raw) + 1, np.int32)
    np.add.at(gone, rest_from, 1)
    np.add.at(gone, ends[truncated] - 1, -1)
    kept = np.cumsum(gone[:-1]) == 0
    kept[at[kinds == DELETE]] = False
    kept[ends[merged] - 1] = kept[ends[merged]] = False

    touched = ~kept
    touched[substituted] = touched[inserted] = True
    clean = ~_any(touched, starts, ends)
    inner = touched.copy()
    inner[starts] = inner[ends - 1] = False
    hit = _any(inner, starts, ends)
    # A frame without a delimiter between it and the next is part of something else.
    hit[merged] = hit[merged + 1] = True
    # What is put before a frame's own first delimiter does it no harm, nor does it count as untouched.
    places = np.cumsum(kept)[inserted] - kept[inserted]
    return Damaged(_inserted(raw[kept], places, extra).tobytes(), hit, clean)


def _any(
    marks: npt.NDArray[np.bool_], starts: npt.NDArray[Any], ends: npt.NDArray[Any]
) -> npt.NDArray[np.bool_]:
    """Tell for each frame whether any of its bytes is marked."""
    before = np.concatenate([[0], np.cumsum(marks)])
    return np.asarray(before[ends] > before[starts])


def _inserted(
    raw: npt.NDArray[np.uint8], places: npt.NDArray[Any], extra: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    return np.insert(raw, places, extra)
