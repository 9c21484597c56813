"""The morning report: what it says, that it needs nothing else, and that it prints."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from dashboard.labels import Label, Labels, label_id
from dashboard.night_log import NightLog
from dashboard.report_pages import write_tables
from detector.guidance import VERSION
from tests.dashboard.addresses import OURS
from tests.dashboard.browsing import SIDEWAYS
from tests.dashboard.events import alarm, event
from tests.dashboard.recorded import NIGHT, START

EVIL = "<img src=x onerror=alert(1)>"
ADDRESS = f"/report/{NIGHT}.html"


def happened(log: NightLog, name: str = "rec.1", after_s: float = 20.0, **changes: Any) -> None:
    at = (START + timedelta(seconds=after_s)).isoformat()
    index = round(after_s * 1000)
    log.add([event(1, name, onset_at=at, onset_index=index, **changes)])


def test_a_quiet_night_says_so_and_when_to_ask_for_help(client: TestClient) -> None:
    text = client.get(ADDRESS).text
    assert "No cramps; monitored" in text
    assert "No cramp and no rhythmic run were found" in text
    assert "A comfort aid, not a medical device." in text
    assert VERSION in text
    assert "urgent" in text


def test_a_cramp_is_told_with_its_alarm_and_its_label(client: TestClient, log: NightLog) -> None:
    happened(log)
    raised = START + timedelta(seconds=29)
    changes: dict[str, Any] = {
        "began_at": (START + timedelta(seconds=20)).isoformat(),
        "raised_at": raised.isoformat(),
    }
    log.add(
        alarms=[
            alarm(**changes, at=raised.isoformat()),
            alarm(revision=1, acked_by="Ann", at=(START + timedelta(seconds=61)).isoformat(), **changes),
        ]
    )
    text = client.get(ADDRESS).text
    assert "1 cramp, 42 s in all" in text
    assert "Ann, after 41 s" in text
    assert "1 of these have no label yet" in text
    assert "Alarms that woke nobody, as in observe mode: 1." in text
    assert "Straighten the knee" in text
    said = Label(
        label_id("rec.1", EVIL), NIGHT, EVIL, "cramp", START.isoformat(), event_id="rec.1", note=EVIL
    )
    Labels(log.database).put(said)
    text = client.get(ADDRESS).text
    assert "no label yet" not in text
    assert EVIL not in text


def test_it_lists_what_the_diary_knows_for_a_doctor(client: TestClient) -> None:
    said = {"diuretic": "yes", "kidney": "no", "medicines": ["Tablet A 5 mg", EVIL]}
    client.post("/api/profile", json=said, headers=OURS)
    text = client.get(ADDRESS).text
    assert "A diuretic (water tablet)" in text
    assert "Kidney" not in text
    assert "Tablet A 5 mg" in text
    assert EVIL not in text


def test_it_needs_nothing_but_itself(client: TestClient) -> None:
    answer = client.get(ADDRESS)
    assert "<script" not in answer.text
    assert re.findall(r"(?:src|href)=\"(?!data:)|url\(", answer.text) == []
    assert "'sha256-" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert client.get("/report/2001-01-01_nobody.html").status_code == 404
    assert client.get("/report/..%2f..%2flog.html").status_code == 404


def test_the_tables_have_units_and_no_formulas(client: TestClient, log: NightLog, tmp_path: Path) -> None:
    happened(log, "=HYPERLINK(1)")
    day = re.search(r'data-day="([\d-]+)"', client.get("/diary").text)
    assert day is not None
    client.post(f"/api/diary/{day[1]}", json={"note": "=1+1"}, headers=OURS)
    cramps = list(csv.DictReader(io.StringIO(client.get("/api/tables/cramps.csv").text)))
    assert cramps[0]["event_id"] == "'=HYPERLINK(1)"
    assert cramps[0]["duration_s"] == "42.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", cramps[0]["onset"])
    assert "'=1+1" in client.get("/api/tables/diary.csv").text
    assert client.get("/api/tables/secrets.csv").status_code == 404
    (nights,) = csv.DictReader(io.StringIO(client.get("/api/tables/nights.csv").text))
    assert nights["recorded_s"] == "60"
    assert [path.name for path in write_tables({"a.csv": "x\r\n"}, tmp_path / "new")] == ["a.csv"]


@pytest.fixture
def paper(browser: Browser, client: TestClient, log: NightLog, tmp_path: Path) -> Path:
    for number in range(12):
        happened(log, f"rec.{number}", 20.0 + number, reason=EVIL)
    (tmp_path / "report.html").write_text(client.get(ADDRESS).text, encoding="utf-8")
    return tmp_path / "report.html"


@pytest.mark.browser
def test_it_prints_to_a_few_pages_and_fits_a_phone(browser: Browser, paper: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    try:
        page.goto(paper.as_uri())
        assert page.evaluate(SIDEWAYS) <= 0
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        sheets = len(re.findall(rb"/Type\s*/Page[^s]", printed))
        assert 1 <= sheets <= 4
        # A4 in points, upright.
        assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12]", printed)
    finally:
        page.close()
