"""What the event machines read: one value per hop in which something is, or just was, going on."""

from collections.abc import Iterator
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.bursts import Burst
from detector.classifier import ARTEFACT, REST
from detector.context import Past, PastKeeper
from detector.features import COLUMN
from detector.filters import Signal
from detector.grid import Grid
from detector.hops import Flags
from detector.levels import shows_microvolts
from detector.measuring import FeatureRows
from detector.settings import DetectorSettings
from detector.stirring import NEVER, Stirring, latest
from firmware_bridge.samples import SensorInfo

# At a rail for this part of a hop there is nothing left to read in it.
RAILED_SHARE = 0.30
# The class must be likelier than all others together.
LIKELY = 0.5
# Of the power, where a cable is pulled, this part and more moves below 20 Hz.
PULLED_SHARE = 0.9
# The noise of a lifted electrode is steadier than this, or comes with mains hum above this part of the power
# (science.md section 11: both rise tenfold).
NOISE_DEPTH = 0.17
NOISE_MAINS_SHARE = 0.05

# Features and probabilities of a hop.
Described = tuple[tuple[float, ...], tuple[float, ...]]
# Where nothing is going on.
UNDESCRIBED: Described = (
    (float("nan"),) * len(COLUMN),
    tuple(float(index == REST) for index in range(ARTEFACT + 1)),
)


class Reading(NamedTuple):
    """One hop of one channel.

    Attributes:
        hop: Its number.
        seen: Enough of it could be seen.
        lost: Samples of it never came.
        fault: What makes it unreadable, in words; "" if nothing does.
        hop_uv: As in `detector.levels.HopLevels`; so the next four.
        second_uv: RMS of the last second.
        resting_uv: Resting level.
        on_uv: Where activity begins.
        off_uv: Where it ends.
        risen_hop: First of the unbroken row of hops above ``off_uv`` up to this one; the next hop if none is.
        moving_hop: Where the latest movement of the leg began; `NEVER` if there was none.
        moved_hop: The last hop of it; so in the next three.
        large_hop: The last hop in which the whole body moved.
        stirred_hop: The last hop in which the leg was not as still as a sleeper's.
        movement_mg: Dynamic acceleration; NaN if not known.
        features: In the order of `detector.features.FEATURES`; NaN where there is nothing to describe.
        probabilities: In the order of `detector.classifier.CLASSES`.
        bursts: Those that ended in it.
        past: What went before.
    """

    hop: int
    seen: bool
    lost: bool
    fault: str
    hop_uv: float
    second_uv: float
    resting_uv: float
    on_uv: float
    off_uv: float
    risen_hop: int
    moving_hop: int
    moved_hop: int
    large_hop: int
    stirred_hop: int
    movement_mg: float
    features: tuple[float, ...]
    probabilities: tuple[float, ...]
    bursts: tuple[Burst, ...]
    past: Past

    def feature(self, name: str) -> float:
        """Return one feature by its name."""
        return self.features[COLUMN[name]]


class ReadingMaker:
    """Makes the readings of one channel."""

    def __init__(self, info: SensorInfo, grid: Grid, settings: DetectorSettings, channel: int) -> None:
        self._grid = grid
        self._channel = channel
        self._fine = shows_microvolts(info.emg_scales[channel])
        self._low_hop = NEVER
        self._stirring = Stirring(grid, settings)
        self._past = PastKeeper(grid)

    def feed(self, rows: FeatureRows, probabilities: Signal) -> "Readings":
        """Return the readings over a run of hops; ``probabilities`` belong to its moments."""
        sums, channel = rows.sums, rows.channels[self._channel]
        levels, movement = channel.levels, rows.movement
        numbers = np.arange(sums.hops.first_hop, sums.hops.first_hop + len(sums.hops))
        low_hop = latest(numbers, ~(levels.hop_uv >= levels.off_uv), self._low_hop)
        self._low_hop = int(low_hop[-1])
        stirs = self._stirring.feed(numbers, movement)
        faults = self._faults(rows)
        described = _described(channel.moments.tolist(), channel.features, probabilities, faults)
        return Readings(
            first_hop=sums.hops.first_hop,
            numbers=(
                ~np.isnan(levels.hop_uv),
                sums.hops.missing > 0,
                levels.hop_uv,
                levels.second_uv,
                levels.resting_uv,
                levels.on_uv,
                levels.off_uv,
                low_hop + 1,
                stirs.moving_hop,
                stirs.moved_hop,
                stirs.large_hop,
                stirs.stirred_hop,
                movement.dynamic_mg,
            ),
            faults=faults,
            described=described,
            bursts=_by_hop(channel.bursts, self._grid.ticks_per_hop),
            past=self._past.feed(sums, levels, stirs),
        )

    def _faults(self, rows: FeatureRows) -> list[str]:
        """Return what the samples themselves and the board say against each hop."""
        sums, channel = rows.sums, self._channel
        faults = [""] * len(sums.hops)
        standing: tuple[tuple[str, Flags], ...] = (
            ("flat signal", sums.flat[channel] & self._fine),
            ("amplifier at its rail", sums.clipped[channel] > RAILED_SHARE * self._grid.hop),
            ("electrode off", sums.hops.lead_off[:, channel]),
        )
        for words, where in standing:
            for hop in np.flatnonzero(where).tolist():
                faults[hop] = words
        return faults


class Readings:
    """The readings of one channel over a run of hops; those of quiet hops are made when they are asked for."""

    def __init__(
        self,
        *,
        first_hop: int,
        numbers: tuple[npt.NDArray[Any], ...],
        faults: list[str],
        described: dict[int, Described],
        bursts: dict[int, tuple[Burst, ...]],
        past: Past,
    ) -> None:
        self._first_hop = first_hop
        # ``[hops]`` each: the fields of `Reading` from ``seen`` to ``movement_mg``, but for ``fault``.
        self._numbers = numbers
        self._faults = faults
        self._described = described
        self._bursts = bursts
        self._past = past
        # Where a machine at rest must look. Numpy makes numbers of many rows at once, or slowly of one.
        self.wakes = sorted(described.keys() | {place for place, words in enumerate(faults) if words})
        self._awake = dict(zip(self.wakes, self._made(self.wakes), strict=True))

    def __len__(self) -> int:
        """Number of hops in the run."""
        return len(self._faults)

    def __getitem__(self, place: int) -> Reading:
        """Return the reading of a hop, counted within the run."""
        awake = self._awake.get(place)
        return next(self._made([place])) if awake is None else awake

    def _made(self, places: list[int]) -> Iterator[Reading]:
        seen, lost, *others = (numbers[places].tolist() for numbers in self._numbers)
        hops = [self._first_hop + place for place in places]
        described = [self._described.get(place, UNDESCRIBED) for place in places]
        return map(
            Reading,
            hops,
            seen,
            lost,
            [self._faults[place] for place in places],
            *others,
            [features for features, _ in described],
            [probabilities for _, probabilities in described],
            [self._bursts.get(hop, ()) for hop in hops],
            repeat(self._past),
        )


def _described(
    moments: list[int], features: Signal, probabilities: Signal, faults: list[str]
) -> dict[int, Described]:
    """Return features and probabilities by the place of their hop; note in ``faults`` the artefacts among them."""
    described = dict(
        zip(
            moments,
            zip(map(tuple, features.tolist()), map(tuple, probabilities.tolist()), strict=True),
            strict=True,
        )
    )
    for row in np.flatnonzero(probabilities[:, ARTEFACT] >= LIKELY).tolist():
        place = moments[row]
        shown, sure = described[place]
        artefact = _artefact(shown)
        faults[place] = faults[place] or artefact
        if not artefact:
            described[place] = shown, _without_artefact(sure)
    return described


def _by_hop(bursts: tuple[Burst, ...], ticks_per_hop: int) -> dict[int, tuple[Burst, ...]]:
    """Return the bursts by the hop in which their end was seen."""
    by_hop: dict[int, tuple[Burst, ...]] = {}
    for burst in bursts:
        hop = burst.end // ticks_per_hop
        by_hop[hop] = (*by_hop.get(hop, ()), burst)
    return by_hop


def _artefact(features: tuple[float, ...]) -> str:
    """Say what kind of artefact the classifier means, or nothing where it is none after all."""
    if features[COLUMN["mains_share"]] >= LIKELY:
        return "mains hum"
    if features[COLUMN["drift_share"]] >= PULLED_SHARE:
        return "cable or electrode pulled"
    return "" if _is_unsteady(features) else "electrode noise"


def _is_unsteady(features: tuple[float, ...]) -> bool:
    """Tell whether what looks like an electrode's noise wavers as only muscle does, and brings no mains with it."""
    return (
        features[COLUMN["modulation_depth"]] >= NOISE_DEPTH
        and features[COLUMN["mains_share"]] < NOISE_MAINS_SHARE
        and features[COLUMN["clipped_share"]] < RAILED_SHARE
    )


def _without_artefact(probabilities: tuple[float, ...]) -> tuple[float, ...]:
    """Return the probabilities of the classes, given that it is none."""
    rest = sum(probabilities[:ARTEFACT])
    return (*(one / rest for one in probabilities[:ARTEFACT]), 0.0) if rest > 0.0 else probabilities
