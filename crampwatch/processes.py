"""The processes of a session: ``python -m crampwatch.processes NAME PLAN``.

There is one ``monitor PLAN NUMBER`` for each sensor. Each process ends when it is told to (SIGTERM) or when its
standard input closes, which is how it learns that the supervisor is gone, and leaves its files closed.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from crampwatch.errors import BAD_INPUT, DONE, complain, told
from crampwatch.plain_lines import log_plainly, log_the_unexpected, plain
from crampwatch.plan import SessionPlan, load_plan
from crampwatch.session_lock import only_monitor
from crampwatch.supervisor import FINISHED, READY

if TYPE_CHECKING:
    from firmware_bridge.sources import Source

# How long after a vain try to meet a sensor comes the next.
MEET_AGAIN_S = 1.0
# How long the simulated board sleeps between looks at whether it is to stop.
BOARD_LOOK_S = 0.2


def _say(line: str) -> None:
    """Hand a line to the supervisor."""
    sys.stdout.write(f"{plain(line)}\n")
    sys.stdout.flush()


def _say_ready() -> None:
    _say(READY)


def run_monitor(plan: SessionPlan, stop: threading.Event, number: int) -> None:
    """Watch one sensor of the plan until told to stop."""
    from crampwatch.introduced import IntroducedSource, Introductions
    from crampwatch.simulate import source_factories
    from detector.alarms.schedule import times_of_day
    from detector.alerter.caregivers import FILE_NAME, is_anybody_told
    from detector.monitor import Monitor, Wishes
    from firmware_bridge.clock import Clock
    from firmware_bridge.sources import Source, open_source

    sensor = plan.sensor(number)
    clock = Clock.from_text(plan.clock)
    introductions = Introductions(plan.running)

    def source() -> Source:
        plain = open_source(sensor.source, factories=source_factories(clock), clock=clock)
        return IntroducedSource(plain, plan.names, lambda name: introductions.note(number, name))

    name = sensor.sensor_id or (introductions.of(number) if sensor.is_live else "")
    if not name and len(plan.sensors) > 1:
        # Where others are watched, too, an absent sensor is waited for.
        name = _met(source, stop)
    wishes = Wishes(
        plan.nights,
        plan.outboxes,
        fits=Path(plan.folder),
        sensor_id=name,
        mode=plan.mode,
        arm_at=times_of_day(plan.arm_at),
        tension_cue=plan.tension_cue,
        caregivers=is_anybody_told(Path(plan.folder) / FILE_NAME),
        session=Path(plan.folder),
        alerter=True,
        home_assistant=plan.home_assistant,
        synthetic=plan.is_synthetic(sensor),
        settings_trouble=plan.settings_trouble,
        say=_say,
    )
    with only_monitor(plan.outboxes, name) if name else nullcontext():
        if not stop.is_set():
            Monitor(source, plan.broker_of("monitor"), wishes, clock).run(stop, on_ready=_say_ready)
    if not stop.is_set():
        _say("The recording is over; the pages stay until Ctrl-C.")
        _say(FINISHED)


def _met(make_source: "Callable[[], Source]", stop: threading.Event) -> str:
    """Return the name that a sensor gives itself, as soon as it is there; empty once told to stop."""
    from firmware_bridge.source_contract import NotASensorError, PortError

    said = ""
    while not stop.is_set():
        try:
            with make_source() as source:
                return source.open().sensor_id
        except (NotASensorError, PortError) as error:
            if str(error) != said:
                said = str(error)
                _say(f"not there yet: {said}")
        stop.wait(MEET_AGAIN_S)
    return ""


def run_dashboard(plan: SessionPlan, stop: threading.Event) -> None:
    """Keep the night log and serve the pages until told to stop."""
    from dashboard.server import serve
    from dashboard.settings import DashboardSettings

    settings = DashboardSettings(
        port=plan.port,
        database=plan.database,
        nights=plan.nights,
        broker=plan.broker_of("night-log"),
        pages_broker=plan.broker_of("dashboard"),
        clock=plan.clock,
        elsewhere=plan.pages.elsewhere(Path(plan.folder)),
        night_log_url=plan.pages.night_log_url,
        night_log_password=plan.pages.night_log_password,
        language=plan.pages.language,
        hours=plan.pages.hours,
    )
    serve(settings, stop=stop, on_ready=_say_ready)


def run_alerter(plan: SessionPlan, stop: threading.Event) -> None:
    """Sound at the bed, call caregivers, and speak for monitors that fall silent, until told to stop."""
    from detector.alerter.alerter import Alerter, AlerterWishes
    from firmware_bridge.clock import Clock

    wishes = AlerterWishes(
        Path(plan.folder),
        expected=[sensor.sensor_id for sensor in plan.sensors if sensor.sensor_id],
        player=plan.player,
        # A demonstration chimes at nobody's bed and rings nobody's phone.
        tests=plan.board is None,
        say=_say,
    )
    Alerter(plan.broker_of("alerter"), wishes, Clock.from_text(plan.clock)).run(stop, on_ready=_say_ready)


def run_board(plan: SessionPlan, stop: threading.Event) -> None:
    """Play a recording or the synthetic wearer as a board on a pseudo-terminal, under a name that stays."""
    from crampwatch.simulate import board_items
    from firmware_bridge.clock import Clock
    from firmware_bridge.simulated_board import SimulatedBoard

    assert plan.board is not None
    info, items = board_items(plan.board)
    link = Path(plan.board.link)
    with SimulatedBoard(items, info, clock=Clock.from_text(plan.clock), link=link) as board:
        for warning in board.warnings:
            _say(warning)
        _say_ready()
        while not stop.wait(BOARD_LOOK_S) and board.failure is None:
            pass
        if board.failure is not None:
            raise board.failure


Process = Callable[[SessionPlan, threading.Event], None]
# Of which a session has one each; monitors are as many as there are sensors.
PROCESSES: Mapping[str, Process] = {
    "alerter": run_alerter,
    "dashboard": run_dashboard,
    "board": run_board,
}


def _stop_on_signal(stop: threading.Event) -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop_when_orphaned(stop: threading.Event) -> None:
    def wait() -> None:
        # An empty read is the other end's closing: the supervisor has ended, however it did.
        while os.read(sys.stdin.fileno(), 1):
            pass
        stop.set()

    threading.Thread(target=wait, daemon=True).start()


def main() -> int:
    """Run the process that the command line names."""
    log_plainly()
    log_the_unexpected()
    match sys.argv[1:]:
        case ["monitor", path, number] if number.isdecimal():
            return _run(lambda plan, stop: run_monitor(plan, stop, int(number)), path)
        case [name, path] if name in PROCESSES:
            return _run(PROCESSES[name], path)
        case _:
            complain(
                f"usage: python -m crampwatch.processes {{{'|'.join(PROCESSES)}}} PLAN, or monitor PLAN NUMBER"
            )
            return BAD_INPUT


def _run(process: Process, path: str) -> int:
    stop = threading.Event()
    _stop_on_signal(stop)
    _stop_when_orphaned(stop)
    return told(lambda: process(load_plan(Path(path)), stop))


if __name__ == "__main__":
    sys.exit(main() or DONE)
