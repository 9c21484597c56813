"""The supervisor on real processes: what dies comes back, and nothing outlives it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crampwatch.supervisor import START_S, ChildFailedError, ChildProcess, Supervisor
from firmware_bridge.clock import Clock

READY_AND_WAIT = "print('@ready', flush=True); import sys; sys.stdin.read()"
# Longer than any step of these tests takes on a loaded machine.
PATIENCE_S = 20.0


def child(code: str, said: list[str] | None = None, name: str = "child") -> ChildProcess:
    return ChildProcess(name, ("-c", code), said.append if said is not None else print)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.02)


def test_a_killed_child_is_started_again() -> None:
    said: list[str] = []
    one = child(READY_AND_WAIT)
    supervisor = Supervisor([one], said.append)
    stop = threading.Event()
    supervisor.start()
    watcher = threading.Thread(target=supervisor.watch, args=(stop,))
    watcher.start()
    try:
        assert one.wait_ready(PATIENCE_S)
        first = one.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: one.pid != first and one.wait_ready(PATIENCE_S))
        assert said == ["child ended; starting it again in 0.5 s"]
    finally:
        stop.set()
        watcher.join(PATIENCE_S)
        supervisor.stop()
    assert not one.alive()


def test_a_child_that_cannot_work_ends_the_session() -> None:
    supervisor = Supervisor([child("raise SystemExit(1)")], print)
    supervisor.start()
    with pytest.raises(ChildFailedError, match="child"):
        supervisor.watch(threading.Event())
    supervisor.stop()


def test_a_child_that_once_worked_is_restarted_whatever_its_exit_code() -> None:
    said: list[str] = []
    one = child("print('@ready', flush=True); raise SystemExit(1)")
    supervisor = Supervisor([one], said.append)
    supervisor.start()
    assert not one.wait_ready(PATIENCE_S) or one.was_ready
    wait_until(lambda: one.was_ready)
    supervisor.watch(threading.Event(), until=lambda: len(said) >= 2)
    supervisor.stop()
    assert said[:2] == ["child ended; starting it again in 0.5 s", "child ended; starting it again in 1 s"]


def test_a_service_that_does_not_start_again_is_tried_once_more() -> None:
    class Stubborn:
        name = "stubborn"
        starts = 0

        def start(self) -> None:
            self.starts += 1
            if self.starts == 2:
                raise OSError("port is taken")

        def alive(self) -> bool:
            return self.starts == 3

        def stop(self) -> None:
            pass

    said: list[str] = []
    service = Stubborn()
    supervisor = Supervisor([service], said.append)
    supervisor.start()
    supervisor.watch(threading.Event(), until=service.alive)
    assert "did not start (port is taken)" in said[1]


def test_a_childs_other_lines_are_passed_on() -> None:
    said: list[str] = []
    one = child(
        "print('cramp: calf tight 8 s'); print('@ready', flush=True); import sys; sys.stdin.read()", said
    )
    one.start()
    assert one.wait_ready(PATIENCE_S)
    one.stop()
    assert said == ["cramp: calf tight 8 s"]


def test_a_deaf_child_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crampwatch.supervisor.STOP_S", 0.3)
    one = child(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('@ready', flush=True); time.sleep(600)"
    )
    one.start()
    assert one.wait_ready(PATIENCE_S)
    one.stop()
    assert not one.alive()


def test_services_stop_last_first_also_when_one_fails_to_start() -> None:
    order: list[str] = []

    class Noted:
        def __init__(self, name: str) -> None:
            self.name = name

        def start(self) -> None:
            if self.name == "c":
                raise OSError("cannot")

        def alive(self) -> bool:
            return True

        def stop(self) -> None:
            order.append(self.name)

    with pytest.raises(OSError, match="cannot"):
        Supervisor([Noted(name) for name in "abc"], print).start()
    assert order == ["b", "a"]


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """A child whose supervisor is killed -9 sees its standard input close."""
    note = tmp_path / "pid"
    code = (
        "import sys, time\nfrom crampwatch.supervisor import ChildProcess\n"
        f"one = ChildProcess('one', ('-c', {READY_AND_WAIT!r}), print)\none.start()\none.wait_ready(20)\n"
        f"open({str(note)!r}, 'w').write(str(one.pid))\ntime.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    wait_until(lambda: note.exists() and note.read_text() != "")
    orphan = int(note.read_text())
    parent.kill()
    parent.wait()
    wait_until(
        lambda: not Path(f"/proc/{orphan}/stat").exists() or " Z " in Path(f"/proc/{orphan}/stat").read_text()
    )


def test_a_child_that_has_done_all_there_was_is_left_in_peace() -> None:
    said: list[str] = []
    one = child("print('@ready'); print('the recording is over'); print('@finished')", said)
    supervisor = Supervisor([one], said.append)
    supervisor.start()
    wait_until(lambda: one.was_ready)
    looks = iter(range(10))
    supervisor.watch(threading.Event(), until=lambda: next(looks, None) is None)
    supervisor.stop()
    assert said == ["the recording is over"]


@dataclass(frozen=True)
class SlowHost(Clock):
    """A clock of which each look takes ten seconds, until so many have passed."""

    until_s: float = 1e9
    passed_s: list[float] = field(default_factory=lambda: [0.0])

    def mono_s(self) -> float:
        self.passed_s[0] = min(self.until_s, self.passed_s[0] + 10.0)
        return self.passed_s[0]


def needed(code: str) -> ChildProcess:
    return ChildProcess("board", ("-c", code), print, needed_first_s=START_S)


def ready_once(told: Path) -> str:
    """Code of a child that works as soon as a file is there."""
    waits = f"while not pathlib.Path({str(told)!r}).exists(): time.sleep(0.02)"
    return f"import pathlib, time\n{waits}\n{READY_AND_WAIT}"


def test_a_slow_start_is_told_ever_less_often_and_waited_for(tmp_path: Path) -> None:
    said: list[str] = []
    told = tmp_path / "told"

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 3:
            told.touch()

    board, monitor = needed(ready_once(told)), child(READY_AND_WAIT)
    # Its fourth telling would come after 160 s.
    supervisor = Supervisor([board, monitor], say, SlowHost(until_s=150.0))
    try:
        supervisor.start()
        assert board.was_ready
        assert monitor.alive()
        assert said == [f"board is still starting, {after} s …" for after in (30, 50, 90)]
    finally:
        supervisor.stop()


def test_one_that_others_need_is_not_waited_for_for_ever() -> None:
    board, monitor = needed("import time; time.sleep(600)"), child(READY_AND_WAIT)
    with pytest.raises(ChildFailedError, match="board does not work yet after 180 s"):
        Supervisor([board, monitor], print, SlowHost()).start()
    assert not board.alive()
    assert monitor.pid is None


def test_that_one_that_others_need_cannot_work_is_told_at_once() -> None:
    board, monitor = needed("raise SystemExit(1)"), child(READY_AND_WAIT)
    with pytest.raises(ChildFailedError, match="board cannot work with what it was given"):
        Supervisor([board, monitor], print).start()
    assert monitor.pid is None


def test_who_dies_while_another_one_is_waited_for_is_told_and_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    told = tmp_path / "told"

    def say(text: str) -> None:
        said.append(text)
        told.touch()

    early, board = child("raise SystemExit(3)", name="early"), needed(ready_once(told))
    supervisor = Supervisor([early, board], say)
    try:
        supervisor.start()
        assert board.was_ready
        assert said[0] == "early ended; starting it again in 0.5 s"
    finally:
        supervisor.stop()


def test_one_that_others_need_and_that_dies_once_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    died = f"died = pathlib.Path({str(tmp_path / 'died')!r})"
    board = needed(
        f"import pathlib\n{died}\nif not died.exists():\n    died.touch()\n    raise SystemExit(3)\n{READY_AND_WAIT}"
    )
    supervisor = Supervisor([board], said.append)
    try:
        supervisor.start()
        assert board.was_ready
        assert said == ["board ended; starting it again in 0.5 s"]
    finally:
        supervisor.stop()


def test_a_slow_start_does_not_keep_one_from_stopping() -> None:
    stop = threading.Event()
    board, monitor = needed("import time; time.sleep(600)"), child(READY_AND_WAIT)
    supervisor = Supervisor([board, monitor], lambda _text: stop.set(), SlowHost(until_s=150.0))
    supervisor.start(stop)
    supervisor.stop()
    assert not board.alive()
    assert monitor.pid is None


def test_a_slow_start_that_nobody_waits_for_is_told_as_well(tmp_path: Path) -> None:
    said: list[str] = []
    one, spared = child(ready_once(tmp_path / "told"), name="monitor"), child(READY_AND_WAIT)
    spared.is_spared = True
    supervisor = Supervisor([one, spared], said.append, SlowHost())
    supervisor.start()
    supervisor.watch(threading.Event(), until=lambda: bool(said))
    # What it says of the other one comes in the same turn.
    (tmp_path / "told").touch()
    wait_until(lambda: one.was_ready and spared.was_ready)
    looks = iter(range(10))
    supervisor.watch(threading.Event(), until=lambda: next(looks, None) is None)
    supervisor.stop()
    assert [text.partition(",")[0] for text in said] == ["monitor is still starting"]
