"""Subcommands for a night: what a sleeper and whoever sets the sensor up type."""

from pathlib import Path
from typing import Annotated

import typer

from crampwatch.options import (
    Acc,
    AccUnit,
    AsJson,
    Emg,
    EmgUnit,
    Folder,
    Minutes,
    Montage,
    NoBrowser,
    Port,
    RateHz,
    Seed,
    Sensors,
    SettingsFile,
)


def demo(
    recording: Annotated[
        Path | None,
        typer.Option("--recording", help="Play your own recording instead of the synthetic night."),
    ] = None,
    emg: Emg = None,
    acc: Acc = None,
    emg_unit: EmgUnit = None,
    acc_unit: AccUnit = None,
    rate: RateHz = None,
    montage: Montage = None,
    seed: Seed = 1,
    settings: SettingsFile = None,
    folder: Folder = None,
    port: Port = None,
    no_browser: NoBrowser = False,
    minutes: Minutes = None,
) -> None:
    """Show the whole street on a simulated sensor: no hardware, a cramp within the first minute."""
    from crampwatch.channel_flags import ChannelFlags
    from crampwatch.session import Wishes, run_demo
    from crampwatch.settings import load_settings

    channels = ChannelFlags.from_flags(emg, acc, emg_unit, acc_unit, rate, montage)
    run_demo(
        recording,
        channels,
        seed=seed,
        settings=load_settings(settings),
        wishes=Wishes(folder, port, not no_browser, minutes),
    )


def run(
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="URL",
            help="`serial:auto`, `serial:/dev/ttyUSB0?baud=115200`, `socket://HOST:PORT`, `replay:FILE?speed=1` or"
            " `simulate:?seed=1`; repeat for several sensors (default: those in the settings).",
        ),
    ] = None,
    sensor: Sensors = None,
    settings: SettingsFile = None,
    folder: Folder = None,
    port: Port = None,
    no_browser: NoBrowser = False,
    minutes: Minutes = None,
) -> None:
    """Watch sensors through the night: record, detect, publish, and show the pages."""
    from crampwatch.last_good import settings_to_start
    from crampwatch.sensors import chosen_sensors
    from crampwatch.session import Wishes, run_night

    loaded, trouble = settings_to_start(settings)
    sensors = chosen_sensors(loaded, source or (), sensor or ())
    run_night(loaded, sensors, Wishes(folder, port, not no_browser, minutes, trouble))


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
    """List the serial ports and say who speaks on each: a crampwatch sensor, another board, nobody.

    Every USB port is listened to; only those that look like a board, or that are named here, are asked anything.
    """
    from crampwatch.ports import report_ports

    raise typer.Exit(report_ports(tuple(urls or ()), as_json=json))


def pair(
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="[URL]",
            help="Where the sensor is, if not at a USB port: `serial:DEVICE`, `socket://HOST:PORT`.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="ID", help="What to call it, such as left-calf.")
    ] = None,
    settings: SettingsFile = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let it take the place of another board of that name.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Pair the sensors that are plugged in: find them wherever they are, and believe no others in their place."""
    from crampwatch.pair import PairRequest
    from crampwatch.pair import pair as pair_sensors

    raise typer.Exit(pair_sensors(PairRequest(url, name, settings, replace, yes)))


def check(
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="URL",
            help="A sensor; repeat for several (default: those in the settings).",
        ),
    ] = None,
    sensor: Sensors = None,
    settings: SettingsFile = None,
    folder: Folder = None,
    no_squeeze: Annotated[
        bool, typer.Option("--no-squeeze", help="Do not ask the wearer to tense the calf.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Check everything before bed: sensor, signal, electrodes, sound, caregivers, broker, disk, clock, battery."""
    from crampwatch.check import CheckRequest, check_all
    from crampwatch.settings import load_settings

    sources, names = tuple(source or ()), tuple(sensor or ())
    request = CheckRequest(sources, folder, names, squeeze=not no_squeeze, json=json)
    raise typer.Exit(check_all(load_settings(settings), request))


def show_settings(
    file: SettingsFile = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write them to the default place, unless a file is there.")
    ] = False,
) -> None:
    """Print every setting with its reason and the value in force."""
    from crampwatch.settings import default_settings_file, load_settings
    from crampwatch.settings_text import settings_text, write_settings

    text = settings_text(load_settings(file))
    if write:
        typer.echo(f"written to {write_settings(text, default_settings_file())}")
    else:
        typer.echo(f"# The default place of this file: {default_settings_file()}\n{text}", nl=False)
