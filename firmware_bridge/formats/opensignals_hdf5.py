"""What OpenSignals writes into HDF5: one group a device, its channels as converter counts under ``raw``.

The layout is taken from files that PLUX publishes with its package biosignalsnotebooks 0.6.14 (MIT), the
transfer functions from its `conversion` module and the sensors' data sheets: EMG in mV is
``(count / 2**bits - 1/2) * supply / gain`` with 3 V for PLUX and 3.3 V for BITalino. Acceleration in g needs two
calibration counts a person measures for each sensor; without them the typical ones are used, and this is said.

``nSeq`` counts samples as the device sent them, so a step of more than one is a hole. In PLUX's own files it stops
at 65535 or begins anew at 32768, and BITalino counts to 15: a step back or none says nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np

from firmware_bridge.formats.columns import (
    BrokenFileError,
    Column,
    ColumnRun,
    ReadHints,
    UnclearFileError,
)
from firmware_bridge.formats.hdf5_series import Hdf5File, Series
from firmware_bridge.formats.hdf5_sets import (
    Node,
    check_storage,
    datasets_of,
    is_group,
    is_hard,
    number_of,
    text_of,
)

_PLUX = (
    "bioplux",
    "bioplux_exp",
    "biosignalsplux",
    "rachimeter",
    "channeller",
    "swifter",
    "ddme_openbanplux",
)
_BITALINO = ("bitalino_rev", "bitalino_riot")
# Supply in V and gain of the EMG sensor, by device.
_EMG = MappingProxyType(
    {
        **dict.fromkeys(_PLUX, (3.0, 1000.0)),
        "bitalino": (3.3, 1008.0),
        **dict.fromkeys(_BITALINO, (3.3, 1009.0)),
    }
)
# Counts at -1 g and at 1 g of an accelerometer that nobody has calibrated, and the bits they are for.
_ACC = MappingProxyType(
    {**dict.fromkeys(_PLUX, (28000, 38000, 16)), **dict.fromkeys(_BITALINO, (400, 608, 10))}
)
_ACC_SENSORS = ("ACC", "XYZ", "ACCBIT", "ACCBITREV")
_EMG_SENSORS = ("EMG", "EMGBIT", "EMGBITREV")
_CHANNEL = re.compile(r"channel_(\d+)")
# Sequence numbers looked at in one go.
_SEARCH_SAMPLES = 1 << 18
_MICROVOLTS_PER_VOLT = 1e6
_MOST_BITS = 32


@dataclass(frozen=True, slots=True)
class Device:
    """One device of a recording: its channels by number, bits of each, and when and how fast it sampled."""

    name: str
    kind: str
    rate_hz: float | None
    start: datetime | None
    channels: tuple[Node, ...]
    bits: tuple[int, ...]
    holes: tuple[tuple[int, int], ...]


def devices_of(file: Node) -> list[Device]:
    """Return the devices of an OpenSignals file; none where it is no such file."""
    members = [file[name] for name in file if is_hard(file, name)]
    return [
        _device(one)
        for one in members
        if is_group(one) and "sampling rate" in one.attrs and is_hard(one, "raw")
    ]


def opensignals(path: Path, devices: Sequence[Device], hints: ReadHints) -> Hdf5File:
    """Return the columns of an OpenSignals file.

    Raises:
        BrokenFileError: a device has no channels, or more counts than its converter has.
        UnclearFileError: it does not say its rate.
    """
    starts = [device.start for device in devices if device.start is not None]
    first = min(starts) if len(starts) == len(devices) else None
    warnings: list[str] = []
    found: list[tuple[Column, Series]] = []
    for device in devices:
        rate_hz = hints.rate_hz or device.rate_hz
        if rate_hz is None:
            raise UnclearFileError(
                f"OpenSignals: {device.name} does not say its sampling rate; give it with --rate HZ"
            )
        begin_s = (device.start - first).total_seconds() if first and device.start else 0.0
        for dataset, bits in zip(device.channels, device.bits, strict=True):
            runs = _runs(dataset.shape[0], device.holes, rate_hz, begin_s)
            found.append(_channel(device, (dataset, bits), (len(found) + 1, rate_hz, runs), warnings))
    if not found:
        raise BrokenFileError("OpenSignals: expected channels under raw, got none")
    columns, series = zip(*found, strict=True)
    return Hdf5File(
        path, "OpenSignals HDF5", columns, first, warnings=tuple(dict.fromkeys(warnings)), series=series
    )


def _device(group: Node) -> Device:
    attributes = group.attrs
    by_number = {
        int(match[1]): dataset
        for dataset in datasets_of(group["raw"])
        if (match := _CHANNEL.fullmatch(dataset.name.rpartition("/")[2]))
        and dataset.shape
        and dataset.shape[0]
    }
    listed = np.asarray(attributes.get("channels", ())).reshape(-1).tolist()
    resolution = np.asarray(attributes.get("resolution", ())).reshape(-1).tolist()
    bits = dict(zip(listed, resolution, strict=False))
    for dataset in by_number.values():
        check_storage(dataset)
    numbers = sorted(by_number)
    return Device(
        text_of(attributes.get("device name", group.name.strip("/"))),
        text_of(attributes.get("device", "")),
        number_of(attributes["sampling rate"]),
        _start(attributes),
        tuple(by_number[number] for number in numbers),
        tuple(int(bits.get(number, 0)) for number in numbers),
        _holes(group["raw"]),
    )


def _start(attributes: Node) -> datetime | None:
    said = f"{text_of(attributes.get('date', ''))} {text_of(attributes.get('time', ''))}"
    for layout in ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(said, layout)  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _holes(raw: Node) -> tuple[tuple[int, int], ...]:
    """Return before which samples others were lost, and how many, by the device's own count."""
    counts = next((one for one in datasets_of(raw) if one.name.endswith("/nSeq")), None)
    if counts is None or not counts.shape or counts.dtype.kind != "u":
        return ()
    check_storage(counts)
    holes: list[tuple[int, int]] = []
    for begin in range(0, counts.shape[0] - 1, _SEARCH_SAMPLES):
        steps = np.diff(np.asarray(counts[begin : begin + _SEARCH_SAMPLES + 1]).reshape(-1).astype(np.int64))
        holes += [(begin + int(i) + 1, int(steps[i]) - 1) for i in np.flatnonzero(steps > 1)]
    return tuple(holes)


def _runs(
    samples: int, holes: Sequence[tuple[int, int]], rate_hz: float, begin_s: float
) -> tuple[ColumnRun, ...]:
    cuts = [0, *(at for at, _ in holes if at < samples), samples]
    lost = np.cumsum([0, *(missing for at, missing in holes if at < samples)])
    return tuple(
        ColumnRun(start, stop - start, begin_s + (start + int(before)) / rate_hz)
        for start, stop, before in zip(cuts, cuts[1:], lost, strict=False)
    )


def _channel(
    device: Device,
    stored: tuple[Node, int],
    place: tuple[int, float, tuple[ColumnRun, ...]],
    warnings: list[str],
) -> tuple[Column, Series]:
    (dataset, bits), (number, rate_hz, runs) = stored, place
    sensor = text_of(dataset.attrs.get("sensor", ""))
    label = f"{'ACC' if sensor in _ACC_SENSORS else sensor} {text_of(dataset.attrs.get('label', ''))}".strip()
    unit, gain, offset = _scale(device, sensor, bits)
    if unit == "g":
        warnings.append(
            "OpenSignals: acceleration by the sensor's typical calibration; give yours by unit and gain in a montage"
        )
    if not unit and (sensor in _ACC_SENSORS or sensor in _EMG_SENSORS):
        warnings.append(
            f"OpenSignals: no transfer function for {sensor} of device {device.kind!r}: raw counts"
        )
    column = Column(number, label, unit, rate_hz, dataset.shape[0], runs)
    wide = len(dataset.shape) > 1
    series = Series(dataset.name, 0 if wide else None, by_channel=False, gain=gain, offset=offset)
    return column, series


def _scale(device: Device, sensor: str, bits: int) -> tuple[str, float, float]:
    """Return unit, gain and offset of a channel; no unit, 1 and 0 where its transfer function is not known."""
    if 0 < bits <= _MOST_BITS and sensor in _EMG_SENSORS and device.kind in _EMG:
        supply_v, gain = _EMG[device.kind]
        full_scale_uv = supply_v / gain * _MICROVOLTS_PER_VOLT
        return "uV", full_scale_uv / 2**bits, -full_scale_uv / 2
    if 0 < bits <= _MOST_BITS and sensor in _ACC_SENSORS and device.kind in _ACC:
        low, high, for_bits = _ACC[device.kind]
        gain = 2 / (high - low) * 2.0 ** (for_bits - bits)
        return "g", gain, -2 * low / (high - low) - 1
    return "", 1.0, 0.0
