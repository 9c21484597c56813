"""Streams to send over the wire in tests: fixed ones, and any that hypothesis can think of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from firmware_bridge.samples import (
    Counts,
    Gap,
    Mark,
    SampleBlock,
    Scale,
    SensorInfo,
    SensorStatus,
    StreamItem,
)

EMG_SCALE = Scale(-32767, 32767, -1638.35, 1638.35, "uV")
ACC_SCALE = Scale(-16384, 16383, -4.0, 3.99976, "g")


def sensor(channels: int = 1, rate_hz: float = 1000.0, ratio: int = 10, **changes: object) -> SensorInfo:
    """Return a sensor as most tests want it; ratio 0 has no accelerometer."""
    fields: dict[str, object] = {
        "sensor_id": "left-calf",
        "emg_rate_hz": rate_hz,
        "acc_rate_hz": rate_hz / ratio if ratio else 0.0,
        "sites": tuple(f"site-{i}" for i in range(channels)),
        "emg_scales": (EMG_SCALE,) * channels,
        "acc_scale": ACC_SCALE if ratio else None,
        "firmware": "test 1",
        "hardware_id": "00112233445566ff",
        "boot_id": 1,
        "prefilter": "HP:20Hz",
    }
    return SensorInfo(**(fields | changes))  # type: ignore[arg-type]


def block(info: SensorInfo, first_index: int, samples: int, seed: int = 0) -> SampleBlock:
    """Return samples that follow from their index alone, whatever the block they stand in."""
    index = np.arange(first_index, first_index + samples)
    channels = np.arange(len(info.sites))
    emg = ((index[:, None] * 7919 + channels * 104729 + seed) % 65536 - 32768).astype(np.int16)
    triples = samples // info.acc_ratio if info.acc_rate_hz else 0
    step = np.arange(triples)[:, None] + first_index // info.acc_ratio
    acc = ((step * 31 + np.arange(3) * 1009 + seed) % 20000 - 10000).astype(np.int16)
    emg.flags.writeable = acc.flags.writeable = False
    return SampleBlock(info, first_index, emg, acc)


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """What a stream holds, however its blocks are cut."""

    emg: Counts
    acc: Counts
    indices: np.ndarray[tuple[int], np.dtype[np.int64]]
    gaps: tuple[tuple[int, int], ...]
    told: tuple[Mark | SensorStatus, ...]

    def same(self, other: Flat) -> bool:
        """Tell whether two streams hold the same, to the bit and the index."""
        return (
            np.array_equal(self.emg, other.emg)
            and np.array_equal(self.acc, other.acc)
            and np.array_equal(self.indices, other.indices)
            and (self.gaps, self.told) == (other.gaps, other.told)
        )


def flat(items: Iterable[StreamItem]) -> Flat:
    """Return what the items hold; clock anchors and link states, which only a live source adds, left out."""
    items = list(items)
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    gaps: list[tuple[int, int]] = []
    for gap in (item for item in items if isinstance(item, Gap)):
        if gaps and sum(gaps[-1]) == gap.first_index:
            gaps[-1] = (gaps[-1][0], gaps[-1][1] + gap.missing)
        else:
            gaps.append((gap.first_index, gap.missing))
    told = (item for item in items if isinstance(item, Mark | SensorStatus))
    return Flat(
        emg=np.concatenate([b.emg_counts for b in blocks]) if blocks else np.zeros((0, 0), np.int16),
        acc=np.concatenate([b.acc_counts for b in blocks]) if blocks else np.zeros((0, 3), np.int16),
        indices=np.concatenate([np.arange(b.first_index, b.end_index) for b in blocks] or [np.zeros(0, int)]),
        gaps=tuple(gaps),
        told=tuple(item for item in told if not (isinstance(item, Mark) and item.kind == "clock")),
    )


def cut(data: bytes, points: Sequence[int]) -> list[bytes]:
    """Return the data cut at the points (modulo its length)."""
    edges = sorted({0, len(data), *(point % (len(data) + 1) for point in points)})
    return [data[a:b] for a, b in pairwise(edges)]


def decimals() -> st.SearchStrategy[float]:
    """Return values that an EDF header can hold."""
    return st.builds(lambda m, e: float(f"{m}e{e}"), st.integers(-9999, 9999), st.integers(-3, 2))


def scales(unit: str) -> st.SearchStrategy[Scale]:
    """Return 16-bit scales."""
    digital = st.lists(st.integers(-32768, 32767), min_size=2, max_size=2, unique=True).map(sorted)
    physical = st.lists(decimals(), min_size=2, max_size=2, unique=True)
    return st.builds(lambda d, p: Scale(d[0], d[1], p[0], p[1], unit), digital, physical)


@st.composite
def sensors(draw: st.DrawFn) -> SensorInfo:
    """Return sensors of all shapes that the wire carries."""
    channels = draw(st.integers(1, 3))
    ratio = draw(st.sampled_from([0, 1, 3, 10, 20]))
    return sensor(
        channels,
        draw(st.sampled_from([250.0, 990.5, 1000.0, 52000 / 27, 2000.0])),
        ratio,
        sites=tuple(draw(st.text(max_size=10)) for _ in range(channels)),
        emg_scales=tuple(draw(scales("uV")) for _ in range(channels)),
        acc_scale=draw(scales("g")) if ratio else None,
        boot_id=draw(st.integers(1, 2**32 - 1)),
    )


BUTTONS = st.sampled_from([("button short", "", 0.0), ("button long", "", 0.0)])
CUES = st.builds(
    lambda ms: ("cue", f"vibrate pulse, light urgent, {ms} ms", ms / 1000), st.integers(0, 2**32 - 1)
)
SETTINGS_SET = st.builds(lambda v: ("setting", f"light_strength={v}", 0.0), st.integers(0, 100))


@st.composite
def streams(draw: st.DrawFn) -> tuple[SensorInfo, list[StreamItem]]:
    """Return a sensor and what it sends: blocks, holes, marks and states in any order."""
    info = draw(sensors())
    items: list[StreamItem] = []
    index = 0
    for kind in draw(st.lists(st.sampled_from(["block", "gap", "mark", "status"]), min_size=1, max_size=12)):
        units = draw(st.integers(1, 40))
        if kind == "block":
            items.append(block(info, index, units * info.acc_ratio, seed=draw(st.integers(0, 99))))
            index += units * info.acc_ratio
        elif kind == "gap":
            items.append(Gap(index, units * info.acc_ratio, "lost frames"))
            index += units * info.acc_ratio
        elif kind == "mark":
            items.append(Mark(index, *draw(BUTTONS | CUES | SETTINGS_SET)))
        else:
            lead_off = tuple(draw(st.booleans()) for _ in info.sites)
            battery = draw(st.none() | st.integers(1, 65535))
            counts = st.integers(0, 2**32 - 1)
            items.append(SensorStatus(index, battery, lead_off, draw(counts), draw(counts)))
    return info, items
