"""Subcommands for recordings: what a researcher types."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from crampwatch.options import (
    Acc,
    AccUnit,
    AsJson,
    Emg,
    EmgUnit,
    Folder,
    Force,
    Montage,
    RateHz,
    Seed,
    SettingsFile,
)

# The names of `models.synthesis.SCENES`, which would bring heavy libraries.
Kind = Literal["ordinary", "adversarial", "enriched", "still", "demo"]


def _checked_speed(speed: str | None) -> str | None:
    from crampwatch.replay.request import ReplayError, pace_of

    try:
        if speed is not None:
            pace_of(speed)
    except ReplayError as error:
        raise typer.BadParameter(str(error).removeprefix("--speed: ")) from error
    return speed


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(help="Recordings, folders of them, or patterns such as 'nights/**/*.edf'."),
    ],
    events_dir: Annotated[
        Path | None,
        typer.Option(
            "--events-dir",
            help="Write STEM_events.tsv and .json here; a second run replays only what is not finished.",
        ),
    ] = None,
    speed: Annotated[
        str | None,
        typer.Option(
            "--speed",
            metavar="max|1|N",
            help="As fast as it goes, as it was, or N times that (default: max; with --mqtt 1).",
            callback=_checked_speed,
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start",
            metavar="TIME",
            help="Begin here: seconds, h:mm:ss, or date and time. The detector starts afresh: no resting level yet.",
        ),
    ] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="TIME", help="Stop before this.")] = None,
    duration: Annotated[
        str | None, typer.Option("--duration", metavar="LENGTH", help="Stop after so much instead of --end.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Recordings at once on this computer.")] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="Replay on this Dask cluster."),
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option("--parquet", help="Write all events of all recordings to this file.")
    ] = None,
    mqtt: Annotated[
        bool, typer.Option("--mqtt", help="Push each through the broker in its own time, as live.")
    ] = False,
    settings: SettingsFile = None,
    folder: Folder = None,
    via: Annotated[
        Literal["file", "pty"],
        typer.Option("--via", help="`pty` plays each file as a board on a real pseudo-terminal."),
    ] = "file",
    emg: Emg = None,
    acc: Acc = None,
    emg_unit: EmgUnit = None,
    acc_unit: AccUnit = None,
    rate: RateHz = None,
    montage: Montage = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List leg movements and artefacts, too, instead of counting them.")
    ] = False,
    force: Force = False,
    json: AsJson = False,
) -> None:
    """Run the detector over recordings: the same code as live, the same answer to the last bit."""
    from crampwatch.channel_flags import ChannelFlags
    from crampwatch.replay.files import replay_files
    from crampwatch.replay.request import Broker, ReplayRequest
    from crampwatch.replay.span import Span

    request = ReplayRequest(
        tuple(files),
        events_dir,
        speed,
        via,
        ChannelFlags.from_flags(emg, acc, emg_unit, acc_unit, rate, montage),
        force,
        json,
        everything,
        span=Span.parse(start, end, duration),
        jobs=jobs,
        scheduler=scheduler,
        parquet=parquet,
        mqtt=Broker(settings, folder) if mqtt else None,
    )
    raise typer.Exit(replay_files(request))


def leg_movements(
    files: Annotated[
        list[Path],
        typer.Argument(help="Recordings: EDF, BDF, CSV, Parquet, WFDB, XDF, HDF5 …", show_default=False),
    ],
    rules: Annotated[Literal["wasm", "aasm"], typer.Option("--rules", help="The standard.")] = "wasm",
    emg: Emg = None,
    emg_unit: EmgUnit = None,
    rate: RateHz = None,
    montage: Montage = None,
    json: AsJson = False,
) -> None:
    """Score periodic leg movements by WASM 2016 or AASM: movements, candidates, series and index."""
    from crampwatch.channel_flags import ChannelFlags
    from crampwatch.leg_movements import LegMovementsRequest
    from crampwatch.leg_movements import leg_movements as score_legs

    channels = ChannelFlags.from_flags(emg, None, emg_unit, None, rate, montage)
    raise typer.Exit(score_legs(LegMovementsRequest(tuple(files), rules, channels, json)))


def simulate(
    out: Annotated[Path, typer.Option("--out", help="EDF+ file to write; STEM_truth.tsv goes beside it.")],
    hours: Annotated[float, typer.Option("--hours", min=0.001, max=24, help="Length of the night.")] = 8.0,
    seed: Seed = 1,
    kind: Annotated[Kind, typer.Option("--kind", help="What happens in it.")] = "ordinary",
    force: Force = False,
) -> None:
    """Write a synthetic night and the truth about it; agreement with it is no evidence about people."""
    from crampwatch.simulate import write_synthetic_night

    write_synthetic_night(out, hours=hours, seed=seed, kind=kind, force=force)


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
