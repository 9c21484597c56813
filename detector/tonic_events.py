"""Tonic contractions, cramps among them, and leg movements, as they begin, are judged and end."""

from collections import deque
from dataclasses import replace

from detector.activity import LEG_MOVEMENT_MAX_S, LEG_MOVEMENT_MIN_S, Activity, Limits
from detector.artefacts import Unreadable
from detector.author import Author, ended, revised
from detector.readings import Reading
from detector.reasons import degraded_words, leg_words, movement_reason, tonic_reason
from detector.types import Alert, Contraction, Kind

# The foot of a rise is looked for this far back: the slowest cramps take 20 s to rise (science.md section
# 11).
FOOT_S = 20.0
# What begins so soon after the signal could be read again may have begun unseen.
HIDDEN_S = 1.0
# Silence that ends a leg movement (AASM: 0.5 s), a steady contraction, and a cramp (science.md section 10: 5
# s).
SILENCE_S: dict[str, float] = {"none": 0.5, "tonic": 2.0, "cramp": 5.0}
# A tonic phase of a sequence lasts this long at least, so much of it judged steady, and the rhythm begins
# within so long of its end (science.md section 10).
TONIC_PHASE_S = 3.0
TONIC_PHASE_STEADY_S = 1.0
SEQUENCE_GAP_S = 5.0
# Leg movements come in series (WASM: four and more, 10–90 s apart), and some last up to 10 s: where so many
# began within so long, the next contraction must outlast any of them before it is a cramp.
SERIES_MOVEMENTS = 3
SERIES_S = 180.0
# A cramp is over below this many times the resting level, or below this part of its own strongest second …
CRAMP_OVER_TIMES = 2.0
CRAMP_OVER_SHARE = 0.10
# … or when the muscle is silent for so much of the time: what twitches on, or walks it off, has let go.
CRAMP_OVER_SILENT = 0.15


class TonicEvents:
    """Follows one run of activity at a time."""

    def __init__(self, limits: Limits, author: Author) -> None:
        self._limits = limits
        self._author = author
        self._activity: Activity | None = None
        self._event: Contraction | None = None
        self._prolonged = False
        # The last one that ended, which a rhythm may yet show to have been a tonic phase.
        self._last: tuple[Activity, Contraction] | None = None
        self._movement_hops: deque[int] = deque(maxlen=SERIES_MOVEMENTS)

    @property
    def activity(self) -> Activity | None:
        """The run under way."""
        return self._activity

    def step(
        self, reading: Reading, free_from_hop: int, unreadable: Unreadable | None = None
    ) -> list[Contraction]:
        """Take one readable hop; an event begins no earlier than ``free_from_hop``, nor in what was ``unreadable``."""
        activity = self._activity
        if activity is None:
            if not reading.hop_uv >= reading.on_uv:
                return []
            activity = self._begin(reading, free_from_hop, unreadable)
            self._activity = activity
        if self._is_active(reading):
            activity.take(reading)
            return self._judge(activity, reading.hop)
        activity.take_silence()
        silent_s = (reading.hop + 1 - activity.end_hop) * self._limits.grid.hop_s
        return self.end(reading.hop) if silent_s >= self._patience_s else []

    def _begin(self, reading: Reading, free_from_hop: int, unreadable: Unreadable | None) -> Activity:
        grid = self._limits.grid
        foot_hop = max(reading.risen_hop, reading.hop - grid.hops(FOOT_S), free_from_hop)
        since_hop = None
        if unreadable is not None and unreadable.end_hop > foot_hop - grid.hops(HIDDEN_S):
            since_hop = max(unreadable.begin_hop, reading.hop - grid.hops(FOOT_S))
            foot_hop = max(foot_hop, unreadable.end_hop)
        onset_hop = min(foot_hop, reading.hop)
        in_series = self._is_in_series(onset_hop)
        return Activity(self._limits, reading, onset_hop, in_series=in_series, hidden_from_hop=since_hop)

    def end(self, hop: int) -> list[Contraction]:
        """End what is under way; ``hop`` shows that it is over."""
        activity, event = self._activity, self._event
        self._activity, self._event, self._prolonged = None, None, False
        if activity is None or (event is None and activity.duration_s < LEG_MOVEMENT_MIN_S):
            return []
        # What ends within 10 s without a verdict was a leg movement, however steady.
        brief = activity.duration_s < LEG_MOVEMENT_MAX_S and (event is None or event.alert == "none")
        kind: Kind = "leg_movement" if event is None or brief else "tonic"
        if kind == "leg_movement":
            self._movement_hops.append(activity.onset_hop)
        return [self._close(activity, event, kind, hop)]

    def would_be_phase(self, cut_hop: int) -> bool:
        """Tell whether a rhythm from ``cut_hop`` on follows what was long and steady enough for a tonic phase."""
        if self._activity is not None and _is_phase(self._activity):
            return self._activity.tonic_s >= TONIC_PHASE_S
        if self._last is None or not _is_phase(self._last[0]) or self._last[0].tonic_s < TONIC_PHASE_S:
            return False
        return (cut_hop - self._last[0].end_hop) * self._limits.grid.hop_s <= SEQUENCE_GAP_S

    def tonic_phase(self, hop: int, cut_hop: int) -> Contraction | None:
        """Return the last revision of the tonic contraction that a rhythm from ``cut_hop`` on grew out of.

        Activity that is still under way ends there, and is forgotten if it was not tonic.
        """
        activity, event, last = self._activity, self._event, self._last
        self._activity, self._event, self._prolonged, self._last = None, None, False, None
        if activity is not None:
            activity.cut(cut_hop)
            if _is_phase(activity):
                return self._in_sequence(activity, event, hop)
            if event is not None:
                return self._close(activity, event, "leg_movement", hop)
        if last is not None and _is_phase(last[0]):
            gap_s = (cut_hop - last[0].end_hop) * self._limits.grid.hop_s
            return self._in_sequence(*last, hop) if gap_s <= SEQUENCE_GAP_S else None
        return None

    def _in_sequence(self, activity: Activity, event: Contraction | None, hop: int) -> Contraction:
        event = self._close(activity, event, "tonic", hop)
        return replace(event, sequence=event.id)

    def _is_in_series(self, hop: int) -> bool:
        earliest_hop = hop - self._limits.grid.hops(SERIES_S)
        return len(self._movement_hops) == SERIES_MOVEMENTS and self._movement_hops[0] >= earliest_hop

    def _close(self, activity: Activity, event: Contraction | None, kind: Kind, hop: int) -> Contraction:
        if event is None:
            event = self._author.begin(kind, self._index(activity.onset_hop), self._index(hop + 1))
        else:
            event = revised(event)
        event = self._told(replace(event, kind=kind), activity)
        event = ended(event, self._index(activity.end_hop))
        self._last = activity, event
        return event

    @property
    def _patience_s(self) -> float:
        if self._event is None:
            return SILENCE_S["none"]
        return SILENCE_S["cramp" if self._event.alert == "cramp" else "tonic"]

    def _is_active(self, reading: Reading) -> bool:
        activity, event = self._activity, self._event
        if activity is None or event is None or event.alert != "cramp":
            return reading.hop_uv >= reading.off_uv
        least_uv = max(CRAMP_OVER_TIMES * reading.resting_uv, CRAMP_OVER_SHARE * activity.tally.peak_uv)
        return reading.second_uv >= least_uv and not reading.feature("silent_share") >= CRAMP_OVER_SILENT

    def _judge(self, activity: Activity, hop: int) -> list[Contraction]:
        """Announce the event when its kind is clear, and again when the verdict on it changes."""
        event = self._event
        if event is None and not (activity.is_tonic or activity.is_cramp):
            return []
        before = None if event is None else (event.alert, event.confirmed, self._prolonged)
        alert = self._verdict(activity)
        settings = self._limits.settings
        confirmed = alert == "cramp" and activity.duration_s >= settings.confirmed_after_s
        self._prolonged = alert == "cramp" and activity.duration_s >= settings.prolonged_after_s
        if before == (alert, confirmed, self._prolonged):
            return []
        if event is None:
            event = self._author.begin("tonic", self._index(activity.onset_hop), self._index(hop + 1))
        else:
            event = revised(event)
        if alert != event.alert:
            event = replace(event, alert=alert, decided_index=self._index(hop + 1))
        self._event = self._told(replace(event, confirmed=confirmed), activity)
        return [self._event]

    def _verdict(self, activity: Activity) -> Alert:
        """A cramp once judged stays one: people thrash and stretch during cramps."""
        judged = self._event is not None and self._event.alert == "cramp"
        return "cramp" if judged or activity.is_cramp else "none"

    def _told(self, event: Contraction, activity: Activity) -> Contraction:
        """Return the event with its measurements, confidence and reason."""
        event = self._author.measure(event, activity.tally, self._index(activity.end_hop))
        leg = self._leg(activity)
        sentence = tonic_reason if event.kind == "tonic" else movement_reason
        before = activity.before if event.alert == "cramp" else None
        reason = degraded_words(sentence(event.site, activity, leg), self._limits.degraded)
        return replace(event, confidence=activity.confidence, reason=reason, before=before)

    def _leg(self, activity: Activity) -> str:
        movement_mg = activity.tally.movement_mg
        return leg_words(
            has_acc=self._limits.has_acc,
            moved_at_onset=activity.moved_at_onset,
            moved=movement_mg is not None and movement_mg >= self._limits.settings.movement_mg,
        )

    def _index(self, hop: int) -> int:
        return hop * self._limits.grid.hop


def _is_phase(activity: Activity) -> bool:
    """Tell whether it was long and steady enough to be the tonic phase of a sequence."""
    return activity.duration_s >= TONIC_PHASE_S and activity.tonic_s >= TONIC_PHASE_STEADY_S
