"""Encoder, decoder and assembler back to back: what goes in comes out, to the bit and the index."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.assembler import Assembler
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import MarkFrame, Samples, encode
from firmware_bridge.narrowing import narrow_counts, narrow_scale
from firmware_bridge.samples import (
    Gap,
    LinkState,
    Mark,
    SampleBlock,
    Scale,
    SensorInfo,
    SensorStatus,
    StreamItem,
)
from firmware_bridge.wire import FrameError
from tests.firmware_bridge.wire_streams import block, cut, flat, sensor, streams

CUTS = st.lists(st.integers(0, 100_000), max_size=20)


def said(info: SensorInfo, items: list[StreamItem], first_index: int = 0) -> bytes:
    encoder = Encoder(info, first_index)
    frames = [encoder.hello(), *(frame for item in items for frame in encoder.feed(item)), *encoder.finish()]
    return b"".join(frames)


def heard(data: bytes, points: list[int] | None = None) -> list[StreamItem]:
    decoder, assembler = Decoder(), Assembler()
    parts = cut(data, points or [])
    items = [item for i, part in enumerate(parts) for item in assembler.feed(decoder.feed(part), i * 0.01)]
    assert assembler.ended
    assert decoder.counters.dropped_bytes == 0
    return items


@given(streams(), CUTS)
def test_any_stream_comes_out_as_it_went_in(
    stream: tuple[SensorInfo, list[StreamItem]], points: list[int]
) -> None:
    info, items = stream
    first, *rest = heard(said(info, items), points)
    assert isinstance(first, SensorInfo)
    assert first.same_signal(info)
    assert (first.boot_id, first.firmware, first.prefilter) == (info.boot_id, info.firmware, info.prefilter)
    assert flat(rest).same(flat(items))


@given(streams())
def test_marks_stay_ahead_of_the_samples_they_belong_to(stream: tuple[SensorInfo, list[StreamItem]]) -> None:
    info, items = stream
    end_index = 0
    for item in heard(said(info, items)):
        if isinstance(item, Mark | SensorStatus):
            assert item.index >= end_index
        elif isinstance(item, SampleBlock | Gap):
            assert item.first_index == end_index
            end_index = item.end_index


def test_a_mark_inside_a_block_is_sent_with_the_frame_that_holds_it() -> None:
    info = sensor()
    items: list[StreamItem] = [Mark(47, "button short"), Mark(43, "button long"), block(info, 0, 100)]
    frames = [f for f in Decoder().feed(said(info, items)) if isinstance(f, Samples | MarkFrame)]
    assert [type(f) for f in frames[:7]] == [Samples] * 4 + [MarkFrame] * 2 + [Samples]
    assert [f.counter for f in frames[4:6]] == [43, 47]
    assert flat(heard(said(info, items))).told == (Mark(43, "button long"), Mark(47, "button short"))


def test_what_only_a_host_says_is_left_out() -> None:
    info = sensor()
    items: list[StreamItem] = [
        info,
        Mark(0, "clock", "2026-01-01T22:00:00+01:00"),
        Mark(0, "event", "cramp"),
        Mark(0, "note", "?"),
        Mark(0, "setting", "lamp=on"),
        LinkState(up=False, reason="?"),
        block(info, 0, 100),
    ]
    assert flat(heard(said(info, items))).told == ()


def test_a_cue_in_other_words_keeps_its_length() -> None:
    info = sensor()
    items: list[StreamItem] = [Mark(10, "cue", "bzzz", 2.5), block(info, 0, 100)]
    [mark] = flat(heard(said(info, items))).told
    assert mark == Mark(10, "cue", "vibrate steady, light off, 2500 ms", 2.5)


def test_a_stream_that_begins_later_begins_at_index_0_on_the_other_side() -> None:
    info = sensor()
    _, first = heard(said(info, [block(info, 5000, 100)], first_index=5000))
    assert isinstance(first, SampleBlock)
    assert first.first_index == 0
    assert np.array_equal(first.emg_counts, block(info, 5000, 100).emg_counts)


def test_holes_at_the_beginning_and_the_end_are_holes() -> None:
    info = sensor()
    items: list[StreamItem] = [Gap(0, 50, "not recorded"), block(info, 50, 100), Gap(150, 70, "not recorded")]
    assert flat(heard(said(info, items))).gaps == ((0, 50), (150, 70))


def test_blocks_come_out_read_only() -> None:
    info = sensor()
    blocks = [item for item in heard(said(info, [block(info, 0, 100)])) if isinstance(item, SampleBlock)]
    assert blocks
    assert not any(b.emg_counts.flags.writeable or b.acc_counts.flags.writeable for b in blocks)


def test_the_default_frame_is_as_long_as_wire_md_says() -> None:
    info = sensor()
    frames = Encoder(info).feed(block(info, 0, 1000))
    assert len(frames) == 100
    assert {len(frame) for frame in frames} == {43}


def test_a_signal_that_changes_is_refused() -> None:
    info = sensor()
    with pytest.raises(FrameError, match="throughout"):
        Encoder(info).feed(sensor(rate_hz=2000.0))


def test_more_channels_than_the_wire_carries_are_refused() -> None:
    with pytest.raises(FrameError, match="1 to 8 channels"):
        Encoder(sensor(channels=9))


def test_acceleration_too_slow_for_a_frame_is_refused() -> None:
    with pytest.raises(FrameError, match=r"1000 EMG samples.*1 Hz"):
        Encoder(sensor(ratio=1000))


def test_long_names_are_cut_at_whole_letters() -> None:
    told = Encoder(sensor(sites=("µ" * 40,), firmware="x" * 99, prefilter="y" * 99)).info
    assert (told.sites, told.firmware, told.prefilter) == (("µ" * 20,), "x" * 40, "y" * 80)


def test_after_a_restart_the_count_begins_anew() -> None:
    info = sensor()
    encoder = Encoder(info)
    encoder.feed(block(info, 0, 100))
    greeting = encoder.restart()
    assert greeting[0] == 0
    [hello] = Decoder().feed(greeting)
    [samples] = Decoder().feed(b"".join(encoder.feed(block(info, 100, 10))))
    assert isinstance(samples, Samples)
    assert samples.counter == 0
    assert (hello.boot_id, hello.epoch) == (2, 2)  # type: ignore[union-attr]


WIDE = Scale(-(1 << 23), (1 << 23) - 1, -375000.0, 375000.0, "uV")


def test_counts_of_24_bits_are_rounded_to_16_and_that_is_said() -> None:
    info = sensor(emg_scales=(WIDE,))
    encoder = Encoder(info)
    assert encoder.info.emg_scales[0].digital_max == 32767
    assert "rounded" in encoder.warnings[0]
    counts = np.array([[-(1 << 23)], [127], [128], [-128], [-129], [1 << 22], [(1 << 23) - 1]] * 10)
    sent = replace(block(info, 0, 70), emg_counts=counts)
    decoder, assembler = Decoder(), Assembler()
    data = encoder.hello() + b"".join(encoder.feed(sent))
    _, got = assembler.feed(decoder.feed(data), 0.0)
    assert isinstance(got, SampleBlock)
    assert got.emg_counts[:7, 0].tolist() == [-32768, 0, 1, 0, -1, 16384, 32767]
    # Half a narrow count, and half of the last digit of an EDF number at the rails.
    assert np.abs(got.emg_uv - sent.emg_uv).max() <= encoder.info.emg_scales[0].gain


@given(st.integers(17, 24), st.integers(0, 2**32))
def test_narrowing_never_moves_a_value_by_more_than_a_count(bits: int, seed: int) -> None:
    scale = Scale(-(1 << bits - 1), (1 << bits - 1) - 1, -1000.0, 1000.0, "uV")
    narrow = narrow_scale(scale)
    counts = np.random.default_rng(seed).integers(
        scale.digital_min, scale.digital_max, (50, 2), endpoint=True
    )
    rounded = narrow_counts(counts, (bits - 16, bits - 16))
    assert rounded.min() >= narrow.digital_min
    assert rounded.max() <= narrow.digital_max
    error = narrow.to_physical(rounded).astype(float) - scale.to_physical(counts)
    assert np.abs(error).max() <= 1.01 * narrow.gain


def test_narrow_counts_are_left_alone() -> None:
    info = sensor(2)
    counts = block(info, 0, 20).emg_counts
    assert narrow_counts(counts, (0, 0)) is counts
    assert narrow_scale(info.emg_scales[0]) is info.emg_scales[0]


def test_an_unknown_mark_of_a_later_board_becomes_a_note() -> None:
    info = sensor()
    data = Encoder(info).hello() + encode(MarkFrame(0, 1, 77, 5, 6))
    _, note = Assembler().feed(Decoder().feed(data), 0.0)
    assert note == Mark(0, "note", "mark 77, 5, 6")
