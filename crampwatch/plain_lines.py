"""Lines for a terminal or a log in which nobody else can write: what a device or a stranger sent is shown escaped.

A newline would forge a line of its own, and an escape sequence could repaint a terminal (RELIABILITY S25).
"""

import logging
import sys
from typing import TextIO

# What text is made of; a tab is harmless.
_HARMLESS = "\t"
# One line; what is longer is no word for a person, characters.
LONGEST = 4000


def plain(line: str) -> str:
    """Return a line with control, direction and line-breaking characters escaped, cut where it is endless."""
    shown = "".join(one if one.isprintable() or one in _HARMLESS else _escaped(one) for one in line[:LONGEST])
    return f"{shown} …" if len(line) > LONGEST else shown


def log_plainly(stream: TextIO | None = None) -> None:
    """Let whatever is logged come out as plain lines, a traceback's lines each on its own."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_PlainFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class _PlainFormatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return plain(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        return "\n".join(plain(line) for line in lines)
