"""`crampwatch check`, the check before going to bed: every link from the electrode to the disk, tried once."""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crampwatch.check_alerts import alert_lines
from crampwatch.check_line import Line
from crampwatch.check_listening import REST_S, SQUEEZE_S, Listener
from crampwatch.check_signal import signal_lines, unheard_lines
from crampwatch.check_surroundings import broker_line, clock_line, disk_line
from crampwatch.errors import BAD_INPUT, DONE
from crampwatch.sensors import chosen_sensors
from crampwatch.settings import Settings, SettingsError, private_folder
from crampwatch.simulate import source_factories
from detector.grid import UnusableRateError
from firmware_bridge.auto_source import AutoSource
from firmware_bridge.clock import Clock
from firmware_bridge.dialect_source import DialectSource
from firmware_bridge.source_contract import SourceError
from firmware_bridge.sources import open_source

if TYPE_CHECKING:
    from firmware_bridge.sources import Source

_STYLES = {"good": "green", "bad": "bold red", "unknown": "yellow"}


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What the command line asks for.

    Attributes:
        sources: Addresses of the sensors; none for those in the settings.
        names: Of the sensors of the settings, those to check; none for all.
        folder: Of the recordings; None for the one in the settings.
        squeeze: Whether to ask for a squeeze of the calf.
        json: Whether to print one JSON document instead of a table.
    """

    sources: tuple[str, ...] = ()
    folder: Path | None = None
    names: tuple[str, ...] = ()
    squeeze: bool = True
    json: bool = False


def check_all(
    settings: Settings, request: CheckRequest, clock: Clock | None = None, out: TextIO = sys.stdout
) -> int:
    """Check everything, print a line for each, and return the exit code: 1 if anything is bad.

    Raises:
        SourceUrlError: a sensor's address is wrong.
        SettingsError: the sensors cannot be told apart, or the folder cannot be made.
    """
    clock = clock or Clock()
    sensors = chosen_sensors(settings, request.sources, request.names)
    factories = source_factories(clock)
    sources = [open_source(sensor.source, factories=factories, clock=clock) for sensor in sensors]
    folder = private_folder(request.folder or settings.data_folder())
    began = clock.wall(), clock.mono_s()
    lines: list[Line] = []
    for sensor, source in zip(sensors, sources, strict=True):
        name = (sensor.sensor_id or sensor.source) if len(sensors) > 1 else ""
        with source:
            heard = sensor_lines(source, clock, squeeze=request.squeeze, ask=_asking_for(name))
        lines += [replace(line, sensor=name) for line in heard]
    try:
        with tempfile.TemporaryDirectory(prefix="check-", dir=folder) as scratch:
            lines += [broker_line(settings.broker, folder, Path(scratch)), disk_line(folder, Path(scratch))]
    except OSError as error:
        raise SettingsError(
            f"folder {folder}: cannot be written ({error.strerror}); choose another with --folder"
        ) from error
    lines.append(clock_line(*began, clock.wall(), clock.mono_s()))
    lines += alert_lines(settings.alarms, folder, clock)
    print_lines(lines, out, as_json=request.json)
    return BAD_INPUT if any(line.verdict == "bad" for line in lines) else DONE


def sensor_lines(source: "Source", clock: Clock, *, squeeze: bool, ask: Callable[[str], None]) -> list[Line]:
    """Return what there is to say of a sensor; ``ask`` is given what the wearer is to do."""
    try:
        info = source.open()
        listener = Listener(source, info, clock)
    except (SourceError, UnusableRateError) as error:
        advice = "`crampwatch ports` shows what is there"
        return [Line("port", "bad", str(error), advice), *unheard_lines("the sensor could not be heard")]
    named = f"{info.sensor_id}, {info.firmware or 'firmware unknown'}, at {source.url}"
    ask(f"Keep the leg still for {REST_S:g} s …")
    listener.rest()
    if squeeze and listener.heard.samples:
        ask(f"Now tense the calf for two seconds (within {SQUEEZE_S:g} s) …")
        listener.squeeze()
    guessed = source.warnings if isinstance(source, AutoSource | DialectSource) else ()
    return [Line("port", "good", named), *signal_lines(listener.heard, guessed)]


def _asking_for(name: str) -> Callable[[str], None]:
    """Return who asks the wearer to do something, among several sensors with the one that it is about."""
    begin = f"{name}: " if name else ""

    def ask(text: str) -> None:
        sys.stderr.write(f"{begin}{text}\n")

    return ask


def print_lines(lines: Sequence[Line], out: TextIO, *, as_json: bool) -> None:
    """Print lines as a table, or as one JSON document."""
    bad = sum(line.verdict == "bad" for line in lines)
    if as_json:
        json.dump(
            {"ok": not bad, "lines": [asdict(line) for line in lines]}, out, indent=1, ensure_ascii=False
        )
        out.write("\n")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for line in lines:
        told = f"{line.text}\n→ {line.advice}" if line.advice else line.text
        # As text: what a stranger said is no markup.
        name = f"{line.sensor}: {line.name}" if line.sensor else line.name
        table.add_row(Text(name), Text(line.verdict, _STYLES[line.verdict]), Text(told, overflow="fold"))
    console = Console(file=out)
    console.print(table)
    console.print(f"{bad} of {len(lines)} are bad." if bad else "Nothing is bad.")
