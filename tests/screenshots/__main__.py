"""Pictures of every page: ``python -m tests.screenshots``, or ``make screenshots``. All nights in them are synthetic.

Each page at two sizes, dark and light, as a PNG of few colours in ``docs/screenshots``.
"""

import io
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from crampwatch.broker import PrivateBroker
from tests.conftest import BROWSER_ARGUMENTS
from tests.dashboard.browsing import PATIENCE_MS, Monitor, free_port, served, wait_until
from tests.dashboard.events import alarm, heartbeat, state
from tests.screenshots.household import NIGHT, furnish

OUT = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SCHEMES = ("dark", "light")
# A picture in a document; what is larger is not looked at.
MOST_BYTES = 150_000
# A page is looked at when it has come to rest.
REST_MS = 1200


def calm(monitor: Monitor) -> None:
    """Let the night be quiet and proven, and the sensor a simulated one."""
    now = datetime.now(UTC)
    monitor.say_online()
    monitor.say("state", state(now) | _QUIET)
    monitor.say("heartbeat", heartbeat(at=now))


def cramp(monitor: Monitor) -> None:
    """Let there be a cramp that calls."""
    now = datetime.now(UTC)
    began = now - timedelta(seconds=41)
    calm(monitor)
    monitor.say("alarm", alarm("left-calf.7", began_at=began.isoformat(), raised_at=began.isoformat()))


def over(monitor: Monitor) -> None:
    """Let the cramp be over."""
    monitor.say("alarm", alarm("left-calf.7", 9, "closed"))
    calm(monitor)


_QUIET = {
    "mode": "guarded",
    "contact": "good",
    "battery": 81,
    "coverage": 0.98,
    "monitored_s": 18_000.0,
    "usable_s": 17_640.0,
    "sites": ["left-calf"],
    "synthetic": True,
}
# Name, address, and what stands before it is opened; what is done on it before the picture.
SHOWN: Sequence[tuple[str, str, Callable[[Monitor], None]]] = (
    ("bedside", "/", calm),
    ("nights", "/nights", calm),
    ("night", f"/nights/{NIGHT}", calm),
    ("night-cramp", f"/nights/{NIGHT}#first", calm),
    ("trends", "/trends", calm),
    ("diary", "/diary", calm),
    ("setup", "/setup", calm),
    ("report", f"/report/{NIGHT}.html", calm),
    ("bedside-cramp", "/", cramp),
    ("care-cramp", "/care", cramp),
    ("care", "/care", over),
)


# Events of the shown night that are stepped through for a cramp.
_MOST_STEPS = 20
# Taken of the demonstration itself, once its signals have run for a while, s.
LIVE = (("now", "/now"), ("lab", "/lab"))
_LIVE_S = 25


def main(wanted: Sequence[str]) -> int:
    """Take the pictures that are named, or all."""
    OUT.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(BROWSER_ARGUMENTS))
        folder = Path(name)
        shown = [one for one in SHOWN if not wanted or one[0] in wanted]
        if shown:
            _household(browser, folder / "household", shown)
        live = [one for one in LIVE if not wanted or one[0] in wanted]
        if live:
            _demonstration(browser, folder / "demo", live)
        browser.close()
    return 0


def _household(
    browser: Browser, folder: Path, shown: Sequence[tuple[str, str, Callable[[Monitor], None]]]
) -> None:
    """Take the pages of a household with many nights, and a monitor that says what each picture needs."""
    furnish(folder)
    (folder / "broker").mkdir()
    with PrivateBroker(folder / "broker") as broker, served(folder, broker.address) as address:
        monitor = Monitor(broker.address)
        for name, path, before in shown:
            before(monitor)
            for label, page in _opened(browser, f"{address}{path}"):
                if "/nights/" in path:
                    page.wait_for_selector("body[data-painted]", timeout=PATIENCE_MS)
                if path.endswith("#first"):
                    _go_to_a_cramp(page)
                page.wait_for_timeout(REST_MS)
                monitor.say("heartbeat", heartbeat(at=datetime.now(UTC)))
                page.wait_for_timeout(REST_MS // 4)
                _save(page, OUT / f"{name}-{label}.png")
                page.context.close()
        monitor.close()


def _go_to_a_cramp(page: Page) -> None:
    """Step through the night's events to the first with that verdict."""
    for _ in range(_MOST_STEPS):
        page.locator("#view").press("n")
        page.wait_for_timeout(REST_MS // 4)
        if page.get_by_role("heading", name="Cramp", exact=True).count():
            break
    page.evaluate("scrollTo(0, 0)")


def _demonstration(browser: Browser, folder: Path, live: Sequence[tuple[str, str]]) -> None:
    """Take the pages that show signals as they come."""
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "crampwatch", "demo", "--no-browser"]
    demo = subprocess.Popen([*command, "--port", str(port), "--folder", str(folder)])
    try:
        wait_until(lambda: _is_served(port), turn_s=0.2)
        for name, path in live:
            pages = list(_opened(browser, f"http://127.0.0.1:{port}{path}"))
            pages[0][1].wait_for_timeout(1000 * _LIVE_S)
            for label, page in pages:
                page.bring_to_front()
                page.wait_for_timeout(REST_MS)
                _save(page, OUT / f"{name}-{label}.png")
                page.context.close()
    finally:
        demo.terminate()
        demo.wait()


def _is_served(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _opened(browser: Browser, address: str) -> Iterator[tuple[str, Page]]:
    """Open a page at every size in every scheme."""
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                timezone_id="Europe/Berlin",
            )
            page = context.new_page()
            page.goto(address.partition("#")[0])
            yield f"{size}-{scheme}", page


def _save(page: Page, path: Path) -> None:
    image = Image.open(io.BytesIO(page.screenshot()))
    for colours in (128, 64, 32, 16):
        small = image.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    sys.stderr.write(f"{path.name}: {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    began_s = time.monotonic()
    code = main(sys.argv[1:])
    sys.stderr.write(f"took {time.monotonic() - began_s:.0f} s\n")
    sys.exit(code)
