from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.edf_header import EdfError, decimal_of, parse_header, signal_count
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg

SOUND = ForeignFile([emg(), *acceleration()])


def test_a_sound_header_reads_as_it_was_written() -> None:
    header = parse_header(SOUND.header())
    assert header.kind == "EDF"
    assert header.start == datetime(2026, 5, 2, 23, 4, 5)  # noqa: DTZ001 - EDF has no zone
    assert (header.records, header.record_s, header.record_bytes) == (3, Fraction(1), 2 * 1300)
    assert [signal.label for signal in header.signals] == ["EMG gastroc", "ACC X", "ACC Y", "ACC Z"]
    assert [signal.first_byte for signal in header.signals] == [0, 2000, 2200, 2400]
    assert header.warnings == ()


@pytest.mark.parametrize(
    ("bits", "plus", "kind"),
    [(16, "EDF+C", "EDF+C"), (16, "EDF+D", "EDF+D"), (24, "24BIT", "BDF"), (24, "BDF+D", "BDF+D")],
)
def test_the_kind_is_told_by_version_and_reserved_field(bits: int, plus: str, kind: str) -> None:
    header = parse_header(ForeignFile([emg()], bits=bits, plus=plus).header())
    assert header.kind == kind
    assert header.sample_bytes == bits // 8


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("records", "-1", -1),
        ("records", " 3 ", 3),
        ("record_s", "1,0", Fraction(1)),
        ("record_s", "0.5", Fraction(1, 2)),
        ("record_s", " 1.0000", Fraction(1)),
        ("record_s", b"1\x00\x00\x00", Fraction(1)),
    ],
)
def test_sloppy_numbers_are_read(field: str, text: str | bytes, expected: object) -> None:
    assert getattr(parse_header(SOUND.but(**{field: text}).header()), field) == expected


def test_an_unreadable_record_count_is_taken_as_unknown_and_said() -> None:
    header = parse_header(SOUND.but(records="many").header())
    assert header.records == -1
    assert "number of data records: expected a number, got 'many'" in header.warnings[0]


def test_a_wrong_header_size_is_said_and_the_channels_decide() -> None:
    header = parse_header(SOUND.but(header_bytes="512").header())
    assert header.size == 256 * 5
    assert "512" in header.warnings[0]


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({"recording": "Startdate X X X X"}, None),
        ({"recording": "", "date": "01.01.85", "time": "00.00.00"}, None),
        ({"recording": "", "date": "31.12.84"}, datetime(2084, 12, 31, 23, 4, 5)),  # noqa: DTZ001
        ({"recording": "", "date": "31.12.99"}, datetime(1999, 12, 31, 23, 4, 5)),  # noqa: DTZ001
        ({"recording": "", "date": "5-2-26", "time": "1:2:3"}, datetime(2026, 2, 5, 1, 2, 3)),  # noqa: DTZ001
        ({"recording": "Startdate 07-jun-2101 A B C", "date": "07.06.01"}, datetime(2101, 6, 7, 23, 4, 5)),  # noqa: DTZ001
    ],
)
def test_the_start_is_read_and_a_hidden_one_is_none(fields: dict[str, str], start: datetime | None) -> None:
    header = parse_header(SOUND.but(**fields).header())
    assert header.start == start
    assert header.warnings == ()


@pytest.mark.parametrize(
    "fields", [{"date": "today"}, {"time": "25.61.00"}, {"recording": "", "date": "31.02.26"}]
)
def test_an_impossible_start_is_none_and_said(fields: dict[str, str]) -> None:
    header = parse_header(SOUND.but(**fields).header())
    assert header.start is None
    assert "start" in header.warnings[0]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"\x89HDF\r\n", "an HDF5 file"),
        (b"time,emg\n0,1\n", "a text file that begins with 'time,emg"),
        (bytes(300), "a file of zeros"),
        (b"\xde\xad\xbe\xef" * 80, "binary data that begins with de ad be ef"),
        (SOUND.header()[:100], "cut off: expected at least 256 bytes, got 100"),
    ],
)
def test_what_is_no_edf_is_named_for_what_it_is(raw: bytes, message: str) -> None:
    with pytest.raises(EdfError, match=message):
        signal_count(raw[:256])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"signals": "0"}, "at least 1, got 0"),
        ({"signals": "-3"}, "at least 1, got -3"),
        ({"signals": "four"}, "number of channels: expected a number, got 'four'"),
        ({"signals": "9999"}, "cut off: expected 2560000 bytes for 9999 channels"),
        ({"record_s": "0"}, "duration of a data record: expected more than 0 s, got '0'"),
        ({"record_s": "-1"}, "more than 0 s"),
        ({"record_s": "nan"}, "expected a number, got 'nan'"),
        ({"record_s": "inf"}, "expected a number, got 'inf'"),
        ({"record_s": "1e-30"}, "more than 0 s"),
        ({"record_s": "1_0"}, "expected a number, got '1_0'"),
    ],
)
def test_numbers_that_place_the_samples_must_be_there(fields: dict[str, str], message: str) -> None:
    with pytest.raises(EdfError, match=message):
        parse_header(SOUND.but(**fields).header())


@pytest.mark.parametrize(
    ("samples", "message"), [("-5", "0 or more"), ("1.5", "whole number"), ("x", "a number")]
)
def test_samples_per_record_must_be_a_count(samples: str, message: str) -> None:
    raw = bytearray(SOUND.header())
    raw[256 + 4 * 216 : 256 + 4 * 216 + 8] = samples.encode().ljust(8)
    with pytest.raises(EdfError, match=f"samples per record of channel 1.*{message}"):
        parse_header(bytes(raw))


def test_a_file_without_any_samples_is_refused() -> None:
    raw = SOUND.header()
    with pytest.raises(EdfError, match="expected some in at least one channel, got none"):
        parse_header(raw[: 256 + 4 * 216] + b"0       " * 4 + raw[256 + 4 * 224 :])


@pytest.mark.parametrize("raw", [b"\xb5V", b"\xc2\xb5V", b"\xce\xbcV"])
def test_bytes_of_any_encoding_become_text(raw: bytes) -> None:
    assert parse_header(ForeignFile([emg(unit=raw)]).header()).signals[0].unit[-1] == "V"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-99, max_value=99))
def test_a_decimal_reads_back_with_point_or_comma(value: object) -> None:
    assert decimal_of(str(value), "x") == value
    assert decimal_of(f" {value} ".replace(".", ","), "x") == value


@given(st.binary(max_size=600))
def test_arbitrary_bytes_are_refused_with_words(raw: bytes) -> None:
    # A sound header of so few bytes would take a stroke of luck that hypothesis does not have.
    with pytest.raises(EdfError, match=r"\S"):
        parse_header(raw)
