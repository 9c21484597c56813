"""Artefact episodes: stretches in which nothing could be judged. They mask; they never alarm."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from detector.author import Author, ended
from detector.grid import Grid
from detector.readings import Reading
from detector.reasons import artefact_reason
from detector.tally import Tally
from detector.types import Contraction

# Shorter faults are passed over …
EPISODE_MIN_S = 1.0
# … and so long without one ends an episode.
CLEAR_AFTER_S = 2.0


class Unreadable(NamedTuple):
    """Hops between which nothing could be judged."""

    begin_hop: int
    end_hop: int


@dataclass(slots=True)
class _Episode:
    begin_hop: int
    end_hop: int
    hops: dict[str, int]
    tally: Tally


class ArtefactEvents:
    """Follows one episode at a time; it is told once it is over."""

    def __init__(self, grid: Grid, author: Author) -> None:
        self._grid = grid
        self._author = author
        self._episode: _Episode | None = None
        # The latest that was long enough to count, over or not.
        self.latest: Unreadable | None = None

    @property
    def is_open(self) -> bool:
        """Whether an episode is under way."""
        return self._episode is not None

    def step(self, reading: Reading) -> list[Contraction]:
        """Take one hop."""
        episode = self._episode
        over = episode is not None and reading.hop - episode.end_hop >= self._grid.hops(CLEAR_AFTER_S)
        told = self.end(reading.hop) if over else []
        if reading.fault:
            self._take(reading)
        return told

    def end(self, hop: int) -> list[Contraction]:
        """End the episode under way; ``hop`` shows that it is over."""
        episode, self._episode = self._episode, None
        if episode is None or (episode.end_hop - episode.begin_hop) * self._grid.hop_s < EPISODE_MIN_S:
            return []
        hop_samples = self._grid.hop
        end_index = episode.end_hop * hop_samples
        event = self._author.begin("artefact", episode.begin_hop * hop_samples, (hop + 1) * hop_samples)
        event = self._author.measure(event, episode.tally, end_index)
        fault = max(episode.hops, key=lambda words: (episode.hops[words], words))
        sure = sum(episode.hops.values()) / (episode.end_hop - episode.begin_hop)
        event = replace(
            event, confidence=sure, reason=artefact_reason(fault, event.duration_s), quality="doubtful"
        )
        return [ended(event, end_index)]

    def _take(self, reading: Reading) -> None:
        if self._episode is None:
            self._episode = _Episode(reading.hop, reading.hop, {}, Tally(reading.resting_uv))
        episode = self._episode
        episode.end_hop = reading.hop + 1
        episode.hops[reading.fault] = episode.hops.get(reading.fault, 0) + 1
        episode.tally.take(reading)
        if (episode.end_hop - episode.begin_hop) * self._grid.hop_s >= EPISODE_MIN_S:
            self.latest = Unreadable(episode.begin_hop, episode.end_hop)
