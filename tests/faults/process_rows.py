"""Rows C2, C6 and C7: processes that hang, starve, or die as soon as they are started."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crampwatch.broker import PrivateBroker
from crampwatch.plan import SessionPlan
from crampwatch.sensors import SensorPlan
from crampwatch.settings import private_folder
from crampwatch.supervisor import ChildProcess, Supervisor
from detector.topics import Topics
from firmware_bridge.clock import Clock
from tests.crampwatch.running import free_port
from tests.detector.alerter.services import PushServer, serving
from tests.detector.alerter.world import MonitorStandIn, alerting, write_household
from tests.detector.mqtt_world import Ear, until
from tests.faults.conversation import judged, talking
from tests.faults.nursery import Forked, Nursery
from tests.faults.row import Outcome, row

SENSOR = "left-calf"
# The least at which ten seconds of the night are still more than a busy machine may need.
RATE = 3.0
# RELIABILITY C2: until others have said it, s of the night.
SAID_S = 20.0
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Household:
    """A monitor of a synthetic wearer, an alerter and a broker; and an ear."""

    clock: Clock
    processes: Mapping[str, Forked]
    ear: Ear

    def is_down(self, name: str) -> bool:
        """Tell whether the others say that a process has stopped."""
        if name == "monitor":
            changes = self.ear.messages(Topics("alerter").alarm)
            down = [one["stage"] for one in changes if one["code"] == "DETECTOR_DOWN"]
            return down[-1:] in (["active"], ["pending"])
        states = self.ear.messages(Topics(SENSOR).state)
        return bool(states) and "DETECTOR_DOWN" in {one["code"] for one in states[-1]["conditions"]}


@contextmanager
def household() -> Iterator[Household]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nursery = stack.enter_context(Nursery(folder / "said.txt"))
        broker = stack.enter_context(PrivateBroker(folder / "broker"))
        clock = Clock(RATE)
        plan = private_folder(folder / "run") / "session.json"
        SessionPlan(
            (SensorPlan("simulate:?seed=1", SENSOR),),
            *(str(folder), broker.address.url(), free_port(), clock.to_text()),
            mode="guarded",
            player="true",
        ).save(plan)
        words = {"monitor": ("monitor", str(plan), "0"), "alerter": ("alerter", str(plan))}
        processes = {name: Forked(name, nursery, *some) for name, some in words.items()}
        ear = stack.enter_context(Ear(broker.address))
        for process in processes.values():
            process.start()
            stack.callback(process.stop)
        home = Household(clock, processes, ear)
        assert until(lambda: ear.payloads(Topics(SENSOR).heartbeat), patience_s=PATIENCE_S)
        assert until((folder / "run" / "alerter.alive").exists, patience_s=PATIENCE_S)
        assert until(lambda: not any(map(home.is_down, processes)), patience_s=PATIENCE_S)
        yield home


@row(
    "C2",
    "the monitor hangs, the alerter hangs (SIGSTOP)",
    "the other one raises DETECTOR_DOWN within 20 s, and takes it back when it goes on",
    pr=2,
    nightly=50,
)
def hanging(repetitions: int) -> Outcome:
    """Hang each of them so many times; that a watchdog restarts what hangs is row C3's."""
    unsaid, stuck, delays_s = 0, 0, list[float]()
    with household() as home:
        for _ in range(repetitions):
            for name, process in home.processes.items():
                began_s = home.clock.mono_s()
                send(process, signal.SIGSTOP)
                unsaid += not until(lambda: home.is_down(name), patience_s=PATIENCE_S)  # noqa: B023 - used at once
                delays_s.append(home.clock.mono_s() - began_s)
                send(process, signal.SIGCONT)
                stuck += not until(lambda: not home.is_down(name), patience_s=PATIENCE_S)  # noqa: B023 - likewise
    return Outcome(
        lost=unsaid,
        wrong=stuck,
        passed=not unsaid and not stuck and max(delays_s) <= SAID_S,
        figures=f"{len(delays_s)} times at {RATE:g} times life's pace; {unsaid} not said, {stuck} not taken back",
        worst_delay_s=max(delays_s),
        repetitions=len(delays_s),
    )


def send(process: Forked, number: signal.Signals) -> None:
    assert process._descriptor is not None
    signal.pidfd_send_signal(process._descriptor, number)


BUSY = 4
# RELIABILITY C6.
STARVED_S = 1.0


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Take all the processor that there is."""
    pids = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            while True:
                pass
        pids.append(pid)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@row(
    "C6",
    "four busy loops beside monitor's voice, broker and night log (seconds)",
    "0 alarms lost, in the night log at p99 < 1 s",
    pr=8,
    nightly=300,
    alone=True,
)
def starving(repetitions: int) -> Outcome:
    with talking(every_s=0.2) as (talk, _):
        with busy_loops(BUSY):
            time.sleep(repetitions)
        talk.settle()
        return judged(talk, talk.latencies_s(), STARVED_S, "in the night log after")


STORM_RATE = 20.0
STARTS = 20
# RELIABILITY C7: until a caregiver is told, s of the night.
TOLD_S = 120.0


@row(
    "C7",
    "a monitor that dies at each start, 20 times",
    "started again each time, ever more patiently; a caregiver is told <= 120 s",
    pr=1,
    nightly=20,
)
def restart_storms(repetitions: int) -> Outcome:
    untold, given_up, delays_s = 0, 0, list[float]()
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory() as scratch:
            delay_s, starts = storm(Path(scratch))
        untold += delay_s is None
        given_up += starts < STARTS
        delays_s.append(delay_s or PATIENCE_S * STORM_RATE)
    return Outcome(
        lost=untold,
        wrong=given_up,
        passed=not untold and not given_up and max(delays_s) <= TOLD_S,
        figures=f"{repetitions} storms of {STARTS} starts; {untold} not told, {given_up} given up",
        worst_delay_s=max(delays_s),
    )


def storm(folder: Path) -> tuple[float | None, int]:
    """Let a monitor live once, then die at each start; return when a caregiver was told, and how often it started."""
    clock = Clock(STORM_RATE)
    lines = list[str]()
    dying = ChildProcess("monitor", ("-c", "raise SystemExit(3)"), lambda _line: None)
    supervisor, stop = Supervisor([dying], lines.append, clock), threading.Event()
    with serving(PushServer()) as anna, MonitorStandIn(folder, clock) as monitor:
        write_household(folder, {"Anna": [anna.url]})
        with alerting(folder, clock, expected=(SENSOR,), player="true"):
            assert until((folder / "run" / f"{SENSOR}.alive").exists)
            monitor.die()
            began_s = clock.mono_s()
            keeper = threading.Thread(target=keep, args=(supervisor, stop))
            keeper.start()
            told = until(lambda: anna.received, patience_s=PATIENCE_S)
            delay_s = clock.mono_s() - began_s if told else None
            until(lambda: len(lines) >= STARTS, patience_s=PATIENCE_S)
            stop.set()
            keeper.join()
    return delay_s, len(lines)


def keep(supervisor: Supervisor, stop: threading.Event) -> None:
    """Keep what it supervises alive."""
    try:
        supervisor.start(stop)
        supervisor.watch(stop)
    finally:
        supervisor.stop()
