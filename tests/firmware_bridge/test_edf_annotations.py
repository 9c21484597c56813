from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.edf_annotations import Annotation, decode_record, duration_text, encode_tal, onset_text

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def test_a_record_says_its_time_and_its_annotations() -> None:
    raw = b"+12.5\x14\x14\x00+3\x15 0.5\x14skipped\x14\x00+13\x150.25\x14one\x14two\x14\x00-1\x14before\x14\x00\x00\x00"
    notes = decode_record(raw)
    assert notes.time_s == 12.5
    assert notes.annotations == (
        Annotation(13.0, 0.25, "one"),
        Annotation(13.0, 0.25, "two"),
        Annotation(-1.0, None, "before"),
    )
    assert notes.damaged == 1


def test_a_text_may_share_the_tal_of_the_records_time() -> None:
    notes = decode_record(b"+2\x14\x14starts\x14\x00")
    assert (notes.time_s, notes.annotations) == (2.0, (Annotation(2.0, None, "starts"),))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 20,
        b"12\x14\x14\x00",
        b"+nan\x14\x14\x00",
        b"+1e5\x14\x14\x00",
        b"+1\x14no end",
        b"+\x14\x14\x00",
    ],
)
def test_a_record_without_a_sound_time_has_none(raw: bytes) -> None:
    assert decode_record(raw).time_s is None


def test_only_the_first_tal_is_the_records_time() -> None:
    assert decode_record(b"+1\x14text\x14\x00+2\x14\x14\x00").time_s is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(raw: bytes) -> None:
    assert decode_record(raw).damaged <= raw.count(b"\x00") + 1


@given(
    st.lists(st.tuples(st.floats(-1e4, 1e9), st.floats(0, 1e9), TEXT), max_size=5),
    st.floats(0, 1e9),
)
def test_what_is_written_is_read_back(entries: list[tuple[float, float, str]], time_s: float) -> None:
    tals = [encode_tal(onset_text(onset), text, duration_text(length)) for onset, length, text in entries]
    notes = decode_record(encode_tal(onset_text(time_s), "") + b"".join(tals) + bytes(7))
    assert notes.damaged == 0
    assert notes.time_s == pytest.approx(time_s, abs=1e-6)
    for found, (onset, length, text) in zip(notes.annotations, entries, strict=True):
        assert found.onset_s == pytest.approx(onset, abs=1e-6)
        # Durations to the last bit; below a microsecond there is none.
        assert (found.duration_s or 0.0) == (length if length >= 1e-6 else 0.0)
        assert found.text == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "+0"), (3600.0, "+3600"), (-0.25, "-0.25"), (1e9, "+1000000000"), (10.0, "+10")],
)
def test_onsets_are_short_and_signed(seconds: float, text: str) -> None:
    assert onset_text(seconds) == text
