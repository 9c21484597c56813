"""The ``crampwatch`` command. Exit codes: 0 done, 1 the input is bad (and what to do), 2 usage.

Only what ``--help`` needs is imported here; a subcommand brings its own.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crampwatch.errors import told

app = typer.Typer(
    help="Watches a calf sensor for muscle cramps. A comfort aid, not a medical device.\n\n"
    "Start with `crampwatch demo`: a simulated sensor, a cramp within a minute, no hardware.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

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
        "--emg", metavar="LABEL", help="EMG channel by label or number (1 is the first); repeat for several."
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
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same night.")]


@app.command()
def demo(
    recording: Annotated[
        Path | None,
        typer.Option("--recording", help="Play your own EDF or BDF instead of the synthetic night."),
    ] = None,
    emg: Emg = None,
    acc: Acc = None,
    emg_unit: EmgUnit = None,
    acc_unit: AccUnit = None,
    seed: Seed = 1,
    settings: SettingsFile = None,
    folder: Folder = None,
    port: Port = None,
    no_browser: NoBrowser = False,
    minutes: Minutes = None,
) -> None:
    """Show the whole street on a simulated sensor: no hardware, a cramp within the first minute."""
    from crampwatch.plan import ChannelFlags
    from crampwatch.session import Wishes, run_demo
    from crampwatch.settings import load_settings

    channels = ChannelFlags.from_flags(emg, acc, emg_unit, acc_unit)
    run_demo(
        recording,
        channels,
        seed=seed,
        settings=load_settings(settings),
        wishes=Wishes(folder, port, not no_browser, minutes),
    )


@app.command()
def run(
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="URL",
            help="`serial:/dev/ttyUSB0?baud=115200`, `socket://HOST:PORT`, `replay:FILE?speed=1` or"
            " `simulate:?seed=1`.",
        ),
    ] = None,
    settings: SettingsFile = None,
    folder: Folder = None,
    port: Port = None,
    no_browser: NoBrowser = False,
    minutes: Minutes = None,
) -> None:
    """Watch a sensor through the night: record, detect, publish, and show the pages."""
    from crampwatch.session import Wishes, run_night
    from crampwatch.settings import load_settings

    run_night(load_settings(settings), source, Wishes(folder, port, not no_browser, minutes))


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(help="Recordings: EDF, EDF+C/D or BDF.", show_default=False)],
    events_dir: Annotated[
        Path | None, typer.Option("--events-dir", help="Write STEM_events.tsv and .json here.")
    ] = None,
    speed: Annotated[
        str,
        typer.Option("--speed", metavar="max|1|N", help="As fast as it goes, as it was, or N times that."),
    ] = "max",
    via: Annotated[
        str,
        typer.Option(
            "--via", metavar="file|pty", help="`pty` plays each file as a board on a real pseudo-terminal."
        ),
    ] = "file",
    emg: Emg = None,
    acc: Acc = None,
    emg_unit: EmgUnit = None,
    acc_unit: AccUnit = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List leg movements and artefacts, too, instead of counting them.")
    ] = False,
    force: Force = False,
    json: AsJson = False,
) -> None:
    """Run the detector over recordings: the same code as live, the same answer to the last bit."""
    from crampwatch.plan import ChannelFlags
    from crampwatch.replay import ReplayRequest, replay_files

    choice = ChannelFlags.from_flags(emg, acc, emg_unit, acc_unit)
    request = ReplayRequest(tuple(files), events_dir, speed, via, choice, force, json, everything)
    raise typer.Exit(replay_files(request))


@app.command()
def simulate(
    out: Annotated[Path, typer.Option("--out", help="EDF+ file to write; STEM_truth.tsv goes beside it.")],
    hours: Annotated[float, typer.Option("--hours", min=0.001, max=24, help="Length of the night.")] = 8.0,
    seed: Seed = 1,
    kind: Annotated[
        str, typer.Option("--kind", metavar="ordinary|adversarial|enriched|demo", help="What happens in it.")
    ] = "ordinary",
    force: Force = False,
) -> None:
    """Write a synthetic night and the truth about it; agreement with it is no evidence about people."""
    from crampwatch.simulate import write_synthetic_night

    write_synthetic_night(out, hours=hours, seed=seed, kind=kind, force=force)


@app.command()
def score(
    truth: Annotated[
        Path,
        typer.Argument(
            help="A table of what truly happened, or a folder of *_truth.tsv.", show_default=False
        ),
    ],
    hypothesis: Annotated[
        Path,
        typer.Argument(
            help="What the detector said: a table, or a folder of *_events.tsv.", show_default=False
        ),
    ],
    hours: Annotated[
        float | None,
        typer.Option("--hours", min=0.01, help="Length of recordings that do not lie beside their tables."),
    ] = None,
    all_cramps: Annotated[
        bool,
        typer.Option(
            "--all-cramps", help="Ask for cramps, too, that stay below max(4 x rest, rest + 15 µV)."
        ),
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Draw a time line for each recording: FILE.svg or FILE.png."),
    ] = None,
    json: AsJson = False,
    force: Force = False,
) -> None:
    """Compare what the detector said with what truly happened: found, missed, false alarms, and how sure that is."""
    from crampwatch.score import ScoreRequest, score_files

    raise typer.Exit(score_files(ScoreRequest(truth, hypothesis, hours, all_cramps, picture, json, force)))


@app.command()
def ports(
    urls: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[URL]...",
            help="More places to listen at: `serial:DEVICE?baud=230400`, `socket://HOST:PORT`.",
            show_default=False,
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """List the serial ports and say who speaks on each: a crampwatch sensor, another board, nobody."""
    from crampwatch.ports import report_ports

    raise typer.Exit(report_ports(tuple(urls or ()), as_json=json))


@app.command()
def check(
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="URL", help="The sensor (default: the one in the settings)."),
    ] = None,
    settings: SettingsFile = None,
    folder: Folder = None,
    no_squeeze: Annotated[
        bool, typer.Option("--no-squeeze", help="Do not ask the wearer to tense the calf.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Check everything before going to bed: sensor, signal, electrodes, broker, disk, clock, battery."""
    from crampwatch.check import CheckRequest, check_all
    from crampwatch.settings import load_settings

    request = CheckRequest(source, folder, squeeze=not no_squeeze, json=json)
    raise typer.Exit(check_all(load_settings(settings), request))


@app.command("settings")
def show_settings(
    file: SettingsFile = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write them to the default place, unless a file is there.")
    ] = False,
) -> None:
    """Print every setting with its reason and the value in force."""
    from crampwatch.settings import default_settings_file, load_settings, settings_text, write_settings

    text = settings_text(load_settings(file))
    if write:
        typer.echo(f"written to {write_settings(text, default_settings_file())}")
    else:
        typer.echo(f"# The default place of this file: {default_settings_file()}\n{text}", nl=False)


def main() -> None:
    """Run the command; a user's mistake ends in one line on standard error, never in a traceback."""
    sys.exit(told(app))


if __name__ == "__main__":
    main()
