"""Which rows of any database tell of one night: by its recordings, its name, or its sensor and a time in it."""

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from crampwatch.upkeep.errors import EraseError
from crampwatch.upkeep.home import NIGHT, Home
from detector.roles import ALERTER_BRANCH
from firmware_bridge.recordings import RecordingError, open_recording

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_TO_THE_MINUTE = "%Y-%m-%dT%H:%M"
# The column, and the key of a message, that says whose it is.
_SENSOR = "sensor"
# Tables of what people say of an evening and not of a sensor.
_DIARY = "diary"
# A label names its night; when somebody wrote it says nothing of which.
_LABEL = "label"


@dataclass(frozen=True, slots=True)
class ToldOfNight:
    """What tells that a row is about one night.

    Attributes:
        night: The night's name.
        sensor: Whose night.
        evening: Date of its evening.
        names: What only that night is called: its name and its recordings' ids.
        begins: Its noon in UTC, to the minute.
        ends: The next noon, likewise.
        alone: Whether no other sensor has that evening: then what the house did in it goes, too.
    """

    night: str
    sensor: str
    evening: str
    names: tuple[str, ...]
    begins: str
    ends: str
    alone: bool

    @classmethod
    def of(cls, home: Home, night: str) -> "ToldOfNight":
        """Look at a night's folder, which need not be there any more.

        Raises:
            EraseError: the name is no night's.
        """
        found = NIGHT.fullmatch(night)
        try:
            evening = date.fromisoformat(found[1]) if found else None
        except ValueError:
            evening = None
        if found is None or evening is None:
            raise EraseError(f"night {night!r}: expected a date and a sensor, such as 2026-11-21_left-calf")
        # Noon by the computer's own zone, as nights are cut.
        noon = datetime.combine(evening, time(12)).astimezone(UTC)
        next_noon = datetime.combine(evening + timedelta(days=1), time(12)).astimezone(UTC)
        others = [one for one in home.night_folders() if one.name.startswith(found[1]) and one.name != night]
        return cls(
            night=night,
            sensor=found[2],
            evening=found[1],
            names=(night, *_recording_ids(home, night)),
            begins=noon.strftime(_TO_THE_MINUTE),
            ends=next_noon.strftime(_TO_THE_MINUTE),
            alone=not others,
        )

    def is_told_by(self, table: str, row: Mapping[str, object], owner: str = "") -> bool:
        """Tell whether a row is about the night.

        Args:
            table: Where it stands.
            row: Its fields.
            owner: The sensor whose database it is; empty where several share it.
        """
        if table == _DIARY:
            return row.get("date") == self.evening and (self.alone or row.get("wearer") == self.sensor)
        texts = [_text(value) for value in row.values() if isinstance(value, str | bytes)]
        if any(_names(text, name) for text in texts for name in self.names):
            return True
        if table == _LABEL:
            return False
        is_ours = self.alone or (owner == self.sensor if owner else _is_of_sensor(row, texts, self.sensor))
        is_of_house = any(ALERTER_BRANCH in text for text in texts) and not self.alone
        return is_ours and not is_of_house and self._is_in(_first_moment(texts))

    def is_moment(self, when: datetime) -> bool:
        """Tell whether a moment is of the night."""
        return self._is_in(when.astimezone(UTC).strftime(_TO_THE_MINUTE))

    def _is_in(self, moment: str) -> bool:
        return self.begins <= moment < self.ends


def _is_of_sensor(row: Mapping[str, object], texts: list[str], sensor: str) -> bool:
    """Tell whether a row is about a sensor: by the field that says so, or by any word in it where there is none."""
    said = row.get(_SENSOR) if _SENSOR in row else _said_in(texts)
    return said == sensor if isinstance(said, str) else any(_names(text, sensor) for text in texts)


def _said_in(texts: list[str]) -> object:
    """Return the sensor that a message names; None where no text is a message, or it names none."""
    for text in texts:
        if text.startswith("{"):
            # A damaged message is told by its words.
            with contextlib.suppress(ValueError, RecursionError):
                message = json.loads(text)
                about = message.get("occurrence") or message
                return about.get(_SENSOR) if isinstance(about, dict) else None
    return None


def _names(text: str, name: str) -> bool:
    """Tell whether a text holds a name as a whole: `left` is no part of `left-calf`."""
    return re.search(rf"(?<![A-Za-z0-9-]){re.escape(name)}(?![A-Za-z0-9-])", text) is not None


def _first_moment(texts: list[str]) -> str:
    """Return the first moment that a row names, to the minute; empty where it names none."""
    found = (_MOMENT.search(text) for text in texts)
    return next((one[0] for one in found if one), "")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _recording_ids(home: Home, night: str) -> list[str]:
    ids = []
    for path in sorted((home.nights / night).glob("signal*.edf")):
        try:
            ids.append(open_recording(path).recording_id)
        except (RecordingError, OSError):
            # Its events are found by sensor and time all the same.
            continue
    return ids
