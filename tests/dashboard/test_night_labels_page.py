"""Labelling in a real browser: by keys alone, taken back, by two people, and of what nobody found."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.night_log import NightLog
from detector.broker_address import BrokerAddress
from tests.dashboard.browsing import Visit, served, visiting
from tests.dashboard.events import alarm, event
from tests.dashboard.recorded import CRAMP, NIGHT, START, record_night

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=alert(1)>"
BEGAN = START.timestamp()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    record_night(tmp_path / "nights")
    log = NightLog(tmp_path / "log.sqlite")
    log.add(
        [
            event(1, "rec.1", onset_index=CRAMP[0] * 1000, duration_s=float(CRAMP[1] - CRAMP[0])),
            event(2, "rec.2", onset_index=45_000, duration_s=2.0, alert="clonic", kind="clonic"),
        ],
        [alarm()],
    )
    log.close()
    with served(tmp_path, BrokerAddress("127.0.0.1", 1)) as address:
        yield f"{address}/nights/{NIGHT}"


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser) as visit:
        visit.page.goto(address)
        visit.settle()
        yield visit


def pressed(page: Page) -> str | None:
    found = page.locator("#verdicts [aria-pressed=true]")
    return found.get_attribute("data-verdict") if found.count() else None


def test_an_event_is_labelled_and_taken_back_by_keys_alone(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("n")
    expect(page.locator("#detail-title")).to_have_text("Cramp")
    page.keyboard.press("2")
    expect(page.locator("#said")).to_have_text("Kept: Spasm.")
    page.keyboard.press("1")
    expect(page.locator("#said")).to_have_text("Kept: Cramp.")
    assert pressed(page) == "cramp"
    expect(page.locator("#labelled")).to_have_text("1 of 2 labelled")
    expect(page.locator("#rows [data-id='rec.1'] .label")).to_have_text("✓ Cramp")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_have_text("Taken back.")
    assert pressed(page) == "spasm"
    page.keyboard.press("n")
    expect(page.locator("#detail-title")).to_have_text("Rhythmic contractions")
    assert pressed(page) is None
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()


def test_a_note_goes_with_the_label_and_is_only_text(visit: Visit) -> None:
    page = visit.page
    page.click("#rows tr[data-id='rec.1']")
    page.fill("#note", EVIL)
    # What is typed labels nothing.
    page.locator("#note").press("3")
    assert pressed(page) is None
    page.fill("#note", EVIL)
    page.fill("#who", EVIL)
    page.click("#verdicts [data-verdict=movement]")
    expect(page.locator("#said")).to_have_text("Kept: Movement.")
    page.reload()
    visit.settle()
    page.click("#rows tr[data-id='rec.1']")
    assert page.input_value("#note") == EVIL
    page.fill("#who", "Ben")
    page.locator("#who").press("Tab")
    expect(page.locator("#others li")).to_have_text(f"{EVIL}: Movement – {EVIL}")
    page.click("#verdicts [data-verdict=cramp]")
    expect(page.locator("#disagreed")).to_be_visible()
    expect(page.locator("#rows [data-id='rec.1'] .label")).to_have_text("≠ Movement / Cramp")


def test_what_the_alarm_did_and_what_was_measured_is_told(visit: Visit) -> None:
    visit.page.click("#rows tr[data-id='rec.1']")
    visit.page.click("#alarmed summary")
    expect(visit.page.locator("#history li")).to_contain_text(["Cramp: calling, delay over (engine)"])
    visit.page.click("#measured summary")
    expect(visit.page.locator("#measures")).to_contain_text("120 µV")


def test_what_nobody_found_is_marked_and_named(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{page.url.partition('#')[0]}#{BEGAN + 2:.3f},{BEGAN + 6:.3f}")
    page.reload()
    visit.settle()
    page.click("#draw")
    page.click("#verdicts [data-verdict=cramp]")
    row = page.locator("#rows tr", has_text="marked by somebody")
    expect(row).to_have_count(1)
    assert row.get_attribute("aria-selected") == "true"
    expect(page.locator(".lane[data-lane=cramp] i[data-drawn]")).to_have_count(1)
    page.click("#undo")
    expect(row).to_have_count(0)


def test_a_label_that_is_not_kept_is_told(visit: Visit) -> None:
    page = visit.page
    page.click("#rows tr[data-id='rec.1']")
    page.context.set_offline(offline=True)
    page.keyboard.press("1")
    expect(page.locator("#said")).to_contain_text("could not be kept")
    assert pressed(page) is None
    # The browser's own word of it.
    visit.complaints.clear()


def test_opinions_are_compared_and_disagreements_travelled(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.keyboard.press("n")
    page.keyboard.press("4")
    expect(page.locator("#said")).to_have_text("Kept: Nothing.")
    page.reload()
    visit.settle()
    page.click("#compare")
    expect(page.locator(".lane[data-lane=opinion]")).to_have_count(2)
    expect(page.locator("#differences button")).to_have_count(1)
    page.keyboard.press("d")
    visit.settle()
    start, end = visit.window()
    assert start < BEGAN + CRAMP[0] < BEGAN + CRAMP[1] < end < BEGAN + 55
    page.select_option("#second", "table")
    mine = tmp_path / "mine.tsv"
    mine.write_text("onset\tduration\ttrial_type\n20\t20\ttonic\n")
    page.set_input_files("#table-file", mine)
    page.click("#compare")
    expect(page.locator("#figures")).to_contain_text("0.67")
    page.click("#compare-clear")
    expect(page.locator(".lane[data-lane=opinion]")).to_have_count(0)
