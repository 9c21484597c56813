"""Finding room for events in a night: one muscle does one thing at a time."""

from collections.abc import Mapping

import numpy as np

from models.synthesis.classes import PlannedEvent
from models.synthesis.ranges import Ranges

# How often a place is tried for an event before the night is held to be full.
ATTEMPTS = 40
# Quiet kept before and after an event unless it asks for more, seconds.
MARGIN_S = 3.0


class Agenda:
    """The plan of a night while it is being made.

    Args:
        duration_s: Length of the night.
        ranges: What the events' durations are drawn from.
        rng: Source of places and durations.
    """

    def __init__(self, duration_s: float, ranges: Mapping[str, Ranges], rng: np.random.Generator) -> None:
        self.duration_s = duration_s
        self.rng = rng
        self._ranges = ranges
        self._busy: list[tuple[float, float]] = []
        self._events: list[PlannedEvent] = []

    def events(self) -> list[PlannedEvent]:
        """Return the plan by onset."""
        return sorted(self._events, key=lambda event: (event.onset_s, event.name))

    def duration_of(self, name: str) -> float:
        """Return a duration drawn for an event of a class."""
        return self._ranges[name]["duration_s"].draw(self.rng)

    def is_free(self, begin_s: float, end_s: float) -> bool:
        """Tell whether nothing is planned between two times, both within the night."""
        inside = begin_s >= 0.0 and end_s <= self.duration_s
        return inside and all(end_s <= begin or end <= begin_s for begin, end in self._busy)

    def put(
        self,
        name: str,
        onset_s: float,
        length_s: float,
        before_s: float = MARGIN_S,
        after_s: float = MARGIN_S,
    ) -> bool:
        """Plan an event at a time if there is room for it; tell whether there was."""
        begin_s, end_s = max(0.0, onset_s - before_s), onset_s + length_s + after_s
        if not self.is_free(begin_s, end_s):
            return False
        self._busy.append((begin_s, end_s))
        self._events.append(PlannedEvent(onset_s, name, length_s))
        return True

    def place(
        self,
        name: str,
        *,
        before_s: float = MARGIN_S,
        after_s: float = MARGIN_S,
        within_s: tuple[float, float] | None = None,
    ) -> PlannedEvent | None:
        """Plan an event anywhere, or with its onset within a span; return None where there is no room."""
        length_s = self.duration_of(name)
        first_s, last_s = within_s or (before_s, self.duration_s - length_s - after_s)
        for _ in range(ATTEMPTS):
            if last_s > first_s and self.put(
                name, float(self.rng.uniform(first_s, last_s)), length_s, before_s, after_s
            ):
                return self._events[-1]
        return None

    def add_unreserved(self, name: str, onset_s: float) -> None:
        """Plan something so short or so faint that it may fall on anything else."""
        self._events.append(PlannedEvent(onset_s, name))
