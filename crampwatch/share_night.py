"""The recordings of a night that is to be shared, each with what people said of it."""

from pathlib import Path

from crampwatch.kept_nights import kept_nights
from crampwatch.report import chosen_night
from crampwatch.settings import Settings
from crampwatch.share_cleaning import ShareError
from dashboard.export_pages import label_rows
from dashboard.labels import Labels
from dashboard.nights import longest
from detector.event_files import Value


def recordings_of(
    settings: Settings, home: Path, night: str | None
) -> list[tuple[Path, list[dict[str, Value]]]]:
    """Return the recordings of a night, by time; labels are of its longest one.

    Raises:
        ReportError: there is no such night.
        ShareError: none of its recordings can be read, or it is being recorded.
        NightLogError: the night log cannot be read.
    """
    with kept_nights(settings, home) as (nights, log, _):
        name = chosen_night(night, nights.names(), home)
        parts = nights.recorded(name)
        if not parts:
            raise ShareError(f"{home / 'nights' / name}: expected a recording that can be read, found none")
        rows = label_rows(nights, Labels(log.database), name, "")
    labelled = longest(parts)
    return [(part.overview.path, rows if part is labelled else []) for part in parts]
