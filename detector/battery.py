"""How full the sensor's battery is, and when that is worth a word. Pure."""

from detector.alarms.values import Priority

# A lithium cell's voltage under light load, full and empty; what lies between is taken as a straight line.
BATTERY_FULL_MV, BATTERY_EMPTY_MV = 4150, 3300
PERCENT = 100
# ALARMS.md section 1: worth a word from 20 % down, pressing from 8 %, and over 3 % above that: the vibration motor
# alone makes the voltage sag by more than 1 %.
LOW_PERCENT, PRESSING_PERCENT, RECOVERY_PERCENT = 20, 8, 3


def percent_of(battery_mv: int) -> int:
    """Return how full a cell of this voltage is, 0…100."""
    share = (battery_mv - BATTERY_EMPTY_MV) / (BATTERY_FULL_MV - BATTERY_EMPTY_MV)
    return round(PERCENT * min(1.0, max(0.0, share)))


def battery_priority(percent: int, before: Priority | None) -> Priority | None:
    """Return how pressing a battery is; None where nothing need be said.

    Args:
        percent: How full it is.
        before: What was returned last.
    """
    if percent <= PRESSING_PERCENT + (RECOVERY_PERCENT if before == "medium" else 0):
        return "medium"
    if percent <= LOW_PERCENT + (RECOVERY_PERCENT if before else 0):
        return "low"
    return None
