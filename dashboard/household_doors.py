"""The doors of everything that is about many nights, put together: trends and the diary."""

from dashboard.diary_pages import DiaryPages
from dashboard.doors import Door
from dashboard.household import Household
from dashboard.texts import Texts
from dashboard.trend_pages import TrendPages


def household_doors(household: Household, texts: Texts) -> list[Door]:
    """Return the doors of what nights add up to, and of what people say of their evenings.

    Args:
        household: What is known.
        texts: What the pages say.
    """
    return [*TrendPages(household, texts).doors(), *DiaryPages(household, texts).doors()]
