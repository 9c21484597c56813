"""What people at the bed perceive, as a function of what stands and of nothing else (I10).

Pushes to people elsewhere are the ladder's (`detector.alarms.ladder`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import (
    RAISED,
    RANK,
    AlarmChange,
    AlarmCode,
    Change,
    Mode,
    Moment,
    Occurrence,
    Priority,
)

Sound = Literal["off", "soft", "louder", "loud", "full"]
Light = Literal["off", "dim", "full"]
Cue = Literal["none", "hint", "gentle", "alarm"]

# Signals of one call end after this, and the alarm stays for the morning (ALARMS section 3); not those that say that
# nobody watches, nor a call for help.
CALL_LASTS_S = 1800.0


class Tone(NamedTuple):
    """From when on, in seconds of the call, which sound."""

    after_s: float
    sound: Sound


class Local(NamedTuple):
    """What an alarm does at the bed.

    Attributes:
        tones: Rising; empty: no sound.
        cue: What the sensor on the leg does.
        light: At the bed.
        pips_after_s: When short pips begin, in seconds since the condition began; None: no pips.
        pip_every_s: How often they come.
    """

    tones: tuple[Tone, ...] = ()
    cue: Cue = "none"
    light: Light = "off"
    pips_after_s: float | None = None
    pip_every_s: float = 60.0


# Soft first; from 20 s on louder, in three steps, full at 60 s.
RISING = (Tone(0.0, "soft"), Tone(20.0, "louder"), Tone(40.0, "loud"), Tone(60.0, "full"))
# Harm in seconds to minutes: no soft beginning.
URGENT = (Tone(0.0, "louder"), Tone(10.0, "loud"), Tone(20.0, "full"))
SOFT = (Tone(0.0, "soft"),)

_HELP = Local(URGENT, "alarm", "full")
_NOTHING = Local()

# (mode, code) → what it does there from MEDIUM on; what is in no row does nothing at the bed.
LOCAL: Mapping[tuple[Mode, AlarmCode], Local] = MappingProxyType(
    {
        ("observe", "HELP"): _HELP,
        ("awake", "HELP"): _HELP,
        ("awake", "CRAMP"): Local(cue="alarm"),
        ("awake", "RHYTHMIC"): Local(cue="alarm"),
        ("awake", "NO_DATA"): Local(cue="gentle"),
        ("awake", "BAD_SIGNAL"): Local(cue="gentle"),
        ("self-managed", "HELP"): _HELP,
        ("self-managed", "CRAMP"): Local(SOFT, "alarm", "dim"),
        ("self-managed", "RHYTHMIC"): Local(RISING, "alarm", "dim"),
        # A sleeper alone is not kept awake by an electrode: one gentle cue, then the morning report.
        ("self-managed", "BAD_SIGNAL"): Local(cue="gentle"),
        ("self-managed", "NO_DATA"): Local(cue="gentle", pips_after_s=30.0, pip_every_s=600.0),
        ("self-managed", "DETECTOR_DOWN"): Local(cue="gentle", pips_after_s=10.0, pip_every_s=600.0),
        ("guarded", "HELP"): _HELP,
        ("guarded", "CRAMP"): Local(RISING, "alarm", "full"),
        ("guarded", "RHYTHMIC"): Local(RISING, "alarm", "full"),
        ("guarded", "NO_DATA"): Local(cue="gentle", light="dim", pips_after_s=30.0),
        ("guarded", "BAD_SIGNAL"): Local(cue="gentle", light="dim", pips_after_s=60.0),
        ("guarded", "DETECTOR_DOWN"): Local(cue="gentle", light="dim", pips_after_s=10.0),
        ("guarded", "LINK_DOWN"): Local(light="dim", pips_after_s=15.0),
        ("guarded", "BATTERY"): Local(light="dim"),
    }
)
_HIGH_RHYTHM: Mapping[Mode, Local] = MappingProxyType(
    {"self-managed": Local(URGENT, "alarm", "full"), "guarded": Local(URGENT, "alarm", "full")}
)


@dataclass(frozen=True, slots=True)
class Signals:
    """What is perceived at one moment.

    Attributes:
        priority: Of what is shown; None where nothing stands.
        occurrence_id: What is shown: the highest priority, among equals what nobody has answered, the body before a
            fault, the oldest.
        text: What a page says of it.
        sounding_id: What is heard or felt, chosen in the same way among what is not silenced; None in silence.
        cue: What the sensor on the leg does: nothing, a hint that nobody else notices, one gentle buzz, the alarm.
        light: At the bed.
        sound: How loud.
        pip_every_s: Short pips instead of a sound, this often; None: none.
    """

    priority: Priority | None = None
    occurrence_id: str | None = None
    text: str = ""
    sounding_id: str | None = None
    cue: Cue = "none"
    light: Light = "off"
    sound: Sound = "off"
    pip_every_s: float | None = None


def signals(
    occurrences: Iterable[Occurrence], mode: Mode, at: Moment, *, tension_cue: bool = False
) -> Signals:
    """Return what people at the bed perceive at ``at``.

    Args:
        occurrences: What stands; those of several sensors may be given together.
        mode: Who is woken.
        at: Now.
        tension_cue: Whether a rise of tension gives the wearer a silent hint.
    """
    raised = sorted((item for item in occurrences if item.stage in RAISED), key=_order)
    if not raised:
        return Signals()
    shown = raised[0]
    heard = next((item for item in raised if _is_heard(item, mode, at)), None)
    if heard is None:
        hinting = tension_cue and any(
            item.code == "TENSION_RISE" and item.stage == "active" for item in raised
        )
        visible = _lit(raised, mode)
        return Signals(shown.priority, shown.id, shown.text, cue="hint" if hinting else "none", light=visible)
    local = local_of(heard, mode)
    pips = local.pips_after_s is not None and _age_s(heard, at) >= local.pips_after_s
    return Signals(
        shown.priority,
        shown.id,
        shown.text,
        sounding_id=heard.id,
        cue=local.cue,
        light=_lit(raised, mode),
        sound=_sound(heard, local, at),
        pip_every_s=local.pip_every_s if pips else None,
    )


def would_have_alarmed(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the code of every alarm of the body among the changes that would have woken somebody in guarded mode."""
    for change in changes:
        if isinstance(change, AlarmChange) and (change.was, change.now) == ("pending", "active"):
            alarm = change.occurrence
            if CONDITIONS[alarm.code].region == "physio" and local_of(alarm, "guarded").tones:
                yield alarm.code


def local_of(occurrence: Occurrence, mode: Mode) -> Local:
    """Return what an occurrence does at the bed while it is active."""
    if RANK[occurrence.priority] < RANK["medium"]:
        return _NOTHING
    if occurrence.code == "RHYTHMIC" and occurrence.priority == "high" and mode in _HIGH_RHYTHM:
        return _HIGH_RHYTHM[mode]
    return LOCAL.get((mode, occurrence.code), _NOTHING)


def _is_heard(occurrence: Occurrence, mode: Mode, at: Moment) -> bool:
    """Tell whether it is heard or felt now: active, not silenced, and its call not over."""
    if occurrence.stage != "active" or local_of(occurrence, mode) == _NOTHING:
        return False
    return not CONDITIONS[occurrence.code].expires or _call_age_s(occurrence, at) < CALL_LASTS_S


def _sound(occurrence: Occurrence, local: Local, at: Moment) -> Sound:
    # Stale data makes nothing louder (I3): the sound stays as it was when the signal was lost.
    heard_s = _call_age_s(occurrence, occurrence.lost or at)
    reached = [tone.sound for tone in local.tones if heard_s >= tone.after_s]
    return reached[-1] if reached else "off"


def _lit(raised: Iterable[Occurrence], mode: Mode) -> Light:
    """Return the brightest light that anything standing asks for; answered, it stays, dim."""
    asked: set[Light] = set()
    for item in raised:
        light = local_of(item, mode).light
        asked.add(light if item.stage in {"active", "paused"} or light == "off" else "dim")
    return next((light for light in _BRIGHTEST_FIRST if light in asked), "off")


_BRIGHTEST_FIRST: tuple[Light, ...] = ("full", "dim")


def _order(item: Occurrence) -> tuple[int, bool, bool, float, str]:
    """Sort by priority, then what nobody has answered, then the body before a fault, then the oldest.

    The third is ours: an old fault's pips must not stand in for a new cramp's sound (I2).
    """
    answered, fault = item.acked_by is not None, CONDITIONS[item.code].region == "tech"
    return -RANK[item.priority], answered, fault, (item.raised or item.began).mono_s, item.id


def _call_age_s(occurrence: Occurrence, at: Moment) -> float:
    return at.mono_s - (occurrence.called or occurrence.began).mono_s


def _age_s(occurrence: Occurrence, at: Moment) -> float:
    return at.mono_s - occurrence.began.mono_s
