"""Options that several subcommands take."""

from pathlib import Path
from typing import Annotated

import typer

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="Settings file (default: the one `crampwatch settings` names)."),
]
Folder = Annotated[Path | None, typer.Option("--folder", help="Folder for recordings, night log and logins.")]
Port = Annotated[
    int | None, typer.Option("--port", min=1024, max=65535, help="Port of the pages, on this machine only.")
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open the page in a browser.")]
Minutes = Annotated[
    float | None, typer.Option("--minutes", min=0.01, help="Stop by itself after so many minutes.")
]
Emg = Annotated[
    list[str] | None,
    typer.Option(
        "--emg",
        metavar="LABEL",
        help="EMG channel by label or number (1 is the first), or `A - B`; repeat for several.",
    ),
]
Acc = Annotated[
    str | None,
    typer.Option(
        "--acc", metavar="X,Y,Z", help="The three acceleration channels by label or number; `none` for none."
    ),
]
EmgUnit = Annotated[
    str | None,
    typer.Option("--emg-unit", metavar="V|mV|uV|count", help="Unit of the EMG where the file does not say."),
]
AccUnit = Annotated[
    str | None,
    typer.Option(
        "--acc-unit", metavar="g|mg|m/s2", help="Unit of the acceleration where the file does not say."
    ),
]
RateHz = Annotated[
    float | None,
    typer.Option("--rate", metavar="HZ", min=1, help="Sampling rate, where the file does not say it."),
]
Montage = Annotated[
    Path | None,
    typer.Option("--montage", metavar="FILE.toml", help="Which channels are what; see docs/formats.md."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same night.")]
Sensors = Annotated[
    list[str] | None,
    typer.Option(
        "--sensor",
        metavar="ID",
        help="Only this one of the settings, or the one expected at the --source; repeat for several.",
    ),
]
