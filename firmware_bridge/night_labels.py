"""How the project's own recordings name things in the EDF header, and how those names are read back.

EDF+ gives each signal a label of 16 characters and a transducer of 80; the label is for people, the
transducer holds the whole site and the sensor's name.
"""

import re
from datetime import datetime

from firmware_bridge.edf_header import MONTHS, EdfHeader
from firmware_bridge.samples import SensorInfo

ACC_LABELS = ("ACC X", "ACC Y", "ACC Z")
# EDF+ wants what is not known as "X": patient code, sex, birthdate, name.
PATIENT = "X X X X"
NO_PREFILTER = "none"
LABEL_WIDTH = 16
RECORDING_WIDTH = 80
# What a recording id may look like: it names events, files and topics.
RECORDING_ID = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
_EQUIPMENT = "crampwatch"
_EMG_TRANSDUCER = re.compile(r"surface EMG, site (.+), sensor \S+")
_ACC_TRANSDUCER = "accelerometer, sensor "
_RECORDING = re.compile(rf"Startdate \S+ ({RECORDING_ID}) ", re.ASCII)


def emg_label(site: str) -> str:
    """Return the label of an EMG channel, cut where the header ends it."""
    return f"EMG {site}"[:LABEL_WIDTH]


def emg_transducer(info: SensorInfo, site: str) -> str:
    """Return the transducer text of an EMG channel."""
    return f"surface EMG, site {site}, sensor {info.sensor_id}"


def acc_transducer(info: SensorInfo) -> str:
    """Return the transducer text of the acceleration."""
    return _ACC_TRANSDUCER + info.sensor_id


def recording_field(recording_id: str, start: datetime) -> str:
    """Return the EDF+ recording identification: date, recording, technician (unknown), equipment."""
    field = f"Startdate {start.day:02}-{MONTHS[start.month - 1]}-{start.year:04} {recording_id} X "
    return field + (_EQUIPMENT if len(field + _EQUIPMENT) <= RECORDING_WIDTH else "X")


def own_recording_id(header: EdfHeader) -> str | None:
    """Return the recording id in the header of one of our files; None if somebody has changed it."""
    found = _RECORDING.match(header.recording)
    return found[1] if found else None


def own_channels(header: EdfHeader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the numbers of the EMG and the acceleration channels of one of our files."""
    emg = tuple(str(s.number) for s in header.signals if _EMG_TRANSDUCER.fullmatch(s.transducer))
    acc = tuple(str(s.number) for s in header.signals if s.transducer.startswith(_ACC_TRANSDUCER))
    return emg, acc


def own_site(transducer: str) -> str | None:
    """Return the site in an EMG channel's transducer; None in files of others."""
    found = _EMG_TRANSDUCER.fullmatch(transducer)
    return found[1] if found else None
