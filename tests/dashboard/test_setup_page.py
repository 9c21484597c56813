"""Setting up a night in a real browser: what is missing is said, what is asked for is a command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from crampwatch.broker import PrivateBroker
from tests.dashboard.browsing import PATIENCE_MS, SIDEWAYS, Monitor, Visit, served, visiting

pytestmark = [pytest.mark.browser, pytest.mark.broker]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser, viewport={"width": 390, "height": 844}, color_scheme="light") as visit:
        visit.page.goto(f"{address}/setup")
        yield visit


def test_what_is_missing_is_said_and_a_night_may_begin_all_the_same(visit: Visit, monitor: Monitor) -> None:
    page = visit.page
    parts = [
        {"name": "signal", "passed": True, "text": "good for 30 s of 30 s"},
        {"name": "Ann-1-ntfy", "passed": False, "text": "<img src=x onerror=alert(1)> no answer"},
    ]
    monitor.say_well(system="self_test", proven=False, self_test=parts)
    page.wait_for_selector("#tested li >> nth=1", timeout=PATIENCE_MS)
    assert page.locator("#tested li[data-passed]").count() == 1
    assert "no answer" in page.inner_text("#tested")
    assert page.locator("main img").count() == 0
    assert page.inner_text("#arm") == "Watch anyway, unproven"
    page.click("#arm")
    command = monitor.asked()
    assert (command.name, command.override) == ("arm", True)
    monitor.say_well()
    page.wait_for_selector("#arm", state="hidden", timeout=PATIENCE_MS)


def test_a_test_alarm_and_another_mode_are_asked_for(visit: Visit, monitor: Monitor) -> None:
    page = visit.page
    observing = {"nights": 5, "of": 5, "would_have": {"CRAMP": 3}, "offer": True}
    monitor.say_well(mode="observe", observing=observing)
    page.wait_for_selector("#observing:visible", timeout=PATIENCE_MS)
    assert page.inner_text("#observing").startswith("5 nights observed: 3 alarms would have sounded.")
    page.click("#test")
    assert monitor.asked().name == "test"
    page.click("[data-mode=guarded]")
    command = monitor.asked()
    assert (command.name, command.mode) == ("mode", "guarded")
    monitor.say_well(mode="guarded")
    page.wait_for_selector("[data-mode=guarded][aria-pressed=true]", timeout=PATIENCE_MS)
    assert page.evaluate(SIDEWAYS) <= 0


def test_without_a_sensor_nothing_can_be_asked_for(browser: Browser, tmp_path: Path) -> None:
    with (
        PrivateBroker(tmp_path / "broker") as own,
        served(tmp_path / "served", own.address) as address,
        visiting(browser) as visit,
    ):
        visit.page.goto(f"{address}/setup")
        visit.page.wait_for_selector("text=No sensor is heard.", timeout=PATIENCE_MS)
        assert visit.page.is_disabled("#test")
        assert visit.page.is_hidden("#arm")
