"""Event tables on disk: tab-separated, BIDS-style, with a JSON sidecar that describes every column.

    EventFileError
    ├── EventFileExistsError      something is there already, and may not be overwritten
    └── UnreadableEventFileError  no event table, or a damaged one

Times are seconds from the recording's start, by sample index. Numbers have a fixed form, so that the same
events give the same bytes. Truth files are of the same kind, with columns of their own at the end.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detector.types import Before, Contraction
from firmware_bridge.samples import SensorInfo

# What BIDS writes where nothing is known.
UNKNOWN = "n/a"
ENCODING = "utf-8"
BYTE_ORDER_MARK = "\ufeff"

Value = str | float | None


class EventFileError(ValueError):
    """An event table cannot be written or read; the text says which, why and what to do."""


class EventFileExistsError(EventFileError):
    """A file is there already."""


class UnreadableEventFileError(EventFileError):
    """The file is missing, no event table, or damaged."""


def _number(decimals: int) -> Callable[[Value], str]:
    return lambda value: f"{value:.{decimals}f}" if isinstance(value, int | float) else str(value)


def _text(value: Value) -> str:
    return " ".join(str(value).split())


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, how it is written, and what the sidecar says of it."""

    name: str
    write: Callable[[Value], str]
    description: str
    units: str = ""
    levels: tuple[str, ...] = ()

    def cell(self, value: Value) -> str:
        """Return a value as it stands in the table."""
        return UNKNOWN if value is None or value == "" else self.write(value)


KINDS = ("tonic", "clonic", "leg_movement", "tension_rise", "artefact")
ALERTS = ("none", "cramp", "clonic", "tonic_clonic")
COLUMNS: tuple[Column, ...] = (
    Column("onset", _number(3), "Start of the event, from the first sample of the recording", "s"),
    Column("duration", _number(3), "Length of the event", "s"),
    Column("trial_type", _text, "What the muscle did, or artefact: nothing could be judged", levels=KINDS),
    Column("alert", _text, "The verdict on it", levels=ALERTS),
    Column("detected_at", _number(3), "When the verdict stood, on the clock of onset", "s"),
    Column("confidence", _number(3), "Estimated probability that the verdict is right", "1"),
    Column("site", _text, "Where the electrode sits"),
    Column("peak_uv", _number(1), "Highest RMS of a second", "uV"),
    Column("burst_rate_hz", _number(2), "Bursts per second, for rhythmic events", "Hz"),
    Column("sequence", _text, "Shared by a tonic contraction and the clonic run that it turned into"),
    Column("reason", _text, "Why, in one sentence"),
)
# What stood before a cramp (`detector.types.Before`): further columns, where any event of a table has it.
BEFORE_COLUMNS: tuple[tuple[str, str, str, int], ...] = (
    ("still_s", "before_still", "Before a cramp: seconds since the leg last moved, 600 at most", 1),
    ("turns", "before_turns", "Before a cramp: whole-body movements within ten minutes", 0),
    (
        "turns_earlier_per_h",
        "before_turns_earlier_per_h",
        "Whole-body movements an hour in the night before those ten minutes",
        2,
    ),
    ("moved_share", "before_moved", "Before a cramp: part of ten minutes in which the leg moved", 4),
    ("moved_share_earlier", "before_moved_earlier", "The same, of the night before those ten minutes", 4),
    ("tense_share", "before_tense", "Before a cramp: part of ten minutes above twice the resting level", 4),
    ("tense_share_earlier", "before_tense_earlier", "The same, of the night before those ten minutes", 4),
)
REQUIRED = ("onset", "duration", "trial_type")


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One row of an event table, of ours or of others'.

    None is what nobody said; ``extra`` holds the columns that are not ours.
    """

    onset_s: float
    duration_s: float
    trial_type: str
    alert: str | None = None
    detected_at_s: float | None = None
    confidence: float | None = None
    site: str | None = None
    peak_uv: float | None = None
    burst_rate_hz: float | None = None
    sequence: str | None = None
    reason: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.onset_s + self.duration_s


def event_row(contraction: Contraction, info: SensorInfo) -> dict[str, Value]:
    """Return the values of a contraction by the names of `COLUMNS`; None where unknown."""
    in_uv = info.emg_scales[contraction.channel].unit == "uV"
    return {
        "onset": contraction.onset_index / info.emg_rate_hz,
        "duration": contraction.duration_s,
        "trial_type": contraction.kind,
        "alert": contraction.alert,
        "detected_at": contraction.decided_index / info.emg_rate_hz,
        "confidence": contraction.confidence,
        "site": contraction.site or None,
        "peak_uv": contraction.peak_uv if in_uv else None,
        "burst_rate_hz": contraction.burst_rate_hz,
        "sequence": contraction.sequence,
        "reason": contraction.reason,
    }


def _before_row(before: Before | None) -> dict[str, Value]:
    values = {name: getattr(before, field, None) for field, name, _, _ in BEFORE_COLUMNS}
    decimals = {name: digits for _, name, _, digits in BEFORE_COLUMNS}
    return {name: None if value is None else f"{value:.{decimals[name]}f}" for name, value in values.items()}


def final_revisions(contractions: Iterable[Contraction]) -> list[Contraction]:
    """Return the last revision of each contraction, by onset."""
    latest: dict[str, Contraction] = {}
    for one in contractions:
        if one.id not in latest or one.revision >= latest[one.id].revision:
            latest[one.id] = one
    return sorted(latest.values(), key=lambda one: (one.onset_index, one.channel, one.id))


def write_events(
    path: Path, contractions: Iterable[Contraction], info: SensorInfo, *, force: bool = False
) -> None:
    """Write the last revision of each contraction, by onset, and the sidecar beside it.

    Raises:
        EventFileExistsError: one of the two files is there already, and ``force`` is not given.
    """
    events = final_revisions(contractions)
    extra = (
        {name: words for _, name, words, _ in BEFORE_COLUMNS} if any(one.before for one in events) else None
    )
    write_rows(
        path, [event_row(one, info) | _before_row(one.before) for one in events], extra=extra, force=force
    )


def write_rows(
    path: Path,
    rows: Iterable[Mapping[str, Value]],
    *,
    extra: Mapping[str, str] | None = None,
    force: bool = False,
) -> None:
    """Write rows by the names of `COLUMNS`; ``extra`` names and describes further columns, at the end.

    Raises:
        EventFileExistsError: one of the two files is there already, and ``force`` is not given.
    """
    columns = COLUMNS + tuple(Column(name, _text, words) for name, words in (extra or {}).items())
    lines = ["\t".join(column.name for column in columns)]
    lines += ["\t".join(column.cell(row.get(column.name)) for column in columns) for row in rows]
    table, sidecar = (
        "\n".join(lines) + "\n",
        json.dumps(_sidecar(columns), indent=2, ensure_ascii=False) + "\n",
    )
    files = {path: table, path.with_suffix(".json"): sidecar}
    for target in files:
        if target.exists() and not force:
            raise EventFileExistsError(
                f"{target}: is there already; choose another place, or --force to overwrite it"
            )
    for target, text in files.items():
        _replace(target, text)


def read_events(path: Path) -> list[EventRecord]:
    """Read an event table: of ours, or any with the columns onset, duration and trial_type.

    Raises:
        UnreadableEventFileError: the file is missing, is not text, lacks a column, or has a bad number.
    """
    try:
        lines = path.read_text(ENCODING).removeprefix(BYTE_ORDER_MARK).splitlines()
    except OSError as error:
        raise UnreadableEventFileError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableEventFileError(
            f"{path}: expected UTF-8 text, got byte {error.start} that is none"
        ) from error
    names = lines[0].split("\t") if lines else []
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UnreadableEventFileError(
            f"{path}, line 1: expected tab-separated columns {', '.join(REQUIRED)}, found no {', '.join(missing)}"
        )
    return [_record(path, number, names, line) for number, line in enumerate(lines[1:], 2) if line.strip()]


def _record(path: Path, number: int, names: Sequence[str], line: str) -> EventRecord:
    cells = line.split("\t")
    if len(cells) != len(names):
        raise UnreadableEventFileError(
            f"{path}, line {number}: expected {len(names)} columns, got {len(cells)}"
        )
    row = {name: cell for name, cell in zip(names, cells, strict=True) if cell not in {UNKNOWN, ""}}

    def seconds(name: str) -> float:
        value = optional(name)
        if value is None:
            raise UnreadableEventFileError(
                f"{path}, line {number}: expected a number as {name}, got {UNKNOWN}"
            )
        return value

    def optional(name: str) -> float | None:
        try:
            return float(row[name]) if name in row else None
        except ValueError as error:
            message = f"{path}, line {number}: expected a number as {name}, got {row[name]!r}"
            raise UnreadableEventFileError(message) from error

    return EventRecord(
        onset_s=seconds("onset"),
        duration_s=seconds("duration"),
        trial_type=row.get("trial_type", UNKNOWN),
        alert=row.get("alert"),
        detected_at_s=optional("detected_at"),
        confidence=optional("confidence"),
        site=row.get("site"),
        peak_uv=optional("peak_uv"),
        burst_rate_hz=optional("burst_rate_hz"),
        sequence=row.get("sequence"),
        reason=row.get("reason"),
        extra={name: cell for name, cell in row.items() if name not in {column.name for column in COLUMNS}},
    )


def _sidecar(columns: Sequence[Column]) -> dict[str, dict[str, object]]:
    described: dict[str, dict[str, object]] = {}
    for column in columns:
        described[column.name] = {"Description": column.description}
        if column.units:
            described[column.name]["Units"] = column.units
        if column.levels:
            described[column.name]["Levels"] = list(column.levels)
    return described


def _replace(target: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_text(text, ENCODING, newline="\n")
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
