"""The dialects' decoders: the same for all cuttings, bounded, never spinning, every loss a value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.dialect_chords import (
    ChordsDecoder,
    chords_channels,
    packet_bytes,
)
from firmware_bridge.dialect_lsl import MAGIC, MOST_PACKET_BYTES, LslDecoder, head_bytes, row_bytes
from firmware_bridge.dialect_rows import BadRow, DialectDecoder, Found, Header, Row
from firmware_bridge.dialect_text import MAX_LINE_BYTES, TextDecoder
from firmware_bridge.dialects import recognise
from firmware_bridge.frames import HelloRequest, encode
from tests.firmware_bridge.assembled import HELLO
from tests.firmware_bridge.wire_streams import cut

DECODERS = [TextDecoder, lambda: ChordsDecoder(CHANNELS), lambda: LslDecoder(1000.0)]
CUTS = st.lists(st.integers(0, 10_000), max_size=30)
CHANNELS = 3


def packet(counter: int, *values: int) -> bytes:
    words = values or (512,) * CHANNELS
    body = b"".join(value.to_bytes(2, "big") for value in words)
    return b"\xc7\x7c" + bytes([counter % 256]) + body + b"\x01"


def packets(*counters: int) -> bytes:
    """Return packets that each say their counter, and the sync that proves the last of them."""
    return b"".join(packet(c, c, 0, 0) for c in counters) + b"\xc7\x7c"


NOISE = st.binary(max_size=40)
CHORDS_PIECES = st.lists(
    st.one_of(
        st.lists(st.integers(0, 300), max_size=6).map(lambda cs: b"".join(packet(c) for c in cs)),
        NOISE,
        st.sampled_from([b"\xc7\x7c", b"\xc7", b"\x01", b"\xc7\x7c\xc7\x7c", packet(9)[:-1], packet(9)[1:]]),
    ),
    max_size=10,
)
NUMBERS = st.one_of(
    st.integers(-99999, 99999).map(str),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: f"{value:.4f}"),
)
LINES = st.lists(NUMBERS, min_size=1, max_size=4).flatmap(
    lambda row: st.sampled_from([",", "\t", " ", ";", ", ", " ; "]).map(lambda between: between.join(row))
)
TEXT_PIECES = st.lists(
    st.one_of(
        LINES.map(lambda line: line.encode() + b"\r\n"),
        st.sampled_from(
            [b"emg:1 x:2\n", b"emg,x,y,z\n", b"\n", b"\r", b"1,,2\n", b"x" * 400, b"nan\n", b"1;2;3;4;5\n"]
        ),
        NOISE,
    ),
    max_size=10,
)


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
LSL_PIECES = st.lists(
    st.one_of(
        st.lists(FLOATS, min_size=1, max_size=4).map(lambda row: row_bytes(1.0, row)),
        st.floats().map(lambda at_s: row_bytes(at_s, [1.0])),
        st.just(head_bytes(["EMG", "x"])),
        NOISE,
        st.sampled_from([MAGIC, MAGIC + b"R", row_bytes(2.0, [float("nan")]), row_bytes(0.0, [1.0])[:-1]]),
    ),
    max_size=10,
)


def same_for_all_cuttings(whole: DialectDecoder, chopped: DialectDecoder, parts: list[bytes]) -> None:
    expected = whole.feed(b"".join(parts))
    assert [one for part in parts for one in chopped.feed(part)] == expected
    assert chopped.counters == whole.counters


@given(CHORDS_PIECES, CUTS)
def test_however_packets_are_cut_the_same_comes_out(pieces: list[bytes], points: list[int]) -> None:
    data = b"".join(pieces)
    same_for_all_cuttings(ChordsDecoder(CHANNELS), ChordsDecoder(CHANNELS), cut(data, points))
    same_for_all_cuttings(
        ChordsDecoder(CHANNELS), ChordsDecoder(CHANNELS), [data[i : i + 1] for i in range(len(data))]
    )


@given(TEXT_PIECES, CUTS)
def test_however_lines_are_cut_the_same_comes_out(pieces: list[bytes], points: list[int]) -> None:
    data = b"".join(pieces)
    same_for_all_cuttings(TextDecoder(), TextDecoder(), cut(data, points))
    same_for_all_cuttings(TextDecoder(), TextDecoder(), [data[i : i + 1] for i in range(len(data))])


@given(LSL_PIECES, CUTS)
def test_however_samples_of_a_stream_are_cut_the_same_comes_out(
    pieces: list[bytes], points: list[int]
) -> None:
    data = b"".join(pieces)
    same_for_all_cuttings(LslDecoder(1000.0), LslDecoder(1000.0), cut(data, points))
    same_for_all_cuttings(LslDecoder(1000.0), LslDecoder(1000.0), [data[i : i + 1] for i in range(len(data))])


@given(st.lists(st.lists(FLOATS, min_size=1, max_size=4), max_size=20))
def test_samples_of_a_stream_come_out_as_they_went_in(rows: list[list[float]]) -> None:
    decoder = LslDecoder(1000.0)
    found = decoder.feed(b"".join(row_bytes(i / 1000, row) for i, row in enumerate(rows)))
    assert found == [Row(tuple(row)) for row in rows]
    assert decoder.counters.bad_rows == decoder.counters.dropped_bytes == 0


@given(CHORDS_PIECES)
def test_every_byte_is_part_of_a_packet_or_dropped_or_waits(pieces: list[bytes]) -> None:
    decoder = ChordsDecoder(CHANNELS)
    decoder.feed(b"".join(pieces))
    decoder.restart()
    counters = decoder.counters
    assert counters.received_bytes == counters.rows * packet_bytes(CHANNELS) + counters.dropped_bytes


@given(st.lists(LINES, max_size=20))
def test_numbers_come_out_as_they_went_in(lines: list[str]) -> None:
    decoder = TextDecoder()
    rows = decoder.feed(b"\n" + b"".join(line.encode() + b"\r\n" for line in lines))
    split = [line.replace(",", " ").replace(";", " ").split() for line in lines]
    assert rows == [Row(tuple(map(float, numbers))) for numbers in split]
    assert decoder.counters.bad_rows == decoder.counters.dropped_bytes == 0


@pytest.mark.parametrize("make", DECODERS, ids=["text", "Chords", "LSL"])
@pytest.mark.parametrize("byte", [b"\xff", b"1", b"\xc7", b"\x01"])
def test_a_stream_without_end_is_not_kept(make: type[TextDecoder], byte: bytes) -> None:
    decoder = make()
    decoder.feed(b"\n")
    for _ in range(100):
        decoder.feed(byte * 777)
        assert len(decoder._tail) <= max(MAX_LINE_BYTES, MOST_PACKET_BYTES)
    assert decoder.counters.rows == 0
    assert decoder.counters.dropped_bytes >= 77_000


@pytest.mark.parametrize("make", DECODERS, ids=["text", "Chords", "LSL"])
def test_of_random_bytes_hardly_anything_is_believed(make: type[TextDecoder]) -> None:
    """RELIABILITY.md row A1, a part of it; neither dialect has a check sum."""
    rng = np.random.default_rng(1)
    decoder = make()
    for _ in range(100):
        decoder.feed(rng.bytes(4096))
    assert decoder.counters.rows < 1000


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"512", Row((512.0,))),
        (b" 512 ", Row((512.0,))),
        (b"512,0.01,-0.02,0.98", Row((512.0, 0.01, -0.02, 0.98))),
        (b"1;2;", Row((1.0, 2.0))),
        (b"1\t2 ,3", Row((1.0, 2.0, 3.0))),
        (b"-1.5e-3", Row((-0.0015,))),
        (b".5,5.", Row((0.5, 5.0))),
        (b"emg,x,y,z", Header(("emg", "x", "y", "z"))),
        (b"1,,2", BadRow("neither numbers nor names", 4, 1)),
        (b"1,2,3,4,5", BadRow("expected at most 4 columns", 9, 1)),
        (b"51\xff2", BadRow("not text", 4, 1)),
        (b"nan", Header(("nan",))),
        (b"0x1F", BadRow("neither numbers nor names", 4, 1)),
        (b"1_000", BadRow("neither numbers nor names", 5, 1)),
        (b"9" * 13, BadRow("neither numbers nor names", 13, 1)),
        (b"1" * 161, BadRow("no end in sight", 161, 1)),
    ],
)
def test_what_a_line_says(line: bytes, expected: Found) -> None:
    assert TextDecoder().feed(b"\n" + line + b"\n") == [expected]


def test_labels_are_told_once_and_again_when_they_change() -> None:
    found = TextDecoder().feed(b"\nemg:1,x: 2\nemg:3,x:4\nEMG:5,x:6\n")
    assert found == [
        Header(("emg", "x")),
        Row((1.0, 2.0)),
        Row((3.0, 4.0)),
        Header(("EMG", "x")),
        Row((5.0, 6.0)),
    ]


def test_the_rest_of_a_line_that_was_joined_midway_is_no_row() -> None:
    decoder = TextDecoder()
    assert decoder.feed(b"12\n512\n") == [Row((512.0,))]
    decoder.feed(b"51")
    decoder.restart()
    assert decoder.feed(b"2\n513\n") == [Row((513.0,))]


@pytest.mark.parametrize(
    ("step_s", "skipped"), [(0.001, 0), (0.15, 0), (0.25, 249), (5.0, 4999), (1e9, 0), (-3.0, 0)]
)
def test_a_step_in_a_stream_s_time_stamps_is_a_hole(step_s: float, skipped: int) -> None:
    found = LslDecoder(1000.0).feed(row_bytes(100.0, [1.0]) + row_bytes(100.0 + step_s, [2.0]))
    assert found == [Row((1.0,)), Row((2.0,), skipped)]


def test_another_outlet_s_time_stamps_are_not_compared() -> None:
    decoder = LslDecoder(1000.0)
    decoder.feed(row_bytes(100.0, [1.0]))
    decoder.restart()
    assert decoder.feed(row_bytes(105.0, [2.0])) == [Row((2.0,))]


def test_a_sample_that_is_not_a_number_is_one_lost_row() -> None:
    [first, bad, last] = LslDecoder(1000.0).feed(
        row_bytes(0.0, [1.0]) + row_bytes(0.001, [float("nan")]) + row_bytes(0.002, [2.0])
    )
    assert (first, last) == (Row((1.0,)), Row((2.0,)))
    assert isinstance(bad, BadRow)
    assert (bad.reason, bad.rows) == ("not a number", 1)


def test_packets_missing_by_the_counter_are_told() -> None:
    found = ChordsDecoder(CHANNELS).feed(packets(254, 255, 0, 5, 6))
    assert found == [
        Row((254.0, 0.0, 0.0)),
        Row((255.0, 0.0, 0.0)),
        Row((0.0, 0.0, 0.0)),
        Row((5.0, 0.0, 0.0), skipped=4),
        Row((6.0, 0.0, 0.0)),
    ]


def test_a_damaged_counter_is_no_loss() -> None:
    damaged = packet(1, 1, 0, 0) + packet(77, 2, 0, 0) + packets(3, 4)
    found = ChordsDecoder(CHANNELS).feed(damaged)
    assert [one.skipped for one in found if isinstance(one, Row)] == [0, 0, 0, 0]


def test_two_holes_in_a_row_are_two_holes() -> None:
    found = ChordsDecoder(CHANNELS).feed(packets(1, 5, 9, 10))
    assert [one.skipped for one in found if isinstance(one, Row)] == [0, 3, 3, 0]


@pytest.mark.parametrize("lost", range(packet_bytes(CHANNELS)))
def test_a_lost_byte_costs_no_more_than_two_packets(lost: int) -> None:
    data = bytearray(packets(*range(10)))
    del data[4 * packet_bytes(CHANNELS) + lost]
    decoder = ChordsDecoder(CHANNELS)
    found = decoder.feed(bytes(data))
    rows = [one for one in found if isinstance(one, Row)]
    assert len(rows) >= 8
    # Where each stands is right all the same.
    places = np.cumsum([1 + one.skipped for one in rows]) - 1
    assert [one.values[0] for one in rows] == list(map(float, places))
    assert decoder.counters.bad_rows == 1


def test_sync_bytes_in_the_middle_of_nothing_do_not_stop_it() -> None:
    """Chords-Python spins for ever on these (STYLE.md, mistakes)."""
    decoder = ChordsDecoder(CHANNELS)
    assert decoder.feed(b"xx\xc7\x7cxx") == []
    rows = [one for one in decoder.feed(packets(1, 2)) if isinstance(one, Row)]
    assert len(rows) == 2


@pytest.mark.parametrize("channels", [1, 3, 6, 16])
def test_the_number_of_channels_is_found(channels: int) -> None:
    values = [0x0101, 0x01C7, 0x7C01, *[1] * 16][:channels]
    stream = b"noise\xc7\x7c" + b"".join(packet(c, *values) for c in range(4))
    assert chords_channels(stream) == channels
    assert chords_channels(stream[: len(stream) // 2]) is None


def test_an_impossible_number_of_channels_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 1 to 16 channels, got 17"):
        ChordsDecoder(17)


@pytest.mark.parametrize(
    ("seen", "dialect"),
    [
        (b"", None),
        (b"12\n" + b"512\n" * 3, None),
        (b"12\n" + b"512\n" * 6, "text"),
        (b"boot!\n" + b"512,0.1,0.2,0.3\r\n" * 6, "text"),
        (packets(*range(5)), "chords"),
        (encode(HELLO) + encode(HelloRequest()), "crampwatch"),
        (bytes(range(256)) * 4, None),
    ],
    ids=["nothing", "too little", "numbers", "lines", "packets", "frames", "noise"],
)
def test_who_speaks_is_told_from_the_first_bytes(seen: bytes, dialect: str | None) -> None:
    assert recognise(seen) == dialect
