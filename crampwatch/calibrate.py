"""`crampwatch calibrate`: two minutes of rest, squeeze and pointed toes, and the wearer's own limits from them."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from crampwatch.broker_login import write_private
from crampwatch.errors import DONE
from crampwatch.sensors import SensorPlan, chosen_sensors
from crampwatch.settings import Settings, SettingsError, private_folder

if TYPE_CHECKING:
    from detector.fit_seconds import LabelledLevel, Seconds
    from detector.personal_fit import PersonalFit
    from detector.types import Levels
    from firmware_bridge.clock import Clock
    from firmware_bridge.samples import SensorInfo, StreamItem
    from firmware_bridge.sources import Source

BLOCK_S = 60.0
READ_S = 0.1
# However slow the stream, the wearer is let go after so many times the protocol's length.
PATIENCE = 2.0
# Length of the synthetic nights, rich in cramps, on which the effect is measured.
EFFECT_HOURS = 4.0
# What the wearer is asked to do in each part of the protocol.
ASKED = {
    "rest": "Let the leg lie still and loose",
    "squeeze": "Now tense the calf as hard as you can, and hold it",
    "point": "Now point your toes, gently, and hold them so",
}


@dataclass(frozen=True, slots=True)
class CalibrateRequest:
    """What the command line asks for.

    Attributes:
        source: Address of the sensor; None for the one in the settings.
        name: Which one of the settings, or the one expected at ``source``; None where there is one only.
        recording: A recording that begins with the protocol, instead of a sensor.
        night: A recording that ``labels`` are about.
        labels: What the wearer said of it: an events table.
        folder: Where fits are kept; None for the folder in the settings.
        people: If not 0, only measure the effect on so many synthetic people of each group.
    """

    source: str | None = None
    name: str | None = None
    recording: Path | None = None
    night: Path | None = None
    labels: Path | None = None
    folder: Path | None = None
    people: int = 0


def calibrate(settings: Settings, request: CalibrateRequest, console: Console | None = None) -> int:
    """Calibrate as asked, keep the fit, and print what it changes.

    Raises:
        PersonalFitError: what was asked for cannot be seen, or the fit cannot be written.
        SourceError: the sensor cannot be heard.
        RecordingError: the recording cannot be read.
        EventFileError: the labels cannot be read.
        SettingsError: there are several sensors to choose from, none of that name, or the folder cannot be made.
    """
    from detector.personal_fit import PersonalFitError, fit_file, fit_text, fitted

    console = console or Console()
    if request.people:
        return _print_effect(console, request.people)
    labelled = _labelled(request)
    info, seconds = _recorded(request.recording) if request.recording else _live(_chosen(settings, request))
    fit = fitted(seconds, labelled)
    path = fit_file(request.folder or settings.data_folder(), info.sensor_id)
    private_folder(path.parent.parent)
    private_folder(path.parent)
    try:
        write_private(path, fit_text(fit))
    except OSError as error:
        raise PersonalFitError(
            f"{path}: cannot be written ({error.strerror}); check that its disk is not full"
        ) from error
    _print_fit(console, fit, path)
    return DONE


def _labelled(request: CalibrateRequest) -> "list[LabelledLevel]":
    from detector.event_files import read_events
    from detector.fit_seconds import labelled_levels
    from detector.personal_fit import PersonalFitError

    if (request.night is None) != (request.labels is None):
        raise PersonalFitError(
            "labels: expected both --night and --labels, got one; name the recording and its labels"
        )
    if request.night is None or request.labels is None:
        return []
    records = read_events(request.labels)
    _, seconds = _recorded(request.night)
    return labelled_levels(seconds, records)


def _recorded(path: Path) -> "tuple[SensorInfo, Seconds]":
    from detector.fit_seconds import seconds_of
    from firmware_bridge.recordings import open_recording

    recording = open_recording(path)
    levels = _levels(recording.info, recording.items(block_s=BLOCK_S))
    return recording.info, seconds_of(levels, recording.info.emg_rate_hz)


def _chosen(settings: Settings, request: CalibrateRequest) -> SensorPlan:
    """Return the sensor as a night would be watched with it: the limits are kept under that name."""
    sources, names = ([one] if one else [] for one in (request.source, request.name))
    sensors = chosen_sensors(settings, sources, names)
    if len(sensors) > 1:
        known = ", ".join(sensor.sensor_id or sensor.source for sensor in sensors)
        raise SettingsError(f"--sensor: expected one of {known}, got none; say which one is worn now")
    return sensors[0]


def _live(sensor: SensorPlan) -> "tuple[SensorInfo, Seconds]":
    """Guide the wearer through the protocol, by the sensor's own time."""
    from crampwatch.simulate import source_factories
    from detector.fit_seconds import seconds_of
    from firmware_bridge.clock import Clock
    from firmware_bridge.samples import SampleBlock
    from firmware_bridge.sources import open_source

    clock = Clock()
    source = open_source(sensor.source, factories=source_factories(clock), clock=clock)
    with source:
        info = source.open()
        items = list(_guided(source, info, clock))
    begin = next((item.first_index for item in items if isinstance(item, SampleBlock)), 0)
    return info, seconds_of(_levels(info, items), info.emg_rate_hz, origin_index=begin)


def _guided(source: "Source", info: "SensorInfo", clock: "Clock") -> "Iterator[StreamItem]":
    """Yield the stream until the protocol is over, saying at its time what is to be done next."""
    from detector.personal_fit import PROTOCOL
    from firmware_bridge.samples import SampleBlock, SensorInfo

    parts = list(PROTOCOL)
    ends_s, heard_s = 0.0, 0.0
    gives_up_s = clock.mono_s() + PATIENCE * sum(length_s for _, length_s in PROTOCOL)
    while not source.finished and clock.mono_s() < gives_up_s:
        if heard_s >= ends_s:
            if not parts:
                return
            name, length_s = parts.pop(0)
            ends_s += length_s
            sys.stderr.write(f"{ASKED[name]} ({length_s:g} s) …\n")
        for item in source.read(READ_S):
            if isinstance(item, SensorInfo):
                return
            if isinstance(item, SampleBlock):
                heard_s += (item.end_index - item.first_index) / info.emg_rate_hz
            yield item


def _levels(info: "SensorInfo", items: "Iterable[StreamItem]") -> "Iterator[Levels]":
    from detector.pipeline import Pipeline
    from detector.types import Levels

    pipeline = Pipeline(info, recording_id="calibration")
    for item in items:
        yield from (result for result in pipeline.feed(item) if isinstance(result, Levels))
    yield from (result for result in pipeline.finish() if isinstance(result, Levels))


def _print_fit(console: Console, fit: "PersonalFit", path: Path) -> None:
    from detector.settings import DetectorSettings

    usual = DetectorSettings()
    console.print(f"rest {fit.rest_uv:.1f} µV, strongest second of the squeeze {fit.squeeze_uv:.0f} µV")
    console.print(
        f"a cramp now rises {fit.cramp_rise_uv:.1f} µV above rest (usually {usual.cramp_rise_uv:g}) "
        f"and to {fit.cramp_ratio:.1f} times rest (usually {usual.cramp_ratio:g})"
    )
    console.print(f"movement begins at {fit.movement_mg:.0f} mg (usually {usual.movement_mg:g})")
    console.print(f"written to {path}; delete it to go back to the usual limits", soft_wrap=True)


def _print_effect(console: Console, people: int) -> int:
    """Measure the effect on synthetic people and print it."""
    from rich.progress import Progress
    from rich.table import Table

    from models.fit_effect import GROUPS, measure_effect

    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("nights", total=people * len(GROUPS))
        effects = measure_effect(people, EFFECT_HOURS, lambda done: progress.update(task, completed=done))
    table = Table(
        title="Synthetic people; cramps of a tenth of their greatest effort and more", title_justify="left"
    )
    for heading in ("signal", "limits", "cramps found", "of", "false verdicts", "hours"):
        table.add_column(heading)
    for one in effects:
        table.add_row(one.group, one.fit, str(one.found), str(one.of), str(one.false), f"{one.hours:g}")
    console.print(table)
    return DONE
