"""One night by the keyboard alone, in a real browser: a cramp comes, is answered, escalates, is labelled, is reported.

At two sizes, dark and light; at each stop axe finds nothing to complain of and nothing scrolls sideways.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboard.night_log import NightLog
from detector.broker_address import BrokerAddress
from tests.dashboard.browsing import PATIENCE_MS, SIDEWAYS, Monitor, axe_violations, served, visiting
from tests.dashboard.events import event, receipt
from tests.dashboard.recorded import CRAMP, NIGHT, record_night

pytestmark = [pytest.mark.browser, pytest.mark.broker]

SIZES = [(1440, 900), (390, 844)]
# Further than any list of controls here is long.
MOST_TABS = 60


@pytest.fixture
def address(tmp_path: Path, broker: BrokerAddress, monitor: Monitor) -> Iterator[str]:
    record_night(tmp_path / "nights")
    log = NightLog(tmp_path / "log.sqlite")
    log.add([event(1, "rec.1", onset_index=CRAMP[0] * 1000, duration_s=20.0)])
    log.close()
    people = tmp_path / "caregivers.toml"
    people.write_text('[[caregiver]]\nname = "Ann"\nchannels = ["json://127.0.0.1:9/"]\n')
    people.chmod(0o600)
    with served(tmp_path, broker) as address:
        monitor.heard()
        yield address


def calls(monitor: Monitor, name: str, revision: int = 0, **changes: Any) -> None:
    monitor.say_alarm(name, revision, raised_at=datetime.now(UTC).isoformat(), **changes)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(MOST_TABS):
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def is_fine(page: Page) -> None:
    assert axe_violations(page) == [], page.url
    assert page.evaluate(SIDEWAYS) <= 0, page.url


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_night_by_the_keyboard_alone(
    browser: Browser, address: str, monitor: Monitor, size: tuple[int, int], scheme: str
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    # Another alarm in each night, since the broker and its monitor are shared.
    first, second = f"left-calf.{size[0]}-{scheme}-1", f"left-calf.{size[0]}-{scheme}-2"
    with visiting(browser, viewport=viewport, color_scheme=scheme) as visit:
        page = visit.page
        page.goto(address)
        monitor.say_well(mode="guarded")
        page.wait_for_selector(".state[data-shape=calm]", timeout=PATIENCE_MS)
        is_fine(page)
        # It comes, and is answered at the bed.
        calls(monitor, first)
        page.wait_for_selector(".alarm[data-calling]", timeout=PATIENCE_MS)
        is_fine(page)
        tab_to(page, ".alarm .loud")
        page.keyboard.press("Enter")
        command = monitor.asked()
        assert (command.name, command.occurrence_id) == ("ack", first)
        calls(monitor, first, 1, stage="closed", acked_by="Sam")
        page.wait_for_selector("#alarms", state="hidden", timeout=PATIENCE_MS)
        # Nobody answers the next: the caregiver is told, and looks.
        page.goto(f"{address}/care")
        calls(monitor, second)
        monitor.say_well(mode="guarded")
        page.wait_for_selector("[data-part=next] li >> text=Ann", timeout=PATIENCE_MS)
        monitor.say("receipt", receipt(f"told.{second}", occurrence_id=second, at=datetime.now(UTC)))
        page.wait_for_selector("[data-part=told] li >> text=Ann, message: sent", timeout=PATIENCE_MS)
        is_fine(page)
        tab_to(page, "[data-part=going]")
        page.keyboard.press("Enter")
        command = monitor.asked()
        assert (command.name, command.occurrence_id) == ("going", second)
        calls(monitor, second, 1, stage="closed", acked_by="Ann")
        page.wait_for_selector("#alarms", state="hidden", timeout=PATIENCE_MS)
        # In the morning it is looked at, labelled and reported.
        page.goto(f"{address}/nights/{NIGHT}")
        visit.settle()
        page.keyboard.press("n")
        page.wait_for_selector("#detail-title", timeout=PATIENCE_MS)
        page.keyboard.press("1")
        page.wait_for_selector("#said >> text=Kept: Cramp.", timeout=PATIENCE_MS)
        page.goto(f"{address}/report/{NIGHT}.html")
        assert "1 cramp, 20 s in all" in page.inner_text(".lead")
        assert "Cramp (somebody" in page.inner_text(".events")
        is_fine(page)
        for path in ("/now", "/setup", "/trends", "/diary"):
            page.goto(address + path)
            monitor.say_well(mode="guarded")
            page.wait_for_timeout(300)
            is_fine(page)


@pytest.mark.parametrize("palette", ["red", "amber", "day"])
def test_each_colour_at_the_bed_can_be_read(
    browser: Browser, address: str, monitor: Monitor, palette: str
) -> None:
    with visiting(browser, viewport={"width": 390, "height": 844}) as visit:
        page = visit.page
        page.goto(address)
        page.evaluate("(palette) => localStorage.setItem('crampwatch-palette', palette)", palette)
        page.reload()
        monitor.say_well(mode="guarded")
        page.wait_for_selector(".state[data-shape=calm]", timeout=PATIENCE_MS)
        page.locator(".more summary").press("Enter")
        is_fine(page)
        fault = {
            "code": "NO_DATA",
            "priority": "medium",
            "since": datetime.now(UTC).isoformat(),
            "text": "Gone.",
        }
        monitor.say_well(mode="guarded", conditions=[fault])
        page.wait_for_selector(".state[data-shape=unproven]", timeout=PATIENCE_MS)
        is_fine(page)
