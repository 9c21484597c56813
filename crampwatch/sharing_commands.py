"""Subcommands that put recordings and events into forms that other programs open."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crampwatch.options import Acc, AccUnit, Emg, EmgUnit, Force, Montage, RateHz

bids = typer.Typer(help="Nights as a BIDS dataset (EMG, BIDS 1.11.1).", no_args_is_help=True)


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


@bids.callback()
def _of_datasets() -> None:
    """Nights as a BIDS dataset (EMG, BIDS 1.11.1)."""


@bids.command("write")
def bids_write(
    nights: Annotated[
        list[Path],
        typer.Argument(metavar="NIGHT...", help="Recordings, or folders of them.", show_default=False),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the dataset; one that is there is added to.")],
    subject: Annotated[
        str,
        typer.Option("--subject", help="Label of the person; other people's nights are added one by one."),
    ] = "01",
    name: Annotated[str, typer.Option("--name", help="Title of a new dataset.")] = "Nights of a calf",
    emg: Emg = None,
    acc: Acc = None,
    emg_unit: EmgUnit = None,
    acc_unit: AccUnit = None,
    rate: RateHz = None,
    montage: Montage = None,
) -> None:
    """Write recordings, and the events found in them, as a BIDS dataset for other programs.

    Header, names and dates stay as they are: this is for your own work. `crampwatch export --share` takes them out.
    """
    from crampwatch.bids import Dataset
    from crampwatch.bids_writing import write_nights
    from crampwatch.channel_flags import ChannelFlags

    channels = ChannelFlags.from_flags(emg, acc, emg_unit, acc_unit, rate, montage)
    raise typer.Exit(write_nights(nights, out, Dataset(name), subject, channels))
