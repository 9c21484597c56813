"""A synthetic night as a source: ``simulate:?seed=1&hours=8&speed=1|N|max&scene=ordinary``.

    >>> source = SyntheticSource("simulate:?seed=1&hours=0.01&speed=max&scene=still")
    >>> source.open().emg_rate_hz
    1000.0

Errors are those of every source (`firmware_bridge.source_contract`).
"""

import math
from collections.abc import Collection, Iterator, Mapping
from types import TracebackType
from typing import Self, cast

from firmware_bridge.clock import Clock
from firmware_bridge.frames import Frame
from firmware_bridge.replay_source import speed_of
from firmware_bridge.samples import Mark, SampleBlock, SensorInfo, StreamItem
from firmware_bridge.source_contract import SourceUrl, SourceUrlError
from models.synthesis.cutting import NightItem
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


class SyntheticSource:
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
        self._clock = clock or Clock()
        self._items: Iterator[NightItem] = iter(())
        self._next: NightItem | None = None
        self._began_s = 0.0
        self._samples = 0
        self._opened = False

    @property
    def url(self) -> str:
        """The address it was made from."""
        return self._url.text

    @property
    def finished(self) -> bool:
        """Whether the night is over."""
        return self._opened and self._next is None

    @property
    def counters(self) -> Mapping[str, int]:
        """How many samples have come."""
        return {"samples": self._samples}

    def open(self) -> SensorInfo:
        """Begin the night."""
        self._items = self.night.items(min(PACED_BLOCK_S * self._speed, LONGEST_BLOCK_S))
        self._began_s = self._clock.mono_s()
        self._next = next(self._items, None)
        self._opened = True
        return self.night.info

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what is due, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        now_s = self._clock.mono_s()
        due_s = self._due_s()
        if due_s > now_s + timeout_s:
            self._clock.sleep(timeout_s)
            return []
        self._clock.sleep(due_s - now_s)
        items: list[StreamItem] = []
        while self._next is not None and self._due_s() <= self._clock.mono_s():
            items.append(self._next)
            came = self._next.samples if isinstance(self._next, SampleBlock) else 0
            self._samples += came
            self._next = next(self._items, None)
            if came and math.isinf(self._speed):
                break
        return items

    def send(self, frame: Frame) -> None:
        """Do nothing: nobody wears this sensor."""

    def close(self) -> None:
        """End; may be called twice."""
        self._items, self._next = iter(()), None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _due_s(self) -> float:
        """Return when the next item is due: a block or a gap when its last sample would have come."""
        if self._next is None:
            return math.inf
        if isinstance(self._next, Mark) or math.isinf(self._speed):
            return -math.inf
        return self._began_s + self._next.end_index / self.night.info.emg_rate_hz / self._speed


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
