"""How full the computer's own battery is while nothing charges it: a base station that dies in the night is silent.

Read where Linux shows it; a computer without a battery, and other systems, show none.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from detector.alarms.values import Observation, Priority
from detector.battery import PERCENT, battery_priority

_log = logging.getLogger(__name__)

_SUPPLIES = Path("/sys/class/power_supply")
# A battery loses a hundredth in minutes, s.
LOOK_EVERY_S = 30.0


@dataclass(slots=True)
class HostBattery:
    """Looks at the computer's battery. Use it from one thread.

    Args:
        supplies: Where the system shows its batteries.
    """

    supplies: Path = _SUPPLIES
    _looked_s: float = float("-inf")
    _percent: int | None = None
    _priority: Priority | None = None

    def observed(self, now_s: float) -> Observation | None:
        """Return what is worth a word; None while the battery is charged, well filled, or not there."""
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._percent = discharging_percent(self.supplies)
            before = self._priority
            self._priority = None if self._percent is None else battery_priority(self._percent, before)
        if self._priority is None:
            return None
        text = f"The computer runs on its battery, at {self._percent} %; plug it in."
        return Observation(text, priority=self._priority)


def discharging_percent(supplies: Path) -> int | None:
    """Return how full the computer's batteries are, the mean of them; None where none is being emptied.

    Args:
        supplies: A folder for each supply, as Linux has it: files ``type``, ``scope``, ``status``, ``capacity``.
    """
    try:
        own = [folder for folder in sorted(supplies.iterdir()) if _is_of_the_computer(folder)]
    except OSError:
        return None
    levels = [level for folder in own if (level := _level(folder)) is not None]
    emptied = any(_word(folder, "status") == "Discharging" for folder in own)
    return round(sum(levels) / len(levels)) if levels and emptied else None


def _is_of_the_computer(folder: Path) -> bool:
    """Tell a battery of the computer from a mains adapter, and from the battery of a mouse."""
    return _word(folder, "type") == "Battery" and _word(folder, "scope") != "Device"


def _level(folder: Path) -> int | None:
    text = _word(folder, "capacity")
    if not text.isascii() or not text.isdecimal() or int(text) > PERCENT:
        return None
    return int(text)


def _word(folder: Path, name: str) -> str:
    """Return what a supply says of itself; nothing where it does not."""
    try:
        return (folder / name).read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        _log.debug("%s: %s", folder / name, error)
        return ""
