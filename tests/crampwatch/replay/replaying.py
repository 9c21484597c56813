"""What the tests of `crampwatch replay` share: a request, a small cohort, and what was written for it."""

from __future__ import annotations

import shutil
from pathlib import Path

from crampwatch.channel_flags import ChannelFlags
from crampwatch.replay.request import ReplayRequest
from tests.crampwatch.nights_on_disk import record
from tests.detector.signals import Scene

# What the recordings of a cohort hold, by name: enough to be told apart by their events.
SCENES = {
    "anna": Scene(60.0, amplitude_uv=[(10.0, 30.0, 60.0)]),
    "ben": Scene(45.0, amplitude_uv=[(5.0, 25.0, 80.0)]),
    "clara": Scene(30.0, amplitude_uv=[(12.0, 13.5, 90.0)], movement_mg=[(12.0, 13.5, 150.0)]),
}


def request(*files: Path, **changes: object) -> ReplayRequest:
    """Ask for files, with what is not said as the command has it."""
    values: dict[str, object] = {
        "events_dir": None,
        "speed": "max",
        "via": "file",
        "channels": ChannelFlags(),
        "force": False,
        "json": False,
    }
    return ReplayRequest(files, **values | changes)  # type: ignore[arg-type]


def cohort(folder: Path) -> Path:
    """Write a small cohort: a folder a person, the same name in each; return its folder."""
    for name, scene in SCENES.items():
        (folder / name).mkdir(parents=True)
        record(folder / name / "night.edf", scene)
    return folder


def written(folder: Path) -> dict[str, bytes]:
    """Return what people read of a folder of events: every file but the receipts, by its way from there."""
    files = (path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder): path for path in files}
    return {str(name): path.read_bytes() for name, path in named.items() if name.parts[0] != ".replay"}


def copied(folder: Path, copy: Path) -> Path:
    """Copy a folder of recordings, to be changed."""
    return Path(shutil.copytree(folder, copy))
