"""What pages say, worked out from what is known: pure, so that every sentence can be tested."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from dashboard import texts
from dashboard.wording import counted, length

Message = Mapping[str, Any]
Row = dict[str, Any]

# Green needs a good sample this young (ALARMS.md I11), and a sign of life that is younger than five of its
# beats.
GOOD_SAMPLE_MS, HEARTBEAT_S = 5_000, 5.0
MS_PER_S = 1000
# Of several conditions at once the worst comes first.
_PRIORITIES = ("high", "medium", "low")
_RHYTHMIC = ("clonic", "tonic_clonic")
# Alarms that are drawn as something else than a cramp.
_CALLING = {"RHYTHMIC": "rhythmic"}
_ROW_KEYS = (
    "id",
    "revision",
    "sensor",
    "phase",
    "site",
    "kind",
    "alert",
    "reason",
    "peak_uv",
    "burst_rate_hz",
    "confidence",
    "quality",
)


class Light(NamedTuple):
    """The state light: which shape and colour, the word beside it, and why."""

    shape: str
    word: str
    reason: str


class Signs(NamedTuple):
    """What tells whether somebody watches.

    Attributes:
        online: What the monitor, or its last will, said of itself.
        silent_s: How long ago its last sign of life came; None if none came.
        good_age_ms: How old the newest usable sample was then.
        trouble: Why these pages have no broker; empty where they have one.
    """

    online: bool
    silent_s: float | None
    good_age_ms: int | None
    trouble: str = ""


def light(
    state: Message | None,
    signs: Signs,
    now: datetime,
    patience_s: float = HEARTBEAT_S,
    *,
    calling: Message | None = None,
) -> Light:
    """Return what the state light shows.

    Args:
        state: The monitor's newest state; None if none came.
        signs: Whether it can be believed.
        now: The time, aware.
        patience_s: How old a sign of life may be.
        calling: The sensor's alarm that nobody has answered, in whose place nothing calm is shown.
    """
    blind = _blind(state, signs, now, patience_s)
    if blind or state is None:
        was_running = state is not None and _running(state) is not None
        return Light("off", texts.NOT_WATCHING, f"{blind} {texts.WAS_RUNNING}" if was_running else blind)
    running = _running(state)
    if running:
        return running
    if calling is not None:
        return Light(_CALLING.get(calling["code"], "cramp"), calling["title"], texts.ALARM_STANDS)
    return _quiet(state, signs)


def _quiet(state: Message, signs: Signs) -> Light:
    """Return the light while nothing has a verdict; green only with a good sample and proven paths to people."""
    if signs.good_age_ms is None or signs.good_age_ms > GOOD_SAMPLE_MS:
        return Light("off", texts.NOT_WATCHING, _worst(state) or _age(signs.good_age_ms))
    if state["kind"]:
        return Light("tight", texts.TIGHT, str(state["reason"] or ""))
    if not state["proven"]:
        return Light("unproven", texts.UNPROVEN, _worst(state) or texts.UNPROVEN_REASON)
    return Light("calm", texts.WATCHING, _worst(state) or texts.CALM)


def _blind(state: Message | None, signs: Signs, now: datetime, patience_s: float) -> str:
    """Return why nothing can be told, or nothing."""
    if signs.trouble:
        return texts.NO_BROKER.format(trouble=signs.trouble)
    if state is None or signs.silent_s is None:
        return texts.NEVER_HEARD
    if not signs.online:
        return texts.STOPPED
    if signs.silent_s > patience_s:
        return texts.SILENT.format(length=length(signs.silent_s))
    return texts.OUT_OF_DATE if datetime.fromisoformat(state["valid_until"]) < now else ""


def _running(state: Message) -> Light | None:
    """Return the light of a contraction that has a verdict; one stays also while the signal is away."""
    shown = {"cramp": ("cramp", texts.CRAMP), "rhythmic": ("rhythmic", texts.RHYTHMIC)}
    for key, (shape, word) in shown.items():
        if state[key] == "ON":
            doubt = f" {texts.UNSURE}" if state["certainty"] == "unconfirmed" else ""
            return Light(shape, word, f"{state['reason'] or ''}{doubt}")
    return None


def _worst(state: Message) -> str:
    conditions = sorted(state["conditions"], key=lambda c: _PRIORITIES.index(c["priority"]))
    return str(conditions[0]["text"]) if conditions else ""


def _age(good_age_ms: int | None) -> str:
    if good_age_ms is None:
        return texts.NO_GOOD_SAMPLE
    return texts.OLD_SAMPLE.format(length=length(good_age_ms / MS_PER_S))


def facts(state: Message | None, *, is_watched: bool = True) -> dict[str, str]:
    """Return what stands under the light, in words; of what changes by the second nothing while nobody watches."""
    if state is None:
        return dict.fromkeys(("tonight", "monitored", "contact", "battery", "site"), texts.NOTHING)
    battery = texts.NOT_MEASURED if state["battery"] is None else f"{state['battery']:.0f} %"
    return {
        "tonight": counted(state["cramps_tonight"], "cramp"),
        "monitored": f"{length(state['usable_s'])} of {length(state['monitored_s'])}",
        "contact": texts.CONTACTS[state["contact"] if is_watched else "unknown"],
        "battery": battery,
        "site": ", ".join(state["sites"]).replace("-", " "),
    }


def lane(message: Message) -> str:
    """Return the lane that an event is drawn in."""
    if message["alert"] in _RHYTHMIC or message["kind"] == "clonic":
        return "rhythmic"
    if message["alert"] == "cramp":
        return "cramp"
    return {"leg_movement": "leg_movement", "artefact": "signal"}.get(message["kind"], "tight")


def event_row(message: Message) -> Row:
    """Return an event as a live page shows it, placed by the wall clock: seconds since 1970."""
    return _row(message, datetime.fromisoformat(message["onset_at"]).timestamp())


def night_row(message: Message, recording_start: float, growing_to: float | None = None) -> Row:
    """Return an event as a night shows it, placed by its samples: it stands over the signal that it is in.

    Args:
        message: The event.
        recording_start: When its recording begins, in seconds since 1970.
        growing_to: How far that has come while it is being written; None when it is done.
    """
    row = _row(message, recording_start + message["onset_index"] / message["emg_rate_hz"])
    if message["phase"] != "ended" and growing_to is not None:
        row["end"] = max(row["end"], growing_to)
        row["length"] = texts.PAGE["going_on"].format(length=length(row["end"] - row["start"]))
    return row


def _row(message: Message, start: float) -> Row:
    return {
        **{key: message[key] for key in _ROW_KEYS},
        "lane": lane(message),
        "start": start,
        "end": start + message["duration_s"],
        "length": length(message["duration_s"]),
        "what": texts.VERDICTS.get(message["alert"]) or texts.KINDS[message["kind"]],
        "doubt": texts.CERTAINTIES[message["quality"]],
    }


def headline(rows: Iterable[Row], *, night_s: float, seen_s: float) -> str:
    """Return the sentence that a night begins with.

    Args:
        rows: Events of the night.
        night_s: How long it was, from the first sample to the last.
        seen_s: How much of that had a usable signal.
    """
    listed = list(rows)
    cramps_s = [row["end"] - row["start"] for row in listed if row["alert"] == "cramp"]
    rhythmic = [row for row in listed if row["alert"] in _RHYTHMIC]
    total = f", {length(sum(cramps_s))} in all" if cramps_s else ""
    also = f"; {counted(len(rhythmic), 'rhythmic run')}" if rhythmic else ""
    found = f"{counted(len(cramps_s), 'cramp')}{total}{also}"
    return f"{found}; monitored {length(seen_s)} of {length(night_s)}."


def unusable_s(rows: Sequence[Row]) -> float:
    """Return how long the signal was there but of no use; overlapping stretches count once."""
    spans = sorted((row["start"], row["end"]) for row in rows if row["lane"] == "signal")
    total, reached = 0.0, float("-inf")
    for start, end in spans:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
