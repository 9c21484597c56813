"""`crampwatch pair`: from then on only this very board is believed to be the sensor of this name.

The settings get the board's hardware id, and an address at which it is found wherever it is plugged in.
"""

import re
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from crampwatch.errors import DONE
from crampwatch.ports import PortReport, found_ports, listened, named_port
from crampwatch.sensors import SensorPlan
from crampwatch.settings import SensorSettings, SettingsError, default_settings_file, load_settings
from crampwatch.settings_text import change_sensors
from firmware_bridge.hello import SENSOR_ID
from firmware_bridge.port_finder import AUTO
from firmware_bridge.ports import DEFAULT_BAUD
from firmware_bridge.source_contract import SourceUrl

# More at once than this are no sensors.
_MOST_PORTS = 32
_SIDES = frozenset({"left", "right"})


@dataclass(frozen=True, slots=True)
class PairRequest:
    """What the command line asks for.

    Attributes:
        url: Where the board is; None for wherever it is plugged in.
        name: What to call it; None for what it calls itself.
        settings: The file to write; None for the default one.
        replaces: Whether it may take the place of another board of that name.
        yes: Whether to do so without asking.
    """

    url: str | None = None
    name: str | None = None
    settings: Path | None = None
    replaces: bool = False
    yes: bool = False


def pair(request: PairRequest, ask: Callable[[str], bool] | None = None) -> int:
    """Find the boards that are there, ask, and write them into the settings; return the exit code.

    Args:
        request: What to do.
        ask: Asks a person yes or no.

    Raises:
        SettingsError: no board is there or too many, a name is taken, or the file cannot be written.
        SourceUrlError: the address is none of a live sensor.
    """
    path = request.settings or default_settings_file()
    before = load_settings(path) if path.exists() else None
    boards = _boards(request)
    sensors = () if before is None else before.sensors
    for board in boards:
        sensors = _paired(sensors, board, request)
    if before is not None and sensors == before.sensors:
        _say(f"{', '.join(_name(sensors, board) for board in boards)}: paired already, in {path}")
        return DONE
    for board in boards:
        name = _name(sensors, board)
        _say(f"{name}: hardware {board.hardware_id}, now at {board.url}{_doubt(name, board.sites)}")
    question = f"Believe from now on no other board in {'its' if len(boards) == 1 else 'their'} place?"
    if not (request.yes or (ask or _asked)(question)):
        _say("nothing was changed")
        return DONE
    change_sensors(path, sensors)
    _say(f"written to {path}")
    return DONE


def _boards(request: PairRequest) -> list[PortReport]:
    """Return the crampwatch boards that are there."""
    ports = [named_port(request.url)] if request.url else found_ports()[:_MOST_PORTS]
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as pool:
        reports = list(pool.map(listened, ports))
    boards = [report for report in reports if report.state == "crampwatch"]
    if not boards:
        there = "; ".join(f"{report.url}: {report.says}" for report in reports) or "no serial port is here"
        raise SettingsError(
            f"pair: expected a crampwatch sensor, got none ({there}): plug it in, or name its address"
        )
    if request.name and len(boards) > 1:
        found = ", ".join(f"{board.sensor_id} at {board.url}" for board in boards)
        raise SettingsError(
            f"pair: expected one sensor to call {request.name}, got {found}: name its address"
        )
    return boards


def _paired(
    sensors: Sequence[SensorSettings], board: PortReport, request: PairRequest
) -> tuple[SensorSettings, ...]:
    """Return the sensors with this board among them.

    Raises:
        SettingsError: its name is another one's.
    """
    place = _place(sensors, board, request.name or board.sensor_id)
    before = sensors[place] if place is not None else SensorSettings()
    name = request.name or before.id or board.sensor_id
    if not SENSOR_ID.fullmatch(name):
        raise SettingsError(f"pair: expected a name of 1 to 32 of a-z, 0-9 and -, got {name!r}")
    if before.hardware not in {"", board.hardware_id} and not request.replaces:
        raise SettingsError(
            f"pair: {name} is already the sensor of hardware {before.hardware}, got {board.hardware_id}: give this "
            "one another name with --name, or let it take that one's place with --replace"
        )
    others = [sensor for at, sensor in enumerate(sensors) if at != place]
    if name in {sensor.id for sensor in others}:
        raise SettingsError(f"pair: {name} is the name of another sensor: give this one another with --name")
    new = SensorSettings(source=_address(board), id=name, hardware=board.hardware_id)
    return (*sensors, new) if place is None else tuple(new if one is before else one for one in sensors)


def _place(sensors: Sequence[SensorSettings], board: PortReport, name: str) -> int | None:
    """Return which of the sensors this board is or may become: by its hardware, its name, or where it is."""
    fits: tuple[Callable[[SensorSettings], bool], ...] = (
        lambda sensor: sensor.hardware == board.hardware_id,
        lambda sensor: sensor.id == name,
        lambda sensor: not sensor.hardware and not sensor.id and _is_there(sensor.source, board.url),
    )
    return next((at for fit in fits for at, sensor in enumerate(sensors) if fit(sensor)), None)


def _is_there(source: str, url: str) -> bool:
    place = SensorPlan.of(source).place
    return not place or place == SensorPlan.of(url).place


def _address(board: PortReport) -> str:
    """Return the address to find a board at: wherever it is, if it has a USB identity."""
    url = SourceUrl.parse(board.url)
    target = AUTO if board.usb else url.target
    baud = url.options.get("baud", str(DEFAULT_BAUD))
    return f"{url.scheme}:{target}" + (f"?baud={baud}" if baud != str(DEFAULT_BAUD) else "")


def _name(sensors: Sequence[SensorSettings], board: PortReport) -> str:
    return next(sensor.id for sensor in sensors if sensor.hardware == board.hardware_id)


def _doubt(name: str, sites: str) -> str:
    """Return a word of doubt where the name and the board itself do not speak of the same side."""
    said, worn = (_SIDES.intersection(re.split("[^a-z]+", text.lower())) for text in (name, sites))
    return (
        f"; it says that it is worn at {sites}: is it the right one?"
        if said and worn and said != worn
        else ""
    )


def _asked(question: str) -> bool:
    """Ask the person at the terminal; where there is none, nobody has agreed."""
    if not sys.stdin.isatty():
        raise SettingsError("pair: expected a person to agree, got no terminal: say so with --yes")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
