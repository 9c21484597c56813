"""A recording at every zoom: exact minimum and maximum of any span, and the envelope of the whole night.

The extremes of every 16 samples, of 64, of 256, … are kept (a min/max pyramid), so that a window of any width
costs as much as the pixels it fills, and no spike ever vanishes. A span that holds a missing sample is marked
so and not drawn.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware_bridge.recordings import Recording, open_recording
from firmware_bridge.samples import Counts, SampleBlock

Float = npt.NDArray[np.float32]

# Samples in the finest bin, and bins in one of the next level.
BASE, STEP = 16, 4
# The envelope's bin: as fine as the detector decides.
ENVELOPE_S = 0.25
# Read at a time while building: bounded memory whatever the night's length.
CHUNK_S = 600.0
MG_PER_G = 1000
# Below this many samples a pixel the samples themselves are drawn.
RAW_SAMPLES_PER_PIXEL = 4


@dataclass(frozen=True, slots=True)
class Trace:
    """One curve over a stretch of a recording.

    Attributes:
        name: ``emg``, ``envelope`` or ``movement``.
        start_s: Seconds from the recording's start to the first bin's beginning.
        step_s: Seconds a bin.
        values: ``[n]``, or ``[n, 2]`` of minimum and maximum; NaN where a sample is missing. µV or mg.
    """

    name: str
    start_s: float
    step_s: float
    values: Float


@dataclass
class Overview:
    """The pyramid of one recording's first EMG channel, its envelope and movement; grows with the file."""

    path: Path
    recording: Recording
    _size: int = 0
    _built: int = 0
    _levels: list[Float] = field(default_factory=list)
    _envelope: Float = field(default_factory=lambda: np.zeros(0, np.float32))
    _movement: Float = field(default_factory=lambda: np.zeros(0, np.float32))

    @classmethod
    def of(cls, path: Path) -> "Overview":
        """Open a recording and build its overview.

        Raises:
            RecordingError: it cannot be read.
        """
        overview = cls(path, open_recording(path))
        overview.refresh(force=True)
        return overview

    @property
    def rate_hz(self) -> float:
        """EMG rate."""
        return self.recording.info.emg_rate_hz

    @property
    def seen_s(self) -> float:
        """Seconds in which samples came."""
        return float(np.isfinite(self._envelope).sum() * self._bin / self.rate_hz)

    @property
    def _bin(self) -> int:
        """Samples in an envelope bin: whole in acceleration samples."""
        ratio = self.recording.info.acc_ratio
        return max(1, round(ENVELOPE_S * self.rate_hz / ratio)) * ratio

    def refresh(self, *, force: bool = False) -> None:
        """Read what the recorder has added since the last look."""
        size = self.path.stat().st_size
        if size == self._size and not force:
            return
        self._size = size
        self.recording = open_recording(self.path)
        # Only whole bins of every kind are final; the rest is read again when it has grown.
        grain = int(np.lcm(BASE, self._bin))
        whole = self.recording.samples // grain * grain
        chunk = self._chunk(grain)
        firsts = range(self._built, whole, chunk)
        parts = [self._read(first, min(whole, first + chunk)) for first in firsts]
        if parts:
            bins, envelope, movement = (np.concatenate(column) for column in zip(*parts, strict=True))
            base = np.concatenate([self._levels[0], bins]) if self._levels else bins
            self._envelope = np.concatenate([self._envelope, envelope])
            self._movement = np.concatenate([self._movement, movement])
            self._levels = _pyramid(base)
            self._built = whole

    def _chunk(self, grain: int) -> int:
        return max(1, int(CHUNK_S * self.rate_hz) // grain) * grain

    def _read(self, first: int, stop: int) -> tuple[Float, Float, Float]:
        """Return extremes, envelope and movement of a span whose length is whole in bins."""
        ratio = self.recording.info.acc_ratio
        uv = np.full(stop - first, np.nan, np.float32)
        g = np.full(((stop - first) // ratio, 3), np.nan, np.float32)
        for item in self.recording.items(block_s=CHUNK_S, start_s=first / self.rate_hz):
            if isinstance(item, SampleBlock):
                if item.first_index >= stop:
                    break
                a, b = max(first, item.first_index), min(stop, item.end_index)
                own = slice(a - item.first_index, b - item.first_index)
                uv[a - first : b - first] = item.info.emg_scales[0].to_physical(item.emg_counts[own, 0])
                if len(item.acc_counts):
                    rows = slice((a - first) // ratio, -(-(b - first) // ratio))
                    g[rows] = item.acc_g[own.start // ratio : -(-own.stop // ratio)]
        bins = uv.reshape(-1, BASE)
        movement = np.sqrt((g * g).sum(axis=1)).reshape(-1, self._bin // ratio).std(axis=1) * MG_PER_G
        return (
            np.stack([bins.min(axis=1), bins.max(axis=1)], axis=1),
            uv.reshape(-1, self._bin).std(axis=1),
            movement,
        )

    def emg(self, start_s: float, end_s: float, pixels: int) -> Trace:
        """Return the EMG between two times: samples where there are few, else extremes in bins of a pixel or less."""
        per_pixel = (end_s - start_s) * self.rate_hz / max(1, pixels)
        if per_pixel < BASE or not self._levels:
            raw = self._raw(start_s, end_s)
            return raw if per_pixel <= RAW_SAMPLES_PER_PIXEL else _extremes(raw, int(per_pixel))
        level = min(int(np.log(per_pixel / BASE) / np.log(STEP)), len(self._levels) - 1)
        return _cut("emg", self._levels[level], BASE * STEP**level / self.rate_hz, start_s, end_s)

    def _raw(self, start_s: float, end_s: float) -> Trace:
        rate = self.rate_hz
        first = max(0, int(start_s * rate))
        stop = max(first, min(self.recording.samples, int(np.ceil(end_s * rate))))
        values = np.full(stop - first, np.nan, np.float32)
        for stretch in self.recording.window(first / rate, stop / rate):
            at = stretch.first_index - first
            values[at : at + len(stretch.counts)] = self._uv(stretch.counts)
        return Trace("emg", first / rate, 1 / rate, values)

    def _uv(self, counts: Counts) -> Float:
        return self.recording.info.emg_scales[0].to_physical(counts)

    def envelope(self, start_s: float, end_s: float, pixels: int) -> Trace:
        """Return the standard deviation of the EMG in bins of a pixel or 0.25 s, whichever is longer: the highest."""
        return self._thinned("envelope", self._envelope, start_s, end_s, pixels)

    def movement(self, start_s: float, end_s: float, pixels: int) -> Trace:
        """Return the standard deviation of the acceleration's magnitude, likewise."""
        return self._thinned("movement", self._movement, start_s, end_s, pixels)

    def _thinned(self, name: str, values: Float, start_s: float, end_s: float, pixels: int) -> Trace:
        step_s = self._bin / self.rate_hz
        group = max(1, int((end_s - start_s) / step_s / max(1, pixels)))
        cut = _cut(name, values, step_s, start_s, end_s)
        if group == 1:
            return cut
        whole = len(cut.values) // group * group
        thin = cut.values[:whole].reshape(-1, group)
        return Trace(name, cut.start_s, step_s * group, thin.max(axis=1))


def _pyramid(base: Float) -> list[Float]:
    """Return the levels over the finest; a bin over a missing sample is missing (NaN spreads through min and max)."""
    levels = [base]
    while len(levels[-1]) >= STEP:
        whole = levels[-1][: len(levels[-1]) // STEP * STEP].reshape(-1, STEP, 2)
        levels.append(np.stack([whole[:, :, 0].min(axis=1), whole[:, :, 1].max(axis=1)], axis=1))
    return levels


def _extremes(raw: Trace, group: int) -> Trace:
    whole = raw.values[: len(raw.values) // group * group].reshape(-1, group)
    return Trace(
        raw.name, raw.start_s, raw.step_s * group, np.stack([whole.min(axis=1), whole.max(axis=1)], axis=1)
    )


def _cut(name: str, values: Float, step_s: float, start_s: float, end_s: float) -> Trace:
    first = max(0, int(start_s / step_s))
    # One more than the window needs: a curve goes on to the window's edge.
    stop = max(first, min(len(values), int(np.ceil(end_s / step_s)) + 1))
    return Trace(name, first * step_s, step_s, values[first:stop])
