"""What comes in bursts: clonic runs and clonus, and the rhythms that are neither."""

import numpy as np

from models.second_wearer import shapes
from models.second_wearer.chance import bounded_log_normal, direction, happens, log_uniform
from models.second_wearer.noise import jostle, oscillation, rough
from models.second_wearer.person import Person
from models.second_wearer.scene import (
    ACC_HZ,
    Activation,
    Fact,
    Floats,
    Scene,
    Shake,
    Turn,
    peak_second_uv,
    together,
)


def _level_uv(rng: np.random.Generator, person: Person, rest_uv: float, low: float, high: float) -> float:
    """Return the height of bursts: a share of the strongest, and well above the resting level."""
    return max(person.strongest_uv * log_uniform(rng, low, high), 6.0 * rest_uv, rest_uv + 25.0)


def clonic(rng: np.random.Generator, person: Person, rest_uv: float) -> Scene:
    """Return a clonic run: silences lengthen, bursts grow for ten seconds."""
    height_uv = _level_uv(rng, person, rest_uv, 0.1, 0.9)
    return _clonic(rng, log_uniform(rng, 8.0, 60.0), height_uv, ("clonic", "clonic", ""))


def _clonic(
    rng: np.random.Generator, length_s: float, height_uv: float, naming: tuple[str, str, str]
) -> Scene:
    alert, name, sequence = naming
    first_hz = rng.uniform(2.5, 5.0)
    onsets = shapes.slowing_onsets(length_s, first_hz, rng.uniform(0.6, 1.5))
    width_s = min(rng.uniform(0.12, 0.35), 0.6 / first_hz)
    widths = width_s * np.clip(1.0 + 0.12 * rng.normal(size=len(onsets)), 0.7, 1.3)
    growth = 0.5 + 0.5 * np.minimum(1.0, np.asarray(onsets) / 10.0)
    heights = growth * np.clip(1.0 + 0.15 * rng.normal(size=len(onsets)), 0.6, 1.5)
    envelope = height_uv * shapes.train(length_s + 0.5, onsets, list(widths), heights)
    envelope += height_uv * rng.uniform(0.0, 0.06)
    end_s = onsets[-1] + float(widths[-1])
    fact = Fact(0.0, end_s, "clonic", alert, name, sequence, peak_second_uv(envelope))
    shakes = () if happens(rng, 0.15) else (_jerks(rng, length_s + 0.5, onsets, log_uniform(rng, 0.02, 0.3)),)
    return Scene(length_s + 1.0, (Activation(0.0, envelope, "jerk"),), (), shakes, (fact,))


def _jerks(rng: np.random.Generator, length_s: float, onsets_s: list[float], peak_g: float) -> Shake:
    """Return a leg that rings after each burst."""
    wave = np.zeros(int(length_s * ACC_HZ) + 1)
    times_s = np.arange(int(0.4 * ACC_HZ)) / ACC_HZ
    ring = np.sin(2.0 * np.pi * rng.uniform(4.0, 10.0) * times_s) * np.exp(-times_s / 0.12)
    for onset_s in onsets_s:
        first = int((onset_s + 0.04) * ACC_HZ)
        room = wave[first : first + len(ring)]
        room += rng.uniform(0.6, 1.4) * ring[: len(room)]
    return Shake(0.0, peak_g * wave[:, None] * direction(rng))


def clonus(rng: np.random.Generator, person: Person, rest_uv: float) -> Scene:
    """Return clonus: short bursts, as regular as a clock."""
    length_s, rate_hz = log_uniform(rng, 4.0, 40.0), rng.uniform(3.8, 7.0)
    onsets = shapes.steady_onsets(rng, length_s, rate_hz, rng.uniform(0.03, 0.1))
    widths = list(rng.uniform(0.05, 0.1) * np.ones(len(onsets)))
    height_uv = 1.3 * _level_uv(rng, person, rest_uv, 0.1, 0.6)
    heights = np.clip(1.0 + 0.12 * rng.normal(size=len(onsets)), 0.6, 1.5)
    envelope = height_uv * shapes.train(length_s + 0.2, onsets, widths, heights)
    fact = Fact(0.0, onsets[-1] + widths[-1], "clonic", "clonic", "clonus", peak_uv=peak_second_uv(envelope))
    shake = oscillation(rng, 0.0, length_s, log_uniform(rng, 0.005, 0.1), rate_hz)
    return Scene(length_s + 1.0, (Activation(0.0, envelope, "jerk"),), (), (shake,), (fact,))


def tonic_clonic(rng: np.random.Generator, person: Person, rest_uv: float, sequence: str) -> Scene:
    """Return a tonic phase, mostly a vibratory one, and a clonic one."""
    height_uv = _level_uv(rng, person, rest_uv, 0.4, 1.2)
    tonic_s = log_uniform(rng, 5.0, 25.0)
    tonic = height_uv * shapes.plateau(tonic_s, rng.uniform(0.5, 4.0), 0.2)
    tonic *= rough(rng, len(tonic), person.spectra["cramp"].roughness)
    fact = Fact(0.0, tonic_s, "tonic", "none", "tonic_clonic.tonic", sequence, peak_second_uv(tonic))
    parts = [Scene(tonic_s, (Activation(0.0, tonic, "cramp"),), facts=(fact,))]
    shaking_s = rng.uniform(3.0, 8.0) if happens(rng, 0.6) else 0.3
    if shaking_s > 1.0:
        vibration = height_uv * _vibration(rng, shaking_s)
        shake = oscillation(rng, tonic_s, shaking_s, 0.02, 6.0)
        parts.append(Scene(tonic_s + shaking_s, (Activation(tonic_s, vibration, "cramp"),), (), (shake,)))
    run = _clonic(
        rng, log_uniform(rng, 10.0, 60.0), height_uv, ("tonic_clonic", "tonic_clonic.clonic", sequence)
    )
    return together([*parts, run.moved(tonic_s + shaking_s)])


def _vibration(rng: np.random.Generator, length_s: float) -> Floats:
    times_s = shapes.grid(length_s)
    phase = 2.0 * np.pi * np.cumsum(np.linspace(8.0, 4.5, len(times_s))) / (len(times_s) / length_s)
    return 1.0 - rng.uniform(0.25, 0.5) * (1.0 + np.sin(phase))


def foot_tremor(rng: np.random.Generator, person: Person) -> Scene:
    """Return hypnagogic foot tremor: 0.3 to 4 Hz, bursts of 250 to 1000 ms, at a constant rate."""
    length_s, rate_hz = rng.uniform(8.0, 20.0), log_uniform(rng, 0.5, 2.4)
    width_s = float(np.clip(rng.uniform(0.35, 0.65) / rate_hz, 0.25, 1.0))
    return _rhythm(rng, person, "foot_tremor", (length_s, rate_hz, width_s), (0.03, 0.3))


def alternating(rng: np.random.Generator, person: Person) -> Scene:
    """Return alternating leg muscle activation: bursts of 100 to 500 ms at 0.5 to 3 Hz, a few seconds long."""
    length_s, rate_hz = rng.uniform(4.0, 18.0), rng.uniform(0.7, 2.5)
    width_s = float(np.clip(rng.uniform(0.3, 0.5) / rate_hz, 0.12, 0.5))
    return _rhythm(rng, person, "alternating", (length_s, rate_hz, width_s), (0.03, 0.25))


def _rhythm(
    rng: np.random.Generator,
    person: Person,
    name: str,
    course: tuple[float, float, float],
    level: tuple[float, float],
) -> Scene:
    length_s, rate_hz, width_s = course
    onsets = shapes.steady_onsets(rng, length_s, rate_hz, rng.uniform(0.04, 0.15))
    heights = np.clip(1.0 + 0.2 * rng.normal(size=len(onsets)), 0.5, 1.6)
    envelope = (
        person.strongest_uv
        * log_uniform(rng, *level)
        * shapes.train(length_s + 1.0, onsets, [width_s] * len(onsets), heights)
    )
    fact = Fact(0.0, length_s, "leg_movement", "none", name, peak_uv=peak_second_uv(envelope))
    shake = oscillation(rng, 0.0, length_s, log_uniform(rng, 0.005, 0.08), rate_hz)
    return Scene(length_s + 1.0, (Activation(0.0, envelope, "voluntary"),), (), (shake,), (fact,))


def tremor(rng: np.random.Generator, rest_uv: float) -> Scene:
    """Return a tremor: low, round, and at a constant 4 to 12 Hz."""
    length_s, rate_hz = log_uniform(rng, 5.0, 60.0), rng.uniform(4.0, 12.0)
    times_s = shapes.grid(length_s)
    wave = 0.55 + 0.45 * np.sin(2.0 * np.pi * rate_hz * times_s)
    envelope = rest_uv * rng.uniform(1.2, 2.6) * wave * shapes.plateau(length_s, 1.0, 1.0)
    fact = Fact(0.0, length_s, "leg_movement", "none", "tremor", peak_uv=peak_second_uv(envelope))
    shake = oscillation(rng, 0.0, length_s, log_uniform(rng, 0.003, 0.03), rate_hz)
    return Scene(length_s, (Activation(0.0, envelope, "voluntary"),), (), (shake,), (fact,))


def gait(rng: np.random.Generator, person: Person) -> Scene:
    """Return a way on foot: up, some steps, perhaps standing for a while, steps again, and down."""
    up_deg = rng.uniform(60.0, 90.0) * rng.choice([-1.0, 1.0])
    ways = [bounded_log_normal(rng, 20.0, 0.6, 8.0, 120.0) for _ in range(2)]
    stands = happens(rng, 0.5)
    standing_s = log_uniform(rng, 5.0, 60.0) if stands else 1.0
    total_s = 6.0 + ways[0] + standing_s + ways[1]
    parts = [
        _steps(rng, person, ways[0]).moved(3.0),
        _steps(rng, person, ways[1]).moved(3.0 + ways[0] + standing_s),
    ]
    if stands:
        parts.append(_standing(rng, person, standing_s).moved(3.0 + ways[0]))
    shakes = tuple(jostle(rng, at_s, 3.0, rng.uniform(0.1, 0.4), (0.5, 6.0)) for at_s in (0.0, total_s - 3.0))
    turns = (Turn(0.0, 2.5, up_deg, 0.0), Turn(total_s - 2.5, 2.5, -up_deg, 0.0))
    fact = Fact(0.0, total_s, "leg_movement", "none", "gait")
    return together([*parts, Scene(total_s, (), turns, shakes, (fact,))])


def _steps(rng: np.random.Generator, person: Person, length_s: float) -> Scene:
    rate_hz = rng.uniform(0.7, 1.3)
    onsets = shapes.steady_onsets(rng, length_s, rate_hz, rng.uniform(0.03, 0.1))
    width_s = min(rng.uniform(0.3, 0.6), 0.6 / rate_hz)
    heights = np.clip(1.0 + 0.15 * rng.normal(size=len(onsets)), 0.6, 1.5)
    envelope = (
        person.strongest_uv
        * log_uniform(rng, 0.1, 0.6)
        * shapes.train(length_s + 0.8, onsets, [width_s] * len(onsets), heights)
    )
    impacts = _jerks(rng, length_s + 0.8, onsets, rng.uniform(0.2, 0.8))
    swing = oscillation(rng, 0.0, length_s, rng.uniform(0.1, 0.4), rate_hz)
    return Scene(length_s, (Activation(0.0, envelope, "voluntary"),), (), (impacts, swing))


def _standing(rng: np.random.Generator, person: Person, length_s: float) -> Scene:
    """Return a stand: calf at low, swaying work."""
    times_s = shapes.grid(length_s)
    sway = 1.0 + 0.2 * np.sin(2.0 * np.pi * rng.uniform(0.5, 1.0) * times_s)
    envelope = person.strongest_uv * log_uniform(rng, 0.03, 0.15) * sway * shapes.plateau(length_s, 0.5, 0.5)
    shake = jostle(rng, 0.0, length_s, rng.uniform(0.01, 0.04), (0.3, 3.0))
    return Scene(length_s, (Activation(0.0, envelope, "voluntary"),), (), (shake,))


def rocking(rng: np.random.Generator, person: Person) -> Scene:
    """Return a body that rocks: much acceleration, little muscle in time with it."""
    length_s, rate_hz = rng.uniform(10.0, 60.0), rng.uniform(0.5, 1.8)
    times_s = shapes.grid(length_s)
    wave = np.clip(np.sin(2.0 * np.pi * rate_hz * times_s), 0.0, None)
    envelope = person.strongest_uv * rng.uniform(0.0, 0.08) * wave
    fact = Fact(0.0, length_s, "leg_movement", "none", "rocking", peak_uv=peak_second_uv(envelope))
    shake = oscillation(rng, 0.0, length_s, log_uniform(rng, 0.03, 0.25), rate_hz)
    return Scene(length_s, (Activation(0.0, envelope, "voluntary"),), (), (shake,), (fact,))
