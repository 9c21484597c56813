"""The whole street at once: simulated board on a pty → bridge → detector → broker → night log → a real browser.

One demo runs for all tests of this file, and they follow it in order.
"""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import edfio
import pyedflib
import pytest
from playwright.sync_api import Browser, Page

from dashboard.night_log import NightLog
from dashboard.rendering import MENU
from detector.broker_address import BrokerAddress, parse_broker_url
from detector.messages import Stream, event_message
from detector.pipeline import Pipeline
from detector.types import Contraction
from firmware_bridge.recordings import open_recording

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]

# What the issue of the first minute asks for, from the opening of the page.
CRAMP_WITHIN_MS = 60_000
# More than a busy machine needs for the rest.
PATIENCE_S = 60.0
# Every page that a menu leads to.
ADDRESSES = ("", *(path for _, path in MENU if path != "/"))
# Left and right edges of the lanes and of the curves under them.
# On a phone the raw signals are folded away: what is not shown has no edges.
EDGES = """() => ['.lane > div', '#envelope .u-over', '#emg .u-over'].map((name) => document.querySelector(name))
  .filter((part) => part.checkVisibility()).map((part) => part.getBoundingClientRect())
  .map((box) => [box.left, box.right])"""
# What a thumb would miss.
SMALL = """() => [...document.querySelectorAll('button, nav a, .brand, .filter')]
  .filter((thing) => thing.checkVisibility() && thing.getBoundingClientRect().height < 44)
  .map((thing) => thing.outerHTML)"""


@dataclass
class Demo:
    process: subprocess.Popen[str]
    folder: Path
    page: str

    @property
    def home(self) -> Path:
        (home,) = (self.folder / "demo").iterdir()
        return home

    @property
    def recordings(self) -> list[Path]:
        return sorted(self.home.glob("nights/*/signal*.edf"), key=lambda path: (len(path.name), path.name))

    def broker(self) -> BrokerAddress:
        plan = json.loads((self.home / "run" / "session.json").read_text())
        return parse_broker_url(plan["broker"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        time.sleep(0.1)


def serves(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    command = [
        sys.executable,
        "-m",
        "crampwatch",
        "demo",
        "--no-browser",
        "--port",
        str(port),
        "--folder",
        str(folder),
    ]
    with (folder / "demo.log").open("w") as said:
        process = subprocess.Popen(command, stderr=said, text=True)
    try:
        wait_until(lambda: serves(port) or process.poll() is not None, "the page is served")
        assert process.poll() is None
        yield Demo(process, folder, f"http://127.0.0.1:{port}")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme="dark", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == [], "the browser complains"


def test_a_cramp_is_seen_within_a_minute_and_explained(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.page}/now")
    page.wait_for_selector(".state[data-shape=cramp]", timeout=CRAMP_WITHIN_MS)
    assert page.inner_text("#word") == "Cramp"
    page.wait_for_selector("#events li[data-alert=cramp]")
    assert "resting level" in page.inner_text("#events li[data-alert=cramp] .why")
    assert page.is_visible("#synthetic")


def test_the_night_shows_it_and_zooms_to_single_spikes(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.page}/nights")
    page.click(".night-row")
    page.wait_for_selector(".lane[data-lane=cramp] i")
    assert "1 cramp" in page.inner_text("#headline")
    page.keyboard.press("n")
    for _ in range(9):
        page.keyboard.press("+")
    page.wait_for_function("() => { const [a, b] = location.hash.slice(1).split(','); return b - a < 1; }")
    window = page.evaluate("() => location.hash")
    page.reload()
    page.wait_for_selector(".lane[data-lane=cramp] i")
    assert page.evaluate("() => location.hash") == window


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_pages_fit_and_lanes_stand_over_their_curves(demo: Demo, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for address in ADDRESSES:
        page.goto(demo.page + address)
        page.wait_for_timeout(500)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(f"{demo.page}/nights")
    page.click(".night-row")
    page.wait_for_selector(".lane i")
    edges = page.evaluate(EDGES)
    assert len(edges) >= 2
    for left, right in edges[1:]:
        assert abs(left - edges[0][0]) <= 1
        assert abs(right - edges[0][1]) <= 1


def test_everything_that_is_touched_is_big_enough(demo: Demo, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for address in ADDRESSES:
        page.goto(demo.page + address)
        page.wait_for_timeout(500)
        assert page.evaluate(SMALL) == []


def subscribe(address: BrokerAddress, *login: str) -> subprocess.CompletedProcess[str]:
    command = [
        "mosquitto_sub",
        "-V",
        "311",
        "-h",
        address.host,
        "-p",
        str(address.port),
        "-t",
        "crampwatch/#",
        "-v",
        "-W",
        "6",
    ]
    return subprocess.run([*command, *login], capture_output=True, text=True, errors="replace", check=False)


def test_debians_client_sees_every_topic_with_the_login_and_nothing_without(demo: Demo) -> None:
    broker = demo.broker()
    heard = subscribe(broker, "-u", broker.username, "-P", broker.password).stdout
    for name in ("availability online", "state {", "heartbeat {", "levels {", "logged {"):
        assert f"crampwatch/1/synthetic/{name}" in heard
    for login in ([], ["-u", broker.username], ["-u", broker.username, "-P", "wrong"]):
        refused = subscribe(broker, *login)
        assert refused.stdout == ""
        assert refused.returncode != 0


def monitor_pid(demo: Demo) -> int:
    listing = subprocess.run(
        ["pgrep", "-f", f"crampwatch.processes monitor {demo.home}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(listing.stdout.split()[0])


def opens_everywhere(path: Path) -> float:
    """Return the seconds in a recording after opening it with three readers that agree."""
    ours = open_recording(path).duration_s
    theirs = edfio.read_edf(path)
    with pyedflib.EdfReader(str(path)) as reader:
        assert reader.getFileDuration() == pytest.approx(theirs.duration, abs=1.0)
    assert theirs.duration == pytest.approx(ours, abs=1.0)
    return ours


def test_a_killed_monitor_comes_back_and_its_recording_is_whole(demo: Demo) -> None:
    first = monitor_pid(demo)
    (path,) = demo.recordings
    subprocess.run(["kill", "-9", str(first)], check=True)
    killed = opens_everywhere(path)
    assert killed > 10
    wait_until(lambda: len(demo.recordings) == 2, "a second recording begins")
    assert monitor_pid(demo) != first
    assert demo.recordings[0] == path


def test_ctrl_c_stops_all_and_leaves_files_closed(demo: Demo) -> None:
    # A moment of the second recording, so that there is something to close.
    time.sleep(3)
    home = str(demo.home)
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(PATIENCE_S) == 0
    assert subprocess.run(["pgrep", "-f", home], capture_output=True, check=False).stdout == b""
    for path in demo.recordings:
        assert opens_everywhere(path) > 1


def test_the_log_holds_what_a_replay_of_the_recording_finds(demo: Demo) -> None:
    """What was told live is, revision for revision, what the recording of it gives."""
    log = NightLog(demo.home / "night_log.sqlite")
    for path in demo.recordings:
        recording = open_recording(path)
        assert recording.start is not None
        logged = {message["id"]: message for message in log.of_recordings([recording.recording_id])}
        start = recording.start
        stream = Stream(recording.info, recording.recording_id, lambda _index: start)  # noqa: B023
        pipeline = Pipeline(recording.info, recording_id=recording.recording_id)
        items = [result for item in recording.items() for result in pipeline.feed(item)]
        last = pipeline.finish()
        # Live heard up to a second more than a killed process had written: of what stands open it may know the end.
        cut_off = {item.id for item in last if isinstance(item, Contraction) and path != demo.recordings[-1]}
        items += last
        newest = {
            item.id: event_message(item, stream, issued_at=start)
            for item in items
            if isinstance(item, Contraction)
        }
        told = {name: message for name, message in logged.items() if "interrupted" not in message["reason"]}
        wall_clock = {"onset_at", "offset_at", "decided_at", "issued_at", "outbox", "seq", "after"}
        for name, message in told.items():
            if name in cut_off:
                continue
            assert {k: v for k, v in message.items() if k not in wall_clock} == {
                k: v for k, v in newest[name].items() if k not in wall_clock
            }
        if path == demo.recordings[-1]:
            assert set(told) == set(newest)
    log.close()
