"""What the live pages take, measured on the demonstration and on a monitor that says what a figure needs."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.benchmarks.page_figures import Figure, _answers, cpu_share, opened, rss_mb
from tests.dashboard.browsing import Monitor, free_port, wait_until
from tests.dashboard.events import heartbeat, state

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_SETTLE_MS, _MEASURE_MS, _SOAK_MS = 6_000, 10_000, 60_000
VIEWERS = 20
_HEAP = "() => performance.memory ? performance.memory.usedJSHeapSize / 1e6 : 0"


def viewers(address: str, process: int) -> Figure:
    """Return the server's memory with twenty pages open."""
    with ExitStack() as stack:
        for _ in range(VIEWERS):
            socket = stack.enter_context(
                connect(address.replace("http", "ws") + "/ws/live", origin=Origin(address))
            )
            socket.recv()
        return Figure(f"server's memory, {VIEWERS} viewers", "MB", (rss_mb(process),), (120.0,))


def reactions(browser: Browser, address: str, monitor: Monitor) -> Figure:
    """Return how soon a change of state is on the page by the bed, the worst of ten."""
    times = []
    with opened(browser, 390, 844) as (page, _):
        page.goto(address)
        for turn in range(10):
            now, word = datetime.now(UTC), f"calf tight, turn {turn}"
            told = {
                "alert": "cramp",
                "kind": "tonic",
                "cramp": "ON",
                "reason": word,
                "since": now.isoformat(),
            }
            monitor.say_online()
            monitor.say("heartbeat", heartbeat(at=now))
            page.wait_for_timeout(300)
            before_s = time.perf_counter()
            monitor.say("state", state(now) | told)
            page.get_by_text(word).first.wait_for(timeout=5000)
            times.append(time.perf_counter() - before_s)
    return Figure("change of state to page by the bed, worst of 10", "s", (max(times),), (0.5,))


@contextmanager
def demonstration(folder: Path) -> Iterator[tuple[str, int]]:
    """Run the demonstration; yield its address and the process of its pages."""
    port = free_port()
    command = [sys.executable, "-m", "crampwatch", "demo", "--no-browser", "--port", str(port)]
    demo = subprocess.Popen([*command, "--folder", str(folder)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(port), turn_s=0.2)
        yield f"http://127.0.0.1:{port}", _child(demo.pid, "dashboard")
    finally:
        demo.terminate()
        demo.wait()


def live(browser: Browser, address: str, pages: int) -> list[Figure]:
    """Return what the live signals and the page by the bed take, of server and browser."""
    with opened(browser, 1440, 900) as (page, _):
        page.goto(f"{address}/lab")
        page.wait_for_timeout(_SETTLE_MS)
        drawn = cpu_share(_browsers, lambda: page.wait_for_timeout(_MEASURE_MS))
        served = cpu_share(lambda: [pages], lambda: page.wait_for_timeout(_MEASURE_MS))
        texts = page.locator("main").inner_text()
        lag = _after(texts, "Delay")
        frames = _after(texts, "Pictures")
        before = page.evaluate(_HEAP)
        page.wait_for_timeout(_SOAK_MS)
        grown = max(0.0, page.evaluate(_HEAP) - before)
    with opened(browser, 1440, 900) as (page, _):
        page.goto(address)
        page.wait_for_timeout(_SETTLE_MS)
        bed = cpu_share(_browsers, lambda: page.wait_for_timeout(_MEASURE_MS))
        bed_served = cpu_share(lambda: [pages], lambda: page.wait_for_timeout(_MEASURE_MS))
    return [
        Figure("live signals, pictures a second", "1/s", (frames,), (20.0,), at_least=True),
        Figure(
            "live signals, delay as the page tells it; server", "ms, % of a core", (lag, served), (120.0, 5.0)
        ),
        Figure("live signals, browser", "% of a core", (drawn,), (70.0,)),
        Figure("live signals, heap grown in a minute", "MB", (grown,), (10.0,)),
        Figure("page by the bed: browser, server", "% of a core", (bed, bed_served), (5.0, 1.0)),
    ]


def lost(browser: Browser, address: str, end: threading.Event) -> Figure:
    """Return how soon a page says that the base station is gone; ``end`` is set to let it go."""
    with opened(browser, 390, 844) as (page, _):
        page.goto(address)
        page.wait_for_timeout(1500)
        before_s = time.perf_counter()
        end.set()
        page.get_by_text("lost the base station").first.wait_for(timeout=20_000)
        return Figure("base station lost to page saying so", "s", (time.perf_counter() - before_s,), (6.0,))


def _after(text: str, word: str) -> float:
    found = _NUMBER.search(text.partition(word)[2])
    return float(found[0].replace(",", ".")) if found else float("nan")


def _browsers() -> Sequence[int]:
    return [process for process, command in _commands() if "chrom" in command and "--type" in command]


def _child(parent: int, word: str) -> int:
    def of(process: int) -> int:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return int(told[1])

    return next(
        process
        for process, command in _commands()
        if f"processes {word}" in command and of(process) == parent
    )


def _commands() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield (
                int(folder.name),
                folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"),
            )
        except OSError:
            continue
