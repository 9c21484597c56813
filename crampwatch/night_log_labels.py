"""Labels on their way from the night log to training: rooms that never meet, so the command hands them over."""

from pathlib import Path

from crampwatch.kept_nights import kept_nights
from crampwatch.settings import Settings
from dashboard.export_pages import label_rows
from dashboard.labels import Labels
from dashboard.nights import longest
from detector.event_files import EventRecord
from models.bundle_files import TrainingError
from models.cohorts import record_of

NIGHTS, LOG = "nights", "night_log.sqlite"


def labels_of_home(home: Path) -> dict[str, list[EventRecord]]:
    """Return what people said of the nights in a data folder, by recording; of all people the last word counts.

    A night that nobody labelled is left out: silence is no label.

    Args:
        home: Holds the nights and the night log.

    Raises:
        TrainingError: there is no night log, or nobody labelled a night.
        NightLogError: the log cannot be read.
    """
    if not (home / LOG).is_file():
        raise TrainingError(
            f"{home / LOG}: expected a night log, found none; name the folder of recordings and night log"
        )
    with kept_nights(Settings(), home) as (nights, log, _):
        labels = Labels(log.database)
        found = {}
        for name in nights.names():
            rows = label_rows(nights, labels, name, "")
            if rows:
                found[longest(nights.recorded(name)).recording_id] = [record_of(row) for row in rows]
    if not found:
        raise TrainingError(
            f"{home / LOG}: expected labels of people, found none; label nights on the pages first"
        )
    return found
