"""Standing alarms on the page of now, in a real browser: what stands, what may be answered, and what became of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from dashboard.texts import texts_in
from detector.broker_address import BrokerAddress
from tests.dashboard.browsing import PATIENCE_MS, SIDEWAYS, Monitor, Visit, served, visiting
from tests.dashboard.events import receipt, state

pytestmark = [pytest.mark.browser, pytest.mark.broker]

EVIL = "<img src=x onerror=alert(1)>"
# What a thumb would miss, and what a sleepy one would.
SMALL = """() => [...document.querySelectorAll('button, a')]
  .filter((thing) => thing.offsetParent && !thing.matches('.skip'))
  .filter((thing) => thing.getBoundingClientRect().height < (thing.matches('.loud') ? 88 : 44))
  .map((thing) => thing.outerHTML)"""


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser) as visit:
        visit.page.goto(f"{address}/now")
        yield visit


def stands(monitor: Monitor, name: str = "left-calf.1", revision: int = 0, **changes: Any) -> None:
    """Say that all else is well and an alarm stands."""
    monitor.say_well()
    monitor.say_alarm(name, revision, **changes)


def is_shown(visit: Visit, part: str, text: str) -> None:
    visit.page.wait_for_selector(f".alarm [data-part={part}] >> text={text}", timeout=PATIENCE_MS)


def test_an_alarm_is_answered_by_one_key_and_the_page_says_by_whom(visit: Visit, monitor: Monitor) -> None:
    stands(monitor)
    is_shown(visit, "title", "Cramp · left calf")
    page = visit.page
    assert "for " in page.inner_text(".alarm .measure")
    assert "pull the toes toward the shin" in page.inner_text(".alarm .advice")
    assert page.inner_text(".alarm [data-part=who]") == texts_in()("unanswered")
    # Nothing calm is shown meanwhile, and it is spoken once, as an alert.
    assert page.get_attribute(".state", "data-shape") == "cramp"
    assert page.inner_text("[role=alert]#alarm-said").startswith("Cramp, left calf.")
    page.focus(".alarm .loud")
    page.keyboard.press("Enter")
    command = monitor.asked()
    assert (command.name, command.role, command.occurrence_id) == ("ack", "dashboard", "left-calf.1")
    stands(monitor, revision=1, stage="acked", acked_by="Ann", answer="ack")
    is_shown(visit, "who", "Answered by Ann.")
    assert page.is_hidden(".alarm .loud")
    assert page.is_hidden(".alarm .said")
    assert page.inner_text("#alarm-said") == ""
    page.click(".alarm .snooze button >> text=10 min")
    command = monitor.asked()
    assert (command.name, command.minutes) == ("snooze", 10)
    until = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    stands(monitor, revision=2, stage="snoozed", acked_by="Ann", answer="ack", until=until)
    is_shown(visit, "since", "quiet until")
    stands(monitor, revision=3, stage="closed")
    page.wait_for_selector("#alarms", state="hidden")
    page.wait_for_selector(".state[data-shape=calm]")


def test_an_answer_that_changes_nothing_is_said(visit: Visit, monitor: Monitor) -> None:
    stands(monitor)
    is_shown(visit, "going", "I'm going")
    visit.page.click(".alarm [data-part=going]")
    assert monitor.asked().name == "going"
    is_shown(visit, "said", "The monitor has not taken the answer.")


def test_a_refusal_is_said_in_its_words(visit: Visit, monitor: Monitor) -> None:
    stands(monitor)
    is_shown(visit, "ack", "I'm awake, stop the alarm")
    refusal = '{"why": "No broker answers. The alarm goes on."}'
    visit.page.route("**/api/answers", lambda route: route.fulfill(status=503, body=refusal))
    visit.page.click(".alarm .loud")
    is_shown(visit, "said", "No broker answers. The alarm goes on.")
    visit.page.unroute("**/api/answers")
    visit.page.route("**/api/answers", lambda route: route.abort())
    visit.page.click(".alarm .loud")
    is_shown(visit, "said", "The base station did not take the answer.")
    assert monitor.heard() == []
    # That the browser tells of both is what was wanted.
    visit.complaints[:] = [text for text in visit.complaints if "Failed to load resource" not in text]


def test_an_alarm_that_stood_before_the_pages_began_is_shown(
    browser: Browser, broker: BrokerAddress, monitor: Monitor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("served")
    for visits in range(2):
        with served(folder, broker) as address, visiting(browser) as visit:
            visit.page.goto(f"{address}/now")
            if visits == 0:
                stands(monitor, title=EVIL, text=EVIL, site=EVIL, acked_by=EVIL, declined=[EVIL])
            is_shown(visit, "text", EVIL)
            assert visit.page.locator("main img").count() == 0
            visit.page.goto("about:blank")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_it_fits_and_is_large_enough_to_be_met(
    browser: Browser, address: str, monitor: Monitor, width: int, scheme: str
) -> None:
    size = {"width": width, "height": 844}
    with visiting(browser, viewport=size, color_scheme=scheme, reduced_motion="reduce") as visit:
        visit.page.goto(f"{address}/now")
        stands(monitor)
        stands(monitor, "left-calf.2", code="BATTERY", kind="tech", title="Battery low", priority="low")
        visit.page.wait_for_selector(".alarm >> nth=1")
        titles = visit.page.locator(".alarm [data-part=title]").all_inner_texts()
        assert titles == ["Cramp · left calf", "Battery low · left calf"]
        assert visit.page.evaluate(SMALL) == []
        assert visit.page.evaluate(SIDEWAYS) <= 0
        assert visit.page.locator(".alarm .loud").first.bounding_box()["height"] >= 112  # type: ignore[index]
        motion = "() => document.getAnimations().length"
        assert visit.page.evaluate(motion) == 0


@pytest.mark.parametrize("code", ["CRAMP_SUSPECT", "TENSION_RISE"])
def test_a_mere_suspicion_is_no_alarm(visit: Visit, monitor: Monitor, code: str) -> None:
    stands(monitor, "left-calf.9", code=code)
    stands(monitor)
    is_shown(visit, "title", "Cramp")
    assert visit.page.locator(".alarm").count() == 1


def test_the_page_of_care_says_who_was_told_and_sends_a_name(
    browser: Browser, broker: BrokerAddress, monitor: Monitor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with visiting(browser, viewport={"width": 390, "height": 844}) as visit:
        page = visit.page
        with served(tmp_path_factory.mktemp("served"), broker) as address:
            page.goto(f"{address}/care")
            monitor.heard()
            stands(monitor)
            is_shown(visit, "title", "Cramp")
            is_shown(visit, "ack", "I've seen it, stop the alarm")
            for revision, outcome in enumerate(("sent", "failed")):
                said: dict[str, Any] = {"at": datetime.now(UTC), "outcome": outcome, "text": EVIL}
                monitor.say("receipt", receipt(revision=revision, **said))
            is_shown(visit, "told", "Ann, message: failed")
            assert page.locator(".told li").count() == 1
            assert page.locator("main img").count() == 0
            assert page.evaluate(SMALL) == []
            assert page.evaluate(SIDEWAYS) <= 0
            page.fill("#who", "Ann")
            page.click(".alarm [data-part=cannot]")
            command = monitor.asked()
            assert (command.name, command.who, command.place) == ("cannot", "Ann", "care page")
        page.wait_for_selector("#stale", timeout=PATIENCE_MS)
        assert page.inner_text("#word") == "Not watching"
        visit.complaints[:] = [text for text in visit.complaints if "ERR_CONNECTION_REFUSED" not in text]


def test_the_page_of_care_says_who_is_next_and_what_was_earlier(
    browser: Browser, broker: BrokerAddress, monitor: Monitor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("served")
    people = folder / "caregivers.toml"
    people.write_text(
        '[[caregiver]]\nname = "Ann"\nchannels = ["json://127.0.0.1:9/"]\n'
        '[[caregiver]]\nname = "Bob"\nchannels = ["json://127.0.0.1:9/"]\n'
    )
    people.chmod(0o600)
    with (
        served(folder, broker) as address,
        visiting(browser, viewport={"width": 390, "height": 844}) as visit,
    ):
        page = visit.page
        page.goto(f"{address}/care")
        page.wait_for_selector("text=Nothing has alarmed so far tonight.")
        now = datetime.now(UTC)
        stands(monitor, raised_at=now.isoformat())
        monitor.say("state", state(now, mode="guarded"))
        is_shown(visit, "next", "Ann")
        assert [line.split()[-1] for line in page.locator("[data-part=next] li").all_inner_texts()[:3]] == [
            "Ann",
            "Ann",
            "Bob",
        ]
        stands(monitor, revision=1, stage="acked", acked_by="Ann", answer="ack", raised_at=now.isoformat())
        monitor.say("state", state(now, mode="guarded"))
        page.wait_for_selector("[data-part=next]", state="hidden")
        ended = (now + timedelta(seconds=30)).isoformat()
        stands(monitor, revision=2, stage="closed", acked_by="Ann", raised_at=now.isoformat(), ended_at=ended)
        page.wait_for_selector("#earlier li >> text=Answered by Ann.", timeout=PATIENCE_MS)


def test_without_a_connection_the_app_says_that_nothing_is_watched(
    browser: Browser, broker: BrokerAddress, monitor: Monitor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with visiting(browser, viewport={"width": 390, "height": 844}) as visit:
        page = visit.page
        with served(tmp_path_factory.mktemp("served"), broker) as address:
            page.goto(f"{address}/care")
            page.evaluate("async () => { await navigator.serviceWorker.ready; }")
            manifest = page.evaluate("async () => (await fetch('/manifest.webmanifest')).json()")
            assert manifest["start_url"] == "/care"
        page.goto(f"{address}/care")
        page.wait_for_selector("text=Nothing is watched from here.")
        visit.complaints[:] = [text for text in visit.complaints if "ERR_CONNECTION_REFUSED" not in text]
