"""What to tell a person about a device that talks, but not as a crampwatch sensor."""

import re
from collections.abc import Sequence

# How much of what was seen is shown.
_SHOWN_BYTES = 24
# Share of printable characters from which bytes are text.
_TEXT_SHARE = 0.9
_PRINTABLE = re.compile(rb"[\t\r\n\x20-\x7e]")
# First bytes of a packet of the Chords firmware.
_CHORDS_SYNC = b"\xc7\x7c"


def describe(seen: bytes, reasons: Sequence[str], address: str) -> str:
    """Return one sentence on who seems to be talking, and what to do.

    Args:
        seen: The first bytes that came.
        reasons: Why they are no frames, as the decoder said.
        address: Where they came from.
    """
    versions = [reason for reason in reasons if reason.startswith("HELLO")]
    if versions:
        return f"{address}: a crampwatch sensor answers, but {versions[-1]}"
    if not seen:
        return (
            f"{address}: it opens, but nothing comes from it and it does not answer: is the sensor switched "
            "on, and does it run crampwatch's firmware?"
        )
    shown = seen[:_SHOWN_BYTES]
    got = f"{len(seen)} bytes like {shown!r}"
    return f"{address}: expected a crampwatch sensor, got {got}: {_guess(seen, address)}"


def _guess(seen: bytes, address: str) -> str:
    if _CHORDS_SYNC in seen:
        return f"Chords packets, so another firmware runs on this board: {_advice(address, 'chords')}"
    if len(_PRINTABLE.findall(seen)) >= _TEXT_SHARE * len(seen):
        return f"lines of text, so another sketch runs on this board: {_advice(address, 'text')}"
    if not address.startswith("serial:"):
        return "neither frames nor text; is this the sensor's address and port?"
    return "neither frames nor text, which is usually a wrong speed: try another, such as ?baud=230400"


def _advice(address: str, dialect: str) -> str:
    """Return what to do about a board that speaks a dialect we could read."""
    if "dialect=" in address:
        return "but no rows of samples among them; is this the sensor?"
    mark = "&" if "?" in address else "?"
    return f"read it as it is with {address}{mark}dialect={dialect}, or put crampwatch's firmware on it"
