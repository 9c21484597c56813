"""Many recordings: several at once give the same bytes as one after another; what fails takes nothing with it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from crampwatch.replay.files import jobs_of, replay_files
from crampwatch.replay.finding import find_recordings
from crampwatch.replay.one import Job, Outcome, Progressed, replay_one
from crampwatch.replay.progress import Bars, Board, show_on_board
from crampwatch.replay.receipts import FOLDER
from crampwatch.replay.report import write_rows
from crampwatch.replay.request import ReplayError
from crampwatch.replay.runners import several_at_once
from crampwatch.replay.span import Span
from detector.personal_fit import limits_of
from detector.settings import DetectorSettings
from firmware_bridge.samples import Mark
from tests.crampwatch.replay.replaying import SCENES, cohort, copied, request, written

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cohort(tmp_path_factory.mktemp("nights"))


@pytest.fixture(scope="module")
def expected(nights: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process writes of the cohort."""
    out = tmp_path_factory.mktemp("expected")
    assert replay_files(request(nights, events_dir=out)) == 0
    return written(out)


def receipts(out: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in (out / FOLDER).rglob("*_events.json")}


def workers() -> list[int]:
    """Return joblib's worker processes: children of ours that were told to run loky."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and b"popen_loky" in command:
            found.append(int(folder.name))
    return sorted(found)


class Watched(Bars):
    """Bars that kill every worker each time that a recording is seen to be under way, so many times."""

    def __init__(self, jobs: list[Job], victim: int, times: int) -> None:
        super().__init__(Console(force_terminal=True, file=StringIO()), jobs)
        self.victim = victim
        self.times = times
        self.killed: set[int] = set()
        self.seen = 0.0

    def at(self, number: int, share: float) -> None:
        super().at(number, share)
        fresh = set(workers()) - self.killed
        # What stands on the board from before a kill is no sign of life of those that came after it.
        if number == self.victim and self.times and share != self.seen and fresh:
            self.seen = share
            self.times -= 1
            self.killed |= fresh
            for pid in fresh:
                os.kill(pid, signal.SIGKILL)


def killed(nights: Path, out: Path, times: int) -> dict[str, Outcome]:
    """Replay a cohort in two processes that are killed while its longest recording is under way."""
    asked = request(nights, events_dir=out, speed="30")
    jobs = jobs_of(asked, find_recordings(asked.files).recordings)
    longest = max(jobs, key=lambda job: job.size)
    with Watched(jobs, longest.number, times) as bars:
        outcomes = list(several_at_once(2)(jobs, bars))
    assert bars.times == 0
    return {outcome.path.parent.name: outcome for outcome in outcomes}


def test_a_cohort_keeps_its_folders(expected: dict[str, bytes]) -> None:
    assert set(expected) == {f"{name}/night_events.{kind}" for name in SCENES for kind in ("tsv", "json")}
    assert len({expected[f"{name}/night_events.tsv"] for name in SCENES}) == len(SCENES)


@pytest.mark.slow
def test_several_at_once_give_the_same_bytes(
    nights: Path, tmp_path: Path, expected: dict[str, bytes], capfd: Said
) -> None:
    bad = copied(nights, tmp_path / "in") / "anna" / "bad.edf"
    bad.write_bytes(b"\0" * 1000)
    assert replay_files(request(bad.parents[1], events_dir=tmp_path / "out", jobs=2, json=True)) == 1
    assert written(tmp_path / "out") == expected
    said = capfd.readouterr()
    entries = json.loads(said.out)
    assert [Path(entry["file"]).name for entry in entries if "error" in entry] == ["bad.edf"]
    assert [entry["file"] for entry in entries] == sorted(entry["file"] for entry in entries)
    assert said.err.count("bad.edf") == 1
    assert workers() == []


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(nights: Path, tmp_path: Path, expected: dict[str, bytes]) -> None:
    outcomes = killed(nights, tmp_path / "out", times=1)
    assert {name: outcome.error for name, outcome in outcomes.items()} == dict.fromkeys(SCENES, "")
    assert written(tmp_path / "out") == expected


@pytest.mark.slow
def test_what_kills_its_worker_twice_is_listed_and_a_second_run_does_only_that(
    nights: Path, tmp_path: Path, expected: dict[str, bytes], capsys: Said
) -> None:
    out = tmp_path / "out"
    outcomes = killed(nights, out, times=2)
    said = f"{nights / 'anna' / 'night.edf'}: the process that replayed it was killed twice"
    assert outcomes["anna"].error.startswith(said)
    assert [name for name in SCENES if outcomes[name].found] == ["ben", "clara"]
    before = receipts(out)
    assert before.keys() == {"ben", "clara"}
    assert replay_files(request(nights, events_dir=out)) == 0
    assert "3 replayed (2 of them finished before), 0 not" in capsys.readouterr().err
    assert written(out) == expected
    assert receipts(out).items() > before.items()


def test_a_full_disk_is_told_and_what_is_written_is_whole(
    nights: Path, tmp_path: Path, expected: dict[str, bytes], capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def full(path: Path, *arguments: object, **named: object) -> int:
        if "ben" in path.parts:
            write(path, "")
            raise OSError(28, "No space left on device")
        return write(path, *arguments, **named)  # type: ignore[arg-type]

    out = tmp_path / "out"
    monkeypatch.setattr(Path, "write_text", full)
    assert replay_files(request(nights, events_dir=out)) == 1
    monkeypatch.undo()
    assert "ben/night_events.tsv: cannot be written (No space left on device)" in capsys.readouterr().err
    tables = written(out)
    assert tables == {name: content for name, content in expected.items() if not name.startswith("ben")}
    assert replay_files(request(nights, events_dir=out)) == 0
    assert written(out) == expected


def test_an_unexpected_fault_in_one_file_is_listed_and_logged(
    nights: Path,
    tmp_path: Path,
    capsys: Said,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(annotations: Iterable[Mark], settings: DetectorSettings) -> DetectorSettings:
        if next(calls) == 1:
            raise ZeroDivisionError("a defect")
        return limits_of(annotations, settings)

    calls = iter(range(9))
    monkeypatch.setattr("crampwatch.replay.one.limits_of", broken)
    assert replay_files(request(nights, events_dir=tmp_path / "out")) == 1
    said = capsys.readouterr().err
    assert "ben/night.edf: an unexpected ZeroDivisionError: a defect" in said
    assert "3 recordings: 2 replayed, 1 not" in said
    assert "ZeroDivisionError" in caplog.text


def test_an_empty_folder_is_told(nights: Path, tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "empty").mkdir()
    assert replay_files(request(nights / "anna", tmp_path / "empty")) == 1
    said = capsys.readouterr()
    assert f"{tmp_path / 'empty'}: expected recordings" in said.err
    assert "1 cramp" in said.err


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"jobs": 2, "scheduler": "tcp://127.0.0.1:1"}, "--jobs and --scheduler"),
        ({"via": "pty", "span": Span.parse("1", None, None)}, "--via pty plays whole files"),
    ],
)
def test_what_excludes_each_other_is_refused(nights: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(ReplayError, match=said):
        replay_files(request(nights, **changes))


def test_ctrl_c_keeps_what_is_finished(
    nights: Path, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(job: Job, on_progress: Progressed) -> Outcome:
        outcome = replay_one(job, on_progress)
        if outcome.number == 1:
            raise KeyboardInterrupt
        return outcome

    out = tmp_path / "out"
    monkeypatch.setattr("crampwatch.replay.runners.replay_one", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replay_files(request(nights, events_dir=out))
    assert "1 of 3 recordings are finished; the same command goes on from there" in capsys.readouterr().err
    assert receipts(out).keys() == {"anna", "ben"}


def test_a_terminal_shows_a_summary_of_all(nights: Path) -> None:
    console = Console(force_terminal=True, width=160, file=StringIO(), record=True)
    outcomes = [
        Outcome(0, Path("a.edf"), error="a.edf: cut off"),
        Outcome(1, Path("b.edf"), error="[b] gone"),
    ]
    write_rows(outcomes, StringIO(), console, everything=False)
    text = console.export_text()
    assert "not replayed: a.edf: cut off" in text
    assert "[b] gone" in text
    assert "2 recordings: 0 replayed, 2 not" in text


def test_the_bars_of_other_processes_are_read_from_a_board(tmp_path: Path) -> None:
    board = Board(tmp_path / "board", 3)
    show_on_board(board.path, 1, 0.25)
    show_on_board(board.path, 2, 1.0)
    assert board.shares() == [0.0, 0.25, 1.0]
