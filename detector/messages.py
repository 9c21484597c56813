"""What is said over MQTT: pure builders of the JSON payloads of contract version 1.

`detector/schemas/` holds the JSON Schema of every message. Keys are always all there; None stands for "not
known". Wall-clock times are ISO 8601 in UTC with their offset; they tell people when, and never identify
anything.

Delivery of events: the outbox adds ``outbox``, ``seq`` and ``after`` to each `event_message` as it leaves
(see `detector.delivery`), and the night log answers with `logged_message`.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.topics import VERSION
from detector.types import Before, Contraction, Levels, SignalQuality
from firmware_bridge.samples import SensorInfo

Message = dict[str, Any]
Described = Literal["availability", "state", "heartbeat", "event", "levels", "logged"]

# A receiver that has heard no heartbeat for this long says that the monitor is down (ALARMS: DETECTOR_DOWN).
HEARTBEAT_VALID_S = 10.0
# `state` is re-sent every 30 s; after three silences it is no longer true.
STATE_VALID_S = 90.0
# A live page draws no more rows a second than this.
MAX_LEVELS_HZ = 20.0
# Under the smallest limit that a broker comes with (rumqttd: 20,480). One message that a broker refuses by
# closing the connection would be sent again, and refused again, for ever.
MAX_PAYLOAD_BYTES = 16_384
# Digits that still matter in what is measured: 0.01 µV is far below any amplifier's noise, 0.001 of a second
# one sample.
_DIGITS = 3

_INDEX_FIELDS = ("onset_index", "offset_index", "decided_index")


class MessageError(ValueError):
    """A message from outside that is not what the contract says."""


class LoggedMark(NamedTuple):
    """The night log has everything of this outbox up to ``seq``."""

    outbox: str
    seq: int


@dataclass(frozen=True, slots=True)
class Stream:
    """What sample indices mean: the sensor, the recording that they count in, and its clock."""

    info: SensorInfo
    recording_id: str
    wall_at: Callable[[int], datetime]


def encode(message: Mapping[str, Any]) -> bytes:
    """Return a message as compact UTF-8 JSON.

    Raises:
        ValueError: a number in it is not finite, for which JSON has no word, or it is longer than brokers
            take.
    """
    payload = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(
            f"message: expected at most {MAX_PAYLOAD_BYTES} bytes, got {len(payload)}: {payload[:80]!r}"
        )
    return payload


def iso(moment: datetime) -> str:
    """Return a moment in UTC, to the millisecond, with its offset.

    Raises:
        ValueError: the moment does not say which zone it is in.
    """
    if moment.tzinfo is None:
        raise ValueError(f"wall-clock time: expected one with a time zone, got {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def availability_payload(online: bool) -> bytes:  # noqa: FBT001 - the message itself is this one bit
    """Return the two words of the availability topic; the second is the last will."""
    return b"online" if online else b"offline"


def event_message(event: Contraction, stream: Stream, *, issued_at: datetime) -> Message:
    """Return a revision of a contraction, all but the three keys that the outbox adds.

    Args:
        event: what the detector said.
        stream: what it was seen in.
        issued_at: when the monitor hands it over; with ``decided_at`` it tells the latency.
    """
    message: Message = {
        "version": VERSION,
        "sensor": stream.info.sensor_id,
        "recording_id": stream.recording_id,
    }
    message |= {field.name: _plain(getattr(event, field.name)) for field in fields(event)}
    for name in _INDEX_FIELDS:
        index = message[name]
        message[name.replace("_index", "_at")] = None if index is None else iso(stream.wall_at(index))
    return message | {"emg_rate_hz": stream.info.emg_rate_hz, "issued_at": iso(issued_at)}


def heartbeat_message(
    sensor_id: str,
    *,
    boot_id: str,
    sequence: int,
    last_good_age_ms: int | None,
    at: datetime,
    valid_s: float = HEARTBEAT_VALID_S,
) -> Message:
    """Return one sign of life.

    Args:
        sensor_id: whose monitor it is.
        boot_id: another one at each start of the monitor.
        sequence: 0, 1, 2, … since that start.
        last_good_age_ms: how old the last usable sample is; None if there never was one, which is a fault as
            well.
        at: now.
        valid_s: how long the message may be believed.
    """
    return {
        "version": VERSION,
        "sensor": sensor_id,
        "boot_id": boot_id,
        "sequence": sequence,
        "last_good_age_ms": last_good_age_ms,
        "at": iso(at),
        "valid_until": iso(at + timedelta(seconds=valid_s)),
    }


def levels_message(levels: Levels, quality: Sequence[SignalQuality], stream: Stream) -> Message:
    """Return what a live page draws of one hop, at no more than `MAX_LEVELS_HZ` rows a second.

    Rows are thinned by their maximum, so that the shortest burst still shows.

    Args:
        levels: one hop of the envelope.
        quality: the newest verdict on each channel; a channel without one has null flags.
        stream: what they were seen in.
    """
    info = stream.info
    rate_hz = info.emg_rate_hz / levels.step
    group = _thinning(len(levels.envelope_uv), rate_hz)
    starts = np.arange(0, len(levels.envelope_uv), group)
    envelope = np.maximum.reduceat(levels.envelope_uv, starts, axis=0) if len(starts) else levels.envelope_uv
    flags = {item.channel: list(item.flags) for item in quality}
    return {
        "version": VERSION,
        "sensor": info.sensor_id,
        "recording_id": stream.recording_id,
        "first_index": levels.first_index,
        "at": iso(stream.wall_at(levels.first_index)),
        "step": levels.step * group,
        "rate_hz": _number(rate_hz / group),
        "sites": list(info.sites),
        "envelope_uv": _numbers(envelope),
        "baseline_uv": _numbers(levels.baseline_uv),
        "movement_mg": None if levels.movement_mg is None else _number(levels.movement_mg),
        "quality": [flags.get(channel) for channel in range(len(info.sites))],
    }


def logged_message(sensor_id: str, mark: LoggedMark, *, at: datetime) -> Message:
    """Return what the night log answers: everything of that outbox up to ``mark.seq`` is committed."""
    return {"version": VERSION, "sensor": sensor_id, "outbox": mark.outbox, "seq": mark.seq, "at": iso(at)}


def parse_logged(payload: bytes) -> LoggedMark:
    """Read a `logged_message`.

    Raises:
        MessageError: it is not one of this version.
    """
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"logged mark: expected JSON, got {payload[:40]!r}") from error
    match message:
        case {"version": 1, "outbox": str(outbox), "seq": int(seq)} if type(seq) is int and seq >= 0:
            return LoggedMark(outbox, seq)
        case _:
            raise MessageError(f"logged mark: expected version 1 with outbox and seq, got {payload[:80]!r}")


@cache
def schema(name: Described) -> Message:
    """Return the JSON Schema (2020-12) of the messages on a topic; do not change it.

    Raises:
        FileNotFoundError: nothing is published in JSON under that name.
    """
    return json.loads(files("detector").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _thinning(rows: int, rate_hz: float) -> int:
    """Return the smallest even division of ``rows`` that brings the rate down to the limit."""
    wanted = max(1, math.ceil(rate_hz / MAX_LEVELS_HZ))
    return (
        next((group for group in range(wanted, rows) if rows % group == 0), max(1, rows)) if wanted > 1 else 1
    )


def _plain(value: object) -> object:
    if isinstance(value, Before):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> float | None:
    """Return a rounded number; None for what was not measurable."""
    return round(float(value), _DIGITS) if math.isfinite(value) else None


def _numbers(values: npt.NDArray[np.float32]) -> list[Any]:
    if values.ndim > 1:
        return [_numbers(row) for row in values]
    return [_number(value) for value in values.tolist()]
