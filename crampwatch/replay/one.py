"""One recording replayed, whoever asks: this process, one of several, or a worker of a cluster.

It is given and gives back plain values, so that the way it was run cannot show in what comes out.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

from crampwatch.channel_flags import ChannelFlags
from crampwatch.errors import is_mendable
from crampwatch.replay.finding import parts_of
from crampwatch.replay.items import Played, items_of, telling
from crampwatch.replay.program import model_here, program_here
from crampwatch.replay.receipts import Key, Receipt, hash_of, hash_text, writing
from crampwatch.replay.request import ReplayError
from crampwatch.replay.span import Span
from detector.detecting import WITHOUT_LEVELS, listen
from detector.event_files import event_row, final_revisions, write_events
from detector.personal_fit import limits_of
from detector.types import Contraction, SignalQuality
from firmware_bridge.recordings import Recording

_log = logging.getLogger(__name__)

Progressed = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class How:
    """What is the same for all recordings of a command.

    Attributes:
        program: `program_here` of whoever asks; a worker with another one refuses.
    """

    events_dir: Path | None
    pace: float
    via: str
    channels: ChannelFlags
    span: Span
    force: bool
    program: str


@dataclass(frozen=True, slots=True)
class Job:
    """One recording: its number in the command's order, where it is, and what its events file is called."""

    number: int
    path: Path
    name: Path
    size: int
    how: How

    def unpaced(self) -> "Job":
        """Return the job, to be done as fast as it goes."""
        return replace(self, how=replace(self.how, pace=inf))


@dataclass(frozen=True, slots=True)
class Found:
    """What a recording held, in values that JSON has.

    Attributes:
        file: The recording.
        sensor: Who was recorded.
        recording: Its identity.
        start: Wall-clock time of its first sample, ISO 8601; None where it does not say.
        duration_s: Length of what was replayed.
        monitored_s: How much of it was usable.
        events: Rows by the names of `detector.event_files.COLUMNS`, and ``before`` a cramp.
        warnings: What was wrong with the file and read all the same.
        events_file: Where the events were written, if they were.
    """

    file: str
    sensor: str
    recording: str
    start: str | None
    duration_s: float
    monitored_s: float
    events: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]
    events_file: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: ``found``, or ``error`` with the reason.

    Attributes:
        was_finished: It had been replayed before, and was not again.
        took_s: How long it took, s.
    """

    number: int
    path: Path
    found: Found | None = None
    error: str = ""
    was_finished: bool = False
    took_s: float = 0.0


def replay_one(job: Job, on_progress: Progressed = lambda _share: None) -> Outcome:
    """Replay a recording and write its events; what is wrong with it is told, never raised.

    Args:
        job: The recording.
        on_progress: Given the part that is done, 0 to 1, now and then.
    """
    from threadpoolctl import threadpool_limits

    began_s = time.monotonic()
    try:
        # One core each, however it is run: several at once would only stand in each other's way.
        with threadpool_limits(limits=1):
            found, was_finished = _replayed(job, on_progress)
    # One file of a cohort must not take the others with it, whatever is in it.
    except Exception as error:  # noqa: BLE001
        return Outcome(job.number, job.path, error=why_not(job, error), took_s=time.monotonic() - began_s)
    return Outcome(job.number, job.path, found, was_finished=was_finished, took_s=time.monotonic() - began_s)


def why_not(job: Job, error: Exception) -> str:
    """Return why a recording was not replayed; what nobody expected is logged with where it was."""
    if is_mendable(error):
        return str(error)
    _log.error("%s: failed", job.path, exc_info=error)
    return f"{job.path}: an unexpected {type(error).__name__}: {error}; the program is at fault, please report it"


def _replayed(job: Job, on_progress: Progressed) -> tuple[Found, bool]:
    """Return what was found, and whether that had been finished before."""
    how = job.how
    if how.program != program_here():
        raise ReplayError(
            f"{job.path}: the worker has another program than this computer: expected {how.program}, "
            f"got {program_here()}; install the same version on all of them"
        )
    receipt = Receipt.of(how.events_dir, job.name) if how.events_dir else None
    if receipt is not None and not how.force:
        # Asked before the work, not after an hour of it.
        done = receipt.found(lambda: _key(job))
        if done is not None:
            return placed(_read_back(done, receipt), job), True
    recording = how.channels.open(job.path)
    contractions, found = _detected(recording, how, on_progress)
    if receipt is None:
        return found, False
    with writing(receipt.table):
        receipt.begin()
        write_events(receipt.table, contractions, recording.info, force=True)
        receipt.finish(_key(job), asdict(found))
    return placed(found, job), False


def _key(job: Job) -> Key:
    """Return everything that decides the events of a recording."""
    how = job.how
    return {
        "content": hash_of(parts_of(job.path)),
        # What the montage's file is called decides nothing.
        "settings": hash_text(
            [asdict(WITHOUT_LEVELS), asdict(replace(how.channels, montage_file="")), asdict(how.span)]
        ),
        "model": model_here(),
        "program": how.program,
    }


def placed(found: Found, job: Job) -> Found:
    """Return what was found by the names that the job has for its files."""
    events_dir = job.how.events_dir
    table = str(Receipt.of(events_dir, job.name).table) if events_dir else None
    return replace(found, file=str(job.path), events_file=table)


def _read_back(done: Mapping[str, Any], receipt: Receipt) -> Found:
    """Return what a receipt says was found, as if it had been found now.

    Raises:
        ReplayError: the receipt is damaged.
    """
    try:
        lists = {name: tuple(done[name]) for name in ("events", "warnings")}
        return Found(**{**done, **lists})
    except (TypeError, KeyError) as error:
        raise ReplayError(
            f"{receipt.file}: expected what a replay writes, got {error!r}; --force makes it anew"
        ) from error


def _detected(
    recording: Recording, how: How, on_progress: Progressed
) -> tuple[tuple[Contraction, ...], Found]:
    first, stop = how.span.within(recording)
    info = recording.info
    items = items_of(recording, how.via, how.pace, first, stop)
    played = Played(info, recording.recording_id, telling(items, first, stop, on_progress))
    revisions: list[Contraction] = []
    monitored = 0
    for result in listen(played, settings=limits_of(recording.annotations, WITHOUT_LEVELS)):
        monitored += _note(result, revisions)
    contractions = tuple(final_revisions(revisions))
    rate_hz = info.emg_rate_hz
    found = Found(
        file=str(recording.path),
        sensor=info.sensor_id,
        recording=recording.recording_id,
        start=recording.start.isoformat() if recording.start else None,
        duration_s=(stop - first) / rate_hz,
        monitored_s=monitored / rate_hz,
        events=tuple(
            event_row(one, info) | {"before": asdict(one.before) if one.before else None}
            for one in contractions
        ),
        warnings=recording.warnings,
    )
    return contractions, found


def _note(result: object, revisions: list[Contraction]) -> int:
    """Keep a revision of a contraction; return how many usable samples a quality stands for."""
    if isinstance(result, Contraction):
        revisions.append(result)
    elif isinstance(result, SignalQuality) and result.channel == 0 and not result.flags:
        return result.samples
    return 0
