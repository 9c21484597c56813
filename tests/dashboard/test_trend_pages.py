"""Trends and the diary: what they say in words and pictures, and how they bear what they are sent."""

import re
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dashboard.before_cramps import before_rows
from dashboard.chances import difference
from dashboard.diary import Association
from dashboard.evenings import Cramp, Evening
from dashboard.svg import Picture
from dashboard.texts import texts_in
from dashboard.trend_pages import answered, association_row, sentence
from dashboard.trend_pictures import lengths, raster, strengths, weeks
from detector.types import Before
from tests.dashboard.addresses import OURS

T = texts_in()
EVIL = "<img src=x onerror=alert(1)>"
HOUR = 3600.0
BEFORE = Before(
    seen_s=600.0,
    earlier_s=HOUR,
    still_s=100.0,
    turns=1,
    turns_earlier_per_h=4.0,
    turned_deg=None,
    moved_share=0.05,
    moved_share_earlier=0.03,
    tense_share=0.0,
    tense_share_earlier=None,
    tense_share_last_minute=None,
)


def local(at: float) -> datetime:
    return datetime.fromtimestamp(at).astimezone()


def night(day: date, onsets_h: tuple[float, ...] = (), usable_h: float = 8.0, **of_cramps: Any) -> Evening:
    start = datetime(day.year, day.month, day.day, 22).astimezone().timestamp()
    cramps = tuple(Cramp(f"{day}.{n}", start + h * HOUR, 30.0, **of_cramps) for n, h in enumerate(onsets_h))
    return Evening(day, (f"{day}_left-calf",), ((start, start + 8 * HOUR),), usable_h * HOUR, cramps)


def shapes(picture: Picture, kind: str) -> list[ET.Element]:
    return [one for one in ET.fromstring(picture.markup()).iter() if one.get("class") == kind]


FIRST = date(2026, 9, 7)


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.lists(st.floats(0, 8), max_size=4)),
        max_size=12,
        unique_by=lambda x: x[0],
    ),
    st.sampled_from([360.0, 880.0]),
)
def test_every_cramp_is_drawn_inside_its_picture(told: list[tuple[int, list[float]]], width: float) -> None:
    nights = [
        night(FIRST + timedelta(days=day), tuple(onsets), times_resting=5.0) for day, onsets in sorted(told)
    ]
    count = sum(len(one.cramps) for one in nights)
    for picture in (raster(T, nights, local, width), lengths(T, nights, width)):
        drawn = shapes(picture, "cramp")
        assert len(drawn) == count
        for one in drawn:
            x = float(one.get("x") or one.get("cx") or "nan")
            assert 0 <= x <= width
    assert len(shapes(strengths(T, nights, width), "cramp")) == count
    assert len(shapes(weeks(T, nights, width), "night")) == len(nights)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Pacific/Apia"])
def test_a_night_of_twenty_five_hours_keeps_its_place_on_the_clock(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        # Daylight saving ended in the night of 24 October in Europe, of 31 October in America.
        for day in (date(2026, 10, 24), date(2026, 10, 31), date(2026, 3, 28)):
            marks = shapes(raster(T, [night(day, (0.5, 5.0))], local, 880.0), "cramp")
            places = [float(mark.get("x", "nan")) for mark in marks]
            assert places == sorted(places)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_hostile_word_is_a_word_in_a_picture() -> None:
    picture = Picture(10, 10, EVIL)
    picture.rect(0, 0, 1, 1, "cramp", EVIL)
    picture.text(0, 0, EVIL)
    assert "<img" not in picture.markup()
    root = ET.fromstring(picture.markup())
    assert [one.text for one in root.iter() if one.text] == [EVIL, EVIL]


def test_the_first_sentence_has_its_interval_and_leaves_out_what_was_hardly_seen() -> None:
    nights = [night(FIRST + timedelta(days=day), (1.0,) * (day % 2)) for day in range(10)]
    assert sentence(T, nights).startswith("5 cramps in 10 nights: 0.50 a night (95 % interval ")
    assert sentence(T, [*nights, night(FIRST, (1.0,) * 9, usable_h=3.0)]) == sentence(T, nights)
    assert sentence(T, []) == "No night with enough usable signal has been recorded yet."


def test_an_association_says_its_nights_and_never_a_cause() -> None:
    found = difference([1.0] * 12, [0.0, 1.0] * 15)
    told = association_row(T, Association("alcohol", found, 12, 30))
    assert told["told"].startswith("12 nights with, 30 without: 1.0 vs 0.5 cramps a night")
    assert "Not a cause." in told["told"]
    few = association_row(T, Association("alcohol", None, 6, 30))
    assert few["verdict"] == "few"
    assert "too few" in few["told"]


def test_what_went_before_is_compared_from_eight_cramps_on() -> None:
    nights = [night(FIRST + timedelta(days=day), (1.0,), before=BEFORE) for day in range(8)]
    rows = {row["name"]: row for row in before_rows(T, nights)}
    assert rows["Time in movement"]["lately"] == "5.0 %"
    assert rows["Turn-overs"]["lately"] == "6.0 /h"
    assert before_rows(T, nights[:7]) == []


def test_answers_are_told_with_how_many_were_asked() -> None:
    nights = [night(FIRST, (1.0, 2.0), answered_s=40.0), night(FIRST + timedelta(days=1), (1.0,))]
    assert answered(T, nights) == "2 of 3 cramps' alarms were answered, half of them within 40 s."


def test_the_pages_open_on_a_household_of_one_short_night(client: TestClient) -> None:
    trends, diary = client.get("/trends"), client.get("/diary")
    assert trends.status_code == diary.status_code == 200
    assert "No night with enough usable signal" in trends.text
    assert "suspected, never known" in diary.text
    assert client.get("/diary?date=2199-01-01").status_code == 404
    assert client.get("/diary?date=yesterday").status_code == 404


def _tonight(client: TestClient) -> str:
    found = re.search(r'data-day="([\d-]+)"', client.get("/diary").text)
    assert found is not None
    return found[1]


def test_an_evening_is_kept_undone_and_never_runs(client: TestClient) -> None:
    day = _tonight(client)
    kept = client.post(f"/api/diary/{day}", json={"alcohol": "yes", "note": EVIL}, headers=OURS)
    assert kept.json() == {"answers": {"alcohol": "yes", "note": EVIL}}
    assert EVIL not in client.get("/diary").text
    assert client.post(f"/api/diary/{day}/undo", json={}, headers=OURS).json() == {"answers": {}}
    refused: list[Any] = [{"alcohol": "perhaps"}, [], {"note": 7}, {"note": "x" * 2000}]
    for wrong in refused:
        assert client.post(f"/api/diary/{day}", json=wrong, headers=OURS).status_code == 400, wrong
    assert client.post(f"/api/diary/{day}", content=b"{" * 100_000, headers=OURS).status_code == 400
    assert client.post("/api/diary/2199-01-01", json={}, headers=OURS).status_code == 404


def test_what_lasts_is_kept(client: TestClient, tmp_path: Path) -> None:
    said = {"diuretic": "yes", "medicines": ["one", ""], "stretch_trial": _tonight(client)}
    assert client.post("/api/profile", json=said, headers=OURS).json()["answers"]["medicines"] == ["one"]
    assert "This week is O" in client.get("/diary").text
