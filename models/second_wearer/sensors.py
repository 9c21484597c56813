"""What samples the wearer: rate, converter, noise, mains, and how whole the stream is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from firmware_bridge.samples import Scale, SensorInfo
from models.second_wearer.scene import ACC_HZ

# Acceleration: 16 bit at 2048 counts a g, as common chips give it.
ACC_SCALE = Scale.from_gain(1.0 / 2048.0, digital_min=-32767, digital_max=32767, unit="g")
# The band that baselines are given for (science.md section 6), Hz.
BAND_HZ = (20.0, 450.0)
_NYQUIST_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class Sensor:
    """A kind of sensor.

    Attributes:
        name: For tables.
        rate_hz: EMG sampling rate.
        bits: Of the converter.
        step_uv: One count, µV at the electrode.
        noise_uv: RMS of its own noise over its whole band, lowest and highest.
        mains_hz: Where it is used.
        has_acc: Whether there is an accelerometer.
        hours_apart: Mean time between gaps of the stream, hours; 0 for none.
    """

    name: str
    rate_hz: float = 1000.0
    bits: int = 16
    step_uv: float = 0.1
    noise_uv: tuple[float, float] = (1.0, 3.0)
    mains_hz: float = 50.0
    has_acc: bool = True
    hours_apart: float = 0.0

    @property
    def rail_counts(self) -> int:
        """Highest count; the lowest is its opposite."""
        return int(2 ** (self.bits - 1)) - 1

    @property
    def band_share(self) -> float:
        """How much of the noise's RMS lies in the band that baselines are given for."""
        top_hz = min(BAND_HZ[1], _NYQUIST_SHARE * self.rate_hz)
        return float(np.sqrt((top_hz - BAND_HZ[0]) / (self.rate_hz / 2.0)))

    def info(self, sensor_id: str) -> SensorInfo:
        """Return the sensor as the bridge describes it."""
        rails = self.rail_counts
        return SensorInfo(
            sensor_id=sensor_id,
            emg_rate_hz=self.rate_hz,
            acc_rate_hz=ACC_HZ if self.has_acc else 0.0,
            sites=("left-calf",),
            emg_scales=(Scale.from_gain(self.step_uv, digital_min=-rails, digital_max=rails, unit="uV"),),
            acc_scale=ACC_SCALE if self.has_acc else None,
            firmware="second synthetic wearer",
        )

    def counts(self, signal_uv: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
        """Return what the converter makes of a signal."""
        rails = self.rail_counts
        gain_uv = self.info("counts").emg_scales[0].gain
        return np.clip(np.rint(signal_uv / gain_uv), -rails, rails).astype(np.int16)


_USUAL = Sensor("1 kHz, 16 bit")
SENSORS: Mapping[str, Sensor] = {
    "usual": _USUAL,
    "500 Hz": replace(_USUAL, name="500 Hz", rate_hz=500.0),
    "2 kHz": replace(_USUAL, name="2 kHz", rate_hz=2000.0),
    # 10 bit over 3.3 V behind a gain of 1000.
    "10 bit": replace(_USUAL, name="10 bit", bits=10, step_uv=3.2, noise_uv=(2.0, 4.0)),
    "10 uV noise": replace(_USUAL, name="10 µV noise", noise_uv=(9.0, 11.0)),
    "60 Hz": replace(_USUAL, name="60 Hz mains", mains_hz=60.0),
    # 12 bit whose rails lie at 200 µV: a strong cramp spends much of its time there.
    "saturating": replace(_USUAL, name="saturating", bits=12, step_uv=0.1),
    "EDF+D": replace(_USUAL, name="EDF+D", hours_apart=0.4),
    "no acceleration": replace(_USUAL, name="no acceleration", has_acc=False),
}
