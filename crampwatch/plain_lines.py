"""Lines for a terminal or a log in which nobody else can write: what a device or a stranger sent is shown escaped.

A newline would forge a line of its own, and an escape sequence could repaint a terminal (RELIABILITY S25).
"""

import logging
import sys
import threading
from types import TracebackType
from typing import TextIO

_log = logging.getLogger(__name__)

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


def log_the_unexpected() -> None:
    """Let an error that nobody expected be logged like any other: Python itself would write its text as it is."""
    sys.excepthook = _unexpected
    threading.excepthook = _unexpected_in_a_thread


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _log.critical("unexpected", exc_info=(kind, error, trace))


def _unexpected_in_a_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is not None and not issubclass(what.exc_type, SystemExit):
        thread = what.thread.name if what.thread else "a thread"
        _log.critical(
            "unexpected, in %s", thread, exc_info=(what.exc_type, what.exc_value, what.exc_traceback)
        )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class _PlainFormatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return plain(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        # Marked: a text of several lines could otherwise look like the next thing that was logged.
        return "\n".join(f"| {plain(line)}" for line in lines)
