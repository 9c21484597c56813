"""The doors of everything that is about many nights, put together: trends, the diary, reports."""

from dashboard.diary_pages import DiaryPages
from dashboard.doors import Door
from dashboard.household import Household
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.report_pages import ReportPages, Reports
from dashboard.trend_pages import TrendPages


def household_doors(nights: Nights, log: NightLog, live: Live) -> list[Door]:
    """Return the doors of what nights add up to, and of what people say of their evenings.

    Args:
        nights: The recordings.
        log: The night log.
        live: The night's clock, and what the pages say.
    """
    household = Household(nights, log, live.clock)
    return [
        *TrendPages(household, live.texts).doors(),
        *DiaryPages(household, live.texts).doors(),
        *ReportPages(Reports(nights, log, household, live.texts)).doors(),
    ]
