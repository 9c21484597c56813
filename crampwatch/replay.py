"""`crampwatch replay`: recordings through the same pipeline as live, and a table of what was found."""

import math
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from crampwatch.errors import BAD_INPUT, DONE, is_mendable
from crampwatch.plan import ChannelFlags
from crampwatch.replay_report import Found, write_json, write_rows
from detector.event_files import final_revisions, write_events
from detector.personal_fit import limits_of
from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from detector.types import Contraction, SignalQuality
from firmware_bridge.clock import Clock
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import SampleBlock, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source

# Blocks of a file that is only being computed on: big enough to be fast, small enough for flat memory.
BLOCK_S = 1024.0
# Blocks of a file that is played at a pace: short, so that the pace is smooth.
PACED_BLOCK_S = 0.25
# How long to wait for the next bytes of a played file.
READ_S = 0.1


class ReplayError(ValueError):
    """The command line asks for what cannot be; the message says what and what to do."""


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What the command line asks for."""

    files: tuple[Path, ...]
    events_dir: Path | None
    speed: str
    via: str
    channels: ChannelFlags
    force: bool
    json: bool
    everything: bool = False

    def pace(self) -> float:
        """Return the speed as a number; see `pace_of`."""
        return pace_of(self.speed)


def pace_of(speed: str) -> float:
    """Return a speed as a number, infinity for ``max``.

    Raises:
        ReplayError: it is none.
    """
    if speed == "max":
        return math.inf
    try:
        pace = float(speed)
    except ValueError:
        pace = math.nan
    if not (pace > 0 and math.isfinite(pace)):
        raise ReplayError(f"--speed: expected max or a number above 0, got {speed!r}")
    return pace


def replay_files(request: ReplayRequest) -> int:
    """Replay every file; one that cannot be read is told and the rest goes on. Return the exit code.

    Raises:
        ReplayError: the request itself cannot be met.
    """
    pace = request.pace()
    if request.via not in {"file", "pty"}:
        raise ReplayError(f"--via: expected file or pty, got {request.via!r}")
    clashes = _clashing_stems(request.files) if request.events_dir else []
    if clashes:
        raise ReplayError(
            f"--events-dir: {', '.join(clashes)}: files of the same name would write the same events file; "
            "replay them apart"
        )
    if request.events_dir:
        # Made before the work, so that a wrong one is not told after an hour of it.
        with _writing(request.events_dir):
            request.events_dir.mkdir(parents=True, exist_ok=True)
    errors = Console(stderr=True)
    found, code = [], DONE
    with _progress(errors) as progress:
        for path in request.files:
            try:
                found.append(_replay_file(path, request, pace, progress, errors))
            except Exception as error:
                if not is_mendable(error):
                    raise
                errors.print(
                    f"crampwatch: {error}", style="red", markup=False, highlight=False, soft_wrap=True
                )
                code = BAD_INPUT
    if request.json:
        write_json(found, sys.stdout)
    else:
        write_rows(found, sys.stdout, errors, everything=request.everything)
    return code


def _clashing_stems(files: Iterable[Path]) -> list[str]:
    stems = [path.stem for path in files]
    return sorted({stem for stem in stems if stems.count(stem) > 1})


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _replay_file(
    path: Path, request: ReplayRequest, pace: float, progress: Progress, errors: Console
) -> Found:
    recording = request.channels.open(path)
    for warning in recording.warnings:
        errors.print(
            f"crampwatch: {path}: {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True
        )
    if request.events_dir:
        # Asked before the work, not after an hour of it.
        _refuse_overwriting(request, path)
    task = progress.add_task(path.name, total=recording.samples)
    settings = limits_of(recording.annotations, DetectorSettings(levels=False))
    pipeline = Pipeline(recording.info, settings, recording_id=recording.recording_id)
    revisions: list[Contraction] = []
    monitored = 0
    for item in _items(recording, request, pace):
        for result in pipeline.feed(item):
            monitored += _note(result, revisions)
        if isinstance(item, SampleBlock):
            progress.update(task, completed=item.end_index)
    for result in pipeline.finish():
        monitored += _note(result, revisions)
    progress.remove_task(task)
    contractions = tuple(final_revisions(revisions))
    target = _events_file(request, path) if request.events_dir else None
    if target is not None:
        with _writing(target.parent):
            write_events(target, contractions, recording.info, force=request.force)
    monitored_s = monitored / recording.info.emg_rate_hz
    return Found(path, recording.info, recording.duration_s, monitored_s, contractions, target)


def _note(result: object, revisions: list[Contraction]) -> int:
    """Keep a revision of a contraction; return how many usable samples a quality stands for."""
    if isinstance(result, Contraction):
        revisions.append(result)
    elif isinstance(result, SignalQuality) and result.channel == 0 and not result.flags:
        return result.samples
    return 0


def _events_file(request: ReplayRequest, path: Path) -> Path:
    assert request.events_dir is not None
    return request.events_dir / f"{path.stem}_events.tsv"


def _refuse_overwriting(request: ReplayRequest, path: Path) -> None:
    target = _events_file(request, path)
    for file in (target, target.with_suffix(".json")):
        if file.exists() and not request.force:
            raise ReplayError(
                f"{file}: is there already; choose another --events-dir, or --force to overwrite it"
            )


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what the file system says while something is written into ``folder`` into an error of ours."""
    try:
        yield
    except OSError as error:
        raise ReplayError(
            f"--events-dir {folder}: cannot be written ({error.strerror}); choose another folder, "
            "and check that its disk is not full"
        ) from error


def _items(recording: Recording, request: ReplayRequest, pace: float) -> Iterator[StreamItem]:
    if request.via == "pty":
        return _through_pty(recording, pace)
    if math.isinf(pace):
        return recording.items(block_s=BLOCK_S)
    return _paced(recording, pace)


def _paced(recording: Recording, pace: float) -> Iterator[StreamItem]:
    clock = Clock(rate=pace)
    start_s = clock.mono_s()
    for item in recording.items(block_s=PACED_BLOCK_S):
        if isinstance(item, SampleBlock):
            clock.sleep(max(0.0, start_s + item.end_index / recording.info.emg_rate_hz - clock.mono_s()))
        yield item


def _through_pty(recording: Recording, pace: float) -> Iterator[StreamItem]:
    """Play the recording as a board on a real pseudo-terminal and read it back as a sensor's."""
    clock = Clock()
    with (
        SimulatedBoard(recording.items(block_s=1.0), recording.info, speed=pace) as board,
        closing(open_source(f"serial:{board.port}", clock=clock)) as source,
    ):
        source.open()
        while not source.finished:
            yield from source.read(timeout_s=READ_S)
            if board.failure is not None:
                raise board.failure
