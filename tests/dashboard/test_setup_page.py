"""Setting up a night in a real browser: what is missing is said, what is asked for is a command."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from crampwatch.broker import PrivateBroker
from detector.broker_address import BrokerAddress
from detector.commands import Command
from tests.dashboard.browsing import PATIENCE_MS, Monitor, Visit, served, visiting, wait_until
from tests.dashboard.events import heartbeat, state

pytestmark = [pytest.mark.browser, pytest.mark.broker]


@pytest.fixture
def visit(
    browser: Browser,
    broker: BrokerAddress,
    monitor: Monitor,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visit]:
    with (
        served(tmp_path_factory.mktemp("served"), broker) as address,
        visiting(browser, viewport={"width": 390, "height": 844}, color_scheme="light") as visit,
    ):
        monitor.heard()
        visit.page.goto(f"{address}/setup")
        yield visit


def says(monitor: Monitor, **changes: Any) -> None:
    now = datetime.now(UTC)
    monitor.say_online()
    monitor.say("state", state(now) | changes)
    monitor.say("heartbeat", heartbeat(at=now))


def asked(monitor: Monitor) -> Command:
    came: list[Command] = []

    def has_come() -> bool:
        came.extend(monitor.heard())
        return bool(came)

    wait_until(has_come)
    return came[0]


def test_what_is_missing_is_said_and_a_night_may_begin_all_the_same(visit: Visit, monitor: Monitor) -> None:
    page = visit.page
    parts = [
        {"name": "signal", "passed": True, "text": "good for 30 s of 30 s"},
        {"name": "Ann-1-ntfy", "passed": False, "text": "<img src=x onerror=alert(1)> no answer"},
    ]
    says(monitor, system="self_test", proven=False, self_test=parts)
    page.wait_for_selector("#tested li >> nth=1", timeout=PATIENCE_MS)
    assert page.locator("#tested li[data-passed]").count() == 1
    assert "no answer" in page.inner_text("#tested")
    assert page.locator("main img").count() == 0
    assert page.inner_text("#arm") == "Watch anyway, unproven"
    page.click("#arm")
    command = asked(monitor)
    assert (command.name, command.override) == ("arm", True)
    says(monitor)
    page.wait_for_selector("#arm", state="hidden", timeout=PATIENCE_MS)


def test_a_test_alarm_and_another_mode_are_asked_for(visit: Visit, monitor: Monitor) -> None:
    page = visit.page
    observing = {"nights": 5, "of": 5, "would_have": {"CRAMP": 3}, "offer": True}
    says(monitor, mode="observe", observing=observing)
    page.wait_for_selector("#observing:visible", timeout=PATIENCE_MS)
    assert page.inner_text("#observing").startswith("5 nights observed: 3 alarms would have sounded.")
    page.click("#test")
    assert asked(monitor).name == "test"
    page.click("[data-mode=guarded]")
    command = asked(monitor)
    assert (command.name, command.mode) == ("mode", "guarded")
    says(monitor, mode="guarded")
    page.wait_for_selector("[data-mode=guarded][aria-pressed=true]", timeout=PATIENCE_MS)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


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
