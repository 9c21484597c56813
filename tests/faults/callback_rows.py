"""Row C4: whatever raises in a callback of ours, the connection lives and the next message is handled."""

from __future__ import annotations

import contextlib
import functools
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from starlette.testclient import TestClient

from crampwatch.broker import PrivateBroker
from dashboard.app import all_doors, build
from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from detector import mqtt_link
from detector.alerter.monitors import Monitors
from detector.messages import encode
from detector.mqtt_link import MqttLink
from firmware_bridge.clock import Clock
from tests.dashboard.events import event
from tests.detector.alerter.world import MonitorStandIn, alerting, write_household
from tests.detector.mqtt_world import TOPICS, Ear, until
from tests.faults.row import Outcome, row

# Each of these is called by paho's thread.
MQTT_HOOKS = ("_on_pre_connect", "_on_connect", "_on_disconnect", "_on_message")


def faulty(does: Callable[..., Any], times: int) -> tuple[Callable[..., Any], list[int]]:
    """Return what raises in so many of its calls and then does the same, and how many are left."""
    left = [times]

    @functools.wraps(does)
    def called(*arguments: Any, **named: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            raise LookupError("a fault of ours")
        return does(*arguments, **named)

    return called, left


def mqtt_hook(name: str, broker: PrivateBroker) -> str:
    """Let a callback of the link raise once; return what is wrong afterwards."""
    link = MqttLink(broker.address, "link", [("in", 1)])
    called, left = faulty(getattr(link, name), 1)
    setattr(link, name, called)
    with Ear(broker.address) as ear:
        link.start()
        until(lambda: link.connected or not left[0], turn=link.check)
        if name == "_on_disconnect":
            drop(link)
        if name == "_on_connect" and not link.connected:
            # Of this connection nobody has heard; of the next one everybody does.
            drop(link)
        heard = list[bytes]()

        def turn() -> None:
            link.check()
            ear.client.publish("in", b"next", 1)
            heard.extend(one.payload for one in link.take_received())

        came = until(lambda: heard and link.connected, turn=turn)
        counted = link.counters.callback_errors == 1 and not left[0]
    link.close()
    return "" if came and counted else f"{name}: next message {came}, counted {counted}"


def drop(link: MqttLink) -> None:
    """Break the connection under a link."""
    assert link._client is not None
    connection = link._client.socket()
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def ingest_turn(folder: Path, broker: PrivateBroker) -> str:
    """Let the night log's turn raise; return what is wrong afterwards."""
    log, live = NightLog(folder / "log.sqlite"), Live(Clock())
    ingest = Ingest(broker.address, log, live)
    called, _ = faulty(live.tell_event, 1)
    with patch.object(live, "tell_event", called), Ear(broker.address) as ear:
        ingest.start()
        until(lambda: ingest.connected)
        numbers = iter(range(1, 10_000))

        def turn() -> None:
            number = next(numbers)
            ear.client.publish(TOPICS.event, encode(event(number, f"rec.{number}")), 1)

        came = until(lambda: ingest.counters.turn_failures == 1 and len(log.recent()) > 1, turn=turn)
        alive = ingest._thread.is_alive()
    ingest.close()
    log.close()
    return "" if came and alive else f"night log: next event {came}, thread {alive}"


def page(folder: Path) -> str:
    """Let a page raise; return what is wrong with the next one."""
    log, live = NightLog(folder / "pages.sqlite"), Live(Clock())
    called, _ = faulty(Nights.names, 1)
    nights = Nights(folder / "nights", folder / "overviews", log)
    with patch.object(Nights, "names", called):
        doors = all_doors(live, log, nights)
        client = TestClient(
            build(doors, lambda: 8460), "http://127.0.0.1:8460", raise_server_exceptions=False
        )
        first, second = (client.get("/nights").status_code for _ in range(2))
    log.close()
    return "" if (first, second) == (500, 200) else f"page: {first}, then {second}"


def alerter_turn(folder: Path) -> str:
    """Let a turn of the alerter raise; return what is wrong afterwards."""
    clock = Clock(60.0)
    write_household(folder, {})
    called, left = faulty(Monitors.look, 3)
    with (
        patch.object(Monitors, "look", called),
        MonitorStandIn(folder, clock),
        alerting(folder, clock, expected=("left-calf",), player="true"),
    ):
        sign = folder / "run" / "alerter.alive"
        came = until(lambda: not left[0] and sign.exists())
    return "" if came else "alerter: no sign of life after three failed turns"


@row(
    "C4",
    "an exception in a callback: MQTT (4), night log, page, alerter",
    "counted, connection and thread alive, the next message handled",
    pr=2,
    nightly=20,
)
def faulty_callbacks(repetitions: int) -> Outcome:
    wrong = list[str]()
    mqtt_link._RECONNECT_S = (0.1, 0.1)  # type: ignore[assignment]
    mqtt_link._CHECK_EVERY_S = 0.1
    began_s, times = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as scratch, PrivateBroker(Path(scratch) / "broker") as broker:
        for number in range(repetitions):
            folder = Path(scratch) / str(number)
            folder.mkdir(mode=0o700)
            told = [mqtt_hook(name, broker) for name in MQTT_HOOKS]
            told += [ingest_turn(folder, broker), page(folder), alerter_turn(folder)]
            wrong += [trouble for trouble in told if trouble]
            times += len(told)
    return Outcome(
        lost=len(wrong),
        wrong=0,
        passed=not wrong,
        figures=f"{times} exceptions in {time.monotonic() - began_s:.0f} s; {'; '.join(wrong[:3]) or 'none told'}",
        repetitions=times,
    )
