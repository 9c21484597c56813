"""A synthetic night as a source: ``simulate:?seed=1&hours=8&speed=1|N|max&scene=ordinary``.

    >>> source = SyntheticSource("simulate:?seed=1&hours=0.01&speed=max&scene=still")
    >>> source.open().emg_rate_hz
    1000.0

Errors are those of every source (`firmware_bridge.source_contract`).
"""

import math
from collections.abc import Collection, Iterator
from typing import cast

from firmware_bridge.clock import Clock
from firmware_bridge.played_source import Due, PlayedSource
from firmware_bridge.replay_source import speed_of
from firmware_bridge.samples import Mark, SensorInfo
from firmware_bridge.source_contract import SourceUrl, SourceUrlError
from models.synthesis.night import Night
from models.synthesis.sensor import SENSORS
from models.synthesis.simulation import LONGEST_HOURS, POPULATIONS, SCENES, Population, simulate_night

SCHEME = "simulate"
KEYS = ("seed", "hours", "speed", "scene", "sensor", "population")
# A paced night comes in pieces of so many seconds of the clock, an unpaced one in minutes.
PACED_BLOCK_S = 0.1
LONGEST_BLOCK_S = 60.0
# Largest seed that is exact as a number in an address.
LARGEST_SEED = 2**53
# Shortest night, hours: one acceleration sample is in it at every rate.
SHORTEST_HOURS = 1e-4


class SyntheticSource(PlayedSource):
    """Plays a synthetic night, at its own pace, faster or slower, or as fast as it goes.

    Args:
        url: The address. Keys, all of which may be left out: ``seed`` (1), ``hours`` (8), ``speed`` (1),
            ``scene`` (ordinary, adversarial, enriched, still, demo), ``sensor`` (a name of ``SENSORS``:
            good), ``population`` (usual or shifted).
        clock: What the pace is measured on; the computer's own if None.

    Raises:
        SourceUrlError: the address is wrong.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self._url = SourceUrl.parse(url, KEYS)
        if self._url.scheme != SCHEME or self._url.target:
            raise SourceUrlError(
                f"source {url!r}: expected {SCHEME}:?seed=1&hours=8 and nothing before the ?"
            )
        self.night = night_of(self._url)
        self._speed = speed_of(self._url)
        super().__init__(clock or Clock(), is_paced=math.isfinite(self._speed))

    @property
    def url(self) -> str:
        """The address it was made from."""
        return self._url.text

    def open(self) -> SensorInfo:
        """Begin the night."""
        self._begin(_timed(self.night, self._speed))
        return self.night.info


def _timed(night: Night, speed: float) -> Iterator[Due]:
    """Yield the items of a night: a block or a gap when its last sample would have come, a mark at once."""
    for item in night.items(min(PACED_BLOCK_S * speed, LONGEST_BLOCK_S)):
        yield 0.0 if isinstance(item, Mark) else item.end_index / night.info.emg_rate_hz / speed, item


def night_of(url: SourceUrl) -> Night:
    """Return the night that an address asks for.

    Raises:
        SourceUrlError: it asks for what there is not.
    """
    seed = url.number("seed", 1, low=0, high=LARGEST_SEED)
    if seed != int(seed):
        raise SourceUrlError(f"source {url.text!r}: expected seed to be a whole number, got {seed}")
    return simulate_night(
        url.number("hours", 8.0, low=SHORTEST_HOURS, high=LONGEST_HOURS),
        int(seed),
        scene=chosen(url, "scene", "ordinary", SCENES),
        sensor=SENSORS[chosen(url, "sensor", "good", SENSORS)],
        population=cast("Population", chosen(url, "population", "usual", POPULATIONS)),
    )


def chosen(url: SourceUrl, key: str, default: str, names: Collection[str]) -> str:
    """Return the name that a key has, or the default.

    Raises:
        SourceUrlError: it is none of the names.
    """
    name = url.options.get(key, default)
    if name not in names:
        known = ", ".join(names)
        raise SourceUrlError(f"source {url.text!r}: expected {key} to be one of {known}; got {name!r}")
    return name
