"""What is taken out of a night before it is given away, and how its dates are moved.

Nothing is copied that was not looked at: a header is written anew, notes and columns are on a list or they are left
out. Dates move by one number of days for all nights of a data folder, kept there for its owner alone, so that several
bundles stay in order. Weekday and season are lost by that; the time of day is kept, for cramps follow it.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from detector.alerter.private_file import PrivateFileError, private_content
from detector.annotated_events import OWN_TEXTS
from detector.event_files import Value
from detector.personal_fit import LIMITS_KIND, limits_of, limits_text
from detector.settings import DetectorSettings
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Mark, SensorInfo

SHIFT_FILE = "share_shift.json"
# Between these the first night that is shared comes to lie: long past, so that nobody takes it for the true date.
EARLIEST, LATEST = date(1986, 1, 2), date(1995, 12, 31)
# Letters and digits of the wearer's label; none that are taken for others.
LABEL_LETTERS, LABEL_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 8
# Words of a site that say where an electrode sits, and not whose leg it is.
SITE_WORDS = frozenset(
    {
        *(
            "left",
            "right",
            "calf",
            "leg",
            "shin",
            "thigh",
            "foot",
            "hamstring",
            "quadriceps",
            "gastrocnemius",
        ),
        *(
            "gastroc",
            "medial",
            "lateral",
            "soleus",
            "tibialis",
            "anterior",
            "ta",
            "gm",
            "gl",
            "emg",
            "upper",
            "lower",
        ),
        *map(str, range(10)),
    }
)
# Notes that tell of the signal; of all but a wearer's limits, which are numbers, the text is dropped.
KEPT_KINDS = frozenset({"cue", "button short", "button long"})
# What people call an event; anything else they wrote is left out.
LABEL_WORDS = frozenset({"cramp", "spasm", "movement", "nothing", "unknown"})
LABEL_COLUMNS = ("onset", "duration", "trial_type", "alert", "site", "peak_uv", "label")
_PREFILTER = re.compile(r"(?:(?:HP|LP|N):[0-9.]+ ?[A-Za-z]{0,3} ?)+", re.ASCII)
_FALLBACK_START = datetime(2000, 1, 1, 22, 0, tzinfo=UTC)
# Columns of labels that are people's own, and notes that hold their words.
_OF_PEOPLE, _REMARKS = ("by", "said_at", "note"), frozenset({"note", "label"})
# Shorter ones may stand in samples by chance.
SHORTEST_SECRET = 6


# What the simulators write as the firmware of the sensor that nobody wore.
_SIMULATED = "synthetic"


class ShareError(ValueError):
    """A night cannot be shared as asked; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Alias:
    """Who a wearer is in what is given away: a label, and how far dates are moved."""

    subject: str
    days: int

    def moved(self, start: datetime | None) -> datetime:
        """Return a time of day on the moved date; without a zone of its own."""
        local = (start or _FALLBACK_START).replace(tzinfo=UTC, microsecond=0)
        return local + timedelta(days=self.days)


def alias_of(home: Path, first: datetime | None) -> Alias:
    """Return the alias of a data folder's wearer, drawn and kept at the first night that is shared.

    Raises:
        ShareError: the file it is kept in is damaged, or open to others, or cannot be written.
    """
    path = home / SHIFT_FILE
    try:
        kept = private_content(path)
        if kept is not None:
            found = json.loads(kept)
            return Alias(str(found["subject"]), int(found["days"]))
        target = EARLIEST + timedelta(days=secrets.randbelow((LATEST - EARLIEST).days))
        subject = "".join(secrets.choice(LABEL_LETTERS) for _ in range(LABEL_LENGTH))
        alias = Alias(subject, (target - (first or _FALLBACK_START).date()).days)
        path.touch(0o600, exist_ok=False)
        path.write_text(json.dumps({"subject": alias.subject, "days": alias.days}), "utf-8")
    except (OSError, PrivateFileError, ValueError, KeyError, TypeError) as error:
        raise ShareError(
            f"{path}: expected this wearer's shift of dates: {error}; without it nights would not stay in order"
        ) from error
    return alias


def is_synthetic(recording: Recording) -> bool:
    """Tell whether a recording says of itself that a simulator made it."""
    return _SIMULATED in recording.info.firmware.split()


def clean_info(info: SensorInfo) -> SensorInfo:
    """Return a sensor that is nobody's: rates, scales and sites."""
    return replace(
        info,
        sensor_id="sensor",
        sites=tuple(clean_site(site, number) for number, site in enumerate(info.sites, 1)),
        firmware="",
        hardware_id="",
        boot_id=0,
        prefilter=info.prefilter if _PREFILTER.fullmatch(info.prefilter) else "",
    )


def clean_site(site: str, number: int) -> str:
    """Return a site if all of its words say where an electrode sits."""
    words = re.split(r"[^a-z0-9]+", site.lower())
    return site if words and set(words) <= SITE_WORDS else f"site-{number}"


def kept_note(mark: Mark) -> Mark | None:
    """Return what is left of a note."""
    if mark.kind == LIMITS_KIND:
        limits = limits_text(limits_of([mark], DetectorSettings()))
        return replace(mark, text=limits) if limits else None
    return replace(mark, text="") if mark.kind in KEPT_KINDS else None


def clean_labels(rows: Iterable[Mapping[str, Value]]) -> list[dict[str, Value]]:
    """Return labels with their times and what the events were called; who said so, when, and notes are left out."""
    cleaned = []
    for row in rows:
        kept = {name: row.get(name) for name in LABEL_COLUMNS}
        site = kept["site"]
        kept["site"] = clean_site(site, 1) if isinstance(site, str) else None
        kept["label"] = kept["label"] if kept["label"] in LABEL_WORDS else "unknown"
        cleaned.append(kept)
    return cleaned


def secrets_of(recording: Recording, labels: Sequence[Mapping[str, Value]], fixed: str) -> set[bytes]:
    """Return what must not stand in a bundle: names, ids, dates and notes, as far as they are long enough to tell.

    Args:
        recording: As it was recorded.
        labels: As people gave them.
        fixed: What every bundle says; a word of it is no secret.
    """
    info = recording.info
    texts = {info.hardware_id, recording.recording_id}
    texts |= {str(row[column]) for row in labels for column in _OF_PEOPLE if row.get(column)}
    texts |= {word for word in (info.sensor_id, *info.sites) if clean_site(word, 1) != word}
    texts |= {
        mark.text for mark in recording.annotations if mark.kind in _REMARKS and mark.text not in OWN_TEXTS
    }
    if recording.start is not None:
        dates = {f"{recording.start:{form}}" for form in ("%Y-%m-%d", "%Y%m%d", "%d-%b-%Y", "%d.%m.%y")}
        texts |= dates | {one.upper() for one in dates}
    return {text.encode() for text in texts if len(text) >= SHORTEST_SECRET and text not in fixed}
