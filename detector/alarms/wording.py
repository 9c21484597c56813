"""What an alert says: as much as its reader may see. Advice comes from `detector.guidance` alone."""

from collections.abc import Mapping
from types import MappingProxyType

from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import Moment, Occurrence, Stage
from detector.guidance import advice

# An alert that arrives later than this says how late it is.
LATE_S = 60.0
_MINUTE_S = 60

_STAGE_WORDS: Mapping[Stage, str] = MappingProxyType(
    {
        "pending": "",
        "active": "",
        "paused": "Sound paused.",
        "acked": "Answered.",
        "snoozed": "Snoozed.",
        "latched": "It is over; nobody has answered.",
        "closed": "Closed.",
    }
)


def full_text(occurrence: Occurrence, at: Moment, *, late_s: float = 0.0) -> str:
    """Return what a page says, or a push that the household allows it: what, how long, why, how sure, what to do."""
    lasted = (occurrence.ended or at).mono_s - occurrence.began.mono_s
    title = CONDITIONS[occurrence.code].title
    where = occurrence.site or occurrence.sensor
    how_long = f"since {occurrence.began.wall:%H:%M}, for {clock_words(lasted)}{_late(occurrence, late_s)}"
    sentences = (
        f"{title} on {where}{_call(occurrence)} {how_long}.",
        _sentence(occurrence.text),
        _unsure(occurrence),
        _STAGE_WORDS.get(occurrence.stage, ""),
        advice(occurrence.code, where),
    )
    return " ".join(sentence for sentence in sentences if sentence)


def clock_words(seconds: float) -> str:
    """Return a duration as a clock shows it: ``0:48``, ``12:05``, ``1:02:05``."""
    minutes, rest = divmod(max(0, int(seconds)), _MINUTE_S)
    hours, minutes = divmod(minutes, _MINUTE_S)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def late_words(seconds: float) -> str:
    """Return ``late N min`` for what arrives late; nothing for what does not (I9)."""
    return f"late {max(1, round(seconds / _MINUTE_S))} min" if seconds > LATE_S else ""


def _late(occurrence: Occurrence, late_s: float) -> str:
    """Say how late this is said; what was only reported was late from the beginning."""
    reported_s = (occurrence.since.mono_s - occurrence.began.mono_s) if occurrence.stale else 0.0
    late = late_words(max(late_s, reported_s))
    return f" ({late})" if late else ""


def _call(occurrence: Occurrence) -> str:
    return f" ({_ordinal(occurrence.call)} call)" if occurrence.call > 1 else ""


def _unsure(occurrence: Occurrence) -> str:
    if not occurrence.unconfirmed:
        return ""
    when = f" at {occurrence.lost.wall:%H:%M:%S}" if occurrence.lost else ""
    return f"The signal was lost{when}: whether it went on is not known."


def _sentence(text: str) -> str:
    stripped = text.strip()
    return stripped if not stripped or stripped[-1] in ".!?" else f"{stripped}."


def _ordinal(number: int) -> str:
    return {2: "2nd", 3: "3rd"}.get(number, f"{number}th")
