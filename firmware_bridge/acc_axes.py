"""Which labels of a recording are the axes of one accelerometer."""

import re
from collections.abc import Iterable, Mapping

from firmware_bridge.channel_units import GRAVITIES, normal_unit

AXES = ("x", "y", "z")
_ACCELERATION = re.compile(r"acc|grav", re.IGNORECASE)
_AXIS = re.compile(
    r"(?<![a-z])([xyz])(?![a-z])|(?<=acc)([xyz])|(?<=accel)([xyz])|^([xyz])(?=acc)", re.IGNORECASE
)
# The three columns of an array that is called so: in the order of the axes.
_COLUMN_OF_THREE = re.compile(r"(?<=acc)[123]$|(?<=accel)[123]$|(?<=acceleration)[123]$", re.IGNORECASE)


def speaks_of_acceleration(label: str) -> bool:
    """Tell whether a label holds a word for it."""
    return _ACCELERATION.search(label) is not None


def sets_of_axes(signals: Iterable[tuple[str, str]]) -> list[Mapping[str, int]]:
    """Return the groups of labels that differ in the axis alone and speak of acceleration, by word or unit.

    Args:
        signals: Label and unit of each.

    Returns:
        For each group its axes (of `AXES`, not always all), and the place of each among the signals.
    """
    groups: dict[str, dict[str, int]] = {}
    for place, (label, unit) in enumerate(signals):
        found = _AXIS.search(label) or _COLUMN_OF_THREE.search(label)
        if found and (speaks_of_acceleration(label) or normal_unit(unit) in GRAVITIES):
            stem = f"{label[: found.start()]}*{label[found.end() :]}".lower()
            axis = AXES[int(found[0]) - 1] if found[0].isdigit() else found[0].lower()
            groups.setdefault(stem, {}).setdefault(axis, place)
    return list(groups.values())
