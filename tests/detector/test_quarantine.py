"""Damaged files: put aside, never deleted, and never so many that they fill the disk."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from detector.durable_sqlite import open_durable
from detector.outbox import Outbox
from detector.quarantine import KEPT, cleared, put_aside, quarantined


def test_a_damaged_file_is_put_aside_with_what_belongs_to_it(tmp_path: Path) -> None:
    file = tmp_path / "log.sqlite"
    file.write_bytes(b"damaged")
    (tmp_path / "log.sqlite-wal").write_bytes(b"its log")
    aside = quarantined(file, ("-wal", "-shm"))
    assert not list(tmp_path.glob("log.sqlite"))
    assert not list(tmp_path.glob("log.sqlite-wal"))
    assert aside.name.startswith("log.sqlite.bad-")
    assert aside.read_bytes() == b"damaged"
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"its log"
    assert put_aside(file) == [aside]


def test_the_oldest_of_many_damaged_copies_go(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    for number in range(KEPT + 3):
        file.write_text(str(number))
        quarantined(file)
    assert [one.read_text() for one in put_aside(file)] == [str(n) for n in range(3, KEPT + 3)]


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").touch()


UNUSABLE: dict[str, Callable[[Path], object]] = {
    "a folder": _folder,
    "a pipe": os.mkfifo,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nowhere": lambda path: path.symlink_to("/nowhere/at/all"),
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices lie in folders there")
@pytest.mark.parametrize("what", UNUSABLE)
def test_what_lies_in_a_databases_place_and_is_no_file_is_put_aside(tmp_path: Path, what: str) -> None:
    place = tmp_path / "outbox.sqlite"
    UNUSABLE[what](place)
    with Outbox(place) as outbox:
        assert outbox.quarantined is not None
        assert os.path.lexists(outbox.quarantined)
        assert outbox.waiting == 0
    with Outbox(place) as outbox:
        assert outbox.quarantined is None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_file_of_ours_that_is_closed_is_opened_and_one_of_others_is_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "outbox.sqlite"
    Outbox(place).close()
    place.chmod(0)
    # Root may use any file; whoever else must open it first.
    monkeypatch.setattr("os.access", lambda path, _how: Path(path).stat().st_mode & 0o600 == 0o600)
    assert cleared(place) is None
    assert place.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr("os.access", lambda _path, _how: False)
    assert cleared(place) == put_aside(place)[0]
    assert not place.exists()


def test_where_nothing_lies_nothing_is_put_aside(tmp_path: Path) -> None:
    assert cleared(tmp_path / "none") is None
    opened = open_durable(tmp_path / "new" / "log.sqlite", lambda _connection: None)
    opened.connection.close()
    assert opened.quarantined is None
    (tmp_path / "a").write_text("file")
    with pytest.raises(OSError, match="Not a directory"):
        cleared(tmp_path / "a" / "b")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_folder_of_ours_that_is_closed_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "outbox"
    folder.mkdir(mode=0)
    # Root may use any folder; whoever else must open it first.
    monkeypatch.setattr("os.access", lambda path, how: Path(path).stat().st_mode >> 6 & how == how)
    Outbox(folder / "outbox.sqlite").close()
    assert folder.stat().st_mode & 0o777 == 0o700
