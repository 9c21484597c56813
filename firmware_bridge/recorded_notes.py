"""How what is not a sample (gaps, marks, board status, who recorded) is spelled in a recording's annotations.

A note is ``kind: text``, or the kind alone. It reads back as the value it was: control characters and
backslashes are escaped as in a Python string, and a text that is too long for one annotation goes on in the
next, ``more: …``, after a closing backslash. A notice that came live before or after its own sample is
followed by ``heard: index``, the sample that was next then, so that replay gives it at the same place.
Annotations in files that others wrote are notes, whatever they say.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from firmware_bridge.edf_annotations import Annotation
from firmware_bridge.samples import Gap, LinkState, Mark, SensorInfo, SensorStatus

# Kinds that only the recorder itself writes.
IDENTITY, GAP, STATUS, LINK, SENSOR, END, MORE, HEARD = (
    "crampwatch",
    "gap",
    "status",
    "link",
    "sensor",
    "end",
    "more",
    "heard",
)
OWN_KINDS = frozenset({IDENTITY, GAP, STATUS, LINK, SENSOR, END, MORE, HEARD})
# Kinds that may stand without a text.
_BARE_KINDS = frozenset({"button short", "button long", "cue", "setting", "clock", "event", "note", END})
# Kinds that tell about the recording and were never part of the stream; replaying them would record them
# twice.
ABOUT_KINDS = frozenset({"event", "clock", "limits", LINK, SENSOR})

_KIND = re.compile(r"[a-z][a-z -]{0,23}", re.ASCII)
_NOTE = re.compile(rf"({_KIND.pattern}): ?(.*)", re.ASCII | re.DOTALL)
# C0 controls and DEL (EDF+ forbids them or gives them a meaning), the escape itself, and what UTF-8 cannot
# hold.
_ESCAPE_THESE = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2}|u[0-9a-f]{4})", re.ASCII)
_TO_BE_CONTINUED = "\\"
_MORE = f"{MORE}: "
# So many added annotations between the two parts of a text are looked past.
_LOOKED_BACK = 100
_STATUS = re.compile(r"battery_mv=(\d+|none) lead_off=([01]*) clipped=(\d+) lost=(\d+)", re.ASCII)
# A SensorInfo field to the word for it in the identity note.
_IDENTITY_FIELDS = {
    "sensor": "sensor_id",
    "firmware": "firmware",
    "hardware": "hardware_id",
    "boot": "boot_id",
}


class Note(NamedTuple):
    """A note's kind and its text, unescaped and whole."""

    kind: str
    text: str


def is_kind(kind: str) -> bool:
    """Tell whether a note can be of this kind: lower-case ASCII words, 24 characters at most."""
    return _KIND.fullmatch(kind) is not None


def spelled(kind: str, text: str, limit: int) -> list[str]:
    """Return the annotation texts that a note is written as, each of at most ``limit`` UTF-8 bytes."""
    whole = kind if kind in _BARE_KINDS and not text else f"{kind}: {_ESCAPE_THESE.sub(_escape, text)}"
    return list(_split(whole, limit))


def joined(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Return the annotations of one of our files, those that went on in the next made whole."""
    whole: list[Annotation] = []
    for annotation in annotations:
        if whole and annotation.text.startswith(_MORE):
            place = _continued(whole)
            before = whole[place]
            text = before.text.removesuffix(_TO_BE_CONTINUED) + annotation.text.removeprefix(_MORE)
            whole[place] = before._replace(text=text)
        else:
            whole.append(annotation)
    return whole


def _continued(whole: list[Annotation]) -> int:
    """Return which text goes on: the last one; or, where another program has put its own between, the one before."""
    places = range(len(whole) - 1, max(-1, len(whole) - 1 - _LOOKED_BACK), -1)
    return next((place for place in places if whole[place].text.endswith(_TO_BE_CONTINUED)), len(whole) - 1)


def read_note(text: str) -> Note:
    """Return the note that an annotation of one of our files holds."""
    if text in _BARE_KINDS:
        return Note(text, "")
    found = _NOTE.fullmatch(text)
    # Somebody's own remark, added with another program.
    if found is None:
        return Note("note", text)
    return Note(found[1], _ESCAPED.sub(_unescape, found[2]))


def identity_text(info: SensorInfo, start: datetime | None = None) -> str:
    """Return the text that says who sent, and in the first note of a file, when index 0 was."""
    words = [f"{word}={getattr(info, field)}" for word, field in _IDENTITY_FIELDS.items()]
    return shlex.join([*words, f"start={start.isoformat()}"] if start else words)


def read_identity(text: str) -> Mapping[str, str]:
    """Return the words of an identity note; those that are missing or damaged are left out."""
    try:
        words = shlex.split(text)
    except ValueError:
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def status_text(status: SensorStatus) -> str:
    """Return a board status as a note's text."""
    battery = "none" if status.battery_mv is None else status.battery_mv
    lead_off = "".join("01"[off] for off in status.lead_off)
    return f"battery_mv={battery} lead_off={lead_off} clipped={status.clipped} lost={status.lost}"


def link_text(link: LinkState) -> str:
    """Return a change of the link as a note's text."""
    return f"{'up' if link.up else 'down'}: {link.reason}"


def value_of(note: Note, index: int, duration_s: float, missing: int) -> Mark | Gap | SensorStatus:
    """Return the value that a note at a sample index stands for; ``missing`` is its duration in samples."""
    if note.kind == GAP:
        return Gap(index, missing, note.text)
    found = _STATUS.fullmatch(note.text) if note.kind == STATUS else None
    if found is None:
        return Mark(index, note.kind, note.text, duration_s)
    battery = None if found[1] == "none" else int(found[1])
    return SensorStatus(index, battery, tuple(c == "1" for c in found[2]), int(found[3]), int(found[4]))


def _split(whole: str, limit: int) -> Iterator[str]:
    """Cut at characters, never inside one; every piece but the last ends in a backslash."""
    room = limit - len(_TO_BE_CONTINUED)
    lead = ""
    while len((lead + whole).encode()) > limit:
        head = (lead + whole).encode()[:room].decode(errors="ignore")
        yield head + _TO_BE_CONTINUED
        whole = whole[len(head) - len(lead) :]
        lead = _MORE
    yield lead + whole


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] == "\\":
        return "\\\\"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - where \x ends


def _unescape(found: re.Match[str]) -> str:
    return "\\" if found[1] == "\\" else chr(int(found[1][1:], 16))
