"""Subcommands that put recordings and events into forms that other programs open."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crampwatch.options import Force


def annotate(
    recording: Annotated[
        Path, typer.Argument(help="An EDF or BDF file; it is only read.", show_default=False)
    ],
    events: Annotated[
        Path, typer.Argument(metavar="EVENTS.tsv", help="A table of events or labels.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="The copy to write.")],
    force: Force = False,
) -> None:
    """Copy a recording with events as EDF+ annotations, for EDFbrowser, MNE and others; samples stay as they are."""
    from detector.annotated_events import annotations_of
    from detector.event_files import read_events
    from firmware_bridge.edf_annotating import write_annotated

    rows = read_events(events)
    write_annotated(recording, out, annotations_of(rows), force=force)
    sys.stdout.write(f"{out}: {len(rows)} annotations added\n")
