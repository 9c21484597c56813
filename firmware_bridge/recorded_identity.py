"""Who was recorded, when, and which recording it is: in our recorder's own words, or as others left it.

Events are named after their recording, so its id must be the same wherever the file lies and whatever it is
called: for files of others it comes from their content.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from firmware_bridge.channel_picking import Picked
from firmware_bridge.edf_header import RECORDS_OFFSET, RECORDS_WIDTH, EdfSignal
from firmware_bridge.edf_samples import EdfFile
from firmware_bridge.night_labels import NO_PREFILTER, own_recording_id, own_site
from firmware_bridge.recorded_channels import RecordedChannels
from firmware_bridge.recorded_log import RecordedLog
from firmware_bridge.samples import SensorInfo

# So much of the samples tells recordings apart; more would make opening a long one slow.
_IDENTIFYING_BYTES = 1 << 20
_ID_DIGITS = 12
# What MQTT topics allow in a sensor's name (DESIGN.md section 4).
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_NAME_WIDTH = 32
_EMG_WORD = re.compile(r"^s?emg[\s._:-]*", re.IGNORECASE)
# An origin further off than a record or two is a damaged time, not the part of a second that the header
# lacks.
_FARTHEST_ORIGIN_S = 86_400.0


def sensor_of(file: EdfFile, log: RecordedLog, emg: Picked, channels: RecordedChannels) -> SensorInfo:
    """Return the sensor as the stream had it; for files of others, the file stands for the sensor."""
    header, words = file.header, log.identity
    prefilter = channels.emg[0].prefilter
    boot_id = words.get("boot", "")
    acc_rate_hz = float(channels.acc[0].samples / header.record_s) if channels.acc else 0.0
    return SensorInfo(
        sensor_id=topic_name(words.get("sensor", file.path.stem), "recording"),
        emg_rate_hz=float(emg.channels[0].rate_hz),
        acc_rate_hz=acc_rate_hz,
        sites=tuple(_site(signal) for signal in channels.emg),
        emg_scales=channels.emg_scales,
        acc_scale=channels.acc_scale,
        firmware=words.get("firmware", header.kind),
        hardware_id=words.get("hardware", ""),
        boot_id=int(boot_id) if boot_id.isdecimal() else 0,
        prefilter="" if prefilter == NO_PREFILTER else prefilter,
    )


def recording_id_of(file: EdfFile, log: RecordedLog) -> str:
    """Return the id that events of this recording are named after.

    Raises:
        OSError: the file cannot be read any more.
    """
    own = own_recording_id(file.header) if log.identity else None
    return own or _content_id(file)


def start_of(file: EdfFile, log: RecordedLog) -> datetime | None:
    """Return the time of index 0, with its zone where our recorder wrote it."""
    own, header = log.start(), file.header.start
    if own is not None or header is None or abs(log.origin_s) > _FARTHEST_ORIGIN_S:
        return own or header
    try:
        return header + timedelta(seconds=log.origin_s)
    except OverflowError:
        return header


def id_of_parts(kind: str, parts: Sequence[Path]) -> str:
    """Return the id of a recording that lies in files of others: from their sizes and first bytes.

    Raises:
        OSError: one cannot be read.
    """
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as raw:
            digest.update(f"{part.stat().st_size} ".encode() + raw.read(_IDENTIFYING_BYTES))
    word = topic_name(kind, "file").split("-", maxsplit=1)[0]
    return f"{word}-{digest.hexdigest()[:_ID_DIGITS]}"


def _content_id(file: EdfFile) -> str:
    """Hash the header, but for the record count that grows, and the first samples."""
    with file.path.open("rb") as raw:
        header = bytearray(raw.read(file.header.size))
        samples = raw.read(_IDENTIFYING_BYTES)
    header[RECORDS_OFFSET : RECORDS_OFFSET + RECORDS_WIDTH] = bytes(RECORDS_WIDTH)
    return f"edf-{hashlib.sha256(bytes(header) + samples).hexdigest()[:_ID_DIGITS]}"


def _site(signal: EdfSignal) -> str:
    return own_site(signal.transducer) or site_of(signal.label)


def site_of(label: str) -> str:
    """Return the placement that a channel's label speaks of."""
    return topic_name(_EMG_WORD.sub("", label), "") or topic_name(label, "emg")


def topic_name(text: str, otherwise: str) -> str:
    """Return a text as a sensor or site may be called (DESIGN.md section 4); ``otherwise`` where nothing is left."""
    return _NOT_IN_A_NAME.sub("-", text.lower()).strip("-")[:_NAME_WIDTH].strip("-") or otherwise
