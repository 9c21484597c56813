"""A monitor's voice, a broker and the night log, as real as they come; and a way between them that can go wrong."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crampwatch.broker import PrivateBroker
from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog
from detector.broker_address import BrokerAddress
from detector.monitor_state import MonitorState
from detector.outbox import Outbox
from detector.publisher import Publisher
from firmware_bridge.clock import Clock
from tests.conftest import find_mosquitto
from tests.detector.mqtt_world import BEGAN, STREAM, TOPICS, contraction, until
from tests.faults.row import Outcome
from tests.faults.wire_tap import WireTap

KIND = "mosquitto" if find_mosquitto() else "embedded"
ALARM_EVERY_S = 1.0
TURN_S = 0.02
STATE = MonitorState(TOPICS.sensor_id, "b", BEGAN, system="armed")
# For what is still on its way at the end; the night log's patience before a repetition among it.
PATIENCE_S = 60.0


class Voice(threading.Thread):
    """A monitor's voice in its own thread, with an alarm every so often.

    Attributes:
        said: The alarms, and when each was.
    """

    def __init__(self, where: BrokerAddress, folder: Path, every_s: float = ALARM_EVERY_S) -> None:
        super().__init__(daemon=True)
        self._where = where
        self._file = folder / "outbox.sqlite"
        self._every_s = every_s
        self._still = threading.Event()
        self._over = threading.Event()
        self.said: dict[str, float] = {}
        self.waiting = 0
        self.connected = False
        self.generation = 0

    def run(self) -> None:
        with (
            Outbox(self._file) as outbox,
            Publisher(self._where, TOPICS, outbox, Clock(), boot_id="b") as voice,
        ):
            due_s = time.monotonic()
            while not self._over.wait(TURN_S):
                if not self._still.is_set() and time.monotonic() >= due_s:
                    due_s += self._every_s
                    event = contraction(len(self.said))
                    self.said[event.id] = time.monotonic()
                    voice.event(event, STREAM)
                voice.publish_state(STATE)
                voice.heartbeat(40)
                voice.pump()
                self.waiting, self.connected = outbox.waiting, voice.connected
                self.generation = voice.counters["connections"]

    def fall_silent(self) -> None:
        """Begin no further alarm; send what waits."""
        self._still.set()

    def end(self) -> None:
        self._over.set()
        self.join(PATIENCE_S)


@dataclass
class Listener:
    """Stands where a page would, and notes when each alarm was shown, and how often."""

    shown: dict[str, list[float]] = field(default_factory=dict)

    def attach(self, ingest: Ingest) -> None:
        log, add = ingest._log, ingest._log.add

        def adding(events: Sequence[dict[str, object]], *others: object) -> object:
            moved = add(events, *others)  # type: ignore[arg-type]
            for event in events:
                self.shown.setdefault(str(event["id"]), []).append(time.monotonic())
            return moved

        object.__setattr__(log, "add", adding)


class Talk:
    """Who talks."""

    def __init__(self, folder: Path, broker: PrivateBroker, tap: WireTap | None, every_s: float) -> None:
        self.broker = broker
        self.folder = folder
        self.log = NightLog(folder / "night_log.sqlite")
        self.live = Live(Clock())
        self.ingest = Ingest(
            broker.address_of("night-log"), self.log, self.live, broker.address_of("dashboard")
        )
        self.listener = Listener()
        self.listener.attach(self.ingest)
        self.voice = Voice(tap.address if tap else broker.address_of("monitor"), folder, every_s)

    def send(self, number: signal.Signals) -> None:
        assert self.broker.pid is not None
        os.kill(self.broker.pid, number)

    def logged(self) -> Counter[tuple[str, int]]:
        rows = self.log.recent(len(self.voice.said) * 2 + 100)
        return Counter((message["id"], message["revision"]) for message in rows)

    def settle(self) -> None:
        """Wait until nothing is on its way."""
        self.voice.fall_silent()
        until(lambda: self.voice.connected and self.voice.waiting == 0, patience_s=PATIENCE_S)

    def latencies_s(self) -> list[float]:
        """Return how long each alarm took into the night log, shortest first."""
        return sorted(
            self.listener.shown[name][0] - at_s
            for name, at_s in self.voice.said.items()
            if name in self.listener.shown
        )


@contextmanager
def talking(
    *, kind: str = KIND, tapped: bool = False, every_s: float = ALARM_EVERY_S
) -> Iterator[tuple[Talk, WireTap | None]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(PrivateBroker(folder / "broker", prefer=kind))
        tap = stack.enter_context(WireTap(broker.address_of("monitor"))) if tapped else None
        talk = Talk(folder, broker, tap, every_s)
        talk.ingest.start()
        talk.voice.start()
        stack.callback(talk.log.close)
        stack.callback(talk.ingest.close)
        stack.callback(talk.voice.end)
        assert until(lambda: talk.voice.connected and talk.ingest.connected)
        yield talk, tap


def quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))] if ordered else float("inf")


def judged(talk: Talk, delays_s: Sequence[float], limit_s: float, what: str) -> Outcome:
    """Compare what was said with what the night log holds; 99 % of the delays must be below the limit."""
    talk.settle()
    once, logged = Counter((name, 0) for name in talk.voice.said), talk.logged()
    lost = (once - logged).total()
    # The night log keeps one row a key: what came twice can only stand there under a key that nobody said.
    twice = (logged - once).total()
    ordered = sorted(delays_s)
    p99_s = quantile(ordered, 0.99)
    return Outcome(
        lost=lost,
        wrong=twice,
        passed=lost == twice == 0 and p99_s < limit_s,
        figures=f"{len(talk.voice.said)} alarms over {talk.broker.kind}, {lost} lost, {twice} logged twice, "
        f"{talk.voice.waiting} still waiting; {what} p50 {quantile(ordered, 0.5):.2f}, p99 {p99_s:.2f}, "
        f"worst {ordered[-1]:.2f} s",
        worst_delay_s=ordered[-1],
    )


def together(outcomes: Sequence[tuple[str, Outcome]]) -> Outcome:
    """Return several outcomes as one."""
    worst = [one.worst_delay_s for _, one in outcomes if one.worst_delay_s is not None]
    return Outcome(
        lost=sum(one.lost for _, one in outcomes),
        wrong=sum(one.wrong for _, one in outcomes),
        passed=all(one.passed for _, one in outcomes),
        figures="; ".join(
            f"{name}: {one.figures}{'' if one.passed else ' (FAIL)'}" for name, one in outcomes
        ),
        worst_delay_s=max(worst, default=None),
    )
