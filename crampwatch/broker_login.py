"""The private broker's logins, one for each role: made once, kept in a file for its owner alone."""

import base64
import contextlib
import hashlib
import logging
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from detector.quarantine import cleared, quarantined
from firmware_bridge.toml_text import toml_of

_log = logging.getLogger(__name__)

# Whoever owns the computer: the supervisor's probe, and a person who looks in.
OWNER = "crampwatch"
# Folders of ours are for their owner alone: the files in them are health data and logins.
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
# 256 bits: twice what RELIABILITY S2 asks for, and still 43 characters that a person can paste.
_PASSWORD_BYTES = 32
# Six logins are under a thousand characters; what is longer is none.
_LONGEST = 16_384
# mosquitto_passwd's own number of rounds: stretching adds nothing to a password of 256 random bits.
_HASH_ROUNDS = 101
_SALT_BYTES = 12
_HASH_BYTES = 64


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, which no text shows."""

    username: str
    password: str = field(repr=False)

    def mosquitto_line(self) -> str:
        """Return the line of a mosquitto password file: PBKDF2 with SHA-512, as its own tool writes."""
        salt = secrets.token_bytes(_SALT_BYTES)
        digest = hashlib.pbkdf2_hmac("sha512", self.password.encode(), salt, _HASH_ROUNDS, _HASH_BYTES)
        encoded_salt, encoded_digest = (base64.b64encode(part).decode() for part in (salt, digest))
        return f"{self.username}:$7${_HASH_ROUNDS}${encoded_salt}${encoded_digest}\n"


def keep_logins(file: Path, usernames: Iterable[str]) -> Mapping[str, Login]:
    """Return the logins in ``file`` by user name; make those, with random passwords, that are not there.

    A file that others could read, or that holds no logins, is replaced: whoever saw the old passwords has
    nothing.

    Raises:
        OSError: the file can neither be read nor written.
    """
    cleared(file)
    known = _read(file)
    logins = {
        name: known.get(name) or Login(name, secrets.token_urlsafe(_PASSWORD_BYTES)) for name in usernames
    }
    if logins != known:
        lines = [f'{login.username} = "{login.password}"\n' for login in logins.values()]
        write_private(file, "".join(["# User names and their passwords.\n", *lines]))
    return logins


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    if file.is_dir():
        quarantined(file)
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    with open(beside, "x", encoding="utf-8", opener=open_private) as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(file)


def open_private(path: str, flags: int) -> int:
    """Open a file for its owner alone: an opener for `open`."""
    return os.open(path, flags, PRIVATE_FILE)


def private_folder(folder: Path) -> Path:
    """Make the folder where need be, close it to others, and return it.

    Raises:
        OSError: it cannot be made or closed.
    """
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    folder.chmod(PRIVATE_FOLDER)
    return folder


def _read(file: Path) -> dict[str, Login]:
    with contextlib.suppress(FileNotFoundError):
        if os.name == "posix" and file.stat().st_mode & 0o077:
            _log.warning("%s could be read by others; making new logins", file)
            return {}
        try:
            with file.open(encoding="utf-8") as stream:
                content = toml_of(stream.read(_LONGEST))
        except ValueError:
            content = {}
        if content and all(isinstance(password, str) and password for password in content.values()):
            return {name: Login(name, password) for name, password in content.items()}
        _log.warning("%s holds no logins; making new ones", file)
        quarantined(file)
    return {}
