"""Labels that people set: what their words mean here, and which of them make sense for a recording.

Words are compared without case; ``-``, ``_`` and blanks are the same. What is wrong with a label is told, and the rest
is used: a label that cannot be placed, that nobody understands, or that contradicts another.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from detector.event_files import ALERTS, EventRecord
from detector.scoring_labels import LONGEST_S, ROUNDING_S, Label, implied_alert, labels_of
from detector.spans import overlap_s
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Mark
from models.bundle_files import TrainingError

# Meanings: kind, and the verdict that a faultless detector gives; None: its length decides.
MEANINGS: Mapping[str, tuple[str, str | None]] = {
    "cramp": ("tonic", "cramp"),
    "hold": ("tonic", "none"),
    "tonic": ("tonic", None),
    "clonic": ("clonic", None),
    "leg_movement": ("leg_movement", "none"),
    "tension_rise": ("tension_rise", "none"),
    "artefact": ("artefact", "none"),
    # Somebody looked, and it was neither a held contraction nor a rhythm.
    "nothing": ("nothing", "none"),
    # Nobody knows: such moments teach nothing and ask for nothing.
    "unknown": ("unknown", "none"),
}
# No label at all.
IGNORED = "ignore"
# What people write, to a meaning; any meaning stands for itself.
WORDS: Mapping[str, str] = {
    **{name: name for name in MEANINGS},
    **dict.fromkeys(("muscle cramp", "calf cramp", "krampf", "wadenkrampf", "crampe"), "cramp"),
    **dict.fromkeys(("contraction", "mvc", "isometric", "squeeze"), "hold"),
    **dict.fromkeys(("clonus", "spasm", "jerks", "myoclonus"), "clonic"),
    **dict.fromkeys(
        ("movement", "lm", "plm", "plms", "stance", "swing", "step", "gait", "walk", "walking", "turn over"),
        "leg_movement",
    ),
    **dict.fromkeys(("artifact", "noise", "bad", "electrode off"), "artefact"),
    **dict.fromkeys(("false alarm", "none"), "nothing"),
    **dict.fromkeys(("rest", "sleep", "wake", "lights off", "lights on"), IGNORED),
}
# Of our own files' notes: only what people said. What the detector said ("event") is no truth about it.
OWN_LABEL = "label"
FOREIGN_NOTE = "note"
# Labels of these kinds exclude each other at one place.
EXCLUSIVE = frozenset({"tonic", "clonic"})


@dataclass(frozen=True, slots=True)
class SoundLabels:
    """What could be used of a recording's labels.

    Attributes:
        labels: By onset.
        problems: A sentence for each label that was left out or changed.
        given: How many there were.
    """

    labels: tuple[Label, ...]
    problems: tuple[str, ...]
    given: int


def words_of(given: Iterable[str]) -> Mapping[str, str]:
    """Return what words mean: the usual ones, and what was said beside them as ``text=meaning``.

    Raises:
        TrainingError: one is no pair, or its meaning is none of `MEANINGS` or ``ignore``.
    """
    words = {_normal(word): meaning for word, meaning in WORDS.items()}
    for pair in given:
        text, equals, meaning = pair.rpartition("=")
        if not equals or not text.strip() or meaning not in {*MEANINGS, IGNORED}:
            raise TrainingError(
                f"label map: expected TEXT=MEANING with a meaning of {', '.join((*MEANINGS, IGNORED))}, got {pair!r}"
            )
        words[_normal(text)] = meaning
    return words


def _normal(text: str) -> str:
    return " ".join(re.split(r"[\s_-]+", text.strip().casefold()))


def records_of_notes(recording: Recording) -> list[EventRecord]:
    """Return what stands in a recording's own annotations: in our files people's labels, in others' every note."""
    rate_hz = recording.info.emg_rate_hz
    return [
        _record(mark, rate_hz) for mark in recording.annotations if mark.kind in {OWN_LABEL, FOREIGN_NOTE}
    ]


def _record(mark: Mark, rate_hz: float) -> EventRecord:
    # Our own say who said it, before a colon.
    text = mark.text.partition(": ")[2] or mark.text if mark.kind == OWN_LABEL else mark.text
    return EventRecord(mark.index / rate_hz, mark.duration_s, text)


def sound_labels(
    records: Sequence[EventRecord],
    words: Mapping[str, str],
    *,
    duration_s: float,
    where: str,
    notes: bool = False,
) -> SoundLabels:
    """Return the labels of a recording that make sense, and what is wrong with the others.

    Args:
        records: As somebody wrote them.
        words: What they mean (`words_of`).
        duration_s: Length of the recording; what lies beyond it is cut, or left out.
        where: Name of the table or recording, for messages.
        notes: They are free notes: one that nobody understands may be about something else, and the first word counts.

    Raises:
        ScoringError: further columns of a row hold what is no number.
    """
    problems: list[str] = []
    placed = []
    for record in records:
        meaning, trouble = _meaning(record, words, notes=notes)
        trouble = trouble or (_misplaced(record, duration_s) if meaning != IGNORED else "")
        if trouble:
            problems.append(f"{where}: {record.trial_type!r} at {record.onset_s:g} s: {trouble}")
        if meaning != IGNORED and not (trouble and _is_lost(record, duration_s)):
            placed.append(_judged(_meant(record, meaning, duration_s)))
    kept, contradictions = _consistent(placed, where)
    return SoundLabels(labels_of(kept, where), (*problems, *contradictions), len(records))


def _meaning(record: EventRecord, words: Mapping[str, str], *, notes: bool) -> tuple[str, str]:
    """Return what a label means, and what is wrong with its words."""
    text = _normal(record.trial_type)
    meaning = words.get(text) or (words.get(text.partition(" ")[0]) if notes else None)
    if record.alert is not None and record.alert not in ALERTS:
        return "unknown", f"expected a verdict of {', '.join(ALERTS)}, got {record.alert!r}; taken as unknown"
    if meaning is not None:
        return meaning, ""
    if notes:
        return IGNORED, "no word that is known; left out (a label map can say what it means)"
    return "unknown", "no kind that is known; taken as unknown (a label map can say what it means)"


def _misplaced(record: EventRecord, duration_s: float) -> str:
    """Return what is wrong with the time of a label; empty if nothing is."""
    onset_s, length_s = record.onset_s, record.duration_s
    if not isfinite(onset_s) or not isfinite(length_s) or length_s < 0:
        return f"expected a duration of 0 s or more, got {length_s:g}; left out"
    # One so short that its end is its onset, too.
    if record.end_s <= onset_s:
        return "expected a duration, got a moment; left out"
    if onset_s < 0:
        return f"expected an onset of 0 s or later, got {onset_s:g}; left out"
    if onset_s >= duration_s:
        return f"expected an onset within the recording's {duration_s:g} s; left out"
    if record.end_s > duration_s + ROUNDING_S:
        return f"expected an end within the recording's {duration_s:g} s, got {record.end_s:g}; cut there"
    return ""


def _is_lost(record: EventRecord, duration_s: float) -> bool:
    """Tell whether nothing of a label lies in the recording."""
    trouble = _misplaced(record, duration_s)
    return bool(trouble) and not trouble.endswith("cut there")


def _meant(record: EventRecord, meaning: str, duration_s: float) -> EventRecord:
    """Return a label with its kind and verdict in the detector's words, inside the recording."""
    kind, verdict = MEANINGS[meaning]
    alert = record.alert if record.alert in ALERTS else None
    length_s = min(record.duration_s, min(duration_s, LONGEST_S) - record.onset_s)
    return replace(record, trial_type=kind, alert=alert or verdict, duration_s=length_s)


def _judged(record: EventRecord) -> EventRecord:
    """Return a label with a verdict; its kind and length give one that nobody gave."""
    return record if record.alert else replace(record, alert=implied_alert(record))


def _consistent(
    records: Iterable[EventRecord], where: str
) -> tuple[tuple[EventRecord, ...], tuple[str, ...]]:
    """Return the labels without those that overlap an earlier one of what excludes them."""
    kept: list[EventRecord] = []
    problems = []
    for record in sorted(records, key=lambda one: (one.onset_s, one.end_s, one.trial_type)):
        before = next((one for one in kept if _excludes(one, record)), None)
        if before is None:
            kept.append(record)
            continue
        problems.append(
            f"{where}: {record.trial_type} at {record.onset_s:g} s: overlaps {before.trial_type} at "
            f"{before.onset_s:g} to {before.end_s:g} s; the later one is left out"
        )
    return tuple(kept), tuple(problems)


def _excludes(one: EventRecord, other: EventRecord) -> bool:
    """Tell whether two labels cannot both be true, or are the same alarm twice."""
    are_exclusive = one.trial_type in EXCLUSIVE and other.trial_type in EXCLUSIVE
    are_same = one.trial_type == other.trial_type and one.alert == other.alert != "none"
    is_same_place = not one.site or not other.site or one.site == other.site
    return (are_exclusive or are_same) and is_same_place and overlap_s(one, other) > ROUNDING_S
