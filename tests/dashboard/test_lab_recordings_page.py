"""Recordings of the lab in a real browser: sent, looked through, zoomed by keys, held against a truth."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from detector.broker_address import BrokerAddress
from tests.dashboard.browsing import SIDEWAYS, served, visiting
from tests.dashboard.recorded import CRAMP, record_night

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000
SMALL = """() => [...document.querySelectorAll('main button, main select, main a, main input')]
  .filter((thing) => thing.offsetParent && thing.getBoundingClientRect().height < 44)
  .map((thing) => thing.outerHTML)"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    record_night(tmp_path / "nights")
    with served(tmp_path, BrokerAddress("127.0.0.1", 1)) as address:
        yield f"{address}/lab/recordings"


def test_a_file_is_sent_looked_through_and_held_against_a_truth(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    mine = record_night(tmp_path / "mine").rename(tmp_path / "<b>mine.edf")
    truth = tmp_path / "mine_truth.tsv"
    truth.write_text(f"onset\tduration\ttrial_type\n{CRAMP[0]}\t{CRAMP[1] - CRAMP[0]}\ttonic\n")
    with visiting(browser) as visit:
        page = visit.page
        page.goto(address)
        page.set_input_files("#file", mine)
        page.click("#open-file button")
        expect(page.locator("h1")).to_have_text("<b>mine.edf")
        visit.settle()
        expect(page.locator("#seen")).to_be_hidden()
        page.click("#run")
        expect(page.locator("#job-said")).to_contain_text("events found", timeout=PATIENCE_MS)
        visit.settle()
        expect(page.locator("#probabilities canvas")).to_be_visible()
        page.select_option("#feature", "median_hz")
        visit.settle()
        start, end = visit.window()
        page.keyboard.press("+")
        visit.settle()
        closer = visit.window()
        assert closer[1] - closer[0] == pytest.approx((end - start) / 2)
        page.set_input_files("#truth-file", truth)
        page.click("#truth button")
        expect(page.locator("#scores h3")).to_have_text(["Cramps", "Rhythmic runs", "Either"])
        expect(page.locator(".lane[data-lane=opinion]")).to_have_count(2)
        page.click("#remove")
        expect(page.locator("text=Nothing is open.")).to_be_visible()


def test_a_file_that_is_none_is_refused_in_words(browser: Browser, address: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.edf"
    bad.write_text("<img src=x onerror=alert(1)>" * 100)
    with visiting(browser) as visit:
        visit.page.goto(address)
        visit.page.set_input_files("#file", bad)
        visit.page.click("#open-file button")
        expect(visit.page.locator("#shelf-said")).to_contain_text("no recording that can be used")
        # The browser's own word of the refusal.
        visit.complaints.clear()


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_scrolls_sideways_and_a_thumb_finds_everything(
    browser: Browser, address: str, width: int
) -> None:
    with visiting(browser, viewport={"width": width, "height": 844}, color_scheme="light") as visit:
        page = visit.page
        page.goto(address)
        for _ in range(2):
            assert page.evaluate(SIDEWAYS) <= 0
            assert page.evaluate(SMALL) == []
            if page.locator("#open-night").count():
                page.click("#open-night button")
                page.wait_for_url("**/lab/recordings/*")
                visit.settle()
