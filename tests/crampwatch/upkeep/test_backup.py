"""A backup taken while things run, and what comes back from it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crampwatch.session_lock import only_session
from crampwatch.upkeep.backup import MANIFEST, back_up
from crampwatch.upkeep.errors import BackupError
from crampwatch.upkeep.home import Home
from crampwatch.upkeep.restore import restore, verify
from dashboard.diary_store import DiaryStore
from dashboard.night_log import NightLog
from tests.dashboard.events import event


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    log = NightLog(home.night_log)
    log.add([event(1, "rec.1")])
    DiaryStore(log.database).put("2026-11-21", {"note": "calm"}, at="2026-11-22T06:00:00.000Z")
    log.close()
    for name in ("fits/left-calf.toml", "nights/2026-11-21_left-calf/signal.edf", "run/a.alive", "x.bad-1"):
        (home.folder / name).parent.mkdir(exist_ok=True, parents=True)
        (home.folder / name).write_text(name)
    return home


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "crampwatch.toml"
    file.write_text('[alarms]\nmode = "awake"\n')
    return file


def test_a_backup_taken_beside_a_writer_comes_back_whole(home: Home, settings: Path, tmp_path: Path) -> None:
    with closing(NightLog(home.night_log)) as log:
        log.add([event(2, "rec.2")])
        manifest = back_up(home, settings, tmp_path / "backup")
    assert set(manifest.files) == {"data/night_log.sqlite", "data/fits/left-calf.toml", "settings.toml"}
    again, file = Home(tmp_path / "again"), tmp_path / "new" / "crampwatch.toml"
    assert restore(tmp_path / "backup", again, file) is None
    with closing(NightLog(again.night_log)) as log:
        assert {message["id"] for message in log.recent()} == {"rec.1", "rec.2"}
        assert DiaryStore(log.database).evenings()[0].answers == {"note": "calm"}
    assert file.read_text() == settings.read_text()
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in again.files())


def test_recordings_are_taken_where_asked_for(home: Home, settings: Path, tmp_path: Path) -> None:
    manifest = back_up(home, settings, tmp_path / "backup", with_raw=True)
    assert "data/nights/2026-11-21_left-calf/signal.edf" in manifest.files


def test_what_is_there_is_moved_aside_and_never_lost(home: Home, settings: Path, tmp_path: Path) -> None:
    back_up(home, settings, tmp_path / "backup")
    (home.folder / "fits" / "left-calf.toml").write_text("newer")
    with pytest.raises(BackupError, match="is there already; --force"):
        restore(tmp_path / "backup", home, settings)
    before = restore(tmp_path / "backup", home, settings, force=True)
    assert before is not None
    assert (before / "fits" / "left-calf.toml").read_text() == "newer"
    assert (home.folder / "fits" / "left-calf.toml").read_text() == "fits/left-calf.toml"


def _spoil(path: Path) -> None:
    path.write_bytes(b"x" + path.read_bytes()[1:])


def _lead_astray(path: Path) -> None:
    told = json.loads((path.parents[1] / MANIFEST).read_bytes())
    told["files"]["data/../../out"] = {"sha256": "", "bytes": 0}
    (path.parents[1] / MANIFEST).write_text(json.dumps(told))


def _make_it_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _make_it_huge(path: Path) -> None:
    os.truncate(path, 1 << 40)


def _link_elsewhere(path: Path) -> None:
    folder = path.parent.rename(path.parents[2] / "elsewhere")
    path.parent.symlink_to(folder)


def _name(name: str, size: object = 0) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        told = json.loads((path.parents[1] / MANIFEST).read_bytes())
        told["files"][name] = {"sha256": "", "bytes": size}
        (path.parents[1] / MANIFEST).write_text(json.dumps(told))

    return damage


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_spoil, "SHA-256"),
        (_make_it_a_pipe, "got something else"),
        (_make_it_huge, "got 1099511627776 with no sum"),
        (_link_elsewhere, "which is no file of a backup"),
        (_name("data/a\0b"), "which is no file of a backup"),
        (_name("data/" + "a" * 5000), "not whole|which is no file of a backup"),
        (_name("data/\ud800"), "which is no file of a backup"),
        (_name("data/a", float("inf")), "expected the manifest"),
        (Path.unlink, "not whole"),
        (_lead_astray, "which is no file of a backup"),
        (lambda path: (path.parents[1] / MANIFEST).write_text('{"format": 9}'), "newer crampwatch"),
        (lambda path: (path.parents[1] / MANIFEST).write_text("[]"), "expected the manifest"),
        (lambda path: (path.parents[1] / MANIFEST).unlink(), "expected the manifest"),
    ],
)
def test_a_damaged_backup_touches_nothing(
    home: Home, settings: Path, tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    back_up(home, settings, tmp_path / "backup")
    verify(tmp_path / "backup")
    damage(tmp_path / "backup" / "data" / "night_log.sqlite")
    held = {path: path.read_bytes() for path in home.files()}
    with pytest.raises(BackupError, match=said):
        restore(tmp_path / "backup", home, settings, force=True)
    assert {path: path.read_bytes() for path in home.files()} == held


def test_nothing_is_restored_under_a_running_session(home: Home, settings: Path, tmp_path: Path) -> None:
    back_up(home, settings, tmp_path / "backup")
    with only_session(home.folder), pytest.raises(BackupError, match="a session uses it"):
        restore(tmp_path / "backup", home, settings, force=True)


@pytest.mark.parametrize("where", ["home/backup", "full"])
def test_a_backup_goes_nowhere_it_would_do_harm(
    home: Home, settings: Path, tmp_path: Path, where: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(BackupError):
        back_up(home, settings, tmp_path / where)
    with pytest.raises(BackupError, match="expected a folder, found none"):
        back_up(Home(tmp_path / "none"), settings, tmp_path / "b")


def test_recordings_stay_in_their_place_unless_the_backup_has_its_own(
    home: Home, settings: Path, tmp_path: Path
) -> None:
    recording = home.nights / "2026-11-21_left-calf" / "signal.edf"
    back_up(home, settings, tmp_path / "small")
    back_up(home, settings, tmp_path / "whole", with_raw=True)
    home.night_log.write_bytes(b"damaged")
    before = restore(tmp_path / "small", home, tmp_path / "new.toml", force=True)
    assert before is not None
    assert (before / home.night_log.name).read_bytes() == b"damaged"
    assert recording.read_text() == "nights/2026-11-21_left-calf/signal.edf"
    recording.write_text("newer")
    before = restore(tmp_path / "whole", home, tmp_path / "newest.toml", force=True)
    assert before is not None
    assert (before / recording.relative_to(home.folder)).read_text() == "newer"
    assert recording.read_text() == "nights/2026-11-21_left-calf/signal.edf"


def test_a_damaged_database_is_named_with_what_to_do_and_leaves_no_manifest(
    home: Home, settings: Path, tmp_path: Path
) -> None:
    home.night_log.write_bytes(b"noise" * 4000)
    with pytest.raises(BackupError, match="start crampwatch once, which puts it aside"):
        back_up(home, settings, tmp_path / "backup")
    assert not (tmp_path / "backup" / MANIFEST).exists()
