"""Where the overview of one recording lies: a folder that only grows, and may be thrown away at any time.

A card says how far it is to be trusted. Whatever lies beyond that, as a process that was killed leaves it, is
cut off; a folder that says something else than its recording is begun anew.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dashboard.pyramid import Counts, Extremes, Pyramid

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

# Another layout of the files means another number: what was made before is made again.
_LAYOUT = 1
_CARD, _ENVELOPE = "card.json", "rms"
_FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of the store: its name, how many EMG samples one of its own lasts, and whether it has an envelope."""

    name: str
    ratio: int
    has_envelope: bool = False


class OverviewStore:
    """The files of one overview.

    Args:
        folder: Where they lie; made for its owner alone.
        key: What the overview is of; another key begins it anew.
        channels: The channels.
        envelope_bin: EMG samples in a bin of the envelope.

    Attributes:
        built: EMG samples it holds.
        missing: ``[spans, 2]`` EMG samples that never came, among those: first, and just after the last.

    Raises:
        OSError: the folder cannot be used.
    """

    def __init__(
        self, folder: Path, key: Sequence[object], channels: Sequence[Channel], envelope_bin: int
    ) -> None:
        self._folder = folder
        self._key = [_LAYOUT, *key, [channel.name for channel in channels], envelope_bin]
        self._channels = channels
        self._bin = envelope_bin
        # The first one's file has no number, as before there were several.
        enveloped = sum(channel.has_envelope for channel in channels)
        self._envelopes = [folder / f"{_ENVELOPE}-{n}" if n else folder / _ENVELOPE for n in range(enveloped)]
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._open(*self._card())
        except (OSError, ValueError, KeyError, TypeError):
            shutil.rmtree(folder)
            folder.mkdir(mode=0o700)
            self._open(0, [])

    def append(self, counts: Sequence[Counts], envelopes: Sequence[Floats], seen: Flags) -> None:
        """Add a span: each channel's counts, the bins of each envelope, and which EMG samples came.

        Raises:
            OSError: the disk refuses; open the store anew.
        """
        for pyramid, own in zip(self._pyramids, counts, strict=True):
            pyramid.append(own)
        for path, envelope in zip(self._envelopes, envelopes, strict=True):
            with path.open("ab") as file:
                file.write(envelope.astype("<f4").tobytes())
        self._note_missing(seen)
        self.built += len(seen)
        beside = self._folder / f"{_CARD}.new"
        beside.write_text(
            json.dumps({"key": self._key, "built": self.built, "missing": self.missing.tolist()})
        )
        beside.replace(self._folder / _CARD)

    def extremes(self, channel: int, first: int, stop: int, width: int) -> Extremes:
        """Return a channel's extremes; all counts are its own samples (see `Pyramid.extremes`)."""
        return self._pyramids[channel].extremes(first, stop, width)

    def envelope(self, channel: int, first: int, stop: int) -> Floats:
        """Return bins of an EMG channel's envelope, as far as it goes."""
        bins = self.built // self._bin
        first, stop = min(first, bins), min(stop, bins)
        if stop <= first:
            return np.zeros(0, np.float32)
        return np.memmap(self._envelopes[channel], "<f4", "r", shape=(bins,))[first:stop]

    def touching(self, edges: npt.NDArray[np.int64]) -> Flags:
        """Tell which bins between the edges (EMG samples, rising) touch a missing one."""
        after = np.searchsorted(self.missing[:, 1], edges[:-1], "right")
        return np.searchsorted(self.missing[:, 0], edges[1:], "left") > after

    def _card(self) -> tuple[int, list[list[int]]]:
        """Return how far the folder is to be trusted, and what was missing up to there."""
        card = json.loads((self._folder / _CARD).read_text())
        if card["key"] != self._key:
            raise ValueError(f"{self._folder}: expected the overview of {self._key}, got {card['key']}")
        return int(card["built"]), card["missing"]

    def _open(self, built: int, missing: Sequence[Sequence[int]]) -> None:
        self.built = built
        self.missing = np.array(missing, np.int64).reshape(-1, 2)
        self._pyramids = [Pyramid(self._folder, c.name, built // c.ratio) for c in self._channels]
        expected = built // self._bin * _FLOAT_BYTES
        for path in self._envelopes:
            path.touch(mode=0o600)
            if path.stat().st_size < expected:
                raise OSError(f"{path}: expected {expected} bytes or more, got {path.stat().st_size}")
            with path.open("r+b") as file:
                file.truncate(expected)

    def _note_missing(self, seen: Flags) -> None:
        spans = np.flatnonzero(np.diff(seen, prepend=True, append=True)).reshape(-1, 2) + self.built
        if len(spans) and len(self.missing) and self.missing[-1, 1] == spans[0, 0]:
            # One that goes on from the span before.
            spans[0, 0] = self.missing[-1, 0]
            self.missing = self.missing[:-1]
        self.missing = np.concatenate([self.missing, spans.astype(np.int64)])
