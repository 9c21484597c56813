"""What the person said about channels, and what the file says of itself, brought together: the lanes to record.

A lane is one EMG channel or axis of acceleration: a column, or the difference of two, times what brings it to µV
or g. Nothing is guessed here either: what cannot be told from labels and units is asked for, with the channels
listed and a montage to begin with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from firmware_bridge.channel_picking import (
    MINIMUM_RATE_HZ,
    Channel,
    ChannelError,
    check_unit,
    choose_acc,
    choose_emg,
    find,
    listed,
    unknown_unit,
)
from firmware_bridge.channel_units import COUNTS, GRAVITIES, MICROVOLTS, normal_unit
from firmware_bridge.formats.columns import Column
from firmware_bridge.formats.montage import Montage, MontageChannel, stub

Channels = Sequence[Channel[Column]]
# Fine enough for every rate that a clock gives.
_RATE_DENOMINATOR = 10**6
_BETWEEN = "-"


@dataclass(frozen=True, slots=True)
class Term:
    """A column, and what it is multiplied by."""

    column: Column
    weight: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One signal to record: the sum of its terms, in ``unit`` (``"uV"``, ``"g"``, or ``"count"``)."""

    name: str
    site: str
    unit: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lanes of a recording: EMG, three axes of acceleration or none, and what to tell about the choice."""

    emg: tuple[Lane, ...]
    acc: tuple[Lane, ...]
    warnings: tuple[str, ...]


def lanes_of(columns: Sequence[Column], montage: Montage) -> Lanes:
    """Return what is recorded of a file's columns.

    Raises:
        ChannelError: a channel is missing, ambiguous, too slow, or of an unknown unit.
    """
    channels = [
        Channel(column, Fraction(column.rate_hz).limit_denominator(_RATE_DENOMINATOR)) for column in columns
    ]
    emg, warnings = _emg(channels, montage)
    acc, acc_warnings = choose_acc(channels, None, montage.acc, montage.acc_unit)
    factors = (
        float(GRAVITIES[normal_unit(montage.acc_unit or c.signal.unit)]) * montage.acc_gain for c in acc
    )
    axes = (
        Lane(str(channel), "", "g", (Term(channel.signal, factor),))
        for channel, factor in zip(acc, factors, strict=True)
    )
    return Lanes(tuple(emg), tuple(axes), (*warnings, *acc_warnings))


def _emg(channels: Channels, montage: Montage) -> tuple[list[Lane], list[str]]:
    warnings: list[str] = []
    wanted = montage.emg
    if not wanted:
        found, warnings = _found(channels)
        wanted = tuple(MontageChannel(str(channel.signal.number)) for channel in found)
    lanes = []
    for one in wanted:
        unit = one.unit or montage.emg_unit
        check_unit("EMG unit", unit, [*MICROVOLTS, "counts"])
        lanes.append(_lane(_terms(channels, one.channel), one, unit, warnings))
    return lanes, warnings


def _found(channels: Channels) -> tuple[list[Channel[Column]], list[str]]:
    try:
        # A file with one column leaves no doubt which one is meant.
        return choose_emg(channels, [str(channels[0].signal.number)] if len(channels) == 1 else ())
    except ChannelError as error:
        raise ChannelError(
            f"{error}; or save a line such as this and give it with --montage FILE.toml: {stub()}"
        ) from error


def _terms(channels: Channels, text: str) -> list[Channel[Column]]:
    """One channel by its label or number, or the two of a difference."""
    try:
        return [find(channels, text, "EMG")]
    except ChannelError as error:
        for at in (i for i, sign in enumerate(text) if sign == _BETWEEN):
            parts = text[:at].strip(), text[at + 1 :].strip()
            if all(any(_is_called(c, part) for c in channels) for part in parts):
                return [find(channels, part, "EMG") for part in parts]
        raise ChannelError(
            f"{error}; or a difference of two of them, such as {_example(channels)!r}"
        ) from error


def _is_called(channel: Channel[Column], name: str) -> bool:
    return name.lower() == channel.signal.label.lower() or name == str(channel.signal.number)


def _example(channels: Channels) -> str:
    names = [channel.signal.label or str(channel.signal.number) for channel in (channels[0], channels[-1])]
    return f" {_BETWEEN} ".join(names)


def _lane(channels: Channels, said: MontageChannel, unit: str | None, warnings: list[str]) -> Lane:
    slow = [channel for channel in channels if channel.rate_hz < MINIMUM_RATE_HZ]
    if slow:
        raise ChannelError(
            f"EMG too slow: minimum {MINIMUM_RATE_HZ} Hz, got {listed(slow)}; record it faster"
        )
    factors = [
        MICROVOLTS.get(normal_unit(channel.signal.unit if unit is None else unit)) for channel in channels
    ]
    known = [factor for factor in factors if factor is not None]
    if known and len(known) < len(factors):
        raise ChannelError(
            f"EMG {said.channel}: expected two channels of known units, got {listed(channels)}; "
            "say the unit of both with unit in the montage"
        )
    if not known and (unit is None or normal_unit(unit) not in COUNTS):
        warnings += [unknown_unit(channel) for channel in channels]
    weights = (
        sign * said.gain * float(1 if factor is None else factor)
        for sign, factor in zip((1.0, -1.0), factors, strict=False)
    )
    terms = tuple(Term(c.signal, weight) for c, weight in zip(channels, weights, strict=True))
    name = " - ".join(str(channel) for channel in channels)
    labels = "-".join(channel.signal.label or f"channel-{channel.signal.number}" for channel in channels)
    return Lane(name, said.site or labels, "uV" if known else "count", terms)
