"""What reaches the electrode and is no muscle: hum, peeling, tugs, drift, the heart."""

from dataclasses import dataclass

import numpy as np

from models.second_wearer.chance import happens, log_uniform
from models.second_wearer.person import Person
from models.second_wearer.scene import Fact, Floats
from models.second_wearer.sensors import Sensor


@dataclass(frozen=True, slots=True)
class Episode:
    """A time of trouble.

    Attributes:
        start_s: When it begins.
        end_s: When it is over.
        hum_uv: Mains at its height, µV.
        noise_uv: Noise at its height, µV RMS.
        edge_s: How long it takes to come and to go.
        name: For the truth.
    """

    start_s: float
    end_s: float
    hum_uv: float
    noise_uv: float
    edge_s: float
    name: str

    @property
    def fact(self) -> Fact:
        """The truth about it."""
        return Fact(self.start_s, self.end_s, "artefact", "none", self.name)

    def weight(self, times_s: Floats) -> Floats:
        """Return how much of it there is, from 0 to 1."""
        inside = np.minimum(times_s - self.start_s, self.end_s - times_s)
        return np.clip(inside / self.edge_s, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Tug:
    """A pull at the cable: a slow swing after a step."""

    start_s: float
    height_uv: float
    swing_hz: float
    length_s: float

    def wave(self, times_s: Floats) -> Floats:
        """Return its share of the signal, µV."""
        since_s = np.clip(times_s - self.start_s, 0.0, self.length_s)
        swing = np.sin(2.0 * np.pi * self.swing_hz * since_s) * np.exp(-since_s / (0.3 * self.length_s))
        return self.height_uv * np.where(since_s < self.length_s, swing, 0.0)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One night's electrical surroundings; heights in µV, rates in Hz."""

    mains_hz: float
    hum_uv: float
    overtones: tuple[float, ...]
    drift_uv: float
    drift_hz: float
    episodes: tuple[Episode, ...]
    tugs: tuple[Tug, ...]

    def wave(self, rng: np.random.Generator, times_s: Floats) -> Floats:
        """Return hum, trouble, tugs and drift at some times, µV; ``times_s`` rises evenly."""
        hum_uv = np.full(len(times_s), self.hum_uv)
        total = self.drift_uv * np.sin(2.0 * np.pi * self.drift_hz * times_s)
        for episode in self.episodes:
            if episode.start_s < times_s[-1] and episode.end_s > times_s[0]:
                weight = episode.weight(times_s)
                hum_uv += weight * episode.hum_uv
                total += weight * episode.noise_uv * rng.standard_normal(len(times_s))
        for tug in self.tugs:
            if tug.start_s < times_s[-1] and tug.start_s + tug.length_s > times_s[0]:
                total += tug.wave(times_s)
        if hum_uv.any():
            phase = 2.0 * np.pi * self.mains_hz * times_s
            total += hum_uv * sum(
                share * np.sin(order * phase + order) for order, share in enumerate((1.0, *self.overtones), 1)
            )
        return total


def heart(person: Person, times_s: Floats) -> Floats:
    """Return the heart's spikes, µV: an R wave of 40 ms between two small ones."""
    since_s = np.mod(times_s * person.heart_hz, 1.0) / person.heart_hz - 0.1
    shape = np.exp(-np.square(since_s / 0.012)) - 0.3 * np.exp(-np.square((since_s - 0.03) / 0.012))
    return person.heart_uv * np.asarray(shape)


def draw_surroundings(
    rng: np.random.Generator, sensor: Sensor, length_s: float, trouble: float
) -> Surroundings:
    """Return a night's surroundings; ``trouble`` is how many of each kind of episode to expect."""
    episodes = []
    for _ in range(rng.poisson(trouble)):
        start_s, lasts_s = rng.uniform(60.0, length_s - 60.0), log_uniform(rng, 3.0, 600.0)
        edge_s = log_uniform(rng, 0.05, 10.0)
        end_s = min(length_s, start_s + lasts_s)
        episodes.append(Episode(start_s, end_s, log_uniform(rng, 5.0, 200.0), 0.0, edge_s, "hum"))
    for _ in range(rng.poisson(0.8 * trouble)):
        start_s, lasts_s = rng.uniform(60.0, length_s - 60.0), log_uniform(rng, 5.0, 300.0)
        noise_uv, hum_uv = log_uniform(rng, 3.0, 40.0), log_uniform(rng, 10.0, 400.0)
        end_s = min(length_s, start_s + lasts_s)
        edge_s = log_uniform(rng, 0.05, 5.0)
        episodes.append(Episode(start_s, end_s, hum_uv, noise_uv, edge_s, "peel"))
    tugs = [
        Tug(
            rng.uniform(0.0, length_s),
            log_uniform(rng, 100.0, 4000.0),
            rng.uniform(0.5, 8.0),
            rng.uniform(0.3, 4.0),
        )
        for _ in range(rng.poisson(2.0 * trouble))
    ]
    return Surroundings(
        mains_hz=sensor.mains_hz + rng.normal(0.0, 0.05),
        hum_uv=log_uniform(rng, 0.3, 15.0) if happens(rng, 0.5) else 0.0,
        overtones=tuple(float(share) for share in rng.uniform(0.0, 0.4, 3)),
        drift_uv=log_uniform(rng, 20.0, 300.0) if happens(rng, 0.3) else 0.0,
        drift_hz=rng.uniform(0.02, 0.3),
        episodes=tuple(episodes),
        tugs=tuple(tugs),
    )
