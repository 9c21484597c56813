"""A household's nights, diary and profile, read together: what the trends, the diary and the report speak of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.diary_store import DiaryStore, Sheet
from dashboard.evenings import Evening, answered_after, evenings
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.trend_queries import TrendQueries
from detector.noon import evening_of
from firmware_bridge.clock import Clock

# How long a page waits for nights that were never read; the rest are there when it is loaded again.
PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a household.

    Attributes:
        nights: Oldest first.
        unread: How many nights there was no time to read.
        sheets: The diary's newest.
        profile: What lasts.
    """

    nights: list[Evening]
    unread: int
    sheets: list[Sheet]
    profile: Mapping[str, Any]


class Household:
    """Reads it all; slow, so call it from a worker thread.

    Args:
        nights: The recordings.
        log: The night log.
        clock: The night's clock.
    """

    def __init__(self, nights: Nights, log: NightLog, clock: Clock) -> None:
        self._nights = nights
        self._queries = TrendQueries(log.database)
        self._clock = clock
        self.diary = DiaryStore(log.database)

    def known(self, within_s: float = PATIENCE_S) -> Known:
        """Return what is known.

        Args:
            within_s: How long the reading of nights may take.

        Raises:
            NightLogError: the log cannot be read.
        """
        glances = self._nights.index.glances(self._nights.names(), within_s)
        spans = [span for glance in glances.values() if glance is not None for span in glance.spans]
        events = self._queries.telling(span.recording_id for span in spans)
        cramps = [message["id"] for message in events if message["alert"] == "cramp"]
        found = evenings(glances, events, answered_after(self._queries.alarms_of(cramps)))
        profile = self.diary.profile()
        return Known(
            found,
            sum(glance is None for glance in glances.values()),
            self.diary.evenings(),
            profile.answers if profile else {},
        )

    def tonight(self) -> date:
        """Return the date of the evening that it is: until noon, yesterday's."""
        return evening_of(self._clock.wall().astimezone())
