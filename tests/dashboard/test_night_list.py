"""The list of nights: every night on the same hours, read once, and as fast with 400 of them."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from dashboard.labels import Label, Labels
from dashboard.night_index import Glance, NightIndex, Span
from dashboard.night_list import listed, night_title
from dashboard.night_log import NightLog
from dashboard.night_queries import Finding
from dashboard.texts import texts_in
from tests.dashboard.events import event
from tests.dashboard.recorded import CRAMP, NIGHT, SECONDS, START, record_night

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600.0


def local(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, BERLIN)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


def glance(start: float, hours: float, name: str = "rec") -> Glance:
    return Glance((Span(name, start, start + hours * HOUR, hours * HOUR),))


def test_a_row_tells_when_what_and_how_much() -> None:
    start = at("2026-11-21T22:00")
    found = [
        Finding("rec.1", "rec", "cramp", start + HOUR, 90.0),
        Finding("rec.2", "rec", "clonic", start + 2 * HOUR, 20.0),
    ]
    told = listed(texts_in(), {NIGHT: glance(start, 8)}, found, {"rec.1"}, local)
    (row,) = told.nights
    assert (row.day, row.month, row.sensor) == ("Sat 21 to Sun 22", "November 2026", "left-calf")
    assert row.cramps == "1 cramp, 1 min 30 s"
    assert not row.is_calm
    assert row.rest == "8 h 00 min of 8 h 00 min · 1 rhythmic run · 1 to label"
    assert row.times == "22:00 – 06:00"
    assert [mark.kind for mark in row.marks] == ["recorded", "cramp", "rhythmic"]
    # From 21:00 to 08:00 is drawn: an hour is a part in eleven.
    assert row.marks[0].x == pytest.approx(100 / 11, abs=0.01)
    assert row.marks[0].width == pytest.approx(800 / 11, abs=0.01)
    assert told.lines == ((0.0, "21"), (27.27, "00"), (54.55, "03"), (81.82, "06"))


def test_a_night_is_called_by_its_two_days_in_the_households_language() -> None:
    assert night_title(texts_in(), date(2026, 11, 21)) == "Sat 21 to Sun 22 November 2026"
    assert night_title(texts_in(), date(2026, 12, 31)) == "Thu 31 December to Fri 1 January 2027"
    assert night_title(texts_in("de"), date(2026, 11, 21)) == "Sa 21 auf So 22 November 2026"


def test_a_household_that_counts_half_days_reads_no_hour_beyond_twelve() -> None:
    told = listed(texts_in("en", "12"), {NIGHT: glance(at("2026-11-21T22:00"), 8)}, [], set(), local)
    assert told.nights[0].times == "10:00 pm – 6:00 am"
    assert [hour for _, hour in told.lines] == ["9 pm", "12 am", "3 am", "6 am"]


@pytest.mark.parametrize(("evening", "hours"), [("2026-10-24", 9), ("2026-03-28", 7), ("2026-06-01", 8)])
def test_a_night_with_a_change_of_clocks_stands_on_the_walls_hours(evening: str, hours: float) -> None:
    told = listed(texts_in(), {f"{evening}_x": glance(at(f"{evening}T22:00"), hours)}, [], set(), local)
    (row,) = told.nights
    assert row.times == "22:00 – 06:00"
    assert row.marks[0].width == pytest.approx(800 / 11, abs=0.01)


def test_nights_beyond_the_usual_hours_widen_them_and_a_wrong_clock_does_not() -> None:
    names = {
        "2026-11-21_x": glance(at("2026-11-21T18:30"), 3),
        "2026-11-20_x": glance(at("2020-01-01T00:00"), 8),
    }
    told = listed(
        texts_in(), names, [Finding("a", "rec", "cramp", at("2020-01-01T01:00"), 9.0)], set(), local
    )
    assert told.lines[0][1] == "12"
    assert [mark.kind for mark in told.nights[0].marks] == ["recorded"]
    assert told.nights[1].marks == ()


def test_what_is_not_read_yet_is_said_and_not_counted_as_calm() -> None:
    (row,) = listed(texts_in(), {NIGHT: None}, [], set(), local).nights
    assert (row.cramps, row.times, row.marks) == ("", "", ())
    assert "not read yet" in row.rest


def test_the_page_lists_what_was_recorded_found_and_labelled(client: TestClient, log: NightLog) -> None:
    log.add([event(1, onset_index=CRAMP[0] * 1000, duration_s=20.0, recording_id="rec")])
    assert "1 cramp, 20 s" in client.get("/nights").text
    assert "1 to label" in client.get("/nights").text
    Labels(log.database).put(Label("a", NIGHT, "Ann", "cramp", "2026-11-22T08:00:00.000Z", "rec.1"))
    text = client.get("/nights").text
    assert "1 to label" not in text
    assert "59 s of 1 min 00 s" in text


def test_a_recording_that_cannot_be_read_is_told_on_its_row(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "nights" / NIGHT / "signal-2.edf").write_bytes(b"no recording")
    assert "a recording cannot be read" in client.get("/nights").text


def test_a_folder_of_a_day_that_never_was_is_no_night(client: TestClient, tmp_path: Path) -> None:
    for name in ("2026-02-30_left-calf", "2026-13-01_x", "0000-01-01_x"):
        (tmp_path / "nights" / name).mkdir()
        assert client.get(f"/nights/{name}").status_code == 404
        assert client.get(f"/api/nights/{name}").status_code == 404
    for address in ("/nights", "/trends", f"/report/{NIGHT}.html"):
        assert client.get(address).status_code == 200, address


def test_400_nights_come_in_pages_and_each_night_once(client: TestClient, tmp_path: Path) -> None:
    for ago in range(1, 400):
        day = datetime(2026, 11, 21, tzinfo=UTC) - timedelta(days=ago)
        (tmp_path / "nights" / f"{day:%Y-%m-%d}_left-calf").mkdir()
    seen: list[str] = []
    address = "/nights"
    while address:
        text = client.get(address).text
        seen += re.findall(r'class="night-row" href="/nights/([^"]+)"', text)
        assert len(text) < 200_000
        older = re.search(r'href="([^"]+)" rel="next"', text)
        newer = re.search(r'class="button" href="([^"]+)" rel="prev"', text)
        assert (newer is None) == (address == "/nights")
        if newer:
            assert client.get(newer[1]).text.count('class="night-row"') == 60
        address = older[1] if older else ""
    assert len(seen) == len(set(seen)) == 400
    assert seen == sorted(seen, reverse=True)


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.edf"))


def test_a_night_is_read_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    record_night(tmp_path / "nights")
    folder = tmp_path / "nights" / NIGHT

    def glances(within_s: float) -> Glance | None:
        # A new one each time, as after a restart.
        return NightIndex(tmp_path / "kept", lambda _name: files_of(folder)).glances([NIGHT], within_s)[NIGHT]

    assert glances(-1.0) is None
    first = glances(10.0)
    assert first is not None
    assert (first.recorded_s, first.seen_s) == (SECONDS, SECONDS - 1)
    assert first.spans[0].start == START.timestamp()
    # Known without any time to read.
    assert glances(-1.0) == first
    record_night(tmp_path / "nights", file="signal-2.edf", later_s=600)
    assert glances(-1.0) == first
    second = glances(10.0)
    assert second is not None
    assert len(second.spans) == 2


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"layout": 0}', json.dumps({"layout": 1, "nights": {"a": ["v", {}]}})]
)
def test_a_damaged_index_is_made_again(tmp_path: Path, damage: str) -> None:
    record_night(tmp_path / "nights")
    (tmp_path / "nights.json").write_text(damage)
    index = NightIndex(tmp_path, lambda name: files_of(tmp_path / "nights" / name))
    assert index.glances([NIGHT], 10.0)[NIGHT] is not None
    assert NIGHT in json.loads((tmp_path / "nights.json").read_text())["nights"]
