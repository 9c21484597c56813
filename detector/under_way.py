"""The contractions under way: which of them a page shows, and what the alarm engine should know of them. Pure."""

from datetime import datetime
from typing import NamedTuple

from detector.alarms.machines import Key
from detector.alarms.values import AlarmCode, Observation, Priority
from detector.monitor_state import ContractionNow
from detector.types import Contraction

_DOUBTFUL = "less sure than usual, since a technical fault stood"

Observed = dict[AlarmCode | Key, Observation]


class _Running(NamedTuple):
    now: ContractionNow
    # Whose verdict it is; the first channel speaks for the sensor.
    key: str
    began_s: float


class UnderWay:
    """Follows contractions by their revisions."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}
        # Ended, and its verdict came with the end: it is observed once.
        self._late: list[_Running] = []

    @property
    def now(self) -> ContractionNow | None:
        """What a page shows: what alarms before what does not; among equals the newest."""
        shown = sorted(
            (one.now for one in self._running.values()), key=lambda now: (now.alert != "none", now.since)
        )
        return shown[-1] if shown else None

    def take(self, event: Contraction, since: datetime, now_s: float) -> None:
        """Take a revision.

        Args:
            event: The contraction.
            since: Wall-clock time of its onset.
            now_s: Monotonic time.
        """
        if event.kind == "artefact":
            return
        now = ContractionNow(
            event.id,
            event.kind,
            event.alert,
            since,
            event.site,
            event.quality,
            event.confirmed,
            event.confidence,
            event.reason,
        )
        key = event.site if event.channel else ""
        running = _Running(now, key, now_s - event.duration_s)
        if event.phase != "ended":
            self._running[event.id] = running
            return
        before = self._running.pop(event.id, None)
        if before is None or before.now.alert != event.alert:
            self._late.append(running)

    def observed(self) -> Observed:
        """Return the conditions that hold now; of several in one place the newest."""
        observed: Observed = {}
        running = [*self._late, *self._running.values()]
        self._late = []
        for one in sorted(running, key=lambda one: one.began_s):
            code = _code(one.now)
            if code is not None:
                observed[code, one.key] = Observation(
                    _text(one.now),
                    since_s=one.began_s,
                    priority=_priority(one.now),
                    event_id=one.now.event_id,
                    site=one.now.site,
                )
        return observed


def _code(now: ContractionNow) -> AlarmCode | None:
    match now.alert, now.kind:
        case "cramp", _:
            return "CRAMP"
        case (("clonic" | "tonic_clonic"), _):
            return "RHYTHMIC"
        case _, "tonic":
            return "CRAMP_SUSPECT"
        case _, "tension_rise":
            return "TENSION_RISE"
        case _:
            return None


def _text(now: ContractionNow) -> str:
    """Return why, and how sure that is where something stood in the way."""
    return f"{now.reason}; {_DOUBTFUL}" if now.certainty == "doubtful" else now.reason


def _priority(now: ContractionNow) -> Priority | None:
    """Return what the table cannot know: a sequence is worse than a run (ALARMS.md section 1)."""
    return "high" if now.alert == "tonic_clonic" else None
