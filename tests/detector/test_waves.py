"""The samples that a page draws: exact, without a seam, only while somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.waves import HEADER, MISSING, VIEW_FRESH_S, WaveChunk, WaveError, Waves
from firmware_bridge.samples import SampleBlock, Scale, SensorInfo
from tests.detector.signals import sensor

BEGAN = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


def wall_at(index: int) -> datetime:
    return BEGAN + timedelta(milliseconds=index)


def block(first: int, samples: int, info: SensorInfo | None = None) -> SampleBlock:
    """Give counts that tell their own index."""
    info = info or sensor()
    at = np.arange(first, first + samples)
    emg = np.stack([at % 1000 + 1000 * channel for channel in range(len(info.sites))], axis=1)
    acc = np.stack([at[:: info.acc_ratio] % 1000] * 3, axis=1) if info.acc_scale else np.zeros((0, 3), int)
    return SampleBlock(info, first, emg, acc)


def said(waves: Waves, blocks: Sequence[SampleBlock], origin: int = 0) -> list[WaveChunk]:
    payloads = [
        payload
        for item in blocks
        for payload in waves.chunks(item, origin=origin, wall_at=wall_at, now_s=1.0)
    ]
    assert all(len(payload) < 16_384 for payload in payloads)
    return [WaveChunk.from_bytes(payload) for payload in payloads]


def watched() -> Waves:
    waves = Waves()
    waves.look(0.0)
    return waves


@given(
    st.lists(st.sampled_from([10, 20, 50, 400, 3000]), min_size=1, max_size=12),
    st.sampled_from([(), ("left-calf",), ("left-calf", "right-calf")]),
    st.sampled_from([0.0, 100.0]),
)
def test_samples_come_through_whole_however_they_are_cut(
    sizes: list[int], sites: tuple[str, ...], acc_hz: float
) -> None:
    info = sensor(1000.0, acc_hz, sites=sites or ("left-calf",))
    firsts = np.cumsum([0, *sizes[:-1]]).tolist()
    blocks = [block(first, size, info) for first, size in zip(firsts, sizes, strict=True)]
    # One more that is long enough to bring out what still waits.
    blocks.append(block(sum(sizes), 40, info))
    chunks = said(watched(), blocks)
    assert [chunk.sequence for chunk in chunks] == list(range(len(chunks)))
    expected = np.concatenate([item.emg_counts for item in blocks]).T
    np.testing.assert_array_equal(np.concatenate([chunk.emg for chunk in chunks], axis=1), expected)
    acc = np.concatenate([item.acc_counts for item in blocks]).T
    np.testing.assert_array_equal(np.concatenate([chunk.acc for chunk in chunks], axis=1), acc)
    for chunk in chunks:
        assert chunk.start_s == wall_at(chunk.first_index).timestamp()
        assert chunk.emg[0, 0] == chunk.first_index % 1000


def test_nothing_is_said_unless_somebody_looks_and_soon_after_nobody_does() -> None:
    waves = Waves()
    assert waves.chunks(block(0, 1000), origin=0, wall_at=wall_at, now_s=0.0) == []
    waves.look(0.0)
    first = waves.chunks(block(1000, 1000), origin=0, wall_at=wall_at, now_s=VIEW_FRESH_S - 0.1)
    assert WaveChunk.from_bytes(first[0]).sequence == 0
    assert waves.chunks(block(2000, 1000), origin=0, wall_at=wall_at, now_s=VIEW_FRESH_S) == []
    waves.look(100.0)
    again = waves.chunks(block(3000, 1000), origin=0, wall_at=wall_at, now_s=100.0)
    assert WaveChunk.from_bytes(again[0]).sequence == 0


def test_a_gap_is_never_inside_a_chunk_and_indices_are_the_recordings() -> None:
    chunks = said(watched(), [block(100, 20), block(500, 40)], origin=100)
    assert [(chunk.first_index, chunk.emg.shape[1]) for chunk in chunks] == [(0, 20), (400, 40)]


def test_what_is_of_the_recording_before_is_not_shown() -> None:
    waves = watched()
    assert said(waves, [block(60, 20)], origin=0) == []
    chunks = said(waves, [block(80, 40), block(120, 40)], origin=80)
    assert [chunk.first_index for chunk in chunks] == [40]


def test_scales_give_physical_values_and_what_is_beyond_the_rails_is_missing() -> None:
    scale = Scale(-2048, 2047, -1000.0, 1000.0, "count")
    info = sensor(scale=scale)
    counts = np.array([[-2048], [2047], [5000], [-30000]] * 10)
    one = SampleBlock(info, 0, counts, np.zeros((4, 3), int))
    (chunk,) = said(watched(), [one])
    assert chunk.emg[0, :4].tolist() == [-2048, 2047, MISSING, MISSING]
    assert not chunk.in_uv
    gain, bias = chunk.scales[0]
    np.testing.assert_allclose(chunk.emg[0, :2] * gain + bias, [-1000.0, 1000.0])
    assert len(chunk.scales) == 2


@given(st.binary(max_size=300), st.integers(0, 200), st.integers(0, 255))
def test_bytes_that_are_no_chunk_are_refused_and_nothing_else_happens(
    junk: bytes, place: int, value: int
) -> None:
    (payload,) = watched().chunks(block(0, 40), origin=0, wall_at=wall_at, now_s=1.0)
    damaged = bytearray(payload)
    damaged[place % len(damaged)] = value
    for tried in (junk, payload[: -1 - place % len(payload)], payload + junk, b"CWW1" + junk, bytes(damaged)):
        try:
            chunk = WaveChunk.from_bytes(tried)
        except WaveError:
            continue
        assert chunk.to_bytes()[HEADER.size :] == tried[HEADER.size :]


def test_what_is_read_cannot_be_written_to() -> None:
    (chunk,) = said(watched(), [block(0, 40)])
    with pytest.raises(ValueError, match="read-only"):
        chunk.emg[0, 0] = 1
