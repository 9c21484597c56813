"""The private broker: a child process on loopback, with a login for each role made at its first start.

BrokerError
├── BrokerMissingError    the broker asked for is not installed
├── BrokerPortError       something else listens on the port
├── BrokerExposedError    others could reach it, or read what goes to it (crampwatch.broker_choice)
└── BrokerStartError      the broker does not come up, or its folder cannot be used
"""

import contextlib
import logging
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from crampwatch import bound_child
from crampwatch.access_list import ROLES
from crampwatch.broker_kinds import KINDS, LOOPBACK, BrokerKind
from crampwatch.broker_login import OWNER, Login, keep_logins, open_private, private_folder
from crampwatch.capped_log import cap
from detector.broker_address import BrokerAddress
from detector.quarantine import quarantined
from detector.roles import Role

_log = logging.getLogger(__name__)

Preference = Literal["auto", "mosquitto", "embedded"]

# How long a broker may take to accept a login; 0.2 s is usual, on a twentieth of a core the embedded one needed 4 s.
START_S = 30.0
# How long it may take to write its store at the end.
STOP_S = 5.0
# How often a running broker is asked whether it still answers: a hung or broken one keeps its process.
_PROBE_EVERY_S = 5.0
# How long one answer may take, and how many may fail in a row.
_PROBE_S = 1.0
_FAILED_PROBES = 2
_LOOK_S = 0.02
# CONNECT with user name, password and a clean session, protocol level 4 (MQTT 3.1.1, section 3.1).
_CONNECT, _CONNECT_FLAGS, _LEVEL, _KEEPALIVE_S = 0x10, 0xC2, 4, 10
_ACCEPTED = b"\x20\x02\x00\x00"
_DISCONNECT = b"\xe0\x00"


class BrokerError(RuntimeError):
    """The private broker cannot be had; the text says what to do."""


class BrokerMissingError(BrokerError):
    """The broker asked for is not installed."""


class BrokerPortError(BrokerError):
    """Something else listens on the port."""


class BrokerStartError(BrokerError):
    """The broker does not come up."""


class PrivateBroker:
    """A broker of our own.

    Start it from a thread that lasts: on Linux the broker ends with the thread that started it.

    Args:
        folder: its logins, configuration and stored messages lie here, for the owner alone; made where absent.
        port: TCP port on loopback; 0 takes a free one at the first start and keeps it for later ones.
        prefer: ``auto`` takes mosquitto where it is installed, else the embedded broker.

    Attributes:
        name: What a supervisor calls it.
        kind: ``mosquitto`` or ``embedded``.
        login_file: where the logins are kept.

    Raises:
        BrokerMissingError: the broker asked for is not installed.
    """

    name = "broker"

    def __init__(self, folder: Path, *, port: int = 0, prefer: Preference | str = "auto") -> None:
        self._kind = _choose(prefer)
        self.kind = self._kind.name
        self.login_file = folder / "login.toml"
        self._folder = folder
        self._port = port
        self._logins: Mapping[str, Login] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._probed_s = 0.0
        self._failed_probes = 0

    @property
    def address(self) -> BrokerAddress:
        """Where it listens, with the owner's login, which may do everything.

        Raises:
            BrokerStartError: it was never started.
        """
        return self._address(OWNER)

    def address_of(self, role: Role) -> BrokerAddress:
        """Return where it listens, with the login of a role.

        Raises:
            BrokerStartError: it was never started.
        """
        return self._address(role)

    def _address(self, username: str) -> BrokerAddress:
        if not self._logins:
            raise BrokerStartError("broker: expected it to be started before its address is asked for")
        login = self._logins[username]
        return BrokerAddress(LOOPBACK, self._port, login.username, login.password)

    @property
    def pid(self) -> int | None:
        """Its process number; None while it is not running."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, or start it again, and wait until it takes the login; harmless while it runs.

        Raises:
            BrokerPortError: something else listens on the port.
            BrokerStartError: it does not come up.
        """
        # Asked, not looked at: a process that has just been killed is still there for a moment.
        if self._process is not None and self._process.poll() is None and answers(self.address, _PROBE_S):
            return
        self.stop()
        try:
            private_folder(self._folder)
            self._logins = keep_logins(self.login_file, (OWNER, *ROLES))
            self._port = self._port or _free_port()
            _check_port(self._port)
            command = self._kind.prepare(self._folder, self._port, list(self._logins.values()))
            if not self._comes_up(command) and not (self._move_store_away() and self._comes_up(command)):
                raise BrokerStartError(
                    f"{self._what()}: does not start: {self._last_words()}; see {self._log_file()}"
                )
        except OSError as error:
            raise BrokerStartError(
                f"{self._what()}: folder {self._folder} cannot be used ({error.strerror}); "
                "check who owns it and that the disk is not full"
            ) from error

    def alive(self) -> bool:
        """Tell whether it runs and, asked every few seconds, still takes the login."""
        if self._process is None or self._process.poll() is not None:
            return False
        now_s = time.monotonic()
        if now_s - self._probed_s >= _PROBE_EVERY_S:
            self._probed_s = now_s
            self._failed_probes = 0 if answers(self.address, _PROBE_S) else self._failed_probes + 1
            self._cap_log()
        return self._failed_probes < _FAILED_PROBES

    def stop(self) -> None:
        """Ask it to end, wait, and kill it if it does not; harmless when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _log.warning("%s did not end within %g s; killing it", self._what(), STOP_S)
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _comes_up(self, command: list[str]) -> bool:
        launcher = [sys.executable, "-I", "-S", bound_child.__file__, str(os.getpid())]
        # To append, so that it goes on behind what is left of a log that was cut.
        with open(self._log_file(), "ab", opener=open_private) as log:
            log.truncate(0)
            self._process = subprocess.Popen(
                [*launcher, *command],
                # Held open as long as we live; the launcher that stays beside a broker ends when it closes.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                # A session of its own: Ctrl-C reaches us alone, and we stop the broker last.
                start_new_session=True,
            )
        deadline_s = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < deadline_s:
            if answers(self.address, _PROBE_S):
                self._probed_s, self._failed_probes = time.monotonic(), 0
                return True
            time.sleep(_LOOK_S)
        self.stop()
        return False

    def _cap_log(self) -> None:
        try:
            cap(self._log_file())
        # A log that cannot be cut is no reason to take the broker for dead.
        except OSError as error:
            _log.warning("%s: cannot be cut to its newest lines: %s", self._log_file(), error)

    def _move_store_away(self) -> bool:
        """Put aside the messages that a broker kept and may now choke on; tell whether there were any."""
        store = self._folder / self._kind.store if self._kind.store else None
        if store is None or not store.exists():
            return False
        aside = quarantined(store)
        _log.warning("%s does not start with what it had stored; moved to %s", self._what(), aside)
        return True

    def _what(self) -> str:
        return f"broker ({self.kind}) on {LOOPBACK}:{self._port}"

    def _log_file(self) -> Path:
        return self._folder / "broker.log"

    def _last_words(self) -> str:
        lines = self._log_file().read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else "it ended without a word"


def answers(address: BrokerAddress, timeout_s: float) -> bool:
    """Tell whether an unencrypted broker takes the login of ``address`` within the time."""
    texts = (b"crampwatch-probe", address.username.encode(), address.password.encode())
    body = b"\x00\x04MQTT" + bytes([_LEVEL, _CONNECT_FLAGS]) + struct.pack(">H", _KEEPALIVE_S)
    body += b"".join(struct.pack(">H", len(text)) + text for text in texts)
    with (
        contextlib.suppress(OSError),
        socket.create_connection((address.host, address.port), timeout_s) as link,
    ):
        link.sendall(bytes([_CONNECT]) + _remaining_length(len(body)) + body)
        answer = link.recv(len(_ACCEPTED))
        link.sendall(_DISCONNECT)
        return answer == _ACCEPTED
    return False


def _remaining_length(length: int) -> bytes:
    """Return a length as MQTT writes it: 7 bits a byte, the low ones first (MQTT 3.1.1, section 2.2.3)."""
    digits = [length >> shift & 0x7F for shift in range(0, max(1, length.bit_length()), 7)]
    return bytes([*(digit | 0x80 for digit in digits[:-1]), digits[-1]])


def _choose(prefer: str) -> BrokerKind:
    wanted = list(KINDS) if prefer == "auto" else [prefer]
    for name in wanted:
        if name in KINDS and KINDS[name].is_installed():
            return KINDS[name]
    raise BrokerMissingError(
        f"broker: expected {' or '.join(wanted)} to be installed, found none; "
        "install mosquitto, or give the URL of a broker of your own"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        if os.name == "posix":
            # As brokers do: a port whose last connections are still fading is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise BrokerPortError(
                f"broker: port {port} on {LOOPBACK}: expected it free, got: {error.strerror}; "
                "choose another port in the settings, 0 for any free one"
            ) from error
