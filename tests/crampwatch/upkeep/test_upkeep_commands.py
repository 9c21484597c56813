"""The commands of upkeep, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from crampwatch.commands import app
from crampwatch.errors import told
from dashboard.night_log import NightLog
from tests.crampwatch.nights_on_disk import record
from tests.dashboard.events import event
from tests.detector.signals import Scene

NIGHT = "2020-11-20_left-calf"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    (folder / "nights" / NIGHT).mkdir(parents=True)
    record(folder / "nights" / NIGHT / "signal.edf", Scene(2.0))
    log = NightLog(folder / "night_log.sqlite")
    log.add([event(1)])
    log.close()
    return folder


def typed(home: Path, *words: str, answer: str = "") -> tuple[int, str]:
    settings = home.parent / "crampwatch.toml"
    settings.touch(mode=0o600)
    options = ["--folder", str(home), "--settings", str(settings)]
    result = CliRunner().invoke(app, [*words, *options], input=answer)
    return result.exit_code, result.output


def test_backup_and_restore(home: Path, tmp_path: Path) -> None:
    assert typed(home, "backup", str(tmp_path / "backup"), "--raw")[0] == 0
    (home / "night_log.sqlite").unlink()
    code, said = typed(home, "restore", str(tmp_path / "backup"), "--force")
    assert code == 0
    assert "what was there lies in" in said
    assert (home / "night_log.sqlite").is_file()


def test_erasure_asks_and_a_dry_run_only_tells(home: Path) -> None:
    held = sorted(home.rglob("*"))
    code, said = typed(home, "erase", NIGHT, "--dry-run")
    assert code == 0
    assert "backups" in said
    assert typed(home, "erase", NIGHT, answer="n\n")[0] == 1
    assert sorted(home.rglob("*")) == held
    assert typed(home, "erase", NIGHT, "--yes")[0] == 0
    assert not (home / "nights" / NIGHT).exists()
    assert typed(home, "erase", "--everything", answer="y\n")[0] == 0
    assert list(home.iterdir()) == []
    assert typed(home, "erase")[0] == 2


def test_retention_tells_what_it_does(home: Path) -> None:
    code, said = typed(home, "retention", "--dry-run")
    assert code == 0
    assert "0 nights would go" in said


def test_everything_is_exported(home: Path, tmp_path: Path) -> None:
    assert typed(home, "export", "all", str(tmp_path / "out"))[0] == 0
    assert (tmp_path / "out" / "events.jsonl").read_text().count("\n") == 1


def test_a_torn_recording_is_mended(home: Path) -> None:
    file = home / "nights" / NIGHT / "signal.edf"
    file.write_bytes(file.read_bytes()[:-7])
    result = CliRunner().invoke(app, ["recover", str(file)])
    assert "1 s; its header said 2 records, 1 are there" in result.output


def test_what_is_wrong_is_one_line_and_not_a_traceback(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["restore", str(home), "--folder", str(home)]
    assert told(lambda: app(words, standalone_mode=False)) == 1
    assert "expected the manifest of a backup" in capsys.readouterr().err
