"""Rows H2, H4 and H5: a soak, four fast sensors, many readers of the pages."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from crampwatch.broker import PrivateBroker
from detector.monitor import Monitor, Wishes
from firmware_bridge.clock import Clock
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, SampleBlock
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.conftest import ROOT
from tests.dashboard.browsing import Monitor as Speaker
from tests.dashboard.browsing import served
from tests.dashboard.events import event, heartbeat, levels, state
from tests.detector.mqtt_world import until
from tests.detector.signals import Scene, sensor
from tests.detector.test_monitor import NOBODY
from tests.faults.conversation import quantile
from tests.faults.row import Outcome, row

PATIENCE_S = 60.0
# Until what a process keeps for good is all there, as `make soak` waits: after four minutes its memory still grows.
WARM_UP_MINUTES = "10"


@row(
    "H2",
    "a whole session at 60 times life's pace with faults (minutes; `make soak` is H1)",
    "no memory, descriptor or thread more than at the beginning, 0 lost",
    pr=0,
    nightly=20,
    alone=True,
)
def soaked(repetitions: int) -> Outcome:
    command = [
        sys.executable,
        "-m",
        "tests.soak",
        "--minutes",
        str(repetitions),
        "--warm-up",
        WARM_UP_MINUTES,
    ]
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [*command, "--out", scratch], cwd=ROOT, capture_output=True, text=True, check=False
        )
    return soak_outcome(done.stdout, passed=done.returncode == 0)


def soak_outcome(said: str, *, passed: bool) -> Outcome:
    """Return what a soak said, in words."""
    told = json.loads(said[: said.rindex("}") + 1])
    return Outcome(
        lost=told["events_lost"] + told["changes_lost"],
        wrong=told["shown_twice"],
        passed=passed,
        figures=f"{told['hours_of_night']} h of the night, the sensor pulled {told['sensor_pulled']} times, the broker "
        f"killed {told['broker_killed']} times; {told['cramps']} cramps, {told['events_lost']} events and "
        f"{told['changes_lost']} changes of alarms lost, {told['shown_twice']} shown twice; "
        + ("; ".join(told["wrong"]) or "nothing grew"),
    )


# What cannot keep up with these falls behind from the first second: hours would show no more than minutes.
FAST = sensor(2000.0, 200.0, sites=("left-calf", "right-calf", "left-foot", "right-foot"))
SENSORS = 4


@row(
    "H4",
    "four sensors of 2 kHz x 4 channels at life's pace (seconds)",
    "0 samples lost, no later than life",
    pr=8,
    nightly=300,
    alone=True,
)
def four_sensors(repetitions: int) -> Outcome:
    """Watch so many seconds, each sensor by a board on a pty and a monitor in a process of their own."""
    pipes = []
    for number in range(SENSORS):
        ours, theirs = os.pipe()
        if os.fork() == 0:
            os.close(ours)
            watch_one(number, repetitions, theirs)
        os.close(theirs)
        pipes.append(ours)
    told = []
    for pipe in pipes:
        with os.fdopen(pipe, "rb") as said:
            told.append(json.loads(said.read() or b"[0, 0, 1e9, 0]"))
    for _ in pipes:
        os.wait()
    given = repetitions * 2000
    lost = sum(abs(given - samples) for samples, *_ in told)
    late_s = max(one[2] for one in told)
    load = sum(one[3] for one in told) / repetitions
    return Outcome(
        lost=lost,
        wrong=sum(gaps for _, gaps, *_ in told),
        passed=not lost and late_s < 2.0,
        figures=f"{SENSORS} x {repetitions} s, boards and monitors together {100 * load:.0f} % of a core; over "
        f"{late_s:.2f} s after life at worst",
        worst_delay_s=late_s,
    )


def watch_one(number: int, length_s: int, pipe: int) -> None:
    """Be a board and its monitor; say samples, gaps, lateness and processor time, and end."""
    try:
        block = Scene(float(length_s), info=replace(FAST, sensor_id=f"leg-{number}"), seed=number).block()
        with tempfile.TemporaryDirectory() as scratch, SimulatedBoard([block], block.info) as board:
            folder = Path(scratch)
            source = open_source(f"serial:{board.port}")
            began_s, used_s = time.monotonic(), processor_s()
            Monitor(lambda: source, NOBODY, Wishes(folder / "nights", folder / "outbox"), Clock()).run(
                threading.Event()
            )
            late_s, used_s = time.monotonic() - began_s - length_s, processor_s() - used_s
            items = [
                item for file in (folder / "nights").rglob("*.edf") for item in open_recording(file).items()
            ]
        samples = sum(item.samples for item in items if isinstance(item, SampleBlock))
        gaps = sum(isinstance(item, Gap) for item in items)
        os.write(pipe, json.dumps([samples, gaps, late_s, used_s]).encode())
    finally:
        os._exit(0)


def processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


READERS = 20
# RELIABILITY H5: of those that read.
SHOWN_S = 0.25


@row(
    "H5",
    "20 pages, one reading 1 kB a second, one never (seconds)",
    "what the others are shown at p99 < 250 ms, memory < 20 MB more",
    pr=6,
    nightly=120,
    alone=True,
)
def many_readers(repetitions: int) -> Outcome:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(PrivateBroker(folder / "broker"))
        address = stack.enter_context(served(folder, broker.address))
        speaker = Speaker(broker.address)
        stack.callback(speaker.close)
        speaker.say_online()
        heard = [Reader(address) for _ in range(READERS - 2)]
        for reader in heard:
            stack.enter_context(reader)
        stack.enter_context(slow_reader(address, per_s=1024))
        stack.enter_context(slow_reader(address, per_s=0))
        before = memory_mb()
        said = talk_to(speaker, repetitions)
        until(lambda: all(len(reader.shown) == len(said) for reader in heard), patience_s=10.0)
        grown = memory_mb() - before
    delays_s = sorted(
        reader.shown[name] - at_s for reader in heard for name, at_s in said.items() if name in reader.shown
    )
    lost = sum(len(said.keys() - reader.shown.keys()) for reader in heard)
    p99_s = quantile(delays_s, 0.99)
    return Outcome(
        lost=lost,
        wrong=0,
        passed=not lost and p99_s < SHOWN_S and grown < 20.0,
        figures=f"{len(said)} events to {len(heard)} readers beside a slow one and one that never reads: p50 "
        f"{1000 * quantile(delays_s, 0.5):.0f}, p99 {1000 * p99_s:.0f} ms; memory of all of it {grown:+.1f} MB",
        worst_delay_s=quantile(delays_s, 1.0),
        repetitions=repetitions,
    )


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def talk_to(speaker: Speaker, length_s: int) -> dict[str, float]:
    """Say levels four times and an event once a second, and more for those who do not read; return when."""
    said: dict[str, float] = {}
    for second in range(length_s):
        now = datetime.now(UTC)
        speaker.say("state", state(now))
        speaker.say("heartbeat", heartbeat(at=now))
        name = f"rec.{second}"
        said[name] = time.monotonic()
        speaker.say("event", event(second + 1, name))
        for quarter in range(4):
            speaker.say("levels", levels(1000 * second + 250 * quarter, rows=100))
            time.sleep(0.25)
    return said


class Reader(threading.Thread):
    """A page that reads as fast as it can."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._socket = opened(address)
        self.shown: dict[str, float] = {}

    def run(self) -> None:
        with suppress(ConnectionClosed):
            for said in self._socket:
                at_s = time.monotonic()
                if isinstance(said, str) and (told := json.loads(said)).get("type") == "event":
                    self.shown.setdefault(told["event"]["id"], at_s)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()


def opened(address: str) -> ClientConnection:
    return connect(address.replace("http", "ws") + "/ws/live", origin=Origin(address))


@contextmanager
def slow_reader(address: str, per_s: int) -> Iterator[None]:
    """Open a page's socket by hand, and read so many bytes a second."""
    host, port = address.removeprefix("http://").split(":")
    raw = socket.socket()
    # No kernel shall read for it.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect((host, int(port)))
    raw.sendall(
        f"GET /ws/live HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {address}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    over = threading.Event()

    def read() -> None:
        with suppress(OSError):
            while per_s and not over.wait(1.0):
                raw.recv(per_s)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        raw.close()
        thread.join(PATIENCE_S)
