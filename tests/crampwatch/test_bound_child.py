"""The launcher for systems without a kernel that binds children, tried where there is one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crampwatch import bound_child
from tests.detector.mqtt_world import until

ACCOMPANY = "import sys; from crampwatch.bound_child import accompany; sys.exit(accompany(sys.argv[1:]))"
SAY_AND_SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


def running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("ending", ["standard input closes", "it is told to stop"])
def test_a_program_ends_with_its_companion(ending: str) -> None:
    command = [sys.executable, "-c", ACCOMPANY, sys.executable, "-c", SAY_AND_SLEEP]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as companion:
        assert companion.stdout is not None
        assert companion.stdin is not None
        pid = int(companion.stdout.readline())
        if ending == "standard input closes":
            companion.stdin.close()
        else:
            companion.send_signal(signal.SIGTERM)
        assert companion.wait(20) == -signal.SIGTERM or companion.returncode != 0
    assert until(lambda: not running(pid))


def test_a_companion_ends_as_its_program_did() -> None:
    command = [sys.executable, "-c", ACCOMPANY, sys.executable, "-c", "raise SystemExit(7)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as companion:
        assert companion.wait(30) == 7


@pytest.mark.skipif(sys.platform != "linux", reason="binds by the Linux kernel")
def test_a_child_whose_parent_is_gone_already_never_becomes_the_program(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = [sys.executable, "-c", f"open({str(trace)!r}, 'w')"]
    not_its_parent = "1"
    outcome = subprocess.run(
        [sys.executable, bound_child.__file__, not_its_parent, *command], check=False, timeout=30
    )
    assert outcome.returncode == 1
    assert not trace.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="binds by the Linux kernel")
def test_a_bound_child_is_the_program_itself() -> None:
    command = [sys.executable, bound_child.__file__, str(os.getpid()), sys.executable, "-c", SAY_AND_SLEEP]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert int(child.stdout.readline()) == child.pid
        child.terminate()
