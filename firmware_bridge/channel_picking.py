"""Which channels of a foreign recording are EMG and acceleration: by label and unit, or as the person said.

Nothing is guessed: a channel whose label does not speak of a muscle is taken only when named. Of several EMG
channels the calf's comes first, then the leg's, then any.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from firmware_bridge.acc_axes import AXES, sets_of_axes, speaks_of_acceleration
from firmware_bridge.channel_units import COUNTS, GRAVITIES, MICROVOLTS, acc_scale, emg_scale, normal_unit
from firmware_bridge.edf_header import EdfHeader, EdfSignal
from firmware_bridge.samples import Scale

# Below this the EMG band that tells a cramp from movement is gone (science.md, section 6).
MINIMUM_RATE_HZ = 250
# What is asked for by who wants no acceleration.
NO_CHANNELS = ("none",)
# Label patterns, best first.
_MUSCLES = (
    re.compile(r"gastroc|soleus|calf|calves|triceps.?surae", re.IGNORECASE),
    re.compile(r"tibial|leg|shin|peron|fibular|(?<![a-z])(ta|[lr]at|plms?)(?![a-z])", re.IGNORECASE),
    re.compile(r"emg|exg|muscle|vast[iu]|hamstring|quadriceps", re.IGNORECASE),
)
# Muscles of the head, and what is derived from EMG instead of being it.
_NOT_LIMBS = re.compile(r"chin|mental|masseter|jaw|eog|ecg|ekg|eeg|envelope|rms|imped|trig", re.IGNORECASE)
# Channels listed in a message before it says how many more there are.
_LISTED = 16


class ChannelError(ValueError):
    """The file lacks a channel we need, or has it where we did not look."""


class Labelled(Protocol):
    """Anything that a person can call by its label or number."""

    @property
    def number(self) -> int:
        """Place in the file, from 1."""
        ...

    @property
    def label(self) -> str:
        """Name in the file."""
        ...

    @property
    def unit(self) -> str:
        """Unit in the file's words."""
        ...


Signal = TypeVar("Signal", bound=Labelled)


@dataclass(frozen=True, slots=True)
class Channel(Generic[Signal]):
    """A signal of the file with its rate; prints as a person would look for it."""

    signal: Signal
    rate_hz: Fraction

    def __str__(self) -> str:
        """Return number, label, unit and rate."""
        label = "".join(c if c.isprintable() else "?" for c in self.signal.label)
        unit = self.signal.unit if self.signal.unit.isprintable() else "?"
        return f"{self.signal.number} '{label}' ({unit or 'no unit'}, {float(self.rate_hz):g} Hz)"


@dataclass(frozen=True, slots=True)
class Picked:
    """Channels chosen, the scale of each, and what the person should know about the choice."""

    channels: tuple[Channel[EdfSignal], ...]
    scales: tuple[Scale, ...]
    warnings: tuple[str, ...]


def channels_of(header: EdfHeader) -> list[Channel[EdfSignal]]:
    """Return the channels that carry samples."""
    return [
        Channel(signal, signal.samples / header.record_s)
        for signal in header.signals
        if signal.samples and not signal.is_annotations
    ]


def pick_emg(
    channels: Sequence[Channel[EdfSignal]], wanted: Sequence[str] = (), unit: str | None = None
) -> Picked:
    """Return the EMG channels of an EDF file: those that are wanted, or the best one.

    Raises:
        ChannelError: there is none, they differ in rate, or are too slow.
    """
    chosen, warnings = choose_emg(channels, wanted, unit)
    rates = {channel.rate_hz for channel in chosen}
    if len(rates) > 1:
        raise ChannelError(
            f"EMG: expected channels of one rate, got {listed(chosen)}; choose with --emg LABEL"
        )
    scales = tuple(_scaled(channel, emg_scale, unit) for channel in chosen)
    warnings += [
        unknown_unit(channel)
        for channel, scale in zip(chosen, scales, strict=True)
        if scale.unit == "count" and unit is None
    ]
    return Picked(tuple(chosen), scales, tuple(warnings))


def choose_emg(
    channels: Sequence[Channel[Signal]], wanted: Sequence[str] = (), unit: str | None = None
) -> tuple[list[Channel[Signal]], list[str]]:
    """Return the EMG channels that are wanted, or the best one, and what was chosen where there was a choice.

    Raises:
        ChannelError: there is none, or one is too slow.
    """
    check_unit("--emg-unit", unit, [*MICROVOLTS, "counts"])
    chosen, warnings = ([find(channels, name, "--emg") for name in wanted], []) if wanted else _best(channels)
    if min(channel.rate_hz for channel in chosen) < MINIMUM_RATE_HZ:
        raise ChannelError(
            f"EMG too slow: minimum {MINIMUM_RATE_HZ} Hz, got {listed(chosen)}; record it faster, "
            f"or name another channel with --emg LABEL: {listed(channels)}"
        )
    return chosen, warnings


def pick_acc(
    channels: Sequence[Channel[EdfSignal]],
    emg_rate_hz: Fraction,
    wanted: Sequence[str] = (),
    unit: str | None = None,
) -> Picked:
    """Return the axes of acceleration of an EDF file in the order x, y, z; none where none can be used.

    Raises:
        ChannelError: what is wanted is not three channels in a unit of acceleration.
    """
    chosen, warnings = choose_acc(channels, emg_rate_hz, wanted, unit)
    return Picked(
        tuple(chosen), tuple(_scaled(channel, acc_scale, unit) for channel in chosen), tuple(warnings)
    )


def choose_acc(
    channels: Sequence[Channel[Signal]],
    emg_rate_hz: Fraction | None,
    wanted: Sequence[str] = (),
    unit: str | None = None,
) -> tuple[list[Channel[Signal]], list[str]]:
    """Return the axes of acceleration in the order x, y, z, or none, and why those that were met are left out.

    Args:
        channels: All of them.
        emg_rate_hz: What their rate has to divide; None where any rate will do.
        wanted: Their labels or numbers; empty finds them, ``("none",)`` takes none.
        unit: Theirs, where the file's is missing or wrong.

    Raises:
        ChannelError: what is wanted is not three channels in a unit of acceleration.
    """
    check_unit("--acc-unit", unit, list(GRAVITIES))
    if tuple(wanted) == NO_CHANNELS:
        return [], []
    if wanted and len(wanted) != len(AXES):
        raise ChannelError(f"--acc: expected three channels X,Y,Z, got {len(wanted)}: {','.join(wanted)}")
    warnings: list[str] = []
    if wanted:
        triples = [[find(channels, name, "--acc") for name in wanted]]
    else:
        triples, warnings = _triples(channels)
    for triple in triples:
        trouble = _trouble(triple, emg_rate_hz, unit)
        if trouble is None:
            return list(triple), []
        if wanted and "--acc-unit" in trouble:
            raise ChannelError(f"acceleration {listed(triple)}: {trouble}")
        warnings.append(f"acceleration ignored ({listed(triple)}): {trouble}")
    return [], warnings


def unknown_unit(channel: Channel[Signal]) -> str:
    """Return what to tell of an EMG channel whose unit nobody knows."""
    return f"EMG {channel}: unit unknown, so amplitudes are relative only; say it with --emg-unit mV"


def _best(channels: Sequence[Channel[Signal]]) -> tuple[list[Channel[Signal]], list[str]]:
    ranked = sorted((rank, i) for i, c in enumerate(channels) if (rank := _rank(c)) is not None)
    if not ranked:
        raise ChannelError(
            "no EMG channel: expected a label with EMG, EXG, gastroc, soleus, calf, tibialis, leg or muscle, "
            f"in V, mV, µV or counts; got {listed(channels)}; name it with --emg LABEL (or its number)"
        )
    best, *others = (channels[i] for _, i in ranked)
    if not others:
        return [best], []
    return [best], [f"EMG {best} taken of {len(ranked)}; choose with --emg LABEL: {listed(others)}"]


def _rank(channel: Channel[Signal]) -> tuple[bool, int, bool] | None:
    """Sort key of an EMG candidate, lowest best: fast enough, nearness to the calf, unit known."""
    label, unit = channel.signal.label, normal_unit(channel.signal.unit)
    if (
        unit in GRAVITIES
        or _NOT_LIMBS.search(label)
        or (unit not in MICROVOLTS and speaks_of_acceleration(label))
    ):
        return None
    muscle = next((place for place, pattern in enumerate(_MUSCLES) if pattern.search(label)), None)
    if muscle is None:
        return None
    return channel.rate_hz < MINIMUM_RATE_HZ, muscle, unit not in MICROVOLTS


def _triples(channels: Sequence[Channel[Signal]]) -> tuple[list[list[Channel[Signal]]], list[str]]:
    """Return the channels of each accelerometer in the order of the axes, and which lack one."""
    triples, warnings = [], []
    for found in sets_of_axes((channel.signal.label, channel.signal.unit) for channel in channels):
        missing = [axis for axis in AXES if axis not in found]
        axes = [channels[found[axis]] for axis in AXES if axis in found]
        if missing:
            warnings.append(
                f"acceleration ignored ({listed(axes)}): expected x, y and z, found no {' and no '.join(missing)}; "
                "name the three with --acc X,Y,Z"
            )
        else:
            triples.append(axes)
    return triples, warnings


def _trouble(triple: Sequence[Channel[Signal]], emg_rate_hz: Fraction | None, unit: str | None) -> str | None:
    """What keeps three channels from being used, in words."""
    rates = {channel.rate_hz for channel in triple}
    units = {normal_unit(channel.signal.unit if unit is None else unit) for channel in triple}
    if not units <= set(GRAVITIES):
        return "expected g, mg or m/s²; say the unit with --acc-unit g"
    if len(rates) > 1:
        return "expected three channels of one rate"
    if emg_rate_hz is not None and (emg_rate_hz / rates.pop()).denominator != 1:
        return (
            f"expected a rate that divides the EMG's {float(emg_rate_hz):g} Hz; "
            "name the three with --acc X,Y,Z and they are brought to one"
        )
    return None


def find(channels: Sequence[Channel[Signal]], name: str, flag: str) -> Channel[Signal]:
    """Return the channel of a label, as it is or whatever its case; else of a number.

    Raises:
        ChannelError: there is none, or more than one.
    """
    tests: tuple[Callable[[Signal], bool], ...] = (
        lambda signal: signal.label == name.strip(),
        lambda signal: signal.label.lower() == name.strip().lower(),
        lambda signal: str(signal.number) == name.strip(),
    )
    for test in tests:
        found = [channel for channel in channels if test(channel.signal)]
        if len(found) > 1:
            raise ChannelError(
                f"{flag} {name}: expected one channel, got {listed(found)}; name it by its number"
            )
        if found:
            return found[0]
    raise ChannelError(f"{flag} {name}: expected a label or number out of {listed(channels)}")


def _scaled(channel: Channel[EdfSignal], scale: Callable[[EdfSignal, str], Scale], unit: str | None) -> Scale:
    try:
        return scale(channel.signal, channel.signal.unit if unit is None else unit)
    except ValueError as error:
        raise ChannelError(f"channel {channel}: {error}") from error


def check_unit(flag: str, unit: str | None, known: Sequence[str]) -> None:
    """Refuse a unit that is none of those known.

    Raises:
        ChannelError: it is not.
    """
    normal = None if unit is None else normal_unit(unit)
    if normal is not None and normal not in known and not ("counts" in known and normal in COUNTS):
        raise ChannelError(f"{flag}: expected one of {', '.join(known)}, got {unit!r}")


def listed(channels: Sequence[Channel[Signal]]) -> str:
    """Return the channels as a message lists them: number, label, unit and rate of each."""
    if not channels:
        return "no channel with samples"
    more = f" and {len(channels) - _LISTED} more" if len(channels) > _LISTED else ""
    return ", ".join(str(channel) for channel in channels[:_LISTED]) + more
