"""The processes of a session: ``python -m crampwatch.processes NAME PLAN``.

Each ends when it is told to (SIGTERM) or when its standard input closes, which is how it learns that the
supervisor is gone, and leaves its files closed.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from crampwatch.errors import BAD_INPUT, DONE, complain, told
from crampwatch.plan import SessionPlan, load_plan
from crampwatch.supervisor import FINISHED, READY

# How long the simulated board sleeps between looks at whether it is to stop.
BOARD_LOOK_S = 0.2


def _say(line: str) -> None:
    """Hand a line to the supervisor."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _say_ready() -> None:
    _say(READY)


def run_monitor(plan: SessionPlan, stop: threading.Event) -> None:
    """Watch one sensor until told to stop."""
    from crampwatch.simulate import source_factories
    from detector.broker_address import parse_broker_url
    from detector.monitor import Monitor, Wishes
    from firmware_bridge.clock import Clock
    from firmware_bridge.sources import Source, open_source

    clock = Clock.from_text(plan.clock)

    def source() -> Source:
        return open_source(plan.source, factories=source_factories(clock), clock=clock)

    wishes = Wishes(plan.nights, plan.outboxes, synthetic=plan.is_synthetic, say=_say)
    Monitor(source, parse_broker_url(plan.broker), wishes, clock).run(stop, on_ready=_say_ready)
    if not stop.is_set():
        _say("The recording is over; the pages stay until Ctrl-C.")
        _say(FINISHED)


def run_dashboard(plan: SessionPlan, stop: threading.Event) -> None:
    """Keep the night log and serve the pages until told to stop."""
    from dashboard.server import serve
    from dashboard.settings import DashboardSettings
    from detector.broker_address import parse_broker_url

    settings = DashboardSettings(
        port=plan.port,
        database=plan.database,
        nights=plan.nights,
        broker=parse_broker_url(plan.broker),
        clock=plan.clock,
    )
    serve(settings, stop=stop, on_ready=_say_ready)


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


PROCESSES: Mapping[str, Callable[[SessionPlan, threading.Event], None]] = {
    "monitor": run_monitor,
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
    match sys.argv[1:]:
        case [name, path] if name in PROCESSES:
            stop = threading.Event()
            _stop_on_signal(stop)
            _stop_when_orphaned(stop)
            return told(lambda: PROCESSES[name](load_plan(Path(path)), stop))
        case _:
            complain(f"usage: python -m crampwatch.processes {{{'|'.join(PROCESSES)}}} PLAN")
            return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main() or DONE)
