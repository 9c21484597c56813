"""Clonic runs, and the tonic contractions that turn into them, as they begin, are judged and end."""

from collections.abc import Callable
from dataclasses import replace

from detector.activity import Limits
from detector.author import Author, ended, revised
from detector.clonic import ClonicRun, ClonicWatch
from detector.readings import Reading
from detector.reasons import clonic_reason, degraded_words, leg_words
from detector.types import Alert, Contraction


class ClonicEvents:
    """Watches for a rhythm, and follows one clonic run at a time."""

    def __init__(self, limits: Limits, author: Author) -> None:
        self._limits = limits
        self._author = author
        self._watch = ClonicWatch(limits)
        self._run: ClonicRun | None = None
        self._event: Contraction | None = None
        self._tonic: Contraction | None = None

    @property
    def run(self) -> ClonicRun | None:
        """The run under way."""
        return self._run

    def watch(
        self, reading: Reading, free_from_hop: int, follows_tonic: Callable[[int], bool]
    ) -> ClonicRun | None:
        """Take one readable hop while no run is under way; return the run if one is recognised."""
        return self._watch.take(reading, free_from_hop, follows_tonic)

    def begin(self, run: ClonicRun, hop: int, tonic: Contraction | None) -> list[Contraction]:
        """Announce a run; ``tonic`` is the contraction that it grew out of."""
        event = self._author.begin("clonic", run.onset_index, (hop + 1) * self._limits.grid.hop)
        sequence = None if tonic is None else tonic.sequence
        self._run, self._tonic = run, tonic if sequence else None
        self._event = self._told(replace(event, alert=self._verdict(run), sequence=sequence), run)
        return [self._event]

    def step(self, reading: Reading) -> list[Contraction]:
        """Take one readable hop of the run under way."""
        run, event = self._run, self._event
        if run is None or event is None:
            return []
        if run.is_over(reading):
            return self.end()
        run.take(reading)
        verdict = self._verdict(run)
        if event.alert in {verdict, "tonic_clonic"}:
            return []
        decided_index = (reading.hop + 1) * self._limits.grid.hop
        event = replace(revised(event), alert=verdict, decided_index=decided_index)
        self._event = self._told(event, run)
        return [self._event]

    def end(self) -> list[Contraction]:
        """End the run under way at its last burst."""
        run, event = self._run, self._event
        if run is None or event is None:
            return []
        event = ended(self._told(revised(event), run), run.end_index)
        self._run, self._event, self._tonic = None, None, None
        return [event]

    def _verdict(self, run: ClonicRun) -> Alert:
        return "tonic_clonic" if self._tonic is not None and run.is_slowing else "clonic"

    def _told(self, event: Contraction, run: ClonicRun) -> Contraction:
        """Return the event with its measurements, confidence and reason."""
        rhythm = run.rhythm
        movement_mg = run.tally.movement_mg
        leg = leg_words(
            has_acc=self._limits.has_acc,
            moved_at_onset=False,
            moved=movement_mg is not None and movement_mg >= self._limits.settings.movement_mg,
        )
        after_tonic_s = None if self._tonic is None else self._tonic.duration_s
        return replace(
            self._author.measure(event, run.tally, run.end_index),
            burst_rate_hz=None if rhythm is None else rhythm.rate_hz,
            burst_count=None if rhythm is None else rhythm.bursts,
            confidence=run.confidence,
            reason=degraded_words(
                clonic_reason(event.site, rhythm, leg, after_tonic_s), self._limits.degraded
            ),
        )
