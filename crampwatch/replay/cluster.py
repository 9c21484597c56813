"""Replaying on a Dask cluster that is there already: its workers see the same files and run the same program.

ClusterError    the cluster cannot be reached or used, or was lost; the text says what to do

What travels is the name of a recording and, back, what was found in it; the recordings and the events files lie on a
disk that all of them see. Who can reach a Dask scheduler can have its workers run anything: use none but your own.
"""

import ctypes
import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from crampwatch.replay.one import Job, Outcome, placed, replay_one
from crampwatch.replay.program import program_here
from crampwatch.replay.progress import Bars
from crampwatch.replay.receipts import writing
from crampwatch.replay.runners import Runner, longest_first

_log = logging.getLogger(__name__)

# glibc's names for the size from which on every array is a mapping of its own, and for what may stay free at the end of
# the heap, each with what a replay wants, bytes: the largest that glibc takes, and what a thread's heap holds at most.
M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -3, -1
GLIBC_KEEPS = {M_MMAP_THRESHOLD: 1 << 25, M_TRIM_THRESHOLD: 1 << 26}

# How long a scheduler may take to answer, and to have a worker, s.
ANSWER_S, WORKER_S = 10.0, 30.0

# What Dask takes for an address over a network, its port always said.
_ADDRESS = re.compile(r"(?:tcp|tls|ucx|ws|wss)://\S+:\d{1,5}", re.ASCII)


class ClusterError(RuntimeError):
    """The cluster cannot be used."""


def on_cluster(address: str) -> Runner:
    """Return what replays on the workers of the scheduler at ``address``, such as ``tcp://host:8786``."""

    def run(jobs: Sequence[Job], _bars: Bars) -> Iterator[Outcome]:
        with _client(address) as client:
            if jobs:
                _check_program(client, address, jobs[0].how.program)
                _check_files(client, address, jobs)
                yield from _outcomes(client, address, jobs)

    return run


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            f"--scheduler needs {error.name}, which is not installed; "
            'bring it in with: pip install "crampwatch[cluster]"'
        ) from error
    if not _ADDRESS.fullmatch(address):
        # A client that was given none is still busy with it when the program ends.
        raise ClusterError(
            f"--scheduler: expected an address such as tcp://192.0.2.5:8786, got {address!r}; "
            "it is what `dask scheduler` says when it starts"
        )
    connect: Any = Client
    try:
        client = connect(address, timeout=ANSWER_S, set_as_default=False)
    except (OSError, TimeoutError, TypeError, ValueError) as error:
        raise ClusterError(
            f"--scheduler {address}: no Dask scheduler answers there within {ANSWER_S:g} s; start one with "
            "`dask scheduler` and `dask worker`, and give its address, such as tcp://192.0.2.5:8786"
        ) from error
    try:
        try:
            client.wait_for_workers(1, timeout=WORKER_S)
        except TimeoutError as error:
            raise ClusterError(
                f"--scheduler {address}: expected at least one worker, got none within {WORKER_S:g} s; "
                f"start one with `dask worker {address}`"
            ) from error
        yield client
    finally:
        client.close()


def _on_all(client: Any, address: str, ask: Any, *arguments: object) -> Mapping[str, Any]:  # noqa: ANN401 - distributed has no types
    """Ask every worker; return what ``ask`` returned or raised, without those that died meanwhile."""
    from distributed.comm.core import CommClosedError

    asked: Mapping[str, Any] = client.run(ask, *arguments, on_error="return")
    answers = {worker: answer for worker, answer in asked.items() if not isinstance(answer, CommClosedError)}
    if not answers:
        raise ClusterError(
            f"--scheduler {address}: expected a worker that stays, lost all {len(asked)} while they were asked; "
            "see why they end, and give the command again"
        )
    failed = {worker: answer for worker, answer in answers.items() if isinstance(answer, BaseException)}
    if failed:
        worker, error = next(iter(failed.items()))
        raise ClusterError(
            f"--scheduler {address}: worker {worker} cannot run crampwatch ({type(error).__name__}: {error}); "
            "install the same version on all of them"
        )
    return answers


def _check_program(client: Any, address: str, here: str) -> None:  # noqa: ANN401 - distributed has no types
    for worker, theirs in _on_all(client, address, program_here).items():
        if theirs != here:
            raise ClusterError(
                f"--scheduler {address}: worker {worker} runs another program: expected {here}, got {theirs}; "
                "install the same version on all of them"
            )


def _check_files(client: Any, address: str, jobs: Sequence[Job]) -> None:  # noqa: ANN401 - distributed has no types
    """Refuse a cluster that sees other disks: it would find no recordings, or write where nobody looks."""
    first = next((job for job in jobs if job.path.exists()), None)
    events_dir = jobs[0].how.events_dir
    if first is not None:
        for worker, size in _on_all(client, address, size_of, _name_there(first.path)).items():
            if size != first.path.stat().st_size:
                raise _other_disk(address, worker, first.path)
    if events_dir is not None:
        token = events_dir / f".seen-{secrets.token_hex(8)}"
        with writing(events_dir):
            token.touch()
        try:
            for worker, size in _on_all(client, address, size_of, _name_there(token)).items():
                if size != 0:
                    raise _other_disk(address, worker, events_dir)
        finally:
            token.unlink(missing_ok=True)


def _name_there(path: Path) -> str:
    """Return a name that holds wherever a worker was started."""
    return str(path.absolute())


def size_of(path: str) -> int | None:
    """Return the size of a file as a worker sees it; None where it sees none."""
    try:
        return Path(path).stat().st_size
    except OSError:
        return None


def _other_disk(address: str, worker: str, path: Path) -> ClusterError:
    return ClusterError(
        f"--scheduler {address}: worker {worker} does not see {path} as this computer does: "
        "recordings and --events-dir must lie on a disk that all of them share, under the same name"
    )


def _outcomes(client: Any, address: str, jobs: Sequence[Job]) -> Iterator[Outcome]:  # noqa: ANN401 - distributed has no types
    from distributed import as_completed

    completed: Any = as_completed
    ordered = longest_first(jobs)
    # Not pure: the same file asked for again is to be looked at again.
    futures = client.map(replay_on_worker, [_for_a_worker(job) for job in ordered], pure=False)
    by_future = dict(zip(futures, ordered, strict=True))
    try:
        for future in completed(futures, loop=client.loop):
            yield _outcome(by_future[future], future, address)
    finally:
        client.cancel(futures)


def replay_on_worker(job: Job) -> Outcome:
    """Replay a recording in this process, a worker of the cluster.

    Dask starts its workers with MALLOC_TRIM_THRESHOLD_ set, and glibc then stops adapting itself to a program that
    uses and frees arrays of the same sizes: each would be mapped, cleared and given back anew, half of the time.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            for name, value in GLIBC_KEEPS.items():
                mallopt(name, value)
    return replay_one(job)


def _outcome(job: Job, future: Any, address: str) -> Outcome:  # noqa: ANN401 - distributed has no types
    if future.status == "finished":
        return _as_asked(job, future.result())
    error = future.exception() if future.status == "error" else None
    why = f"{type(error).__name__}: {error}" if error else f"it was {future.status}"
    _log.error("%s: %s", job.path, why)
    return Outcome(
        job.number, job.path, error=f"{job.path}: the cluster at {address} did not replay it ({why})"
    )


def _for_a_worker(job: Job) -> Job:
    """Return the job by names that hold wherever a worker was started."""
    events_dir = job.how.events_dir
    how = replace(job.how, events_dir=Path(_name_there(events_dir)) if events_dir else None)
    return replace(job, path=Path(_name_there(job.path)), how=how)


def _as_asked(job: Job, outcome: Outcome) -> Outcome:
    """Return what a worker says by the names that the person used."""
    found = outcome.found
    return replace(outcome, path=job.path, found=placed(found, job) if found else None)
