"""The motor-unit pool of one calf muscle: who is recruited when, how fast it fires, how its potential looks.

Recruitment and rate coding after Fuglevand, Winter and Patla (1993), constants as in science.md section 11.
The surface potential is not solved from a volume conductor in space but stands for its outcome: two pulse
shapes, widened and weakened by depth, whose sum has the median frequency of a calf muscle seen through fat
and skin.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

# Motor units under the electrodes; Fuglevand 1993.
POOL_SIZE = 120
# Drive at which the last unit is recruited, fraction of the greatest voluntary drive; as in NeuroMotion.
LAST_THRESHOLD = 0.75
# Ratio of the largest to the smallest unit's size; Fuglevand 1993.
SIZE_RANGE = 100.0
# Slowest steady firing, pulses per second; Fuglevand 1993.
MINIMUM_RATE_PPS = 8.0
# Peak firing of the first and of the last recruited unit, pulses per second, and how far people differ from
# it. Medial gastrocnemius reaches 20–25 pps, soleus 11–16 (Bellemare 1983; science.md section 8).
PEAK_RATES_PPS = (30.0, 20.0)
PEAK_RATE_SPREAD = 0.15
# Different potential shapes in a pool; enough for a smooth spectrum, few enough to convolve fast.
SHAPES = 16
# Depth of units under the skin, millimetres.
DEPTH_MM = (5.0, 25.0)
# How much a potential widens per millimetre of depth beyond the shallowest unit.
WIDENING_PER_MM = 0.015
# Exponent of the fall of amplitude with depth.
DEPTH_EXPONENT = -1.2
# Share of the biphasic pulse's power in a potential; the rest is the triphasic one.
ASYMMETRY = (0.4, 1.0)
# Half-length of a potential in its own time constants: exp(-3.5²) is 5e-6.
REACH = 3.5
# Highest drive there is: a convulsion drives a muscle harder than the will can.
HIGHEST_DRIVE = 1.25
# Integrals over u of (u exp(-u²))² and of (0.5 (1 - 2u²) exp(-u²))²; their cross term is odd and vanishes.
BIPHASIC_ENERGY = float(np.sqrt(np.pi / 2.0) / 4.0)
TRIPHASIC_ENERGY = float(0.25 * 0.75 * np.sqrt(np.pi / 2.0))


@dataclass(frozen=True, eq=False)
class MotorUnits:
    """A pool, ordered from the first to the last recruited.

    Attributes:
        threshold: Drive (0…1) above which each unit fires.
        peak_rate_pps: Firing rate at drive 1.
        amplitude_uv: Scale of each potential.
        shape: Which of the ``SHAPES`` potentials each has.
        position: Place across the muscle, 0…1; a cramp takes a neighbourhood.
        lambda_s: Time constant of each shape.
        asymmetry: Share of the biphasic pulse in each shape.
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

    @cached_property
    def shape_energy_s(self) -> Reals:
        """Energy of each shape at amplitude 1, seconds."""
        mixed = self.asymmetry * BIPHASIC_ENERGY + (1.0 - self.asymmetry) * TRIPHASIC_ENERGY
        return self.lambda_s * mixed

    @cached_property
    def energy_uv2s(self) -> Reals:
        """Energy of each unit's potential; times its rate it is the µV² that the unit adds (Campbell)."""
        return np.square(self.amplitude_uv) * self.shape_energy_s[self.shape]

    @cached_property
    def _power_table(self) -> tuple[Reals, Reals]:
        drive = np.linspace(0.0, HIGHEST_DRIVE, 1001)
        power = sum(self.rates(drive, unit) * self.energy_uv2s[unit] for unit in range(len(self.threshold)))
        return drive, np.asarray(power, np.float64)

    def power_uv2(self, drive: Reals) -> Reals:
        """Return the expected power of the EMG at each drive, before the amplifier's filter."""
        return np.asarray(np.interp(drive, *self._power_table), np.float64)

    def rms_uv(self, drive: float) -> float:
        """Return the expected RMS of the EMG at a steady drive, before the amplifier's filter."""
        return float(np.sqrt(self.power_uv2(np.array([drive]))[0]))

    def potentials(self, rate_hz: float, shortening: float = 1.0) -> Reals:
        """Return the potentials ``[shape, sample]`` at a rate, their time constants times ``shortening``."""
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
        mvc_uv: RMS at drive 1; what fat and electrodes leave of it.
        recruitment_range: Threshold of the last unit over that of the first.
        lambda_mean_s: Mean time constant of the potentials.
        lambda_sd_s: Its spread within the pool.
        lambda_limits_s: Shortest and longest time constant.
    """
    order = np.arange(POOL_SIZE) / (POOL_SIZE - 1)
    first_pps, last_pps = PEAK_RATES_PPS
    spread = rng.uniform(1.0 - PEAK_RATE_SPREAD, 1.0 + PEAK_RATE_SPREAD, POOL_SIZE)
    depth_mm = rng.uniform(*DEPTH_MM, POOL_SIZE)
    widening = 1.0 + WIDENING_PER_MM * (depth_mm - DEPTH_MM[0])
    lambda_s = np.clip(rng.normal(lambda_mean_s, lambda_sd_s, POOL_SIZE), *lambda_limits_s) * widening
    # Units of like width share a shape: sixteen groups from narrow to wide.
    groups = np.array_split(np.argsort(lambda_s, kind="stable"), SHAPES)
    shape = np.empty(POOL_SIZE, np.int64)
    for number, group in enumerate(groups):
        shape[group] = number
    unscaled = MotorUnits(
        threshold=LAST_THRESHOLD * np.exp(np.log(recruitment_range) * order) / recruitment_range,
        peak_rate_pps=(first_pps + (last_pps - first_pps) * order) * spread,
        amplitude_uv=SIZE_RANGE ** (0.5 * order) * (depth_mm / DEPTH_MM[0]) ** DEPTH_EXPONENT,
        shape=shape,
        position=rng.uniform(0.0, 1.0, POOL_SIZE),
        lambda_s=np.array([lambda_s[group].mean() for group in groups]),
        asymmetry=rng.uniform(*ASYMMETRY, SHAPES),
    )
    return scaled_pool(unscaled, mvc_uv)


def scaled_pool(pool: MotorUnits, mvc_uv: float) -> MotorUnits:
    """Return the same pool, read-only, with its EMG at full drive scaled to an RMS of ``mvc_uv``."""
    amplitude_uv = pool.amplitude_uv * (mvc_uv / pool.rms_uv(1.0))
    scaled = MotorUnits(
        pool.threshold,
        pool.peak_rate_pps,
        amplitude_uv,
        pool.shape,
        pool.position,
        pool.lambda_s,
        pool.asymmetry,
    )
    for values in vars(scaled).values():
        values.flags.writeable = False
    return scaled
