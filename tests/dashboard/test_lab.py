"""The lab: samples flow while somebody looks, in a real browser; what is bad, late or lost is said."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from detector.broker_address import BrokerAddress
from detector.waves import CHUNK_S, WaveChunk
from tests.dashboard.browsing import SIDEWAYS, Monitor, served, visiting, wait_until
from tests.dashboard.events import heartbeat, state

pytestmark = [pytest.mark.browser, pytest.mark.broker]

RATE_HZ, RATIO = 1000, 10
SAMPLES = round(CHUNK_S * RATE_HZ)
QUIET_UV, TENSE_UV = 3.0, 90.0


def chunk(sequence: int, uv: float, hum_uv: float = 0.0) -> bytes:
    first = sequence * SAMPLES
    at = (first + np.arange(SAMPLES)) / RATE_HZ
    emg = np.random.default_rng(sequence).normal(0, uv, SAMPLES) + hum_uv * np.sin(2 * np.pi * 50 * at)
    acc = np.tile(np.array([[0], [0], [1000]], np.int16), SAMPLES // RATIO)
    counts = np.round(emg * 10).astype(np.int16)[None]
    start = time.time() - CHUNK_S
    return WaveChunk(
        sequence, first, start, RATE_HZ, RATIO, True, ((0.1, 0.0), (0.001, 0.0)), counts, acc
    ).to_bytes()


class Stream:
    """Publishes samples until told to stop, as strong as is wished."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._stop = threading.Event()
        self.uv, self.hum_uv, self.lost, self.sent = QUIET_UV, 0.0, 0, 0

    def run(self) -> None:
        while not self._stop.wait(CHUNK_S):
            self.sent += 1
            if self.lost:
                self.lost -= 1
            else:
                self._monitor.show(chunk(self.sent, self.uv, self.hum_uv))

    @contextmanager
    def flowing(self) -> Iterator["Stream"]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()


@pytest.fixture
def address(tmp_path: Path, broker: BrokerAddress, monitor: Monitor) -> Iterator[str]:
    with served(tmp_path, broker) as address:
        monitor.say_online()
        monitor.say("state", state())
        monitor.say("heartbeat", heartbeat())
        yield f"{address}/lab"


def drawn(page: Page) -> int:
    return int(page.evaluate("() => document.body.dataset.drawn ?? 0"))


def reading(page: Page, name: str) -> float:
    text = page.inner_text(f"#{name}").split()[0]
    return float(text) if text[0].isdigit() else float("nan")


def test_samples_flow_while_somebody_looks_and_are_asked_for_no_longer(
    browser: Browser, address: str, monitor: Monitor
) -> None:
    with visiting(browser) as visit, Stream(monitor).flowing():
        visit.page.goto(address)
        wait_until(lambda: any(command.name == "view" for command in monitor.heard()))
        wait_until(lambda: drawn(visit.page) > 25)
        expect(visit.page.locator("#contact")).not_to_have_text("–")
        wait_until(lambda: 2 < reading(visit.page, "noise") < 4)
        visit.page.keyboard.press("f")
        expect(visit.page.locator("#lab-said")).to_have_text("Frozen. The sensor goes on.")
        before = drawn(visit.page)
        visit.page.wait_for_timeout(300)
        assert drawn(visit.page) == before
        visit.page.keyboard.press("f")
        wait_until(lambda: drawn(visit.page) > before)


def test_hum_and_loss_are_told(browser: Browser, address: str, monitor: Monitor) -> None:
    with visiting(browser) as visit, Stream(monitor).flowing() as stream:
        stream.hum_uv = 20.0
        visit.page.goto(address)
        # An amplitude of 20 µV is 14 µV RMS.
        wait_until(lambda: 13 < reading(visit.page, "mains") < 16)
        assert "50 Hz" in visit.page.inner_text("#mains")
        stream.lost = 10
        wait_until(lambda: reading(visit.page, "loss") > 0)


def test_a_squeeze_is_seen_and_its_absence_too(browser: Browser, address: str, monitor: Monitor) -> None:
    with visiting(browser) as visit, Stream(monitor).flowing() as stream:
        page = visit.page
        page.clock.install()
        page.goto(address)
        for uv, told in ((TENSE_UV, "Seen:"), (QUIET_UV, "Not seen:")):
            stream.uv = QUIET_UV
            while not 2 < reading(page, "noise") < 4:
                page.clock.run_for(500)
                page.wait_for_timeout(20)
            page.click("#squeeze")
            while "tense" not in page.inner_text("#squeeze-said"):
                page.clock.run_for(200)
                page.wait_for_timeout(20)
            stream.uv = uv
            page.wait_for_timeout(1000)
            while page.locator("#squeeze").is_disabled():
                page.clock.run_for(200)
                page.wait_for_timeout(20)
            expect(page.locator("#squeeze-said")).to_contain_text(told)


def test_bytes_that_are_no_samples_are_ignored(browser: Browser, address: str, monitor: Monitor) -> None:
    with visiting(browser) as visit, Stream(monitor).flowing():
        visit.page.goto(address)
        for payload in (b"", b"CWW1", b"\xff" * 4000, chunk(1, 3.0)[:-1]):
            monitor.show(payload)
        wait_until(lambda: drawn(visit.page) > 5)


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_scrolls_sideways_and_a_thumb_finds_everything(
    browser: Browser, address: str, width: int
) -> None:
    with visiting(browser, viewport={"width": width, "height": 844}) as visit:
        visit.page.goto(address)
        expect(visit.page.locator("#contact")).not_to_have_text("–")
        assert visit.page.evaluate(SIDEWAYS) <= 0
        small = """() => [...document.querySelectorAll('main button, main select, main a, .tick')]
          .filter((thing) => thing.offsetParent && thing.getBoundingClientRect().height < 44)
          .map((thing) => thing.outerHTML)"""
        assert visit.page.evaluate(small) == []
