"""The page of now in a real browser, fed by a real broker."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from detector.broker_address import BrokerAddress
from detector.monitor_state import ContractionNow
from tests.dashboard.browsing import PATIENCE_MS, Monitor, Visit, free_port, served, visiting
from tests.dashboard.events import event, heartbeat, levels, state

pytestmark = [pytest.mark.browser, pytest.mark.broker]

EVIL = "<img src=x onerror=alert(1)>"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def second(broker: BrokerAddress) -> Iterator[Monitor]:
    monitor = Monitor(broker, "right-calf")
    yield monitor
    monitor.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, broker: BrokerAddress) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("served"), broker) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser) as visit:
        visit.page.goto(f"{address}/now")
        yield visit


def is_well(monitor: Monitor, **changes: Any) -> None:
    monitor.say_online()
    monitor.say("state", state(now(), **changes))
    monitor.say("heartbeat", heartbeat(at=now()))


def light(visit: Visit, shape: str, monitor: Monitor | None = None, **changes: Any) -> None:
    """Wait until the light has a shape, while the monitor goes on to say how it stands."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while visit.page.get_attribute(".state", "data-shape") != shape:
        assert time.monotonic() < deadline, f"no {shape}: {visit.page.inner_text('.state')}"
        if monitor:
            is_well(monitor, **changes)
        visit.page.wait_for_timeout(100)


def cramping(**changes: Any) -> ContractionNow:
    values: dict[str, Any] = {
        "event_id": "rec.7",
        "kind": "tonic",
        "alert": "cramp",
        "since": now(),
        "site": "left-calf",
        "certainty": "good",
        "confirmed": True,
        "confidence": 0.97,
        "reason": "calf tight 12 s, 6 x resting level",
    }
    return ContractionNow(**(values | changes))


def test_all_is_well_is_said_in_words(visit: Visit, monitor: Monitor) -> None:
    light(visit, "calm", monitor, usable_s=24720.0, monitored_s=27000.0, sites=("left-calf",))
    assert visit.page.inner_text("#word") == "Watching"
    assert visit.page.inner_text("#monitored") == "6 h 52 min of 7 h 30 min"
    assert visit.page.inner_text("#newest") == "just now"
    assert visit.page.title() == "Watching · crampwatch"


def test_a_cramp_comes_with_its_reason_and_stays_one(visit: Visit, monitor: Monitor) -> None:
    light(visit, "cramp", monitor, now=cramping())
    assert visit.page.inner_text("#word") == "Cramp"
    onset = now() - timedelta(seconds=12)
    for revision, phase in enumerate(("started", "updated", "updated")):
        monitor.say(
            "event",
            event(
                revision + 1,
                "rec.7",
                revision,
                phase=phase,
                onset_at=onset.isoformat(),
                reason=f"calf tight {revision} s",
            ),
        )
    visit.page.wait_for_selector("#events li[data-alert=cramp] >> text=calf tight 2 s")
    assert visit.page.locator("#events li").count() == 1
    assert "going on" in visit.page.inner_text("#events .length")
    monitor.say("event", event(4, "rec.7", 3, phase="ended", onset_at=onset.isoformat(), duration_s=42.0))
    visit.page.wait_for_selector("#events >> text=42 s")
    assert visit.page.locator("#events li").count() == 1


def test_the_envelope_moves(visit: Visit, monitor: Monitor) -> None:
    light(visit, "calm", monitor)
    for n in range(8):
        monitor.say(
            "levels", levels(rows=50, uv=300.0) | {"at": (now() - timedelta(seconds=10 - n)).isoformat()}
        )
    # Drawn in the envelope's own colour, high above the resting level.
    is_drawn = """() => {
      const canvas = document.querySelector('#envelope canvas'), ctx = canvas.getContext('2d');
      const seen = ctx.getImageData(0, 0, canvas.width, canvas.height / 2).data;
      for (let i = 0; i < seen.length; i += 4) if (seen[i + 1] > 150 && seen[i + 1] > seen[i] + 40) return true;
      return false;
    }"""
    visit.page.wait_for_function(is_drawn, timeout=PATIENCE_MS)
    # Looking at the pixels is this test's own doing.
    visit.complaints[:] = [text for text in visit.complaints if "willReadFrequently" not in text]


def test_what_comes_is_text_in_every_field(visit: Visit, monitor: Monitor) -> None:
    evil = cramping(reason=EVIL, site=EVIL, event_id=EVIL)
    light(visit, "cramp", monitor, now=evil, sites=(EVIL,), firmware=EVIL, recording=EVIL)
    assert visit.page.inner_text("#reason") == EVIL
    monitor.say(
        "event",
        event(9, "rec.9", reason=EVIL, site=EVIL, model=EVIL, sequence=EVIL, onset_at=now().isoformat()),
    )
    visit.page.wait_for_selector(f"#events .why >> text={EVIL}")
    assert visit.page.locator("main img").count() == 0


def test_silence_turns_the_light_off_by_itself(visit: Visit, monitor: Monitor) -> None:
    light(visit, "calm", monitor)
    light(visit, "off")
    assert visit.page.inner_text("#word") == "Not watching"
    assert visit.page.inner_text("#reason").startswith("No sign of life from the monitor for")
    assert visit.page.inner_text("#contact") == "not known"


def test_a_server_that_is_gone_is_said_and_one_that_is_back_is_heard(
    browser: Browser, broker: BrokerAddress, monitor: Monitor, tmp_path: Path
) -> None:
    port = free_port()
    with visiting(browser) as visit:
        with served(tmp_path, broker, port) as address:
            visit.page.goto(f"{address}/now")
            light(visit, "calm", monitor)
        visit.page.wait_for_selector("#stale", timeout=PATIENCE_MS)
        assert visit.page.get_attribute(".state", "data-shape") == "off"
        assert visit.page.inner_text("#reason").startswith("The base station has not answered for")
        with served(tmp_path, broker, port):
            light(visit, "calm", monitor)
            assert visit.page.is_hidden("#stale")
            visit.page.goto("about:blank")
        # That nobody answered in between is what was wanted.
        visit.complaints[:] = [text for text in visit.complaints if "ERR_CONNECTION_REFUSED" not in text]


def test_reduced_motion_is_kept(browser: Browser, address: str, monitor: Monitor) -> None:
    with visiting(browser, reduced_motion="reduce") as visit:
        visit.page.goto(f"{address}/now")
        light(visit, "cramp", monitor, now=cramping())
        assert (
            visit.page.evaluate("() => getComputedStyle(document.querySelector('.light')).animationName")
            == "none"
        )


def test_it_is_light_to_load_and_asks_nobody_else(browser: Browser, address: str) -> None:
    with visiting(browser) as visit:
        sizes: list[int] = []
        visit.page.on(
            "response", lambda response: sizes.append(int(response.headers.get("content-length", "0")))
        )
        visit.page.goto(f"{address}/now", wait_until="networkidle")
        assert {url.split("/")[2] for url in visit.requests} == {address.split("/")[2]}
        # uPlot is two thirds of it.
        assert 0 < sum(sizes) < 200_000


def test_a_cramp_of_another_sensor_wins_over_the_one_that_was_picked(
    visit: Visit, monitor: Monitor, second: Monitor
) -> None:
    light(visit, "calm", monitor)
    wait_for_buttons(visit, monitor, second, "Watching", "Watching")
    visit.page.click("#sensors [data-sensor=right-calf]")
    assert visit.page.inner_text("#whose") == "right-calf"
    is_well(second)
    light(visit, "cramp", monitor, now=cramping())
    assert visit.page.inner_text("#whose") == "left-calf"
    assert visit.page.title() == "Cramp · crampwatch"
    wait_for_buttons(visit, monitor, second, "Cramp", "Watching", now=cramping())
    # Over, the one that was picked is shown again; the other keeps its own light and word.
    light(visit, "calm", monitor)
    is_well(second)
    visit.page.wait_for_function("() => document.querySelector('#whose').textContent === 'right-calf'")
    wait_for_buttons(visit, monitor, second, "Muscle active", "Watching", now=cramping(alert="none"))
    assert visit.page.inner_text("#whose") == "right-calf"


def wait_for_buttons(visit: Visit, monitor: Monitor, second: Monitor, *words: str, **changes: Any) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (found := visit.page.locator("#sensors small").all_inner_texts()) != list(words):
        assert time.monotonic() < deadline, f"expected {words}, got {found}"
        is_well(monitor, **changes)
        is_well(second)
        visit.page.wait_for_timeout(100)


def test_what_was_found_says_on_which_sensor(visit: Visit, monitor: Monitor, second: Monitor) -> None:
    for seq, one in ((21, monitor), (22, second)):
        one.say("event", event(seq, f"rec.{seq}", onset_at=now().isoformat(), outbox=f"box-{seq}"))
    for name in ("left-calf", "right-calf"):
        visit.page.wait_for_selector(f"#events li >> text={name}")
