from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.edf_annotations import Annotation
from firmware_bridge.recorded_notes import (
    GAP,
    STATUS,
    Note,
    identity_text,
    is_kind,
    joined,
    link_text,
    read_identity,
    read_note,
    spelled,
    status_text,
    value_of,
)
from firmware_bridge.samples import Gap, LinkState, Mark, Scale, SensorInfo, SensorStatus

ANY_TEXT = st.text(st.characters(), max_size=200)
KIND = st.from_regex(r"[a-z][a-z -]{0,23}", fullmatch=True).filter(lambda kind: kind != "more")


@given(KIND, ANY_TEXT, st.integers(40, 200))
def test_any_text_reads_back_however_it_has_to_be_split(kind: str, text: str, limit: int) -> None:
    pieces = spelled(kind, text, limit)
    assert all(len(piece.encode()) <= limit for piece in pieces)
    assert all(ord(c) >= 0x20 and ord(c) != 0x7F for piece in pieces for c in piece)
    (whole,) = joined(Annotation(1.0, None, piece) for piece in pieces)
    assert read_note(whole.text) == Note(kind, text)


@given(st.lists(st.tuples(KIND, ANY_TEXT), max_size=6))
def test_notes_that_follow_one_another_stay_apart(notes: list[tuple[str, str]]) -> None:
    pieces = [piece for kind, text in notes for piece in spelled(kind, text, 60)]
    assert [read_note(a.text) for a in joined(Annotation(0.0, None, p) for p in pieces)] == notes


def test_a_split_text_shows_that_it_goes_on() -> None:
    assert spelled("note", "abcdefgh" * 4, 24) == ["note: abcdefghabcdefgha\\", "more: bcdefghabcdefgh"]


def test_a_bare_kind_is_just_its_name() -> None:
    assert spelled("button short", "", 100) == ["button short"]
    assert read_note("button short") == Note("button short", "")


def test_a_remark_added_with_another_program_is_a_note() -> None:
    assert read_note("Calf hurt!") == Note("note", "Calf hurt!")
    assert joined([Annotation(0.0, None, "more: orphan")])[0].text == "more: orphan"


@pytest.mark.parametrize(
    ("kind", "sound"),
    [("cue", True), ("a-b c", True), ("", False), ("Cue", False), ("x" * 25, False), ("a:b", False)],
)
def test_kinds_are_lower_case_words(kind: str, sound: bool) -> None:
    assert is_kind(kind) is sound


@given(
    st.builds(
        SensorStatus,
        index=st.integers(0, 10**9),
        battery_mv=st.none() | st.integers(0, 9999),
        lead_off=st.lists(st.booleans(), max_size=8).map(tuple),
        clipped=st.integers(0, 2**32),
        lost=st.integers(0, 2**32),
    )
)
def test_a_board_status_reads_back(status: SensorStatus) -> None:
    assert value_of(Note(STATUS, status_text(status)), status.index, 0.0, 0) == status


def test_a_damaged_status_is_at_least_seen() -> None:
    assert value_of(Note(STATUS, "battery low"), 7, 0.0, 0) == Mark(7, STATUS, "battery low")


def test_gaps_and_marks_read_back() -> None:
    assert value_of(Note(GAP, "link down"), 100, 0.05, 50) == Gap(100, 50, "link down")
    assert value_of(Note("cue", "steady"), 7, 0.5, 500) == Mark(7, "cue", "steady", 0.5)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text(max_size=20),
    st.integers(0, 2**32),
)
def test_the_sensors_words_read_back(firmware: str, hardware: str, boot: int) -> None:
    scale = Scale(-100, 100, -1, 1, "uV")
    info = SensorInfo("left-calf", 1000, 0, ("calf",), (scale,), None, firmware, hardware, boot)
    start = datetime(2026, 5, 2, tzinfo=UTC)
    assert read_identity(identity_text(info, start)) == {
        "sensor": "left-calf",
        "firmware": firmware,
        "hardware": hardware,
        "boot": str(boot),
        "start": start.isoformat(),
    }


def test_damaged_identity_words_are_left_out() -> None:
    assert read_identity("sensor=a 'never closed") == {}
    assert read_identity("sensor=a nonsense") == {"sensor": "a"}


def test_the_links_state_is_told_in_words() -> None:
    assert link_text(LinkState(up=False, reason="port gone")) == "down: port gone"
    assert link_text(LinkState(up=True, reason="back")) == "up: back"
