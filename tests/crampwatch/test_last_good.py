"""Settings that cannot be used: a night starts with those that last could, and says so."""

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from crampwatch.last_good import last_good_file, settings_to_start
from crampwatch.settings import SettingsError, load_settings
from detector.quarantine import put_aside

GOOD = '[alarms]\nmode = "guarded"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "crampwatch.toml"
    path.write_text(GOOD)
    assert settings_to_start(path).trouble == ""
    return path


def test_the_last_good_settings_stand_in_for_a_damaged_file(file: Path) -> None:
    file.write_bytes(b"\x00\xff" * 20)
    for _ in range(3):
        settings, trouble = settings_to_start(file)
        assert settings.alarms.mode == "guarded"
        assert "last worked" in trouble
        assert str(file) in trouble
    assert file.read_bytes() == b"\x00\xff" * 20
    assert [one.read_bytes() for one in put_aside(file)] == [b"\x00\xff" * 20]


def _long(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3_000_000_000)


UNUSABLE: dict[str, Callable[[Path], object]] = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a device without an end": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a file of gigabytes": _long,
}


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices lie in folders there")
@pytest.mark.parametrize("what", UNUSABLE)
def test_whatever_lies_in_the_files_place_keeps_nobody_waiting(
    file: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.unlink()
    UNUSABLE[what](file)
    assert settings_to_start(file).settings.alarms.mode == "guarded"
    # Nobody has named it: the night takes it where it always is.
    monkeypatch.setattr("crampwatch.last_good.default_settings_file", lambda: file)
    monkeypatch.setattr("crampwatch.settings.default_settings_file", lambda: file)
    assert settings_to_start().settings.alarms.mode == "guarded"
    with pytest.raises(SettingsError, match=re.escape(str(file))):
        load_settings(file)


def test_a_mended_file_counts_again_and_becomes_the_last_good_one(file: Path) -> None:
    file.write_text("[alarms\n")
    assert settings_to_start(file).trouble
    file.write_text('[alarms]\nmode = "awake"\n')
    assert settings_to_start(file).settings.alarms.mode == "awake"
    assert last_good_file(file).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("lose", [lambda file: file.unlink(), lambda file: file.write_bytes(b"")])
def test_a_lost_file_does_not_put_everything_back_to_defaults(
    file: Path, lose: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.last_good.default_settings_file", lambda: file)
    monkeypatch.setattr("crampwatch.settings.default_settings_file", lambda: file)
    lose(file)
    settings, trouble = settings_to_start(None)
    assert settings.alarms.mode == "guarded"
    assert "gone or empty" in trouble


def test_a_password_that_others_can_read_is_refused(file: Path) -> None:
    file.write_text('[broker]\nurl = "mqtts://me:word@192.168.1.5"\n')
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600") as told:
        settings_to_start(file)
    assert "word@" not in str(told.value)
    file.chmod(0o600)
    assert settings_to_start(file).trouble == ""


def test_a_file_that_never_worked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crampwatch.toml"
    path.write_text("mode = 3\n")
    with pytest.raises(SettingsError, match="unknown key mode"):
        settings_to_start(path)


def test_two_damaged_copies_are_told_apart_from_none(file: Path) -> None:
    file.write_bytes(b"\xff")
    last_good_file(file).write_bytes(b"\xfe")
    with pytest.raises(SettingsError, match="expected UTF-8"):
        settings_to_start(file)


def test_whatever_happens_to_the_file_a_night_starts(file: Path) -> None:
    chance, whole = random.Random(3), GOOD.encode()
    for _ in range(100):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(spoilt[: chance.randrange(len(spoilt) + 1)]))
        settings_to_start(file)
        file.write_bytes(whole)
        assert settings_to_start(file).settings.alarms.mode == "guarded"
