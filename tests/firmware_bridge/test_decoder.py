"""The decoder: the same for all cuttings, nothing accepted that was not sent, bounded, every byte counted."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import BadFrame, Frame, HelloRequest, Samples, Status, encode, seal
from firmware_bridge.wire import MAX_ENCODED_BYTES
from tests.firmware_bridge.test_frames import FRAMES
from tests.firmware_bridge.wire_streams import block, cut, sensor

NOISE = st.binary(max_size=60)
PIECES = st.lists(
    st.one_of(FRAMES.map(encode), NOISE, st.just(bytes(3)), st.just(b"\x01" * 1500)), max_size=8
)
CUTS = st.lists(st.integers(0, 10_000), max_size=30)


def good(found: list[Frame | BadFrame]) -> list[Frame]:
    return [frame for frame in found if not isinstance(frame, BadFrame)]


@given(PIECES, CUTS)
def test_however_the_bytes_are_cut_the_same_comes_out(pieces: list[bytes], points: list[int]) -> None:
    data = b"".join(pieces)
    whole, chopped = Decoder(), Decoder()
    expected = whole.feed(data)
    assert [frame for part in cut(data, points) for frame in chopped.feed(part)] == expected
    assert chopped.counters == whole.counters


@given(PIECES)
def test_one_byte_at_a_time_gives_the_same_and_the_counters_agree_all_the_way(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    bytewise, found = Decoder(), []
    for i in range(len(data)):
        found += bytewise.feed(data[i : i + 1])
    whole = Decoder()
    assert found == whole.feed(data)
    assert bytewise.counters == whole.counters


@given(st.lists(FRAMES, max_size=10))
def test_frames_come_out_as_they_went_in(frames: list[Frame]) -> None:
    decoder = Decoder()
    assert decoder.feed(b"".join(map(encode, frames))) == frames
    assert decoder.counters.frames == len(frames)
    assert decoder.counters.bad_frames == decoder.counters.dropped_bytes == 0


@given(PIECES)
def test_every_byte_is_part_of_a_frame_or_counted_as_dropped(pieces: list[bytes]) -> None:
    data = b"".join(pieces) + b"\0"
    decoder = Decoder()
    found = decoder.feed(data)
    in_frames = sum(len(encode(frame)) - 2 for frame in good(found))
    assert in_frames + decoder.counters.dropped_bytes == len(data) - data.count(0)
    assert (
        sum(bad.dropped_bytes for bad in found if isinstance(bad, BadFrame)) <= decoder.counters.dropped_bytes
    )
    assert decoder.counters.bad_frames == len(found) - len(good(found))
    assert decoder.counters.received_bytes == len(data)


def test_it_keeps_no_more_than_one_frame_of_a_stream_without_end() -> None:
    decoder = Decoder()
    for _ in range(200):
        decoder.feed(b"\xff" * 777)
        assert len(decoder._tail) <= MAX_ENCODED_BYTES
    assert decoder.counters.bad_frames == 1
    assert decoder.counters.dropped_bytes == 200 * 777
    assert decoder.feed(b"\0" + encode(HelloRequest())) == [HelloRequest()]


def test_a_frame_as_long_as_allowed_is_read_and_one_byte_more_is_not() -> None:
    # Besides the payload: type, check sum, and the one byte that COBS adds where there are zeros enough.
    frame = Samples(bytes(MAX_ENCODED_BYTES - 6))
    assert len(encode(frame)) - 2 == MAX_ENCODED_BYTES
    assert Decoder().feed(encode(frame)) == [frame]
    found = Decoder().feed(b"\x01" * (MAX_ENCODED_BYTES + 1) + b"\0")
    assert found == [BadFrame("no end in sight", MAX_ENCODED_BYTES + 1)]


def test_unknown_types_are_skipped_and_counted() -> None:
    decoder = Decoder()
    assert decoder.feed(seal(b"\x7fnews") + encode(HelloRequest())) == [HelloRequest()]
    assert (decoder.counters.unknown, decoder.counters.frames, decoder.counters.bad_frames) == (1, 1, 0)


def test_a_sound_frame_with_an_impossible_payload_is_its_senders_fault() -> None:
    decoder = Decoder()
    [bad] = decoder.feed(seal(b"\x03\x00"))
    assert isinstance(bad, BadFrame)
    assert "Status: expected at least 16 bytes" in bad.reason
    assert (decoder.counters.malformed, decoder.counters.bad_frames) == (1, 1)


def test_a_lost_delimiter_costs_nothing() -> None:
    frames = [Status(i, 1, 0, 0, 0, 0) for i in range(4)]
    first, second, *rest = map(encode, frames)
    assert Decoder().feed(first[:-1] + second + b"".join(rest)) == frames
    assert Decoder().feed(first + second[1:] + b"".join(rest)) == frames


def test_a_listener_who_comes_in_the_middle_of_a_frame_misses_that_one_alone() -> None:
    frames = [Status(i, 1, 0, 0, 0, 0) for i in range(3)]
    data = b"".join(map(encode, frames))
    assert good(Decoder().feed(data[6:])) == frames[1:]


DAMAGES = ("substitute", "drop", "insert", "lose the delimiter")


@pytest.mark.parametrize("share", [1e-4, 1e-3, 1e-2])
def test_of_a_damaged_stream_only_what_was_sent_is_accepted(share: float) -> None:
    """RELIABILITY.md row A2, a sample of it: the fault runner does the millions."""
    rng = random.Random(7)
    info = sensor()
    encoder = Encoder(info)
    sent = [encoder.hello(), *encoder.feed(block(info, 0, 200_000))]
    data = bytearray()
    undamaged = []
    for frame in sent:
        hits = [at for at in range(len(frame)) if rng.random() < share]
        damaged = bytearray(frame)
        for at in reversed(hits):
            damage(damaged, at, rng)
        data += damaged
        undamaged.append(bytes(damaged) == frame)
    decoder = Decoder()
    kept = Counter(map(encode, good(decoder.feed(bytes(data)))))
    assert kept <= Counter(sent)
    whole = [frame for frame, is_whole in zip(sent, undamaged, strict=True) if is_whole]
    assert sum(frame in kept for frame in whole) >= 0.99 * len(whole)
    assert decoder.counters.bad_frames >= 0.5 * undamaged.count(False)


def damage(frame: bytearray, at: int, rng: random.Random) -> None:
    kind = rng.choice(DAMAGES)
    if kind == "substitute":
        frame[at] ^= rng.randrange(1, 256)
    elif kind == "drop":
        del frame[at]
    elif kind == "insert":
        frame.insert(at, rng.randrange(256))
    else:
        del frame[-1]


def test_of_random_bytes_nothing_is_accepted() -> None:
    """RELIABILITY.md row A1, a tenth of it."""
    rng = np.random.default_rng(1)
    decoder = Decoder()
    found = [frame for _ in range(250) for frame in decoder.feed(rng.bytes(4096))]
    assert good(found) == []
    assert decoder.counters.bad_frames > 3000
    assert len(decoder._tail) <= MAX_ENCODED_BYTES
