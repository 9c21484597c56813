"""The two brokers that can be private: what each reads at its start, and how it is started.

Both listen on loopback alone, know a login for each role, and take messages of at most `LARGEST_PAYLOAD` bytes.
mosquitto holds each role to what the table of `detector.roles` allows it; the embedded one knows no such list.
"""

import getpass
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from crampwatch.access_list import access_list
from crampwatch.broker_login import Login, private_folder, write_private

LOOPBACK = "127.0.0.1"
# RELIABILITY S17. The largest message of ours, a page of raw samples, is under half of it.
LARGEST_PAYLOAD = 65_536
# A packet is a payload and a topic; ours are under 100 bytes.
_TOPIC_BYTES = 1024
# What a subscriber that is away may find waiting: a night of events and more.
_WAITING_MESSAGES = 20_000
# rumqttd keeps every message in memory until its log is full: 10 segments of 1 MiB (STACK: else 160 MB a
# night).
_SEGMENT_BYTES, _SEGMENTS = 1_048_576, 10
_CONNECTIONS = 100
# Debian keeps servers where an ordinary user's PATH does not look; the others are Homebrew's and the
# installer's.
_MORE_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", r"C:\Program Files\mosquitto")


@dataclass(frozen=True, slots=True)
class BrokerKind:
    """One program that can be the broker.

    Attributes:
        name: what it is called in messages.
        is_installed: whether it can be started.
        prepare: writes its files into a folder, for a port and logins, and returns the command that starts
            it.
        store: the file in that folder that it keeps messages in; it may be damaged, and is then moved away.
    """

    name: str
    is_installed: Callable[[], bool]
    prepare: Callable[[Path, int, Sequence[Login]], list[str]]
    store: str | None = None


def find_mosquitto() -> str | None:
    """Return the path of mosquitto, or None where it is not installed."""
    folders = os.pathsep.join([os.environ.get("PATH", os.defpath), *_MORE_FOLDERS])
    return shutil.which("mosquitto", path=folders)


def own_name() -> str:
    """Return what the system calls the user that this process runs as, whatever the environment says.

    A user without a name, as in a container that is told a number, is called by that number.
    """
    if os.name != "posix":
        return getpass.getuser()
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _prepare_mosquitto(folder: Path, port: int, logins: Sequence[Login]) -> list[str]:
    store = private_folder(folder / "store")
    write_private(folder / "passwords", "".join(login.mosquitto_line() for login in logins))
    write_private(folder / "acl", access_list(owner=True))
    settings = {
        "listener": f"{port} {LOOPBACK}",
        "allow_anonymous": "false",
        "password_file": folder / "passwords",
        "acl_file": folder / "acl",
        # Started as root it would become another user, who could read none of these files.
        "user": own_name(),
        # Written now and then: a write at every change made each message wait some 7 ms for the disk, and what a
        # kill -9 takes of the broker's memory is said again by its clients, and sent again from their outboxes.
        "persistence": "true",
        "persistence_location": f"{store}{os.sep}",
        "autosave_interval": "60",
        "max_queued_messages": _WAITING_MESSAGES,
        "max_packet_size": LARGEST_PAYLOAD + _TOPIC_BYTES,
        # An alarm must not wait for the next packet.
        "set_tcp_nodelay": "true",
        "log_dest": "stderr",
        "log_type": "error\nlog_type warning",
        "connection_messages": "false",
    }
    configuration = folder / "mosquitto.conf"
    write_private(configuration, "".join(f"{key} {value}\n" for key, value in settings.items()))
    return [find_mosquitto() or "mosquitto", "-c", str(configuration)]


def _prepare_embedded(folder: Path, port: int, logins: Sequence[Login]) -> list[str]:
    # MQTT 3.1.1 alone: there is no [v5] section, since one v5 message with an expiry brings this broker down.
    users = "\n".join(f'{login.username} = "{login.password}"' for login in logins)
    text = f"""\
id = 0

[router]
id = 0
max_connections = {_CONNECTIONS}
max_outgoing_packet_count = 200
max_segment_size = {_SEGMENT_BYTES}
max_segment_count = {_SEGMENTS}

[v4.1]
name = "loopback"
listen = "{LOOPBACK}:{port}"
next_connection_delay_ms = 1

[v4.1.connections]
connection_timeout_ms = 5000
max_payload_size = {LARGEST_PAYLOAD}
max_inflight_count = 100
dynamic_filters = true

[v4.1.connections.auth]
{users}
"""
    configuration = folder / "embedded.toml"
    write_private(configuration, text)
    # CRITICAL: rumqttd says something at the ERROR level for every packet. A panic is written all the same.
    # -P: a folder that happens to be called iotcore where we were started must not be run instead.
    return [sys.executable, "-P", "-m", "iotcore", "--log-level", "CRITICAL", "--config", str(configuration)]


KINDS: Mapping[str, BrokerKind] = MappingProxyType(
    {
        "mosquitto": BrokerKind(
            "mosquitto", lambda: find_mosquitto() is not None, _prepare_mosquitto, store="store/mosquitto.db"
        ),
        "embedded": BrokerKind("embedded", lambda: find_spec("iotcore") is not None, _prepare_embedded),
    }
)
