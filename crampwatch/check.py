"""`crampwatch check`, the check before going to bed: every link from the electrode to the disk, tried once."""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crampwatch.check_line import Line
from crampwatch.check_listening import REST_S, SQUEEZE_S, Listener
from crampwatch.check_signal import signal_lines, unheard_lines
from crampwatch.check_surroundings import broker_line, caregiver_line, clock_line, disk_line
from crampwatch.errors import BAD_INPUT, DONE
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
        source: Address of the sensor; None for the one in the settings.
        folder: Of the recordings; None for the one in the settings.
        squeeze: Whether to ask for a squeeze of the calf.
        json: Whether to print one JSON document instead of a table.
    """

    source: str | None = None
    folder: Path | None = None
    squeeze: bool = True
    json: bool = False


def check_all(
    settings: Settings, request: CheckRequest, clock: Clock | None = None, out: TextIO = sys.stdout
) -> int:
    """Check everything, print a line for each, and return the exit code: 1 if anything is bad.

    Raises:
        SourceUrlError: the sensor's address is wrong.
        SettingsError: the folder cannot be made.
    """
    clock = clock or Clock()
    url = request.source or settings.sensor.source
    source = open_source(url, factories=source_factories(clock), clock=clock)
    folder = private_folder(request.folder or settings.data_folder())
    began = clock.wall(), clock.mono_s()
    with source:
        lines = sensor_lines(source, clock, squeeze=request.squeeze, ask=_ask)
    try:
        with tempfile.TemporaryDirectory(prefix="check-", dir=folder) as scratch:
            lines += [broker_line(settings.broker, folder, Path(scratch)), disk_line(folder, Path(scratch))]
    except OSError as error:
        raise SettingsError(
            f"folder {folder}: cannot be written ({error.strerror}); choose another with --folder"
        ) from error
    lines += [clock_line(*began, clock.wall(), clock.mono_s()), caregiver_line()]
    _print(lines, out, as_json=request.json)
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


def _ask(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _print(lines: Sequence[Line], out: TextIO, *, as_json: bool) -> None:
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
        table.add_row(Text(line.name), Text(line.verdict, _STYLES[line.verdict]), Text(told, overflow="fold"))
    console = Console(file=out)
    console.print(table)
    console.print(f"{bad} of {len(lines)} are bad." if bad else "Nothing is bad.")
