"""The synthetic sensor: amplifier, converter, accelerometer, and how good they are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from firmware_bridge.samples import Scale, SensorInfo
from models.synthesis.draws import Draw, LogUniform, Normal, Uniform
from models.synthesis.errors import PlanError

# Slowest rate at which the muscle is simulated, Hz; slower sensors get every n-th sample after their own
# filter.
LEAST_INNER_RATE_HZ = 900.0
# Highest corner of the anti-alias filter, fraction of the sampling rate.
HIGHEST_CORNER = 0.45
# Resolutions that 16-bit recordings can hold.
LEAST_BITS, MOST_BITS = 2, 16
# Largest 16-bit count that is a sample; -32768 stands for "no sample here" in recordings.
LARGEST_COUNT = 32767
# Sum of squares of the mains' line and its third harmonic, relative to the line.
MAINS_POWER = 1.04


@dataclass(frozen=True, slots=True)
class SensorModel:
    """A sensor as built, worn and powered; µV and g are input-referred.

    Attributes:
        emg_rate_hz: Nominal EMG sampling rate.
        acc_ratio: EMG samples per acceleration sample; 0 without an accelerometer.
        bits: Resolution of the converter.
        lsb_uv: One count; 0.1 µV with 16 bits spans ±3.3 mV, 0.8 µV is 12 bits over 3.3 V at gain 1000.
        noise_uv: RMS of the amplifier's and the electrodes' noise in band; 1–10 µV is usual.
        corner_hz: Below it the noise rises as 1/f.
        offset_uv: Direct voltage left at the converter.
        highpass_hz: Lower corner of the analogue filter, second order.
        lowpass_hz: Upper corner, fourth order; at most 0.45 of the sampling rate.
        mains_hz: Line frequency on site; off by up to half a hertz.
        mains_uv: RMS of the line that is always there.
        clock_error: Relative error of the sampling clock; ±0.01 in a board with a ceramic resonator.
        gain_drift: Relative change of the electrodes' gain over a night, at most ±0.3.
        settling: Share of the gain that fresh electrodes lack.
        settling_s: Time constant at which they settle; impedance is stable after 15 minutes.
        acc_noise_g: RMS noise per axis; 150–300 µg/√Hz over 50 Hz.
        acc_lsb_g: One count of the accelerometer.
        sensor_id: Its name.
        site: Where it is worn.

    Raises:
        PlanError: no such sensor can be built.
    """

    emg_rate_hz: float = 1000.0
    acc_ratio: int = 10
    bits: int = 16
    lsb_uv: float = 0.1
    noise_uv: float = 2.0
    corner_hz: float = 40.0
    offset_uv: float = 0.0
    highpass_hz: float = 20.0
    lowpass_hz: float = 450.0
    mains_hz: float = 50.03
    mains_uv: float = 0.5
    clock_error: float = 0.0
    gain_drift: float = 0.0
    settling: float = 0.0
    settling_s: float = 300.0
    acc_noise_g: float = 0.0014
    acc_lsb_g: float = 1.0 / 2048.0
    sensor_id: str = "synthetic"
    site: str = "left-calf"

    def __post_init__(self) -> None:
        """Refuse what cannot be built."""
        corners = math.isfinite(self.emg_rate_hz) and 0.0 < self.highpass_hz < self.corner_of_lowpass_hz
        converter = LEAST_BITS <= self.bits <= MOST_BITS and self.lsb_uv > 0.0 and self.acc_lsb_g > 0.0
        if not (corners and converter and self.acc_ratio >= 0 and abs(self.clock_error) < 1.0):
            raise PlanError(
                f"synthetic sensor: expected a band below {HIGHEST_CORNER:g} of the sampling rate, {LEAST_BITS} to "
                f"{MOST_BITS} bits, steps above 0, and a clock that is less than 100 % wrong; got {self}"
            )

    @classmethod
    def sample(cls, rng: np.random.Generator, base: "SensorModel | None" = None) -> "SensorModel":
        """Return a sensor as it may be worn: ``base`` (a good one if None), its noise and errors drawn."""
        base = base or cls()
        drawn = {name: draw.draw(rng) for name, draw in SENSOR_RANGES.items()}
        grid_hz = float(round(base.mains_hz, -1))
        return replace(
            base,
            noise_uv=drawn["noise_uv"],
            corner_hz=drawn["corner_hz"],
            mains_uv=drawn["mains_uv"],
            mains_hz=grid_hz + drawn["detuning_hz"],
            clock_error=drawn["clock_error"],
            gain_drift=drawn["gain_drift"],
            settling=drawn["settling"],
            acc_noise_g=drawn["acc_noise_g"],
        )

    @property
    def oversampling(self) -> int:
        """How many inner samples make one of the sensor's."""
        return math.ceil(LEAST_INNER_RATE_HZ / self.emg_rate_hz)

    @property
    def true_rate_hz(self) -> float:
        """Samples in a true second, the clock's error included."""
        return self.emg_rate_hz * (1.0 + self.clock_error)

    @property
    def step(self) -> int:
        """EMG samples that belong together: one acceleration sample's worth."""
        return max(1, self.acc_ratio)

    @property
    def corner_of_lowpass_hz(self) -> float:
        """Upper corner that the sampling rate allows."""
        return min(self.lowpass_hz, HIGHEST_CORNER * self.emg_rate_hz)

    @property
    def rest_uv(self) -> float:
        """RMS of what it gives over a resting muscle."""
        return math.sqrt(self.noise_uv**2 + MAINS_POWER * self.mains_uv**2 + self.lsb_uv**2 / 12.0)

    def info(self) -> SensorInfo:
        """Return what such a sensor says of itself."""
        top = min(2 ** (self.bits - 1) - 1, LARGEST_COUNT)
        emg = Scale.from_gain(
            self.lsb_uv, digital_min=max(-top - 1, -LARGEST_COUNT), digital_max=top, unit="uV"
        )
        acc = Scale.from_gain(self.acc_lsb_g, digital_min=-LARGEST_COUNT, digital_max=LARGEST_COUNT, unit="g")
        return SensorInfo(
            sensor_id=self.sensor_id,
            emg_rate_hz=self.emg_rate_hz,
            acc_rate_hz=self.emg_rate_hz / self.acc_ratio if self.acc_ratio else 0.0,
            sites=(self.site,),
            emg_scales=(emg,),
            acc_scale=acc if self.acc_ratio else None,
            firmware="synthetic",
            prefilter=f"HP:{self.highpass_hz:g}Hz LP:{self.corner_of_lowpass_hz:g}Hz",
        )


SENSOR_RANGES: Mapping[str, Draw] = {
    "noise_uv": LogUniform(1.0, 8.0),
    "corner_hz": Uniform(10.0, 80.0),
    "mains_uv": LogUniform(0.2, 4.0),
    "detuning_hz": Uniform(-0.5, 0.5),
    "clock_error": Normal(0.0, 0.003, -0.01, 0.01),
    "gain_drift": Uniform(-0.3, 0.3),
    "settling": Uniform(0.0, 0.2),
    # 150–300 µg/√Hz over 50 Hz.
    "acc_noise_g": Uniform(0.0011, 0.0021),
}

SENSORS: Mapping[str, SensorModel] = {
    # What the project's own board aims at.
    "good": SensorModel(),
    # 12 bits over 3.3 V at gain 1000.
    "fine": SensorModel(bits=12, lsb_uv=0.8),
    # 10 bits over 5 V at gain 1000: absolute thresholds of 2 and 8 µV are out of its reach.
    "coarse": SensorModel(bits=10, lsb_uv=4.9),
    "slow": SensorModel(emg_rate_hz=500.0, acc_ratio=5),
    "slowest": SensorModel(emg_rate_hz=250.0, acc_ratio=5, bits=12, lsb_uv=0.8),
    "fast": SensorModel(emg_rate_hz=2000.0, acc_ratio=20),
    "noisy": SensorModel(noise_uv=10.0, mains_uv=3.0),
    # A small range, so that strong contractions clip.
    "saturating": SensorModel(bits=12, lsb_uv=0.2),
    "american": SensorModel(mains_hz=59.97, mains_uv=3.0),
    "bare": SensorModel(acc_ratio=0),
}
