"""Which count of monotonic seconds a stored time belongs to: this start of the computer, and this night's clock.

Every process that reads another's stored monotonic times must ask here, so that all give one answer.
"""

from functools import cache
from pathlib import Path

from firmware_bridge.clock import Clock

# Where Linux names the computer's start; on other systems the monotonic time alone tells.
_HOST_BOOT = Path("/proc/sys/kernel/random/boot_id")


def clock_id(clock: Clock) -> str:
    """Return a name for what ``clock.mono_s()`` counts.

    At rate 1 every clock of one start of the computer counts alike; an accelerated one has a beginning of its own.
    """
    return _host_boot() if clock.rate == 1 else f"{_host_boot()} {clock.to_text()}"


@cache
def _host_boot() -> str:
    try:
        return _HOST_BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
