"""What pages say, worked out from what is known: pure, so that every sentence can be tested."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from dashboard import texts

Message = Mapping[str, Any]

# Green needs a good sample this young and a sign of life this young (ALARMS.md I11).
GOOD_SAMPLE_MS, HEARTBEAT_S = 5_000, 10.0
MS_PER_S, SECONDS_PER_MINUTE, MINUTES_PER_HOUR = 1000, 60, 60
# Of several conditions at once the worst comes first.
_PRIORITIES = ("high", "medium", "low")


class Light(NamedTuple):
    """The state light: which shape and colour, the word beside it, and why."""

    shape: str
    word: str
    reason: str


def light(
    state: Message | None, *, online: bool, silent_s: float | None, good_age_ms: int | None, now: datetime
) -> Light:
    """Return what the state light shows.

    Args:
        state: The monitor's newest state; None if none came.
        online: Whether its availability says so.
        silent_s: How long ago its last sign of life came; None if none came.
        good_age_ms: How old the last usable sample was then.
        now: The time, aware.
    """
    blind = _blind(state, online=online, silent_s=silent_s, now=now)
    if blind or state is None:
        return Light("off", texts.NOT_WATCHING, blind)
    running = _running(state)
    if running:
        return running
    if good_age_ms is None or good_age_ms > GOOD_SAMPLE_MS:
        return Light("off", texts.NOT_WATCHING, _worst(state) or _age(good_age_ms))
    if state.get("kind"):
        return Light("tight", texts.TIGHT, str(state.get("reason") or ""))
    return Light("calm", texts.WATCHING, _worst(state) or texts.CALM)


def _blind(state: Message | None, *, online: bool, silent_s: float | None, now: datetime) -> str:
    """Return why nothing can be told, or nothing."""
    if state is None or silent_s is None:
        return texts.NEVER_HEARD
    if not online:
        return texts.STOPPED
    if silent_s > HEARTBEAT_S:
        return texts.SILENT.format(seconds=round(silent_s))
    if datetime.fromisoformat(state["valid_until"]) < now:
        return texts.OUT_OF_DATE
    return ""


def _running(state: Message) -> Light | None:
    """Return the light of a contraction that has a verdict; one stays also while the signal is away."""
    shown = {"cramp": ("cramp", texts.CRAMP), "rhythmic": ("rhythmic", texts.RHYTHMIC)}
    for key, (shape, word) in shown.items():
        if state.get(key) == "ON":
            doubt = f" {texts.UNSURE}" if state.get("certainty") == "unconfirmed" else ""
            return Light(shape, word, f"{state.get('reason') or ''}{doubt}")
    return None


def _worst(state: Message) -> str:
    conditions = sorted(state["conditions"], key=lambda c: _PRIORITIES.index(c["priority"]))
    return str(conditions[0]["text"]) if conditions else ""


def _age(good_age_ms: int | None) -> str:
    if good_age_ms is None:
        return texts.NO_GOOD_SAMPLE
    return texts.OLD_SAMPLE.format(seconds=round(good_age_ms / MS_PER_S))


def lane(message: Message) -> str:
    """Return the lane that an event is drawn in."""
    if message["alert"] in {"clonic", "tonic_clonic"}:
        return "rhythmic"
    if message["alert"] == "cramp":
        return "cramp"
    return {"leg_movement": "leg_movement", "artefact": "signal", "clonic": "rhythmic"}.get(
        message["kind"], "tight"
    )


def event_row(message: Message) -> dict[str, Any]:
    """Return an event as the pages show it: seconds since 1970 and plain words."""
    onset = datetime.fromisoformat(message["onset_at"])
    known = (
        "id",
        "revision",
        "phase",
        "site",
        "alert",
        "reason",
        "peak_uv",
        "burst_rate_hz",
        "confidence",
        "quality",
    )
    return {
        **{key: message.get(key) for key in known},
        "lane": lane(message),
        "start": onset.timestamp(),
        "end": (onset + timedelta(seconds=message["duration_s"])).timestamp(),
        "length": length(message["duration_s"]),
        "what": texts.VERDICTS.get(message["alert"]) or texts.KINDS.get(message["kind"], message["kind"]),
    }


def length(seconds: float) -> str:
    """Return a length in words: ``42 s``, ``5 min 21 s``, ``6 h 52 min``.

    >>> length(321.4)
    '5 min 21 s'
    """
    whole = round(seconds)
    minutes, rest = divmod(whole, SECONDS_PER_MINUTE)
    hours, minutes_left = divmod(minutes, MINUTES_PER_HOUR)
    if hours:
        return f"{hours} h {minutes_left:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{whole} s"


def headline(events: Iterable[Message], *, recorded_s: float, seen_s: float) -> str:
    """Return the sentence that a night begins with.

    Args:
        events: Of the night.
        recorded_s: How long it was recorded.
        seen_s: How much of that had a usable signal.
    """
    listed = list(events)
    cramps = [message for message in listed if message["alert"] == "cramp"]
    rhythmic = [message for message in listed if message["alert"] in {"clonic", "tonic_clonic"}]
    total = f", {length(sum(message['duration_s'] for message in cramps))} in all" if cramps else ""
    also = f"; {_counted(len(rhythmic), 'rhythmic run')}" if rhythmic else ""
    found = f"{_counted(len(cramps), 'cramp')}{total}{also}"
    return f"{found}; monitored {length(seen_s)} of {length(recorded_s)}."


def _counted(count: int, noun: str) -> str:
    return f"{count or 'No'} {noun}{'' if count == 1 else 's'}"


def unusable_s(events: Sequence[Message]) -> float:
    """Return how long the signal was there but of no use; overlapping stretches count once."""
    spans = sorted((row["start"], row["end"]) for row in map(event_row, events) if row["lane"] == "signal")
    total, reached = 0.0, float("-inf")
    for start, end in spans:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
