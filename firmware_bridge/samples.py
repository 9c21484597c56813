"""What flows out of the bridge: integer counts, their scale, and what is missing.

Time is the sample index: the number of EMG sampling instants since the stream began. A recording, a detector
pipeline and an index axis begin together, at index 0; seconds are ``index / info.emg_rate_hz``.

Digital truth: a sample is an integer count and a `Scale` made of the four numbers that an EDF header holds,
so what was seen live and what is read back from the recording of it agree to the last bit. Physical values
are a view.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float32]

# The widest decimal an EDF header field can hold, in characters (EDF specification, Kemp et al. 1992).
EDF_NUMBER_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Scale:
    """The affine map from ADC counts to a physical unit, as an EDF header states it.

    Attributes:
        digital_min: Lowest count the converter can give: its lower rail.
        digital_max: Highest count: its upper rail. A count outside the two means "no sample here".
        physical_min: Physical value of ``digital_min``; a decimal of at most eight characters.
        physical_max: Physical value of ``digital_max``; likewise.
        unit: ``"uV"``, ``"g"`` or ``"count"`` where nobody knows the scale.

    Raises:
        ValueError: the ranges are empty or not finite.
    """

    digital_min: int
    digital_max: int
    physical_min: float
    physical_max: float
    unit: str

    def __post_init__(self) -> None:
        """Refuse a scale that maps everything to one value or to none."""
        if (
            not np.isfinite([self.physical_min, self.physical_max]).all()
            or self.physical_min == self.physical_max
        ):
            raise ValueError(
                "scale: expected two different physical limits, "
                f"got {self.physical_min} and {self.physical_max}"
            )
        if self.digital_min >= self.digital_max:
            raise ValueError(
                f"scale: expected digital_min < digital_max, got {self.digital_min} and {self.digital_max}"
            )

    @classmethod
    def from_gain(
        cls, gain: float, *, digital_min: int, digital_max: int, zero_count: int = 0, unit: str
    ) -> "Scale":
        """Return the nearest scale an EDF header can hold, ``gain`` units a count, 0 at ``zero_count``."""
        low, high = ((count - zero_count) * gain for count in (digital_min, digital_max))
        return cls(digital_min, digital_max, float(edf_number(low)), float(edf_number(high)), unit)

    @property
    def gain(self) -> float:
        """Physical units per count."""
        return (self.physical_max - self.physical_min) / (self.digital_max - self.digital_min)

    @property
    def bias(self) -> float:
        """Physical value of count 0."""
        return self.physical_min - self.gain * self.digital_min

    def to_physical(self, counts: Counts) -> Floats:
        """Return read-only float32 physical values of the counts, in the same shape."""
        values = (counts * self.gain + self.bias).astype(np.float32)
        values.flags.writeable = False
        return values


def edf_number(value: float) -> str:
    """Return ``value`` as the closest decimal of at most eight characters.

    Raises:
        ValueError: no eight characters can hold it (|value| over 99999999 or -9999999).
    """
    for digits in range(EDF_NUMBER_WIDTH, 0, -1):
        # Through Decimal, since a float's own text may be in exponent form, which EDF readers differ on.
        text = format(Decimal(f"{value:.{digits}g}"), "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if len(text) <= EDF_NUMBER_WIDTH:
            return "0" if text in {"-0", ""} else text
    raise ValueError(f"EDF number: expected a value that fits {EDF_NUMBER_WIDTH} characters, got {value!r}")


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """Who is sending, and in what units.

    Attributes:
        sensor_id: The name the sensor goes by; matches ``^[a-z0-9-]{1,32}$``.
        emg_rate_hz: EMG sampling rate.
        acc_rate_hz: Acceleration sampling rate; 0 where there is no accelerometer. ``emg_rate_hz`` is an
            integer multiple of it.
        sites: One placement per EMG channel, such as ``"left-calf"``.
        emg_scales: One scale per EMG channel.
        acc_scale: The scale of all three axes; None without an accelerometer.
        firmware: Version of the board's firmware, or the name of the format the samples come from.
        hardware_id: The board's unique identity, if it has one.
        boot_id: Changes at each start of the board.
        prefilter: What was done before the samples came to us, in EDF's words ("HP:20Hz LP:450Hz"); empty if
            nothing.
    """

    sensor_id: str
    emg_rate_hz: float
    acc_rate_hz: float
    sites: tuple[str, ...]
    emg_scales: tuple[Scale, ...]
    acc_scale: Scale | None
    firmware: str = ""
    hardware_id: str = ""
    boot_id: int = 0
    prefilter: str = ""

    @property
    def acc_ratio(self) -> int:
        """EMG samples per acceleration sample; 1 without an accelerometer."""
        return round(self.emg_rate_hz / self.acc_rate_hz) if self.acc_rate_hz else 1

    def same_signal(self, other: "SensorInfo") -> bool:
        """Tell whether samples of the two may stand in one recording (all but firmware and boot agree)."""
        mine, theirs = (
            (i.sensor_id, i.emg_rate_hz, i.acc_rate_hz, i.sites, i.emg_scales, i.acc_scale)
            for i in (self, other)
        )
        return mine == theirs


@dataclass(frozen=True, slots=True, eq=False)
class SampleBlock:
    """A run of samples without a hole.

    Attributes:
        info: What the counts mean.
        first_index: Sample index of the first EMG sample; falls on an acceleration sample, so it is a
            multiple of ``info.acc_ratio``.
        emg_counts: ``[n, channel]`` integers, read-only.
        acc_counts: ``[n / acc_ratio, 3]`` integers, read-only; ``[0, 3]`` without an accelerometer.
    """

    info: SensorInfo
    first_index: int
    emg_counts: Counts
    acc_counts: Counts

    @property
    def samples(self) -> int:
        """Number of EMG sampling instants."""
        return len(self.emg_counts)

    @property
    def end_index(self) -> int:
        """Index just after the last sample."""
        return self.first_index + len(self.emg_counts)

    @property
    def emg_uv(self) -> Floats:
        """EMG in µV, ``[n, channel]`` float32, read-only; made anew at each call."""
        columns = [scale.to_physical(self.emg_counts[:, i]) for i, scale in enumerate(self.info.emg_scales)]
        values = columns[0][:, None] if len(columns) == 1 else np.stack(columns, axis=1)
        values.flags.writeable = False
        return values

    @property
    def acc_g(self) -> Floats:
        """Acceleration in g, ``[m, 3]`` float32, read-only; made anew at each call."""
        if self.info.acc_scale is None:
            return np.zeros((0, 3), np.float32)
        return self.info.acc_scale.to_physical(self.acc_counts)


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that never came.

    Attributes:
        first_index: Sample index of the first of them.
        missing: How many sampling instants, a multiple of ``acc_ratio``.
        reason: One of ``"lost frames"``, ``"link down"``, ``"sensor restarted"``, ``"not recorded"``.
    """

    first_index: int
    missing: int
    reason: str

    @property
    def end_index(self) -> int:
        """Index of the first sample after the gap."""
        return self.first_index + self.missing


@dataclass(frozen=True, slots=True)
class Mark:
    """Something noted at a sample: ``kind`` says what, ``text`` the rest.

    Kinds: ``"button short"``, ``"button long"``, ``"cue"`` (the sensor's own vibration; text: pattern and
    duration), ``"setting"`` (text: name=value), ``"clock"`` (text: wall-clock time, ISO 8601 with offset, and
    device µs), ``"event"`` (the detector's own verdicts), ``"note"`` (anything found in a foreign recording).
    """

    index: int
    kind: str
    text: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """How the board is: battery in mV (None: not measured), lead-off per channel, clip and loss counts."""

    index: int
    battery_mv: int | None
    lead_off: tuple[bool, ...]
    clipped: int
    lost: int


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link went down (``up`` False, ``reason`` in words for a person) or came back."""

    up: bool
    reason: str


StreamItem = SensorInfo | SampleBlock | Gap | Mark | SensorStatus | LinkState
