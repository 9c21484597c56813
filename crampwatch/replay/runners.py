"""The ways to replay many recordings on this computer: one after another, or several at once by joblib.

A worker that is killed (by a person, or by the system for want of memory) takes what it was doing with it, and joblib's
other workers as well. Which recording it was is then found out by replaying those that were under way once more, each
alone; one that kills its worker again is listed, and the rest goes on.
"""

import logging
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from crampwatch.replay.one import Job, Outcome, replay_one
from crampwatch.replay.progress import Bars, show_on_board

_log = logging.getLogger(__name__)

# A pool of one would be this very process, which must not be killed.
FEWEST_WORKERS = 2
KILLED = "the process that replayed it was killed twice (is there too little memory for so many --jobs?)"

Runner = Callable[[Sequence[Job], Bars], Iterator[Outcome]]


def one_after_another(jobs: Sequence[Job], bars: Bars) -> Iterator[Outcome]:
    """Replay in this process, in the order given."""
    for job in jobs:
        yield replay_one(job, partial(bars.at, job.number))


def several_at_once(workers: int) -> Runner:
    """Return what replays in so many processes, the longest recordings first."""

    def run(jobs: Sequence[Job], bars: Bars) -> Iterator[Outcome]:
        waiting = longest_first(jobs)
        with bars.watched() as board:
            try:
                while waiting:
                    under_way: dict[int, Job] = {}
                    yield from _pool(waiting, workers, board, under_way)
                    # What a killed worker left behind, each alone.
                    for job in under_way.values():
                        again: dict[int, Job] = {}
                        yield from _pool([job], FEWEST_WORKERS, board, again)
                        yield from (
                            Outcome(one.number, one.path, error=_killed(one)) for one in again.values()
                        )
            finally:
                _dismiss()

    return run


def _killed(job: Job) -> str:
    return f"{job.path}: {KILLED}"


def _pool(
    waiting: list[Job], workers: int, board: Path | None, under_way: dict[int, Job]
) -> Iterator[Outcome]:
    """Replay what waits, until it is done or a worker is killed; ``under_way`` then holds what was begun."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    def begun() -> Iterator[object]:
        while waiting:
            job = waiting.pop(0)
            under_way[job.number] = job
            yield delayed(_in_worker)(job, board)

    # Handed out one by one: what is under way is known, and a long recording never waits behind a short one.
    parallel = Parallel(
        n_jobs=workers,
        backend="loky",
        return_as="generator_unordered",
        pre_dispatch=workers,
        batch_size=1,
        max_nbytes=None,
    )
    try:
        for outcome in parallel(begun()):
            del under_way[outcome.number]
            yield outcome
    except BrokenProcessPool:
        _log.warning("a worker was killed; %d recordings are replayed once more", len(under_way))


def _in_worker(job: Job, board: Path | None) -> Outcome:
    # Ctrl-C reaches every process of a terminal: the one that was asked ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if board is None:
        return replay_one(job)
    return replay_one(job, partial(show_on_board, board, job.number))


def _dismiss() -> None:
    """End joblib's workers, which would stay for five minutes."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def longest_first(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs by size: what takes longest is begun first, so that none is left alone at the end."""
    return sorted(jobs, key=lambda job: -job.size)
