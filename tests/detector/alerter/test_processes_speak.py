"""Real processes on one folder: the alerter speaks for a monitor that was killed, and is heard to be alive itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crampwatch.broker import PrivateBroker
from crampwatch.plan import SessionPlan
from crampwatch.sensors import SensorPlan
from detector.sign_of_life import read_sign
from firmware_bridge.clock import Clock
from tests.detector.alerter.players import heard_in, recording_player
from tests.detector.alerter.services import PushServer, serving, until
from tests.detector.alerter.world import write_household

PATIENCE_S = 60.0


class Session:
    """A plan, its broker, and the processes started on it."""

    def __init__(self, folder: Path, broker: PrivateBroker) -> None:
        self.folder = folder
        self.clock = Clock(10.0)
        self.heard = folder / "heard"
        player = recording_player(folder, self.heard)
        plan = SessionPlan(
            *((SensorPlan("simulate:?seed=1"),), str(folder), broker.address.url(), 0, self.clock.to_text()),
            mode="guarded",
            player=player,
        )
        (folder / "run").mkdir(mode=0o700)
        self.plan = folder / "run" / "session.json"
        plan.save(self.plan)
        self.stack = ExitStack()

    def start(self, *name: str) -> subprocess.Popen[bytes]:
        called, *rest = name
        arguments = [sys.executable, "-m", "crampwatch.processes", called, str(self.plan), *rest]
        process = self.stack.enter_context(subprocess.Popen(arguments, stdin=subprocess.PIPE))
        self.stack.callback(process.kill)
        return process

    def signs(self) -> set[str]:
        """Names of the processes that are seen to be alive."""
        now_s = self.clock.mono_s()
        found = {path.stem: read_sign(path, now_s) for path in (self.folder / "run").glob("*.alive")}
        return {name for name, sign in found.items() if sign is not None and sign.is_fresh(self.clock)}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with PrivateBroker(tmp_path / "broker", prefer="embedded") as broker:
        made = Session(tmp_path, broker)
        with made.stack:
            yield made


@pytest.mark.slow
def test_the_alerter_speaks_for_a_monitor_that_was_killed(session: Session) -> None:
    with serving(PushServer()) as anna:
        write_household(session.folder, {"Anna": [anna.url]})
        alerter = session.start("alerter")
        monitor = session.start("monitor", "0")
        assert until(lambda: len(session.signs()) == 2, PATIENCE_S)
        assert until(lambda: any("test" in push["message"] for push in anna.received))
        assert "pip-soft.wav" not in heard_in(session.heard)
        monitor.kill()
        assert until(lambda: "pip-soft.wav" in heard_in(session.heard), PATIENCE_S)
        assert until(lambda: any("monitor is down" in push["message"] for push in anna.received), PATIENCE_S)
        alerter.terminate()
        assert alerter.wait(PATIENCE_S) == 0
    assert "alerter" not in session.signs()
