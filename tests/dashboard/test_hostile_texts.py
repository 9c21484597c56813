"""Fifty hostile texts in every stored field that a page shows: in real Chromium they are text and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from dashboard.database import Database
from dashboard.diary_store import DiaryStore
from dashboard.labels import LONGEST_NAME, Label, Labels, label_id
from dashboard.night_log import NightLog
from detector.broker_address import BrokerAddress
from detector.messages import iso
from tests.dashboard.browsing import Monitor, Visit, served, visiting
from tests.dashboard.events import alarm, event, heartbeat, receipt, state
from tests.dashboard.payloads import PAYLOADS
from tests.dashboard.recorded import NIGHT, START, record_night

# What the broker's messages may hold of a name.
_LONGEST_SITE = 32


def an_event(number: int, payload: str, recording: str, onset: datetime) -> dict[str, Any]:
    told = event(number + 1, f"{recording}.{number}", reason=payload, model=payload, duration_s=0.5)
    placed = {"recording_id": recording, "onset_index": 1000 * number, "decided_index": 1000 * number}
    return told | placed | {"onset_at": iso(onset), "site": payload[:_LONGEST_SITE], "outbox": recording}


def fill(folder: Path) -> None:
    """Write every text into every field of the log."""
    database = Database(folder / "log.sqlite")
    now = datetime.now(UTC)
    then = [START + timedelta(seconds=number) for number in range(len(PAYLOADS))]
    nights = [an_event(n, text, "rec", then[n]) for n, text in enumerate(PAYLOADS)]
    lately = [an_event(n, text, "now", now - timedelta(minutes=n)) for n, text in enumerate(PAYLOADS)]
    alarms = [
        alarm(f"left-calf.{n}", title=text, text=text, why=text, who=text, acked_by=text, event_id=f"rec.{n}")
        for n, text in enumerate(PAYLOADS)
    ]
    told = [
        receipt(f"told.{n}", occurrence_id=f"left-calf.{n}", person=text, text=text)
        for n, text in enumerate(PAYLOADS)
    ]
    NightLog(database).add([*nights, *lately], alarms, told)
    labels, diary = Labels(database), DiaryStore(database)
    for n, text in enumerate(PAYLOADS):
        by, of = text[:LONGEST_NAME], f"rec.{n}"
        labels.put(Label(label_id(of, by), NIGHT, by, "cramp", iso(then[n]), event_id=of, note=text))
        day = (START - timedelta(days=n)).date().isoformat()
        diary.put(day, {"note": text, "alcohol": "yes"}, at=iso(now))
        diary.put((now.astimezone() - timedelta(days=n)).date().isoformat(), {"note": text}, at=iso(now))
    diary.put_profile({"medicines": [text[:120] for text in PAYLOADS[:40]]}, at=iso(now))
    database.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, broker: BrokerAddress) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile")
    record_night(folder / "nights")
    fill(folder)
    with served(folder, broker) as address:
        yield address


def check(visit: Visit) -> None:
    assert visit.page.evaluate("window.ran") is None
    assert "evil.example" not in " ".join(visit.requests)
    assert visit.page.locator("main script, main iframe, main object, main embed, main style").count() == 0


def seen(visit: Visit, least: int, within: str = "body") -> None:
    """Wait until that many of the texts stand on the page as they were written."""
    visit.page.wait_for_function(
        """([within, texts, least]) => {
          const textOf = (one) => `${one.textContent}\\n${one.value ?? ""}`;
          const all = [...document.querySelectorAll(within)].map(textOf).join("\\n");
          return texts.filter((text) => all.includes(text)).length >= least;
        }""",
        arg=[within, list(PAYLOADS), least],
    )


@pytest.mark.browser
def test_on_the_page_of_a_night_with_its_labels_and_its_events_in_full(
    browser: Browser, address: str
) -> None:
    with visiting(browser) as visit:
        visit.page.goto(f"{address}/nights/{NIGHT}")
        visit.settle()
        seen(visit, len(PAYLOADS))
        for _ in range(8):
            visit.page.keyboard.press("n")
            visit.settle()
        check(visit)
        visit.page.goto(f"{address}/nights")
        check(visit)


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", "/now", "/care"])
def test_on_the_pages_of_how_things_stand(
    browser: Browser, address: str, broker: BrokerAddress, path: str
) -> None:
    monitor = Monitor(broker)
    try:
        with visiting(browser) as visit:
            visit.page.goto(f"{address}{path}")
            monitor.say_online()
            for text in PAYLOADS:
                now = datetime.now(UTC)
                monitor.say(
                    "state", state(now) | {"kind": "tonic", "reason": text, "site": text[:_LONGEST_SITE]}
                )
                monitor.say("heartbeat", heartbeat(at=now))
            # The alarms that stand, or those that are shown of them.
            seen(visit, 1)
            check(visit)
    finally:
        monitor.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/trends", "/diary", "/lab", "/setup", f"/report/{NIGHT}.html"])
def test_on_the_pages_of_the_day(browser: Browser, address: str, path: str) -> None:
    with visiting(browser) as visit:
        answer = visit.page.goto(f"{address}{path}")
        assert answer is not None
        assert answer.status == 200
        if path == "/diary":
            seen(visit, 2, "body, textarea, input")
        assert visit.page.evaluate("window.ran") is None
        assert "evil.example" not in " ".join(visit.requests)


@pytest.mark.browser
def test_folders_that_are_no_nights_are_neither_listed_nor_opened(
    browser: Browser, broker: BrokerAddress, tmp_path: Path
) -> None:
    record_night(tmp_path / "nights")
    names = ("<script>window.ran=1<", "2026-11-21_<script>", "2026-11-21_a&b", "2026-11-21_A", "x" * 200)
    for name in names:
        (tmp_path / "nights" / name).mkdir()
    with served(tmp_path, broker) as address, visiting(browser) as visit:
        visit.page.goto(f"{address}/nights")
        assert visit.page.locator("a[href*='/nights/']").count() >= 1
        for name in names:
            assert visit.page.get_by_text(name).count() == 0, name
            answer = visit.page.request.get(f"{address}/nights/{quote(name)}")
            assert answer.status == 404, name
        check(visit)
