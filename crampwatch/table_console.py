"""Where tables are printed: as wide as a terminal is; in a pipe, where nobody folds lines, as wide as any needs."""

import sys
from typing import TextIO

from rich.console import Console

PIPE_COLUMNS = 160


def table_console(out: TextIO | None = None) -> Console:
    """Return what prints tables to ``out``; standard output, if none is given."""
    out = out or sys.stdout
    return Console(file=out) if out.isatty() else Console(file=out, width=PIPE_COLUMNS)
