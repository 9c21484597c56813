"""MARK frames as marks in the stream, and back."""

import re
from collections.abc import Callable, Mapping

from firmware_bridge.frames import (
    BUTTON_LONG,
    BUTTON_SHORT,
    CUE_BEGAN,
    PATTERNS,
    SETTING_CHANGED,
    SETTINGS,
    Cue,
    MarkFrame,
)
from firmware_bridge.samples import Mark

_MS = 1000
# The light's pattern stands in the upper half of a cue's code.
_LIGHT_SHIFT, _PATTERN_MASK = 4, 0x0F

_BUTTONS: Mapping[int, str] = {BUTTON_SHORT: "button short", BUTTON_LONG: "button long"}
# Kind, code and value of a MARK frame.
Saying = tuple[int, int, int]

_CUE_TEXT = re.compile(r"vibrate (\w+), light (\w+), (\d+) ms")
_SETTING_TEXT = re.compile(r"(\w+)=(\d+)")


def cue_code(vibration: int, light: int) -> int:
    """Return the code of the MARK frame that reports a cue of these patterns."""
    return vibration & _PATTERN_MASK | (light & _PATTERN_MASK) << _LIGHT_SHIFT


def cue_mark(cue: Cue, index: int) -> Mark:
    """Return the mark that says that a board carries a cue out, from a sample on."""
    patterns = f"vibrate {_named(PATTERNS, cue.vibration)}, light {_named(PATTERNS, cue.light)}"
    return Mark(index, "cue", f"{patterns}, {cue.duration_ms} ms", cue.duration_ms / _MS)


def to_mark(frame: MarkFrame, index: int) -> Mark:
    """Return what a MARK frame means, at the sample it belongs to."""
    if frame.kind in _BUTTONS:
        return Mark(index, _BUTTONS[frame.kind])
    if frame.kind == CUE_BEGAN:
        return cue_mark(Cue(frame.code & _PATTERN_MASK, frame.code >> _LIGHT_SHIFT, frame.value), index)
    if frame.kind == SETTING_CHANGED:
        return Mark(index, "setting", f"{_named(SETTINGS, frame.code)}={frame.value}")
    return Mark(index, "note", f"mark {frame.kind}, {frame.code}, {frame.value}")


def to_frame(mark: Mark, counter: int, epoch: int) -> MarkFrame | None:
    """Return the MARK frame with which a board would say this; None for what no board says."""
    saying = _SAYINGS.get(mark.kind)
    said = saying(mark) if saying else None
    return MarkFrame(counter, epoch, *said) if said else None


def _named(names: tuple[str, ...], code: int) -> str:
    return names[code] if code < len(names) else f"number{code}"


def _code(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else int(name.removeprefix("number") or 0)


def _cue(mark: Mark) -> Saying:
    said = _CUE_TEXT.fullmatch(mark.text)
    if said is None:
        # Another program's cue: that the sensor shook, and for how long, is what matters.
        return CUE_BEGAN, PATTERNS.index("steady"), round(mark.duration_s * _MS)
    vibration, light = (_code(PATTERNS, name) for name in said.groups()[:2])
    return CUE_BEGAN, cue_code(vibration, light), int(said[3])


def _setting(mark: Mark) -> Saying | None:
    said = _SETTING_TEXT.fullmatch(mark.text)
    if said is None or said[1] not in SETTINGS:
        return None
    return SETTING_CHANGED, SETTINGS.index(said[1]), int(said[2])


_SAYINGS: Mapping[str, Callable[[Mark], Saying | None]] = {
    "button short": lambda _mark: (BUTTON_SHORT, 0, 0),
    "button long": lambda _mark: (BUTTON_LONG, 0, 0),
    "cue": _cue,
    "setting": _setting,
}
