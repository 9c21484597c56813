"""The doors of everything that is about recorded nights, put together."""

from dashboard.comparison_pages import ComparisonPages
from dashboard.doors import Door
from dashboard.export_pages import ExportPages
from dashboard.label_pages import LabelPages
from dashboard.labels import Labels
from dashboard.night_log import NightLog
from dashboard.night_pages import NightPages
from dashboard.night_queries import NightQueries
from dashboard.nights import Nights
from dashboard.texts import Texts


def night_doors(nights: Nights, log: NightLog, texts: Texts) -> list[Door]:
    """Return the doors of the nights: their list, their pages, what people say of them.

    Args:
        nights: The recordings.
        log: The night log.
        texts: What the pages say.
    """
    queries, labels = NightQueries(log.database), Labels(log.database)
    said = LabelPages(nights, labels, queries, texts)
    return [
        *NightPages(nights, queries, texts).doors(),
        *said.doors(),
        *ExportPages(nights, labels, said, texts).doors(),
        *ComparisonPages(nights, said, texts).doors(),
    ]
