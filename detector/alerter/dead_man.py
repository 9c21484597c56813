"""The watchdog outside: an address pinged once a minute, so that somebody notices when the pings stop.

Nothing leaves the machine unless an address is in the file of caregivers. Without one, a power cut is silent for
whoever has only a phone: no machine can report its own death. The pings stop as well when the alerter sees that
nobody watches, so that the watchdog stands for the whole night and not for one process.
"""

import http.client
import logging
import ssl
import threading
import time
from urllib.parse import urlsplit

from firmware_bridge.clock import Clock

_log = logging.getLogger(__name__)

# ALARMS: pinged each minute, s.
EVERY_S = 60.0
# However fast the night, a service on the network is asked no more often, seconds of life.
_LEAST_EVERY_S = 5.0
# A service that takes longer is as good as gone, seconds of life.
_PATIENCE_S = 10.0
_LOWEST_ERROR = 400

# What the set-up and the check say where there is none.
WITHOUT_ONE = (
    "no watchdog outside: in a power cut, or if this computer dies, carers who have only a phone hear nothing"
)


class DeadMan:
    """Pings the watchdog. All methods are for one thread; none waits.

    Args:
        url: Where; empty for none.
        clock: The night's.

    Attributes:
        pings: How many were answered since the start.
        trouble: Why the last was not, for a person; empty if it was, or none was due.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self.pings = 0
        self.trouble = ""
        self._url = url
        self._clock = clock
        self._pinged_s: float | None = None
        self._thread: threading.Thread | None = None

    def ping(self, *, watching: bool) -> bool:
        """Ping if a minute has passed and somebody watches; tell whether one left. Call it at every turn."""
        now_s = self._clock.mono_s()
        every_s = self._clock.at_least(EVERY_S, real_s=_LEAST_EVERY_S)
        due = self._pinged_s is None or now_s - self._pinged_s >= every_s
        under_way = self._thread is not None and self._thread.is_alive()
        if not self._url or not watching or not due or under_way:
            return False
        self._pinged_s = now_s
        self._thread = threading.Thread(target=self._ping, daemon=True)
        self._thread.start()
        return True

    def _ping(self) -> None:
        trouble = _asked(self._url)
        if trouble and not self.trouble:
            _log.warning("watchdog: %s", trouble)
        self.trouble = trouble
        self.pings += not trouble


def _asked(url: str) -> str:
    """Ask for the address and return what went wrong; empty if nothing did."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    began_s = time.monotonic()
    connection = (
        http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=_PATIENCE_S, context=ssl.create_default_context()
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.hostname, parts.port, timeout=_PATIENCE_S)
    )
    try:
        connection.request("GET", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        # Also a name that no name server can be asked for. Without the address, which is a secret.
        return f"{type(error).__name__} after {time.monotonic() - began_s:.1f} s"
    finally:
        connection.close()
    return f"it answers {status}" if status >= _LOWEST_ERROR else ""
