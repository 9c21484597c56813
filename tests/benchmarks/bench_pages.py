"""The figures that the pages are held to, in one table: ``python -m tests.benchmarks.bench_pages`` (``--json``).

Chromium without a screen, drawing in software; the night is 8 h of noise at 1 kHz. Ends with 1 where a limit is
not kept. What Home Assistant sees, the exactness of curves, and lanes over plots are held by tests, not measured here.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from crampwatch.broker import PrivateBroker
from tests.benchmarks import live_figures, page_figures
from tests.benchmarks.page_figures import Figure, as_json
from tests.conftest import BROWSER_ARGUMENTS, find_chromium
from tests.dashboard.browsing import Monitor


def measured(folder: Path) -> list[Figure]:
    """Return every figure; it takes some minutes."""
    figures = [page_figures.installed(), *page_figures.night_on_disk(folder)]
    (folder / "broker").mkdir()
    with sync_playwright() as playwright, PrivateBroker(folder / "broker") as broker:
        address = broker.address
        login = (str(address.port), address.username or "", address.password or "")
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*BROWSER_ARGUMENTS, "--enable-precise-memory-info"]
        )
        gone = threading.Event()
        with page_figures.server(folder, login) as (pages, process, first_s):
            figures.append(Figure("start to first answer", "s", (first_s,), (1.5,)))
            figures += page_figures.waves(pages)
            figures.append(live_figures.viewers(pages, process))
            figures.append(page_figures.weight(browser, pages))
            figures += page_figures.zooms(browser, pages)
            figures += page_figures.looks(browser, pages)
            monitor = Monitor(address)
            figures.append(live_figures.reactions(browser, pages, monitor))
            monitor.close()
            threading.Thread(target=_end, args=(gone, process), daemon=True).start()
            figures.append(live_figures.lost(browser, pages, gone))
        with live_figures.demonstration(folder / "demo") as (pages, process):
            figures += live_figures.live(browser, pages, process)
        browser.close()
    return figures


def _end(asked: threading.Event, process: int) -> None:
    import os
    import signal

    asked.wait()
    os.kill(process, signal.SIGKILL)


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        figures = measured(Path(name))
    if "--json" in sys.argv[1:]:
        print(as_json(figures))
    else:
        for one in figures:
            told = " / ".join(f"{value:.3g}" for value in one.measured)
            limits = ("≥ " if one.at_least else "≤ ") + " / ".join(f"{limit:g}" for limit in one.limits)
            print(
                f"{one.what:<58} {told:>20} {limits:>16} {one.unit:<16} {'holds' if one.holds else 'FAILS'}"
            )
    return 0 if all(one.holds for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
