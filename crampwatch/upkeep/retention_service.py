"""Retention while a session runs: at its start and every hour, in the supervisor's process, where it hinders nobody."""

import logging
import threading
from collections.abc import Callable

from crampwatch.upkeep.home import Home
from crampwatch.upkeep.retention import Rule, due, remove

_log = logging.getLogger(__name__)

# A night fills 100 MB in ten hours: within an hour nothing goes far over the quota, s.
_EVERY_S = 3600.0
# The session's own start goes first, s.
_FIRST_S = 30.0


class RetentionService:
    """A service of the supervisor.

    Args:
        home: Whose nights.
        rule: What is kept.
        say: Told of what was removed.
    """

    name = "retention"

    def __init__(self, home: Home, rule: Rule, say: Callable[[str], None]) -> None:
        self._home = home
        self._rule = rule
        self._say = say
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.failures = 0

    def start(self) -> None:
        """Begin, soon."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def alive(self) -> bool:
        """Tell whether it goes on."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Stop after the night at hand."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def tidy(self) -> None:
        """Remove what is due; a disk that fails is said and tried again in an hour."""
        try:
            removals = due(self._home, self._rule)
            failed = remove(self._home, removals)
        except OSError as error:
            self.failures += 1
            _log.warning("retention: %s", error)
            return
        self.failures += failed
        if removals:
            names = ", ".join(removal.night.name for removal in removals)
            self._say(f"retention: recordings of {names} made room; their events stay")

    def _run(self) -> None:
        wait_s = _FIRST_S
        while not self._stop.wait(wait_s):
            self.tidy()
            wait_s = _EVERY_S
