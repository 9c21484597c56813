"""The processes of a session: what they are told, and what they refuse."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crampwatch.channel_flags import ChannelFlags
from crampwatch.plan import BoardPlan, SessionPlan, load_plan
from crampwatch.sensors import SensorPlan
from crampwatch.settings import SettingsError

PATIENCE_S = 60.0
PLAN = SessionPlan((SensorPlan("simulate:?seed=1"),), "/data", "mqtt://user:secret@127.0.0.1:1", 9001, "")


def process(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crampwatch.processes", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        SessionPlan(
            (SensorPlan("serial:x?id=a", "a"), SensorPlan("serial:y")), "/d", "", 1, "", mode="guarded"
        ),
        SessionPlan(
            (SensorPlan("serial:x"),),
            "/d",
            "",
            1,
            "",
            BoardPlan("x", "a.edf", ChannelFlags(("1", "2"), ("none",), "mV", "g"), 3),
        ),
    ],
)
def test_a_plan_reads_back_as_it_was_and_for_its_owner_alone(tmp_path: Path, plan: SessionPlan) -> None:
    plan.save(tmp_path / "session.json")
    assert load_plan(tmp_path / "session.json") == plan
    assert stat.S_IMODE((tmp_path / "session.json").stat().st_mode) == 0o600


def test_a_wearer_is_synthetic_as_a_source_or_on_a_board_and_a_recording_is_not() -> None:
    cable = SensorPlan("serial:/dev/ttyUSB0")

    def on_a_board(recording: str | None) -> SessionPlan:
        return SessionPlan((cable,), "/d", "", 1, "", BoardPlan("x", recording, ChannelFlags(), 1))

    assert PLAN.is_synthetic(PLAN.sensor(0))
    assert on_a_board(None).is_synthetic(cable)
    assert not on_a_board("mine.edf").is_synthetic(cable)
    assert not SessionPlan((cable,), "/d", "", 1, "").is_synthetic(cable)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"board": null, "colour": 1}', '{"board": {"link": 1}}']
)
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "session.json").write_text(content)
    with pytest.raises(SettingsError, match="expected what the supervisor writes"):
        load_plan(tmp_path / "session.json")


def test_a_plan_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        PLAN.save(tmp_path / "absent" / "session.json")


def test_a_sensor_that_is_not_in_the_plan_is_refused(tmp_path: Path) -> None:
    PLAN.save(tmp_path / "session.json")
    done = process("monitor", tmp_path / "session.json", "1")
    assert done.returncode == 1
    assert "sensor 1: expected one of 1" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("monitor",), ("monitor", "plan.json"), ("monitor", "plan.json", "-1"), ("bell", "plan.json")],
)
def test_another_process_than_there_is_is_refused(arguments: tuple[str, ...]) -> None:
    done = process(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "crampwatch: usage: python -m crampwatch.processes {alerter|dashboard|board} PLAN, or monitor PLAN NUMBER"
    )


def test_a_plan_that_is_absent_is_one_line(tmp_path: Path) -> None:
    done = process("dashboard", tmp_path / "absent.json")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "absent.json" in done.stderr
