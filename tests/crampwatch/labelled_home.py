"""A data folder with one night, in which a person called one event a cramp."""

from pathlib import Path

from dashboard.labels import Label, Labels, label_id
from dashboard.night_log import NightLog
from tests.dashboard.events import event
from tests.dashboard.recorded import CRAMP, NIGHT, record_night


def labelled_home(folder: Path) -> Path:
    """Write it."""
    record_night(folder / "nights")
    log = NightLog(folder / "night_log.sqlite")
    log.add([event(1, onset_index=CRAMP[0] * 1000, duration_s=20.0)])
    at = "2026-11-22T08:00:00.000Z"
    Labels(log.database).put(Label(label_id("rec.1", "Ann"), NIGHT, "Ann", "cramp", at, "rec.1"))
    log.close()
    return folder
