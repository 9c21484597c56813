"""The pages on a port of this machine, a monitor that says what a test wants, and a browser that complains."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from dashboard.server import serve
from dashboard.settings import DashboardSettings
from detector.broker_address import BrokerAddress
from detector.commands import Command, read_command
from detector.messages import encode, iso
from detector.mqtt_link import MqttLink, Publication
from detector.topics import DELIVERY, Name, Topics, every_command
from tests.dashboard.events import alarm, heartbeat, state

PATIENCE_S = 20.0
PATIENCE_MS = 20_000
# How much wider than the screen the page is.
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The window in the address is the one that was drawn last, and nothing is on its way.
_IS_SETTLED = """() => {
  const painted = document.body.dataset.painted, hash = location.hash.slice(1);
  return painted && !document.querySelector('#range[data-busy]') && (!hash || hash === painted);
}"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], turn_s: float = 0.02) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(turn_s)


@contextmanager
def served(folder: Path, broker: BrokerAddress, port: int | None = None) -> Iterator[str]:
    """Serve the nights and the log of a folder; yield the address."""
    stop, ready = threading.Event(), threading.Event()
    own = DashboardSettings(folder / "log.sqlite", folder / "nights", broker, port or free_port())
    thread = threading.Thread(target=serve, args=(own, stop, ready.set))
    thread.start()
    try:
        assert ready.wait(PATIENCE_S)
        yield own.page.rstrip("/")
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


class Monitor:
    """Speaks on a monitor's topics, and hears what people ask of it."""

    def __init__(self, broker: BrokerAddress, sensor: str = "left-calf") -> None:
        self._topics = Topics(sensor)
        self._link = MqttLink(broker, f"monitor-{sensor}", [(every_command(sensor), 1)])
        self._link.start()
        wait_until(lambda: self._link.connected)

    def say(self, name: Name, message: dict[str, Any]) -> None:
        """Publish a message."""
        self._publish(name, encode(message | {"sensor": self._topics.sensor_id}))

    def say_online(self) -> None:
        """Publish that the monitor is there."""
        self._publish("availability", b"online")

    def say_well(self, **changes: Any) -> None:
        """Publish that it is there, watches and hears its sensor now; changes go into the state."""
        now = datetime.now(UTC)
        self.say_online()
        self.say("state", state(now) | changes)
        self.say("heartbeat", heartbeat(at=now))

    def say_alarm(self, name: str = "left-calf.1", revision: int = 0, **changes: Any) -> None:
        """Publish a change, of now, of an alarm that began 9 s ago."""
        now = datetime.now(UTC)
        times = {"began_at": (now - timedelta(seconds=9)).isoformat(), "at": iso(now)}
        self.say("alarm", alarm(name, revision, **(times | changes)))

    def show(self, chunk: bytes) -> None:
        """Publish samples."""
        self._publish("wave", chunk)

    def heard(self) -> list[Command]:
        """Return what people have asked for since the last call."""
        came = self._link.take_received()
        return [
            read_command(one.topic, one.payload, retained=one.retained, now=datetime.now(UTC)) for one in came
        ]

    def asked(self) -> Command:
        """Wait for the one thing that people ask for, and return it."""
        came: list[Command] = []

        def has_come() -> bool:
            came.extend(self.heard())
            return bool(came)

        wait_until(has_come)
        (command,) = came
        return command

    def close(self) -> None:
        """Leave."""
        self._link.close()

    def _publish(self, name: Name, payload: bytes) -> None:
        assert self._link.publish(Publication(self._topics.of(name), payload, *DELIVERY[name]))


# Every rule of WCAG 2.2 A and AA that axe-core can see.
_AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def axe_violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page as it stands: the rule, and where."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _AXE_TAGS}})
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@dataclass
class Visit:
    """A page, and everything that its browser complained of or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    received_bytes: int = 0

    def watch(self) -> None:
        """Listen to the browser."""
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type in {"error", "warning"} else None
            ),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def window(self) -> tuple[float, float]:
        """Return the window that a night's address tells."""
        start, end = self.page.evaluate("() => location.hash.slice(1).split(',').map(Number)")
        return start, end

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.page.wait_for_function(_IS_SETTLED, timeout=PATIENCE_MS)


@contextmanager
def visiting(browser: Browser, **context: Any) -> Iterator[Visit]:
    """Open a page that may not complain."""
    own = browser.new_context(
        **({"color_scheme": "dark", "viewport": {"width": 1440, "height": 900}} | context)
    )
    visit = Visit(own.new_page())
    visit.watch()
    yield visit
    own.close()
    assert visit.complaints == [], f"the browser complains: {visit.complaints}"
