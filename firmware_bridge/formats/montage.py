"""The montage file: which columns of a recording are what, written down once and kept beside the recordings.

TOML, every key optional::

    rate_hz = 1000.0            # where the file does not say it
    resample_hz = 1000.0        # bring the EMG to this rate

    [read]                      # what only this format needs: see docs/formats.md
    dataset = "/raw"

    [[emg]]
    channel = "EMG1 - EMG2"     # a label, a number, or the difference of two
    site = "left-calf"
    unit = "mV"                 # where the file's is missing or wrong
    gain = 0.001                # what the file holds times this is in that unit

    [acc]
    channels = ["ax", "ay", "az"]   # or [] for none
    unit = "g"
    gain = 1.0

    [[file]]                    # what differs in some files
    match = "p03*.csv"
    rate_hz = 2000.0

A section ``[[file]]`` may hold every key above; what it holds replaces the key of the whole montage, in the
files whose name its ``match`` fits.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from firmware_bridge.acc_axes import AXES
from firmware_bridge.channel_picking import NO_CHANNELS
from firmware_bridge.formats.columns import Option
from firmware_bridge.toml_text import TomlError, toml_of

# No montage is longer; what is, is another file.
_LARGEST_BYTES = 1 << 20


class MontageError(ValueError):
    """A montage file cannot be used; the text says which, where, what was expected and what it holds."""


@dataclass(frozen=True, slots=True)
class MontageChannel:
    """One EMG channel as the person describes it; ``channel`` may be a difference, as in ``"EMG1 - EMG2"``."""

    channel: str
    site: str = ""
    unit: str | None = None
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class Montage:
    """Which columns are what, for one file; empty and None leave it to the file.

    Attributes:
        emg: EMG channels in order.
        emg_unit: Unit of those that name none themselves, where the file's is missing or wrong.
        acc: Labels or numbers of the three axes; ``("none",)`` for none.
        acc_unit: Unit of the acceleration, where the file's is missing or wrong.
        acc_gain: What the file holds times this is in that unit.
        rate_hz: Sampling rate, where the file does not say it.
        resample_hz: Rate that the EMG is brought to.
        read: What only the reader of this format needs.
    """

    emg: tuple[MontageChannel, ...] = ()
    emg_unit: str | None = None
    acc: tuple[str, ...] = ()
    acc_unit: str | None = None
    acc_gain: float = 1.0
    rate_hz: float | None = None
    resample_hz: float | None = None
    read: Mapping[str, Option] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether integers stay what they are under it: no difference, no gain, one unit, no new rate."""
        gains = {channel.gain for channel in self.emg} | {self.acc_gain}
        units = {channel.unit or self.emg_unit for channel in self.emg}
        return gains <= {1.0} and len(units) <= 1 and self.resample_hz is None


def load_montage(path: Path, recording: Path) -> Montage:
    """Return what a montage file says about a recording.

    Raises:
        MontageError: it cannot be read, or holds what no montage holds.
    """
    return parse_montage(read_montage(path), str(path), recording)


def read_montage(path: Path) -> str:
    """Return the text of a montage file.

    Raises:
        MontageError: it cannot be read.
    """
    try:
        with path.open("rb") as raw:
            text = raw.read(_LARGEST_BYTES + 1)
        if len(text) > _LARGEST_BYTES:
            raise MontageError(f"montage {path}: expected a short TOML file, got over {_LARGEST_BYTES} bytes")
        return text.decode("utf-8-sig")
    except OSError as error:
        raise MontageError(f"montage {path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise MontageError(f"montage {path}: expected TOML in UTF-8: {error}") from error


def parse_montage(text: str, named: str, recording: Path) -> Montage:
    """Return what the text of a montage says about a recording; messages call the montage as ``named``.

    Raises:
        MontageError: it is no TOML, or holds what no montage holds.
    """
    try:
        return montage_of(toml_of(text), recording.name)
    except TomlError as error:
        raise MontageError(f"montage {named}: expected TOML: {error}") from error
    except MontageError as error:
        raise MontageError(f"montage {named}: {error}") from error


def montage_of(content: Mapping[str, Any], name: str) -> Montage:
    """Return what the content of a montage file says about the recording of a name.

    Raises:
        MontageError: it holds what no montage holds.
    """
    merged = {key: value for key, value in content.items() if key != "file"}
    sections = content.get("file", [])
    if not isinstance(sections, list) or not all(isinstance(section, dict) for section in sections):
        raise MontageError("file: expected sections [[file]]")
    for section in sections:
        match = section.get("match")
        if not isinstance(match, str) or not match:
            raise MontageError(f'[[file]]: expected match = "a name with * and ?", got {match!r}')
        others = {key: value for key, value in section.items() if key != "match"}
        # Sections that do not fit this file are checked, too: a slip in one is told at the first file.
        _montage(others)
        if fnmatchcase(name, match):
            merged |= others
    return _montage(merged)


def stub(emg: str = "LABEL") -> str:
    """Return a montage to begin with, for a file whose channels have to be named."""
    # One line: an error is shown on one, and can be copied from there.
    return f'emg = [{{channel = "{emg}", site = "left-calf", unit = "uV"}}]'


def _montage(content: Mapping[str, Any]) -> Montage:
    _refuse_others(content, ("rate_hz", "resample_hz", "read", "emg", "acc"), "")
    emg = content.get("emg", [])
    if not isinstance(emg, list):
        raise MontageError("emg: expected sections [[emg]], one a channel")
    acc = _table(content.get("acc", {}), "acc")
    _refuse_others(acc, ("channels", "unit", "gain"), "acc.")
    axes = _texts(acc.get("channels"), "acc.channels") if "channels" in acc else None
    if axes is not None and len(axes) not in {0, len(AXES)}:
        raise MontageError(f"acc.channels: expected three, or [] for none, got {len(axes)}")
    return Montage(
        emg=tuple(_channel(_table(one, f"emg {i + 1}"), f"emg {i + 1}: ") for i, one in enumerate(emg)),
        acc=() if axes is None else axes or NO_CHANNELS,
        acc_unit=_text(acc, "unit", "acc."),
        acc_gain=_number(acc, "gain", "acc.") or 1.0,
        rate_hz=_rate(content, "rate_hz"),
        resample_hz=_rate(content, "resample_hz"),
        read=_options(_table(content.get("read", {}), "read")),
    )


def _channel(table: Mapping[str, Any], where: str) -> MontageChannel:
    _refuse_others(table, ("channel", "site", "unit", "gain"), where)
    if "channel" not in table:
        raise MontageError(f"{where}expected a channel: its label or number")
    gain = _number(table, "gain", where)
    return MontageChannel(
        channel=_name(table["channel"], f"{where}channel"),
        site=_text(table, "site", where) or "",
        unit=_text(table, "unit", where),
        gain=1.0 if gain is None else gain,
    )


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MontageError(f"{where}: expected a table, got {value!r}")
    return value


def _name(value: object, where: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise MontageError(f"{where}: expected a label or number, got {value!r}")
    return str(value).strip()


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise MontageError(f"{where}: expected a list of labels or numbers, got {value!r}")
    return tuple(_name(one, where) for one in value)


def _text(table: Mapping[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise MontageError(f"{where}{key}: expected a text, got {value!r}")
    return value


def _number(table: Mapping[str, Any], key: str, where: str) -> float | None:
    value = table.get(key)
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < abs(value) <= sys.float_info.max
    ):
        raise MontageError(f"{where}{key}: expected a number other than 0, got {value!r}")
    return float(value)


def _rate(table: Mapping[str, Any], key: str) -> float | None:
    value = _number(table, key, "")
    if value is not None and value < 0:
        raise MontageError(f"{key}: expected Hz above 0, got {value:g}")
    return value


def _options(table: Mapping[str, Any]) -> Mapping[str, Option]:
    for key, value in table.items():
        plain = isinstance(value, str | float | int | bool)
        if not plain and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise MontageError(f"read.{key}: expected a text, a number or a list of texts, got {value!r}")
    return table


def _refuse_others(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    strange = sorted(set(table) - set(known))
    if strange:
        raise MontageError(f"{where}{strange[0]}: expected one of {', '.join(known)}")
