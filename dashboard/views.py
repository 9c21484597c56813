"""What pages say, worked out from what is known: pure, so that every sentence can be tested."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from dashboard.texts import Texts
from dashboard.wording import length
from detector.spans import Span, total_s
from detector.types import RHYTHMIC

Message = Mapping[str, Any]
Row = dict[str, Any]

# Green needs a good sample this young (ALARMS.md I11), and a sign of life that is younger than five of its
# beats.
GOOD_SAMPLE_MS, HEARTBEAT_S = 5_000, 5.0
MS_PER_S = 1000
# Of several conditions at once the worst comes first.
_PRIORITIES = ("high", "medium", "low")
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
    "model",
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
    t: Texts,
    state: Message | None,
    signs: Signs,
    now: datetime,
    patience_s: float = HEARTBEAT_S,
    *,
    calling: Message | None = None,
) -> Light:
    """Return what the state light shows.

    Args:
        t: The texts.
        state: The monitor's newest state; None if none came.
        signs: Whether it can be believed.
        now: The time, aware.
        patience_s: How old a sign of life may be.
        calling: The sensor's alarm that nobody has answered, in whose place nothing calm is shown.
    """
    blind = _blind(t, state, signs, now, patience_s)
    if blind or state is None:
        was_running = state is not None and _running(t, state) is not None
        return Light("off", t("not_watching"), f"{blind} {t('was_running')}" if was_running else blind)
    running = _running(t, state)
    if running:
        return running
    if calling is not None:
        return Light(_CALLING.get(calling["code"], "cramp"), calling["title"], t("alarm_stands"))
    return _quiet(t, state, signs, patience_s)


def _quiet(t: Texts, state: Message, signs: Signs, patience_s: float) -> Light:
    """Return the light while nothing has a verdict; green only with a good sample, no fault and proven paths."""
    good_age_ms = signs.good_age_ms
    if good_age_ms is not None and signs.silent_s is not None:
        # As old as it was when the monitor said so, and since.
        good_age_ms += round(signs.silent_s * MS_PER_S)
    if good_age_ms is None or good_age_ms > max(GOOD_SAMPLE_MS, patience_s * MS_PER_S):
        return Light("off", t("not_watching"), _worst(state) or _age(t, good_age_ms))
    if state["kind"]:
        return Light("tight", t("tight"), str(state["reason"] or ""))
    if not state["proven"]:
        return Light("unproven", t("unproven"), _worst(state) or t("unproven_reason"))
    if state["conditions"]:
        return Light("unproven", t("degraded"), _worst(state))
    return Light("calm", t("watching"), t("calm"))


def _blind(t: Texts, state: Message | None, signs: Signs, now: datetime, patience_s: float) -> str:
    """Return why nothing can be told, or nothing."""
    if signs.trouble:
        return t("no_broker", trouble=signs.trouble)
    if state is None or signs.silent_s is None:
        return t("never_heard")
    if not signs.online:
        return t("stopped")
    if signs.silent_s > patience_s:
        return t("silent", length=length(signs.silent_s))
    return t("out_of_date") if datetime.fromisoformat(state["valid_until"]) < now else ""


def _running(t: Texts, state: Message) -> Light | None:
    """Return the light of a contraction that has a verdict; one stays also while the signal is away."""
    shown = {"cramp": ("cramp", t("cramp")), "rhythmic": ("rhythmic", t("rhythmic"))}
    for key, (shape, word) in shown.items():
        if state[key] == "ON":
            doubt = f" {t('unsure')}" if state["certainty"] == "unconfirmed" else ""
            return Light(shape, word, f"{state['reason'] or ''}{doubt}")
    return None


def _worst(state: Message) -> str:
    conditions = sorted(state["conditions"], key=lambda c: _PRIORITIES.index(c["priority"]))
    return str(conditions[0]["text"]) if conditions else ""


def _age(t: Texts, good_age_ms: int | None) -> str:
    if good_age_ms is None:
        return t("no_good_sample")
    return t("old_sample", length=length(good_age_ms / MS_PER_S))


def facts(t: Texts, state: Message | None, *, is_watched: bool = True) -> dict[str, str]:
    """Return what stands under the light, in words; of what changes by the second nothing while nobody watches."""
    if state is None:
        return dict.fromkeys(("tonight", "monitored", "contact", "battery", "site"), t("nothing"))
    battery = t("not_measured") if state["battery"] is None else f"{state['battery']:.0f} %"
    return {
        "tonight": t.counted(state["cramps_tonight"], "cramp"),
        "monitored": t("monitored_of", seen=length(state["usable_s"]), whole=length(state["monitored_s"])),
        "contact": t(f"contact_is.{state['contact'] if is_watched else 'unknown'}"),
        "battery": battery,
        "site": ", ".join(state["sites"]).replace("-", " "),
    }


def watch(state: Message | None) -> Row | None:
    """Return whether the night is watched and for whom, and what may be asked for; None while nothing is known."""
    if state is None:
        return None
    until, is_armed = state["standby_until"], state["system"] == "armed"
    return {
        "system": state["system"],
        "mode": state["mode"],
        "until": None if until is None else datetime.fromisoformat(until).timestamp(),
        "proven": bool(state["proven"]),
        "may": ["standby"] if is_armed else ["arm"],
        "tested": [{key: part[key] for key in ("name", "passed", "text")} for part in state["self_test"]],
        "observing": state["observing"],
    }


def lane(alert: str, kind: str) -> str:
    """Return the lane that an event of a verdict and a kind is drawn in."""
    if alert in RHYTHMIC or kind == "clonic":
        return "rhythmic"
    if alert == "cramp":
        return "cramp"
    return {"leg_movement": "leg_movement", "artefact": "signal"}.get(kind, "tight")


def event_row(t: Texts, message: Message) -> Row:
    """Return an event as a live page shows it, placed by the wall clock: seconds since 1970."""
    return _row(t, message, datetime.fromisoformat(message["onset_at"]).timestamp())


def night_row(t: Texts, message: Message, recording_start: float, growing_to: float | None = None) -> Row:
    """Return an event as a night shows it, placed by its samples: it stands over the signal that it is in.

    Args:
        t: The texts.
        message: The event.
        recording_start: When its recording begins, in seconds since 1970.
        growing_to: How far that has come while it is being written; None when it is done.
    """
    row = _row(t, message, recording_start + message["onset_index"] / message["emg_rate_hz"])
    if message["phase"] != "ended" and growing_to is not None:
        row["end"] = max(row["end"], growing_to)
        row["length"] = t("going_on", length=length(row["end"] - row["start"]))
    return row


def _row(t: Texts, message: Message, start: float) -> Row:
    return {
        **{key: message[key] for key in _ROW_KEYS},
        "lane": lane(message["alert"], message["kind"]),
        "start": start,
        "end": start + message["duration_s"],
        "length": length(message["duration_s"]),
        "what": t.group("verdict").get(message["alert"]) or t(f"kind.{message['kind']}"),
        "doubt": t(f"certainty_is.{message['quality']}"),
    }


def headline(t: Texts, rows: Iterable[Row], *, night_s: float, seen_s: float) -> str:
    """Return the sentence that a night begins with.

    Args:
        t: The texts.
        rows: Events of the night.
        night_s: How long it was, from the first sample to the last.
        seen_s: How much of that had a usable signal.
    """
    listed = list(rows)
    cramps_s = [row["end"] - row["start"] for row in listed if row["alert"] == "cramp"]
    rhythmic = [row for row in listed if row["alert"] in RHYTHMIC]
    total = t("in_all", length=length(sum(cramps_s))) if cramps_s else ""
    also = t("also", what=t.counted(len(rhythmic), "rhythmic_run")) if rhythmic else ""
    found = f"{t.counted(len(cramps_s), 'cramp')}{total}{also}"
    return t("headline", found=found, seen=length(seen_s), whole=length(night_s))


def unusable_s(rows: Sequence[Row]) -> float:
    """Return how long the signal was there but of no use; overlapping stretches count once."""
    return total_s(Span(row["start"], row["end"]) for row in rows if row["lane"] == "signal")
