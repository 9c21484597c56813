"""A session far above life's pace, to go on and on: cramps, a sensor that is pulled, a broker that dies, pages open.

Every process is a real one of its own interpreter, kept alive by the supervisor of `crampwatch`: a simulated board on a
pseudo-terminal, a monitor, the alerter, the dashboard, and the private broker.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from crampwatch.access_list import ROLES
from crampwatch.broker import PrivateBroker
from crampwatch.channel_flags import ChannelFlags
from crampwatch.plan import BoardPlan, SessionPlan
from crampwatch.sensors import SensorPlan
from crampwatch.settings import private_folder
from crampwatch.supervisor import ChildProcess, Service
from firmware_bridge.clock import Clock
from tests.conftest import BROWSER_ARGUMENTS, find_chromium, find_mosquitto
from tests.crampwatch.nights_on_disk import record
from tests.crampwatch.running import free_port
from tests.detector.alerter.players import player_program
from tests.detector.mqtt_world import until
from tests.detector.signals import Scene
from tests.faults import ledger
from tests.faults.killed_night import supervised

# As the recording that the board plays calls it.
SENSOR = "test"
KIND = "mosquitto" if find_mosquitto() else "embedded"
# What the board plays, from its beginning whenever it is plugged in again: a cramp every ten minutes.
RECORDED_S, FIRST_CRAMP_S, CRAMP_EVERY_S, CRAMP_LASTS_S, CRAMP_UV = 7200.0, 120.0, 600.0, 40.0, 60.0
# The sensor is pulled, and half-way between the broker dies, once an hour of the night.
DISTURBED_EVERY_S = 3600.0
PAGES = ("/", "/now", "/care")
PATIENCE_S = 60.0
# Where the board can be reached.
LINK = "sensor"
START_S = 30.0


@dataclass
class SoakedNight:
    """A session that runs; made by `soaking`.

    Attributes:
        folder: Its data folder.
        clock: Its clock.
        services: What is measured, by name.
        said: Lines that the supervisor said, each a process that ended and came back.
        pulls: How often the sensor was pulled.
        broker_kills: How often the broker was killed.
    """

    folder: Path
    clock: Clock
    services: Mapping[str, Service]
    said: list[str]
    pages: Sequence[Page]
    pulls: int = 0
    broker_kills: int = 0
    _due: list[float] = field(default_factory=list)

    @property
    def outbox(self) -> Path:
        """The monitor's, with a copy of all that it ever said."""
        return self.folder / "outbox" / f"{SENSOR}.sqlite"

    def pids(self) -> dict[str, int]:
        """Return the process numbers, by name."""
        numbers = {name: getattr(service, "pid", None) for name, service in self.services.items()}
        return {name: number for name, number in numbers.items() if number}

    def disturb(self) -> None:
        """Pull the sensor, or kill the broker, where it is time."""
        every_s = DISTURBED_EVERY_S / self.clock.rate
        now_s = time.monotonic()
        if not self._due:
            self._due = [now_s + every_s, now_s + 1.5 * every_s]
        if now_s >= self._due[0]:
            self._due[0] += every_s
            # The port goes with the plug: a name left behind would lead to whoever is given that terminal next.
            (self.folder / LINK).unlink(missing_ok=True)
            self.pulls += _killed(self.pids(), "board")
        if now_s >= self._due[1]:
            self._due[1] += every_s
            self.broker_kills += _killed(self.pids(), "broker")

    def heaps_mb(self) -> list[float]:
        """Return the pages' JavaScript heaps, after a collection, MB."""
        heaps = []
        for page in self.pages:
            session = page.context.new_cdp_session(page)
            session.send("HeapProfiler.collectGarbage")
            heaps.append(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6)
            session.detach()
        return heaps


def _killed(pids: Mapping[str, int], name: str) -> bool:
    if name in pids:
        os.kill(pids[name], signal.SIGKILL)
    return name in pids


@contextmanager
def soaking(folder: Path, rate: float) -> Iterator[SoakedNight]:
    """Start everything; at the end of the context all of it ends."""
    with ExitStack() as at_end:
        clock = Clock(rate)
        ledger.keep(folder / "outbox" / f"{SENSOR}.sqlite")
        cramps = [FIRST_CRAMP_S + n * CRAMP_EVERY_S for n in range(int(RECORDED_S / CRAMP_EVERY_S))]
        worn = record(
            folder / "worn.edf",
            Scene(RECORDED_S, amplitude_uv=[(at, at + CRAMP_LASTS_S, CRAMP_UV) for at in cramps]),
        )
        broker = PrivateBroker(private_folder(folder / "broker"), prefer=KIND)
        at_end.callback(broker.stop)
        broker.start()
        link = folder / LINK
        plan = SessionPlan(
            (SensorPlan(f"serial:{link}?baud=115200", SENSOR),),
            str(folder),
            broker.address.url(),
            free_port(),
            clock.to_text(),
            BoardPlan(str(link), str(worn), ChannelFlags(), seed=1),
            mode="self-managed",
            player=player_program(folder, "plays", ":"),
            logins={role: broker.address_of(role).url() for role in ROLES},
        )
        plan_file = private_folder(plan.running) / "session.json"
        plan.save(plan_file)
        said: list[str] = []
        children = [
            ChildProcess(
                name, ("-m", "crampwatch.processes", name, str(plan_file), *more), lambda _line: None, first_s
            )
            for name, more, first_s in (
                ("dashboard", (), 0.0),
                ("alerter", (), 0.0),
                ("board", (), START_S),
                ("monitor", ("0",), 0.0),
            )
        ]
        at_end.enter_context(supervised([broker, *children], say=said.append))
        until(lambda: all(child.was_ready for child in children), patience_s=PATIENCE_S)
        pages = at_end.enter_context(_browsers(f"http://127.0.0.1:{plan.port}"))
        services: dict[str, Service] = {"broker": broker, **{child.name: child for child in children}}
        yield SoakedNight(folder, clock, services, said, pages)


@contextmanager
def _browsers(address: str) -> Iterator[list[Page]]:
    """Open a browser of its own on each of the pages."""
    with sync_playwright() as playwright, ExitStack() as at_end:
        pages = []
        for path in PAGES:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(), args=list(BROWSER_ARGUMENTS)
            )
            at_end.callback(browser.close)
            page = browser.new_page()
            page.goto(address + path)
            pages.append(page)
        yield pages
