"""What the pages take, measured on an 8-h night at 1 kHz: server, bytes, zoom, and what axe and the eye would find."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from dashboard.waveforms import TRACES, Overview
from tests.benchmarks.bench_zoom import HOURS, NIGHT, PIXELS, START, windows, write
from tests.dashboard.browsing import axe_violations, free_port, wait_until

# What serving pages needs beside numpy.
WEB = ("starlette", "uvicorn", "jinja2", "markupsafe", "anyio", "h11", "click", "websockets", "idna")
PATHS = ("/", "/now", "/care", "/nights", f"/nights/{NIGHT}", "/trends", "/diary", "/lab", "/setup")
_SERVE = """
import sys, threading
from pathlib import Path
from dashboard.server import serve
from dashboard.settings import DashboardSettings
from detector.broker_address import BrokerAddress
folder, port, broker, login, password = Path(sys.argv[1]), *sys.argv[2:]
address = BrokerAddress("127.0.0.1", int(broker), login or None, password or None)
serve(DashboardSettings(folder / "log.sqlite", folder / "nights", address, int(port)), threading.Event())
"""
_SMALL = """() => [...document.querySelectorAll('button, a, summary, input, select')]
  .filter((one) => one.offsetParent && !one.matches('.skip, p a, li a, td a, label input'))
  .map((one) => one.getBoundingClientRect()).filter((box) => box.left >= 0 && box.width > 0).map((box) => box.height)"""
# Presses a key and waits until what it asks for is drawn; in ms.
_ZOOM = """(key) => new Promise((done) => {
  const view = document.getElementById('view'), before = document.body.dataset.painted, began = performance.now();
  view.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const look = () => {
    const painted = document.body.dataset.painted;
    const busy = document.querySelector('#range[data-busy]');
    const settled = painted !== before && painted === location.hash.slice(1) && !busy;
    if (settled || performance.now() - began > 5000) done(performance.now() - began); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
_KEYS = (
    "+",
    "+",
    "ArrowRight",
    "+",
    "+",
    "ArrowLeft",
    "-",
    "+",
    "+",
    "+",
    "ArrowRight",
    "-",
    "-",
    "-",
    "-",
    "+",
) * 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: what was measured, the figures, and the most (or least) that each may be."""

    what: str
    unit: str
    measured: tuple[float, ...]
    limits: tuple[float, ...]
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether every limit is kept."""
        pairs = zip(self.measured, self.limits, strict=True)
        return all(value >= limit if self.at_least else value <= limit for value, limit in pairs)


def installed() -> Figure:
    """Return the size of what serving pages needs, MB."""
    size = 0
    for name in WEB:
        try:
            size += sum(file.size or 0 for file in files(name) or ())
        except PackageNotFoundError:
            continue
    return Figure("installed for the pages", "MB", (size / 1e6,), (15.0,))


def night_on_disk(folder: Path) -> list[Figure]:
    """Write the night, and return what its overview takes."""
    path = folder / "nights" / NIGHT / "signal.edf"
    path.parent.mkdir(parents=True)
    write(path)
    before_s = time.perf_counter()
    overview = Overview(path, folder / "overviews" / NIGHT / "signal")
    built_s = time.perf_counter() - before_s
    size = sum(file.stat().st_size for file in (folder / "overviews").rglob("*") if file.is_file())
    cold = []
    for start, end in windows()[:20]:
        fresh = Overview(path, folder / "overviews" / NIGHT / "signal")
        before_s = time.perf_counter()
        fresh.trace("emg", start, end, PIXELS)
        cold.append(1000 * (time.perf_counter() - before_s))
    share = 100 * size / path.stat().st_size
    del overview
    return [
        Figure(f"overview of {HOURS} h at 1 kHz: built, on disk", "s, %", (built_s, share), (3.0, 20.0)),
        Figure("a window, cold, in process, p99", "ms", (float(np.percentile(cold, 99)),), (50.0,)),
    ]


@contextmanager
def server(folder: Path, broker: Sequence[str]) -> Iterator[tuple[str, int, float]]:
    """Serve in a process of its own; yield the address, the process and how long the first answer took, s."""
    port, before_s = free_port(), time.perf_counter()
    command = [sys.executable, "-c", _SERVE, str(folder), str(port), *broker]
    process = subprocess.Popen(command)
    try:
        wait_until(lambda: _answers(port), turn_s=0.01)
        yield f"http://127.0.0.1:{port}", process.pid, time.perf_counter() - before_s
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            return False
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return bool(answer.status == 200)


def waves(address: str) -> list[Figure]:
    """Return how fast windows of the night are answered over HTTP, and how large they are."""
    origin, times, sizes = START.timestamp(), [], []
    for start, end in windows():
        query = f"ch={','.join(TRACES)}&t0={origin + start}&t1={origin + end}&px={PIXELS}"
        before_s = time.perf_counter()
        with urllib.request.urlopen(f"{address}/api/nights/{NIGHT}/wave?{query}", timeout=5) as answer:
            sizes.append(len(answer.read()))
        times.append(1000 * (time.perf_counter() - before_s))
    p50, p99 = (float(np.percentile(times, share)) for share in (50, 99))
    return [
        Figure("a window of every curve by HTTP, p50, p99", "ms", (p50, p99), (5.0, 25.0)),
        Figure("bytes of a curve, most", "kB", (max(sizes) / len(TRACES) / 1000,), (16.0,)),
    ]


@contextmanager
def opened(
    browser: Browser, width: int, height: int, scheme: str = "dark"
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page, and collect what its browser complains of."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="light" if scheme == "light" else "dark"
    )
    page, complaints = context.new_page(), list[str]()
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, complaints
    context.close()


def weight(browser: Browser, address: str) -> Figure:
    """Return what the page of a night weighs on first load, plain and packed."""
    plain, packed, elsewhere = 0, 0, 0
    with opened(browser, 1440, 900) as (page, _):
        bodies: list[bytes] = []
        page.on("response", lambda answer: bodies.append(answer.body()) if "/static/" in answer.url else None)
        page.on("request", lambda request: others.append(request.url) if address not in request.url else None)
        others: list[str] = []
        answer = page.goto(f"{address}/nights/{NIGHT}")
        page.wait_for_selector("body[data-painted]")
        bodies.append(answer.body() if answer else b"")
        plain, packed = sum(map(len, bodies)), sum(len(gzip.compress(body)) for body in bodies)
        elsewhere = len(others)
    figures = (plain / 1000, packed / 1000, float(elsewhere))
    return Figure(
        "a page's weight, the same packed, other hosts", "kB, kB, count", figures, (200.0, 60.0, 0.0)
    )


def zooms(browser: Browser, address: str) -> list[Figure]:
    """Return how long a press of a key takes until what it asks for is painted."""
    with opened(browser, 1440, 900) as (page, _):
        before_s = time.perf_counter()
        page.goto(f"{address}/nights/{NIGHT}")
        page.wait_for_selector("body[data-painted]")
        open_s = time.perf_counter() - before_s
        times = [page.evaluate(_ZOOM, key) for key in _KEYS]
    with opened(browser, 390, 844) as (page, _):
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
        before_s = time.perf_counter()
        page.goto(f"{address}/nights/{NIGHT}")
        page.wait_for_selector("body[data-painted]")
        slow_s = time.perf_counter() - before_s
        slow = [page.evaluate(_ZOOM, key) for key in _KEYS[:16]]
    p50, p99 = (float(np.percentile(times, share)) for share in (50, 99))
    return [
        Figure("zoom to painted, desktop, p50, p99", "ms", (p50, p99), (80.0, 200.0)),
        Figure("zoom to painted, phone 6 x slower, p95", "ms", (float(np.percentile(slow, 95)),), (600.0,)),
        Figure("open a night to painted, the same 6 x slower", "s", (open_s, slow_s), (1.5, 3.0)),
    ]


def looks(browser: Browser, address: str) -> list[Figure]:
    """Return what every page has of faults: complaints of the browser, of axe, sideways scroll, small targets."""
    complaints, violations, sideways, smallest = 0, 0, 0.0, 1000.0
    for path in PATHS:
        for scheme in ("dark", "light"):
            with opened(browser, 1440, 900, scheme) as (page, said):
                page.goto(f"{address}{path}")
                page.wait_for_timeout(800)
                violations += len(axe_violations(page))
                for width in (320, 390, 768, 1440):
                    page.set_viewport_size({"width": width, "height": 844})
                    page.wait_for_timeout(50)
                    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                    sideways = max(sideways, page.evaluate(wide))
                    smallest = min([smallest, *page.evaluate(_SMALL)])
                complaints += len(said)
    return [
        Figure("complaints of the browser (policy, errors), all pages", "count", (complaints,), (0.0,)),
        Figure("axe wcag2a to 22aa, all pages, both schemes", "count", (violations,), (0.0,)),
        Figure("sideways scroll, 320 to 1440 px", "px", (sideways,), (0.0,)),
        Figure("smallest target", "px", (smallest,), (44.0,), at_least=True),
    ]


def rss_mb(process: int) -> float:
    """Return the memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


def cpu_share(processes: Callable[[], Sequence[int]], during: Callable[[], object]) -> float:
    """Return the share of one core that processes take meanwhile, %."""
    before, before_s = sum(map(_ticks, processes())), time.perf_counter()
    during()
    used = sum(map(_ticks, processes())) - before
    # Linux counts in hundredths of a second.
    return float(used) / (time.perf_counter() - before_s)


def _ticks(process: int) -> int:
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(told[11]) + int(told[12])


def as_json(figures: Sequence[Figure]) -> str:
    """Return the table for a program."""
    rows = [
        {
            "what": one.what,
            "unit": one.unit,
            "measured": one.measured,
            "limits": one.limits,
            "holds": one.holds,
        }
        for one in figures
    ]
    return json.dumps(rows, indent=1)
