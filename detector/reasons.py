"""Why the detector says what it says, in one plain sentence. No advice: that is `guidance`'s alone."""

from detector.activity import Activity
from detector.bursts import Rhythm
from detector.tally import Tally

MINUTE_S = 60.0
# Below this, tenths of a second matter to a reader.
SHORT_S = 10.0
# Where nobody said where the sensor sits.
SOME_MUSCLE = "muscle"


def duration_words(seconds: float) -> str:
    """Return a duration as people say it: ``12 s``, ``1 min 5 s``; under 10 s with one decimal."""
    if seconds < SHORT_S:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, round(MINUTE_S))
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def level_words(tally: Tally) -> str:
    """Return ``6 x resting level``."""
    times = tally.times_resting
    return "level unknown" if times is None else f"{times:.0f} x resting level"


def leg_words(*, has_acc: bool, moved_at_onset: bool, moved: bool) -> str:
    """Return what the leg did."""
    if not has_acc:
        return "movement unknown, no accelerometer"
    if moved_at_onset:
        return "the leg moved as it began"
    return "the leg moved later" if moved else "leg still"


def degraded_words(sentence: str, degraded: str) -> str:
    """Return the sentence, and what the sensor could not show."""
    return f"{sentence} (degraded; {degraded})" if degraded else sentence


def tonic_reason(site: str, activity: Activity, leg: str) -> str:
    """Say why a contraction is tonic, and what speaks against a cramp."""
    weak = "" if activity.was_strong else "too weak for a cramp"
    words = [
        f"{_named(site)} tight {duration_words(activity.duration_s)}",
        level_words(activity.tally),
        weak,
        leg,
    ]
    return ", ".join(word for word in words if word)


def tension_reason(site: str, duration_s: float, tally: Tally) -> str:
    """Say what a tension rise was."""
    return f"{_named(site)} tense {duration_words(duration_s)}, {level_words(tally)}, leg still; experimental, no alert"


def movement_reason(site: str, activity: Activity, leg: str) -> str:
    """Say what a leg movement was."""
    words = (
        f"{_named(site)} active {duration_words(activity.duration_s)}",
        level_words(activity.tally),
        leg,
    )
    return ", ".join(words)


def clonic_reason(site: str, rhythm: Rhythm | None, leg: str, after_tonic_s: float | None) -> str:
    """Say why a run is clonic; ``after_tonic_s`` is how long the contraction before it was tight."""
    if rhythm is None:
        return f"{_named(site)} jerks in a rhythm, {leg}"
    words = (
        f"{_named(site)} jerks {rhythm.rate_hz:.1f} times a second, "
        f"{rhythm.bursts} bursts of {rhythm.width_s:.2f} s, {leg}"
    )
    if after_tonic_s is None:
        return words
    return f"{words}, after {duration_words(after_tonic_s)} of tightness"


def artefact_reason(fault: str, duration_s: float) -> str:
    """Say what made the signal unreadable."""
    return f"{fault} for {duration_words(duration_s)}: nothing could be judged"


def _named(site: str) -> str:
    """Return a site in words: ``left calf`` for ``left-calf``."""
    return site.replace("-", " ") if site else SOME_MUSCLE
