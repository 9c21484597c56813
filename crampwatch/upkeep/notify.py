"""Word to systemd, which started us (sd_notify(3)): one datagram on the socket that it named; without one, nothing."""

import logging
import os
import socket
from collections.abc import Mapping

_log = logging.getLogger(__name__)

READY, STOPPING, WATCHDOG = "READY=1", "STOPPING=1", "WATCHDOG=1"
_US_PER_S = 1_000_000
# Word is given this often within the time that systemd waits: one that is late by a turn must not kill a night.
_A_TIME = 3


def notify(word: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd something; return whether somebody was told. That nobody hears must not end the night."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return False
    # A name that begins with @ is of no file.
    name = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.connect(name)
            out.sendall(word.encode())
    except OSError as error:
        _log.warning("systemd cannot be told %s: %s", word, error)
        return False
    return True


def watchdog_every_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """Return how often systemd wants to hear of us; None where it does not ask this process."""
    try:
        wanted_us = int(environment.get("WATCHDOG_USEC", ""))
        asked = int(environment.get("WATCHDOG_PID", str(os.getpid())))
    except ValueError:
        return None
    return wanted_us / _US_PER_S / _A_TIME if wanted_us > 0 and asked == os.getpid() else None
