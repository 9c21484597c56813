"""Signs of life between processes of one machine, in files: no broker stands between who watches and who is watched.

A process replaces its file once a second, in one step, so that a reader never sees half of it. The age is told
by the monotonic clock that all processes share; a sign of another start of the computer, or one from the
future, tells nothing and is never taken for a fresh one (RELIABILITY B5).
"""

import json
import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from firmware_bridge.clock import Clock

_log = logging.getLogger(__name__)

# ALARMS: DETECTOR_DOWN after this long without a sign, s.
SIGN_VALID_S = 10.0
# What a busy machine may need for one turn of a run loop, however fast the night, seconds of life.
_BUSY_S = 3.0
# ALARMS, heartbeat: one a second.
_EVERY_S = 1.0
# No disk likes to be asked more often in an accelerated night, seconds of life.
_LEAST_EVERY_S = 0.25
# Two processes read the clock at almost the same moment, s.
_FUTURE_S = 1.0
# For its owner alone, as everything in the folder `run`.
_PRIVATE_FILE = 0o600
# Where Linux names the computer's start; other systems have no such file, and there the monotonic time alone decides.
_HOST_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Sign:
    """The newest sign of life of a process.

    Attributes:
        boot_id: Another one at each start of the process.
        seq: 0, 1, 2, … since that start.
        age_s: How old it is by the shared clock; None where nobody can tell (another start of the computer, or
            a time yet to come).
        watching: Whether the process says that it does its work.
        last_good_age_ms: How old the newest usable sample was then; None if there was none, or for a process
            that sees no samples.
    """

    boot_id: str
    seq: int
    age_s: float | None
    watching: bool
    last_good_age_ms: int | None

    def is_fresh(self, clock: Clock) -> bool:
        """Tell whether the process may be taken to be alive."""
        return self.age_s is not None and self.age_s <= sign_valid_s(clock)


def sign_valid_s(clock: Clock) -> float:
    """Return how old a sign may be on this clock."""
    return clock.at_least(SIGN_VALID_S, real_s=_BUSY_S)


class SignOfLife:
    """Leaves signs of life in a file. Use it from one thread.

    Args:
        path: The file, ``run/<name>.alive``; its folder is made for the owner alone.
        clock: Shared with whoever reads.
        boot_id: Another one at each start of the process.

    Attributes:
        failures: How many signs could not be written (disk full); readers then see silence, as they should.
    """

    def __init__(self, path: Path, clock: Clock, boot_id: str) -> None:
        self.failures = 0
        self._path = path
        self._clock = clock
        self._boot_id = boot_id
        self._seq = 0
        self._beaten_s: float | None = None

    def beat(self, *, watching: bool, last_good_age_ms: int | None = None) -> bool:
        """Leave a sign if the last is a second old, and tell whether one was left; call it as often as you like.

        Args:
            watching: Whether the process does its work, as far as it can tell.
            last_good_age_ms: Age of the newest usable sample; None if there never was one.
        """
        now_s = self._clock.mono_s()
        every_s = self._clock.at_least(_EVERY_S, real_s=_LEAST_EVERY_S)
        if self._beaten_s is not None and 0 <= now_s - self._beaten_s < every_s:
            return False
        self._beaten_s = now_s
        sign = {
            "boot_id": self._boot_id,
            "host_boot": host_boot_id(),
            "mono_s": now_s,
            "seq": self._seq,
            "watching": watching,
            "last_good_age_ms": last_good_age_ms,
        }
        self._seq += 1
        return self._replace(json.dumps(sign).encode())

    def end(self) -> None:
        """Take the sign away: the process ends because it was told to, and nobody need worry."""
        self._path.unlink(missing_ok=True)

    def _replace(self, content: bytes) -> bool:
        try:
            try:
                self._put_beside(content)
            except OSError:
                # A disk that takes no further file may still take other words in one that is there.
                _overwrite(self._path, content)
        except OSError as error:
            # Once is enough in the log; a full disk stays full for a while.
            if not self.failures:
                _log.warning("sign of life %s: cannot be written (%s)", self._path, error)
            self.failures += 1
            return False
        return True

    def _put_beside(self, content: bytes) -> None:
        beside = self._path.with_name(f".{self._path.name}.new")
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        beside.replace(self._path)


def _overwrite(path: Path, content: bytes) -> None:
    """Write into a file that is there, in one call and without asking for room; spaces cover what was longer."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, content.ljust(os.fstat(descriptor).st_size), 0)
    finally:
        os.close(descriptor)


def read_sign(path: Path, now_s: float) -> Sign | None:
    """Return the newest sign in a file; None where there is none, or none that can be read.

    Args:
        path: The file that a `SignOfLife` writes.
        now_s: The shared clock's monotonic time.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    match content:
        case {
            "boot_id": str(boot_id),
            "host_boot": str(host_boot),
            "mono_s": int() | float() as mono_s,
            "seq": int(seq),
            "watching": bool(watching),
            "last_good_age_ms": int() | None as good_ms,
        }:
            return Sign(boot_id, seq, _age_s(host_boot, mono_s, now_s), watching, good_ms)
    return None


def _age_s(host_boot: str, mono_s: float, now_s: float) -> float | None:
    age_s = now_s - mono_s
    # Also what is not a number compares as false.
    known = host_boot == host_boot_id() and age_s >= -_FUTURE_S
    return max(0.0, age_s) if known else None


@cache
def host_boot_id() -> str:
    """Return which start of the computer this is: what monotonic times belong to; empty where it cannot be told."""
    try:
        return _HOST_BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
