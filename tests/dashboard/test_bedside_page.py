"""The page by the bed in a real browser: dark and calm, one huge button when it matters, honest about this screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboard.browsing import PATIENCE_MS, SIDEWAYS, Monitor, Visit, visiting

pytestmark = [pytest.mark.browser, pytest.mark.broker]

SMALL = """() => [...document.querySelectorAll('button, a, summary')]
  .filter((thing) => thing.offsetParent && !thing.matches('.skip') && thing.getBoundingClientRect().left >= 0)
  .filter((thing) => thing.getBoundingClientRect().height < 44).map((thing) => thing.outerHTML)"""


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser, viewport={"width": 390, "height": 844}) as visit:
        visit.page.goto(address)
        yield visit


def test_it_is_calm_and_shines_little(visit: Visit, monitor: Monitor) -> None:
    monitor.say_well()
    page = visit.page
    page.wait_for_selector(".state[data-shape=calm]", timeout=PATIENCE_MS)
    assert page.inner_text("#word") == "Watching"
    assert ":" in page.inner_text("#clock")
    assert "canvas" not in page.content()
    assert page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor") == "rgb(0, 0, 0)"
    assert "The night is watched." in page.inner_text("#watch")
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(SMALL) == []


def test_an_alarm_is_stopped_with_one_huge_button(visit: Visit, monitor: Monitor) -> None:
    monitor.say_well()
    monitor.say_alarm()
    page = visit.page
    page.wait_for_selector(".alarm[data-calling]", timeout=PATIENCE_MS)
    box = page.locator(".alarm .loud").bounding_box()
    assert box is not None
    assert box["height"] >= 112
    assert box["width"] >= 195
    assert page.inner_text(".alarm .loud") == "I'm awake, stop the alarm"
    assert not page.is_visible(".screen")
    page.click(".alarm .loud")
    assert monitor.asked().name == "ack"
    monitor.say_alarm(revision=1, stage="acked", acked_by="Ann", answer="ack")
    page.wait_for_selector(".alarm:not([data-calling])", timeout=PATIENCE_MS)


def test_quiet_is_held_for_and_never_tapped(visit: Visit, monitor: Monitor) -> None:
    monitor.say_well()
    monitor.say_alarm()
    page = visit.page
    hush = ".alarm .hold"
    page.wait_for_selector(hush, timeout=PATIENCE_MS)
    page.click(hush)
    assert monitor.heard() == []
    page.click(hush, delay=1700)
    command = monitor.asked()
    assert (command.name, command.minutes) == ("snooze", 30)
    # By the keyboard: twice, since a key cannot slip.
    page.focus(hush)
    page.keyboard.press("Enter")
    assert page.inner_text(hush) == "Press again to confirm"
    page.keyboard.press("Enter")
    assert monitor.asked().name == "snooze"


def test_who_merely_observes_is_not_called(visit: Visit, monitor: Monitor) -> None:
    monitor.say_well(mode="observe")
    monitor.say_alarm()
    visit.page.wait_for_selector(".alarm", timeout=PATIENCE_MS)
    assert visit.page.locator(".alarm[data-calling]").count() == 0
    assert not visit.page.is_visible(".alarm .loud")
    assert "would have alarmed" in visit.page.inner_text(".alarm")
    monitor.say_alarm("left-calf.2", code="HELP", title="Help is called", priority="high")
    visit.page.wait_for_selector(".alarm[data-calling]", timeout=PATIENCE_MS)


def test_a_night_that_is_not_proven_is_begun_knowingly(visit: Visit, monitor: Monitor) -> None:
    monitor.say_well(system="self_test", proven=False)
    page = visit.page
    page.wait_for_selector("#arm:visible", timeout=PATIENCE_MS)
    assert page.inner_text("#arm") == "Watch anyway, unproven"
    page.click("#arm")
    command = monitor.asked()
    assert (command.name, command.override) == ("arm", True)
    monitor.say_well()
    page.wait_for_selector("#arm", state="hidden", timeout=PATIENCE_MS)
    page.click(".more summary")
    page.click("#standby")
    command = monitor.asked()
    assert (command.name, command.minutes) == ("standby", 60)


def test_it_says_what_this_screen_cannot_do(browser: Browser, address: str, monitor: Monitor) -> None:
    monitor.say_well()
    with visiting(browser, viewport={"width": 390, "height": 844}) as visit:
        page = visit.page
        page.add_init_script("delete Navigator.prototype.wakeLock;")
        page.goto(address)
        page.click("#begin")
        page.wait_for_selector("#screen li", timeout=PATIENCE_MS)
        texts = page.locator("#screen li").all_inner_texts()
        assert any("This screen may go dark: no secure connection." in text for text in texts)
        page.evaluate("() => document.exitFullscreen?.().catch(() => {})")


def test_the_colour_that_was_chosen_is_kept(visit: Visit) -> None:
    page = visit.page
    page.click(".more summary")
    page.click("[data-choose=amber]")
    page.reload()
    assert page.get_attribute("html", "data-palette") == "amber"
    page.click(".more summary")
    assert page.get_attribute("[data-choose=amber]", "aria-pressed") == "true"


def _counts(page: Page) -> dict[str, float]:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    found: dict[str, float] = session.send("Memory.getDOMCounters")
    session.detach()
    return found


def test_a_long_night_leaves_nothing_behind(visit: Visit, monitor: Monitor) -> None:
    page = visit.page
    rounds = 12

    def night(first: int) -> None:
        for number in range(first, first + rounds):
            monitor.say_well()
            monitor.say_alarm(f"left-calf.{number}")
            # A locator, since a handle would keep the element that it found.
            page.locator(f"[data-id='left-calf.{number}']").wait_for(timeout=PATIENCE_MS)
            monitor.say_alarm(f"left-calf.{number}", 1, stage="closed")
            page.locator("#alarms").wait_for(state="hidden", timeout=PATIENCE_MS)

    night(10)
    before = _counts(page)
    night(100)
    after = _counts(page)
    # A leaked card has more than forty nodes and a dozen listeners.
    assert after["nodes"] - before["nodes"] < 40
    assert after["jsEventListeners"] - before["jsEventListeners"] < 12
