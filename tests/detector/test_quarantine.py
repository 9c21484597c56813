"""Damaged files: put aside, never deleted, and never so many that they fill the disk."""

from pathlib import Path

from detector.quarantine import KEPT, put_aside, quarantined


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
