"""The settings that last worked, kept beside the file: a damaged or mistaken one must not keep a night from starting.

The file itself is a person's and stays where it is until that person mends it; a copy of what could not be used is put
aside once. Only what starts a night takes the last good ones; every other command says what is wrong.
"""

import contextlib
import logging
import os
import stat
from pathlib import Path
from typing import NamedTuple

from crampwatch.broker_login import write_private
from crampwatch.settings import (
    LONGEST_FILE,
    Settings,
    SettingsError,
    default_settings_file,
    load_settings,
    parsed_settings,
)
from detector.quarantine import put_aside, quarantined

_log = logging.getLogger(__name__)

_ENDING = ".last-good"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class StartedWith(NamedTuple):
    """The settings that a night starts with, and why they are not those of the file; empty where they are."""

    settings: Settings
    trouble: str = ""


def last_good_file(file: Path) -> Path:
    """Return where the last good copy of a settings file lies."""
    return file.with_name(file.name + _ENDING)


def settings_to_start(path: Path | None = None) -> StartedWith:
    """Return the settings of a file, or, where it cannot be used, those that it held when it last could.

    Args:
        path: A file the user named; None for the default place.

    Raises:
        SettingsError: it cannot be used, and never could; or others can read a password in it.
    """
    file = path or default_settings_file()
    try:
        settings = _settings_in(file, path)
    except SettingsError as error:
        good = _last_good(file)
        if good is None:
            # It says by itself what is wrong; a file that holds nothing is none at a first start.
            return StartedWith(load_settings(path))
        _keep_damaged(file)
        return StartedWith(good, f"{error}. The settings that last worked are used until then")
    _refuse_a_password_for_all(file, settings)
    _keep_good(file)
    return StartedWith(settings)


def _settings_in(file: Path, path: Path | None) -> Settings:
    """Read the file; one that is gone or empty although there once was one is as good as damaged."""
    settings = load_settings(path)
    good = last_good_file(file)
    if good.exists() and not (file.is_file() and file.read_bytes().strip()):
        raise SettingsError(f"settings file {file}: is gone or empty; write it, or remove {good}")
    return settings


def _refuse_a_password_for_all(file: Path, settings: Settings) -> None:
    if os.name != "posix" or "@" not in settings.broker.url or not file.exists():
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _OTHERS:
        raise SettingsError(
            f"settings file {file}: expected a file for its owner alone (mode 600), got {mode:o}; broker.url holds a "
            f"password: chmod 600 {file}"
        )


def _last_good(file: Path) -> Settings | None:
    good = last_good_file(file)
    try:
        return parsed_settings(good.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, SettingsError) as error:
        _log.error("%s cannot be used either: %s", good, error)
        with contextlib.suppress(OSError):
            quarantined(good)
        return None


def _keep_good(file: Path) -> None:
    """Copy the file where its last good copy is another one; that this fails must not keep the night from starting."""
    good = last_good_file(file)
    try:
        if not file.exists() or (good.exists() and good.read_bytes() == file.read_bytes()):
            return
        write_private(good, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        _log.warning("%s: the last good settings cannot be kept: %s", good, error)


def _keep_damaged(file: Path) -> None:
    """Put a copy of the file aside, once for each content."""
    if not file.is_file():
        return
    try:
        with file.open("rb") as stream:
            content = stream.read(LONGEST_FILE)
        known = put_aside(file)
        if known and known[-1].read_bytes() == content:
            return
        beside = file.with_name(f".{file.name}.damaged")
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        beside.write_bytes(content)
        kept = quarantined(beside)
        kept.replace(file.with_name(file.name + kept.name.removeprefix(beside.name)))
    except OSError as error:
        _log.warning("%s: what is wrong with it cannot be kept: %s", file, error)
