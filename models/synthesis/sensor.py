"""The synthetic sensor: amplifier, converter, accelerometer, and how good they are."""

import math
from dataclasses import dataclass

from firmware_bridge.samples import Scale, SensorInfo

# Slowest rate at which the muscle is simulated, Hz; slower sensors get every n-th sample after their own filter.
LEAST_INNER_RATE_HZ = 900.0
# Highest corner of the anti-alias filter, fraction of the sampling rate.
HIGHEST_CORNER = 0.45
# The lowest 16-bit count stands for "no sample here" in recordings and is never a sample.
NO_SAMPLE_COUNT = -32768


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
        mains_uv: RMS of it that is always there.
        clock_error: Relative error of the sampling clock; ±0.01 in a board with a ceramic resonator.
        gain_drift: Relative change of the electrodes' gain over a night, at most ±0.3.
        settling_s: Time constant at which fresh electrodes settle.
        acc_noise_g: RMS noise per axis; 150–300 µg/√Hz over 50 Hz.
        acc_lsb_g: One count of the accelerometer.
        sensor_id: Its name.
        site: Where it is worn.
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
    settling_s: float = 300.0
    acc_noise_g: float = 0.0014
    acc_lsb_g: float = 1.0 / 2048.0
    sensor_id: str = "synthetic"
    site: str = "left-calf"

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

    def info(self) -> SensorInfo:
        """Return what such a sensor says of itself."""
        top = 2 ** (self.bits - 1)
        emg = Scale.from_gain(
            self.lsb_uv, digital_min=max(-top, NO_SAMPLE_COUNT + 1), digital_max=top - 1, unit="uV"
        )
        acc = Scale.from_gain(
            self.acc_lsb_g, digital_min=NO_SAMPLE_COUNT + 1, digital_max=-(NO_SAMPLE_COUNT + 1), unit="g"
        )
        high = min(self.lowpass_hz, HIGHEST_CORNER * self.emg_rate_hz)
        return SensorInfo(
            sensor_id=self.sensor_id,
            emg_rate_hz=self.emg_rate_hz,
            acc_rate_hz=self.emg_rate_hz / self.acc_ratio if self.acc_ratio else 0.0,
            sites=(self.site,),
            emg_scales=(emg,),
            acc_scale=acc if self.acc_ratio else None,
            firmware="synthetic",
            prefilter=f"HP:{self.highpass_hz:g}Hz LP:{high:g}Hz",
        )
