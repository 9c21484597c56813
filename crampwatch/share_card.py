"""The card of a shared night: what it is, what was taken out, under which licence, and the sums of its files."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from detector.event_files import COLUMNS, Value
from firmware_bridge.recordings import Recording

CARD, LICENCE, SUMS = "dataset_card.json", "LICENSE", "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence that a wearer can pick: its title, its canonical deed, and what it lets others do."""

    title: str
    deed: str
    means: str


LICENCES: Mapping[str, Licence] = {
    "CC0-1.0": Licence(
        "CC0 1.0 Universal",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "anybody may do anything with it, without asking and without naming you",
    ),
    "CC-BY-4.0": Licence(
        "Creative Commons Attribution 4.0 International",
        "https://creativecommons.org/licenses/by/4.0/",
        "anybody may do anything with it, and says where it is from",
    ),
    "CC-BY-SA-4.0": Licence(
        "Creative Commons Attribution-ShareAlike 4.0 International",
        "https://creativecommons.org/licenses/by-sa/4.0/",
        "as CC-BY-4.0, and what is made of it is under the same licence",
    ),
    "CC-BY-NC-4.0": Licence(
        "Creative Commons Attribution-NonCommercial 4.0 International",
        "https://creativecommons.org/licenses/by-nc/4.0/",
        "as CC-BY-4.0, but not for commercial use",
    ),
}
TAKEN_OUT = (
    "names, and who set labels and when",
    "ids of sensor, board and recording, firmware, the recorder's own notes",
    "notes and other free text, the diary, settings",
    "the true dates: all nights of this wearer are moved by one secret number of days (time of day stays, season goes)",
    "who was told of an alarm and what they did",
)
GOES_OUT = (
    "the signals of the muscle and of the movement of the leg, every sample of the night",
    "what the detector found in them, with times of day",
    "what you and others called these events, in five fixed words",
    "when the button was pressed and when the sensor vibrated",
)
WHAT = "Surface EMG of a leg and its acceleration during sleep, with events and labels"
DEVICE = "one surface-EMG sensor worn on the leg, recorded with crampwatch"
AGREED = "The wearer was shown what goes out and what is taken out, and agreed to give it away."
# Words of the card and the sidecars that stand there whoever it is from.
KEYS = (
    "synthetic",
    "crampwatch",
    "software",
    "licence",
    "simulator",
    "sensor",
    "sleep",
    "accelerometer",
    "surface EMG",
)
LIMITS = (
    "Events are a detector's opinion; labels are people's, by hand and memory.",
    "A comfort aid recorded it, not a medical device; nothing in it is a diagnosis.",
    "Signals of a body may be told apart from others' by somebody who has more of the same person.",
)


@dataclass(frozen=True, slots=True)
class SharedNight:
    """One recording of a bundle, for its card."""

    file: str
    recording: Recording
    events: Sequence[Mapping[str, Value]]
    labels: Sequence[Mapping[str, Value]]

    def as_card(self) -> dict[str, object]:
        """Return what the card says of it."""
        info = self.recording.info
        return {
            "file": self.file,
            "start_moved": self.recording.start.replace(tzinfo=None).isoformat()
            if self.recording.start
            else None,
            "duration_s": round(self.recording.duration_s, 3),
            "emg_rate_hz": info.emg_rate_hz,
            "acceleration_rate_hz": info.acc_rate_hz or None,
            "sites": list(info.sites),
            "prefilter": info.prefilter or None,
            "missing_s": round(sum(gap.missing for gap in self.recording.gaps) / info.emg_rate_hz, 3),
            "events": _counted(self.events, "trial_type"),
            "labels": _counted(self.labels, "label"),
        }


def write_card(folder: Path, licence: str, nights: Sequence[SharedNight], *, synthetic: bool) -> None:
    """Write card, licence and README into a bundle.

    Raises:
        OSError: the disk refuses.
    """
    chosen = LICENCES[licence]
    card = {
        "what": WHAT,
        "synthetic": synthetic,
        "device": DEVICE,
        "software": f"crampwatch {version('crampwatch')}",
        "licence": {"spdx": licence, "title": chosen.title, "deed": chosen.deed},
        "consent": AGREED,
        "taken_out": list(TAKEN_OUT),
        "nights": [night.as_card() for night in nights],
        "limits": list(LIMITS),
    }
    (folder / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (folder / LICENCE).write_text(
        f"{chosen.title}\nSPDX-License-Identifier: {licence}\n{chosen.deed}\n", "utf-8"
    )
    with (folder / "README").open("a", encoding="utf-8") as readme:
        readme.write(_readme(licence, synthetic=synthetic))
    # Files that BIDS does not know.
    (folder / ".bidsignore").write_text(f"{CARD}\n{SUMS}\n", "utf-8")


def fixed_words() -> str:
    """Return what every bundle says, whoever it is from."""
    cards = [_readme(licence, synthetic=synthetic) for licence in LICENCES for synthetic in (False, True)]
    columns = [f"{column.name} {column.description} {column.levels}" for column in COLUMNS]
    return "\n".join([*cards, *TAKEN_OUT, WHAT, DEVICE, AGREED, *LIMITS, *columns, *KEYS])


def write_sums(folder: Path) -> None:
    """Write the list of all files with their SHA-256, as ``sha256sum --check`` reads it.

    Raises:
        OSError: the disk refuses.
    """
    lines = [f"{_sum(path)}  {path.relative_to(folder).as_posix()}\n" for path in files_in(folder)]
    (folder / SUMS).write_text("".join(lines), "utf-8")


def files_in(folder: Path) -> list[Path]:
    """Return all files of a bundle, by name."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sum(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def _counted(rows: Sequence[Mapping[str, Value]], column: str) -> dict[str, int]:
    return dict(sorted(Counter(str(row[column]) for row in rows).items()))


def _readme(licence: str, *, synthetic: bool) -> str:
    whose = (
        "Made by a simulator; nobody wore it."
        if synthetic
        else "Given away by the person who wore the sensor."
    )
    taken = "".join(f"- {one}\n" for one in TAKEN_OUT)
    return (
        f"\n{whose} Licence: {LICENCES[licence].title} ({licence}).\n\nTaken out before it was given away:\n{taken}\n"
        "People's labels are in derivatives/labels, where there are any. dataset_card.json says the rest;\n"
        "`sha256sum --check SHA256SUMS` tells whether all of it is here.\n"
    )
