"""The motor-unit pool of one calf muscle: who is recruited when, how fast it fires, what its potential looks like.

Recruitment and rate coding after Fuglevand, Winter and Patla (1993), constants as in science.md section 11. The
surface potential is not a volume conductor solved in space but its outcome: two pulse shapes, widened and weakened by
depth, whose sum has the median frequency (111–123 Hz) of a calf muscle recorded through fat and skin.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

# Motor units under the electrodes; Fuglevand 1993.
POOL_SIZE = 120
# Drive at which the last unit is recruited, fraction of the greatest voluntary drive; NeuroMotion uses 0.75 too.
LAST_THRESHOLD = 0.75
# Ratio of the largest to the smallest unit's size; Fuglevand 1993.
SIZE_RANGE = 100.0
# Slowest steady firing, pulses per second; Fuglevand 1993.
MINIMUM_RATE_PPS = 8.0
# Different potential shapes in a pool; enough for a smooth spectrum, few enough to convolve fast.
SHAPES = 16
# How much a potential widens per millimetre of depth beyond 5 mm.
WIDENING_PER_MM = 0.015
# Reference depth of the amplitude law, millimetres, and its exponent.
REFERENCE_DEPTH_MM = 5.0
DEPTH_EXPONENT = -1.2
# Half-length of a potential in its own time constants: exp(-3.5²) is 5e-6.
REACH = 3.5


@dataclass(frozen=True, slots=True, eq=False)
class MotorUnits:
    """A pool, ordered from the first to the last recruited.

    Attributes:
        threshold: Drive (0…1) above which each unit fires.
        peak_rate_pps: Firing rate at drive 1.
        amplitude_uv: Peak scale of each potential.
        shape: Which of the ``SHAPES`` potentials each has.
        position: Place across the muscle, 0…1; a cramp takes a neighbourhood.
        lambda_s: Time constant of each shape.
        asymmetry: ``b`` of each shape: 1 is the pure biphasic pulse, less adds the triphasic one.
    """

    threshold: Reals
    peak_rate_pps: Reals
    amplitude_uv: Reals
    shape: Indices
    position: Reals
    lambda_s: Reals
    asymmetry: Reals

    def rates(self, drive: Reals, unit: int) -> Reals:
        """Return the firing rate in pulses per second of one unit along a drive."""
        slope = (self.peak_rate_pps[unit] - MINIMUM_RATE_PPS) / (1.0 - self.threshold[unit])
        rate = np.minimum(self.peak_rate_pps[unit], MINIMUM_RATE_PPS + slope * (drive - self.threshold[unit]))
        return np.asarray(np.where(drive > self.threshold[unit], rate, 0.0), np.float64)

    def power(self) -> Reals:
        """Return the µV² that each unit adds per pulse per second (Campbell's theorem: energy of its potential)."""
        # Closed-form integrals of (u exp(-u²))² and ((1-2u²) exp(-u²))² over u; the cross term is odd and vanishes.
        biphasic, triphasic = np.sqrt(np.pi / 2.0) / 4.0, 0.75 * np.sqrt(np.pi / 2.0)
        energy_s = self.lambda_s * (self.asymmetry * biphasic + 0.25 * (1.0 - self.asymmetry) * triphasic)
        return np.square(self.amplitude_uv) * energy_s[self.shape]

    def rms_uv(self, drive: float) -> float:
        """Return the expected RMS of the surface EMG at a steady drive, before the amplifier's filter."""
        level = np.array([drive])
        rates = np.array([self.rates(level, unit)[0] for unit in range(len(self.threshold))])
        return float(np.sqrt(np.sum(rates * self.power())))

    def potentials(self, rate_hz: float, shortening: float = 1.0) -> Reals:
        """Return the potentials ``[shape, sample]`` at a sampling rate, time constants times ``shortening``."""
        lambda_s = self.lambda_s * shortening
        half = int(np.ceil(REACH * lambda_s.max() * rate_hz))
        u = np.arange(-half, half + 1) / rate_hz / lambda_s[:, None]
        bell = np.exp(-np.square(u))
        biphasic = np.sqrt(self.asymmetry)[:, None] * u * bell
        triphasic = 0.5 * np.sqrt(1.0 - self.asymmetry)[:, None] * (1.0 - 2.0 * np.square(u)) * bell
        return np.asarray(biphasic + triphasic, np.float64)


def make_pool(
    rng: np.random.Generator,
    *,
    mvc_uv: float,
    recruitment_range: float,
    lambda_mean_s: float,
    lambda_sd_s: float,
    lambda_limits_s: tuple[float, float],
) -> MotorUnits:
    """Return a pool whose EMG at full drive has an RMS of ``mvc_uv``.

    Args:
        rng: Where the pool's own accidents come from.
        mvc_uv: RMS at drive 1, µV; what fat and electrodes leave of it.
        recruitment_range: Threshold of the last unit over that of the first.
        lambda_mean_s: Mean time constant of the potentials.
        lambda_sd_s: Its spread among shapes.
        lambda_limits_s: Shortest and longest time constant.
    """
    order = np.arange(POOL_SIZE) / (POOL_SIZE - 1)
    threshold = LAST_THRESHOLD * np.exp(np.log(recruitment_range) * order) / recruitment_range
    # First recruited units reach 30 pps, last 20 pps, each within ±15 % (science.md section 8: medial gastrocnemius).
    peak_rate = (30.0 - 10.0 * order) * rng.uniform(0.85, 1.15, POOL_SIZE)
    depth_mm = rng.uniform(5.0, 25.0, POOL_SIZE)
    widening = 1.0 + WIDENING_PER_MM * (depth_mm - REFERENCE_DEPTH_MM)
    lambda_s = np.clip(rng.normal(lambda_mean_s, lambda_sd_s, POOL_SIZE), *lambda_limits_s) * widening
    # Units of like width share a shape: sixteen groups from narrow to wide.
    shape = np.empty(POOL_SIZE, np.int64)
    groups = np.array_split(np.argsort(lambda_s), SHAPES)
    for number, group in enumerate(groups):
        shape[group] = number
    size = np.exp(np.log(SIZE_RANGE) * order)
    pool = MotorUnits(
        threshold=threshold,
        peak_rate_pps=peak_rate,
        amplitude_uv=np.sqrt(size) * (depth_mm / REFERENCE_DEPTH_MM) ** DEPTH_EXPONENT,
        shape=shape,
        position=rng.uniform(0.0, 1.0, POOL_SIZE),
        lambda_s=np.array([lambda_s[group].mean() for group in groups]),
        asymmetry=rng.uniform(0.4, 1.0, SHAPES),
    )
    pool.amplitude_uv[:] *= mvc_uv / pool.rms_uv(1.0)
    for values in (pool.threshold, pool.peak_rate_pps, pool.amplitude_uv, pool.shape, pool.position):
        values.flags.writeable = False
    return pool
