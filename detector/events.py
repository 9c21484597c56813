"""From readings to events: a channel's artefacts, clonic runs, tonic contractions and leg movements.

A fault masks: nothing begins under it. What was already under way waits for the signal for ten seconds, so
that a thrashing leg, a torn cable, the sensor's own vibration or a lost link cannot end it at once, nor
prolong it: an event ends where activity was last seen.
"""

from bisect import bisect_left
from collections.abc import Iterator

from detector.activity import Limits
from detector.artefacts import ArtefactEvents
from detector.author import Author
from detector.clonic import ClonicRun
from detector.clonic_events import ClonicEvents
from detector.due import Due
from detector.electrode import ElectrodeWatch
from detector.readings import Reading, Readings
from detector.stirring import NEVER
from detector.tally import Tally
from detector.tension import TensionEvents
from detector.tonic_events import TonicEvents
from detector.types import Contraction

# An event waits so long for a signal that is gone (science.md section 10: gaps under 10 s are merged).
WAIT_S = 10.0


class ChannelEvents:
    """Follows all events of one channel; a stage (`detector.types.Stage`)."""

    def __init__(self, limits: Limits, author: Author) -> None:
        self._grid = limits.grid
        self._tonic = TonicEvents(limits, author)
        self._clonic = ClonicEvents(limits, author)
        self._tension = TensionEvents(limits, author)
        self._artefacts = ArtefactEvents(limits.grid, author)
        self._electrode = ElectrodeWatch(limits.grid)
        self._last_hop = NEVER
        self._blind_hops = 0
        # No tonic contraction or leg movement, and no clonic run, begins earlier than these.
        self._free_hop = 0
        self._clonic_free_hop = 0

    def feed(self, item: Readings) -> Iterator[Due]:
        """Yield what a run of hops shows; where nothing is under way, quiet hops are passed over."""
        place = 0
        while place < len(item):
            if self._is_idle:
                wake = bisect_left(item.wakes, place)
                if wake == len(item.wakes):
                    return
                place = item.wakes[wake]
            reading = item[place]
            for event in self._step(reading):
                yield Due(reading.hop, event)
            place += 1

    def finish(self) -> Iterator[Due]:
        """Yield the ends of what is under way: the signal is over, so nobody saw them end."""
        hop = max(self._last_hop, 0)
        self._mark_lost()
        for event in (
            *self._clonic.end(),
            *self._tonic.end(hop),
            *self._tension.end(),
            *self._artefacts.end(hop),
        ):
            yield Due(hop, event)

    @property
    def _is_idle(self) -> bool:
        nothing_tense = self._tension.tally is None and self._tonic.activity is None
        return nothing_tense and self._clonic.run is None and not self._artefacts.is_open

    @property
    def _tallies(self) -> list[Tally]:
        under_way = (self._tonic.activity, self._clonic.run)
        tallies = [one.tally for one in under_way if one is not None]
        return tallies if self._tension.tally is None else [*tallies, self._tension.tally]

    def _step(self, reading: Reading) -> list[Contraction]:
        missed = reading.hop - self._last_hop - 1
        if missed and not self._tallies:
            missed = 0
        self._last_hop = reading.hop
        reading = self._electrode.judge(reading)
        events = self._artefacts.step(reading)
        if missed:
            self._mark_lost()
        readable = reading.seen and not reading.fault
        self._blind_hops += missed + (not readable)
        if self._blind_hops * self._grid.hop_s > WAIT_S:
            events += self._end_all(reading.hop)
        if readable:
            self._blind_hops = 0
            return events + self._advance(reading)
        for tally in self._tallies:
            tally.lost |= reading.lost
            tally.doubtful |= bool(reading.fault)
        if reading.fault and self._tonic.activity is not None:
            self._tonic.activity.take_fault()
        return events

    def _advance(self, reading: Reading) -> list[Contraction]:
        """Take one readable hop."""
        if self._clonic.run is not None:
            events = self._clonic.step(reading)
        elif (
            run := self._clonic.watch(reading, self._clonic_free_hop, self._tonic.would_be_phase)
        ) is not None:
            return self._turn_clonic(run, reading.hop)
        else:
            events = [
                *self._tension.step(reading),
                *self._tonic.step(reading, self._free_hop, self._artefacts.latest),
            ]
        self._note_ends(events)
        return events

    def _turn_clonic(self, run: ClonicRun, hop: int) -> list[Contraction]:
        """A rhythm was recognised: what it grew out of ends where it began."""
        tonic = self._tonic.tonic_phase(hop, run.bursts[0].begin // self._grid.ticks_per_hop)
        before = [] if tonic is None else [tonic]
        self._note_ends(before)
        before += self._tension.end()
        return [*before, *self._clonic.begin(run, hop, tonic)]

    def _end_all(self, hop: int) -> list[Contraction]:
        events = [*self._clonic.end(), *self._tonic.end(hop), *self._tension.end()]
        self._note_ends(events)
        self._blind_hops = 0
        return events

    def _note_ends(self, events: list[Contraction]) -> None:
        """Let nothing that follows reach back into what has ended."""
        for event in events:
            if event.offset_index is None or event.kind == "tension_rise":
                continue
            after_hop = -(-event.offset_index // self._grid.hop)
            self._free_hop = max(self._free_hop, after_hop)
            if event.kind != "leg_movement":
                # The single jerks of a slow rhythm pass for leg movements until there are enough of them.
                self._clonic_free_hop = max(self._clonic_free_hop, event.offset_index // self._grid.hop)

    def _mark_lost(self) -> None:
        for tally in self._tallies:
            tally.lost = True
