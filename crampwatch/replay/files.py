"""`crampwatch replay`: recordings through the same pipeline as live, and a table of what was found.

    recordings named, found or matched → one `replay_one` each, run in turn, by processes or by a cluster → a report

Finished recordings are not replayed again, and what cannot be replayed is told and takes nothing else with it.
"""

import sys
from collections.abc import Sequence

from rich.console import Console

from crampwatch.errors import BAD_INPUT, DONE
from crampwatch.replay.finding import Listed, find_recordings
from crampwatch.replay.one import How, Job, Outcome
from crampwatch.replay.parquet import check_parquet, write_parquet
from crampwatch.replay.program import program_here
from crampwatch.replay.progress import Bars
from crampwatch.replay.receipts import writing
from crampwatch.replay.report import tell, write_json, write_rows
from crampwatch.replay.request import ReplayRequest
from crampwatch.replay.runners import Runner, one_after_another, several_at_once


def replay_files(request: ReplayRequest) -> int:
    """Replay every recording; one that cannot be is told and the rest goes on. Return the exit code.

    Raises:
        ReplayError: the request itself cannot be met.
        ClusterError: the cluster cannot be used.
    """
    request.check()
    errors = Console(stderr=True)
    results = [path for path in (request.events_dir, request.parquet) if path]
    listing = find_recordings(request.files, results)
    _prepare(request)
    jobs = jobs_of(request, listing.recordings)
    for trouble in listing.troubles:
        tell(errors, f"crampwatch: {trouble}", "red")
    outcomes = _run(_runner(request), jobs, errors)
    if request.json:
        write_json(outcomes, sys.stdout)
    else:
        write_rows(outcomes, sys.stdout, errors, everything=request.everything)
    # Last: where the disk refuses it, what was found is told all the same.
    if request.parquet:
        found = [outcome.found for outcome in outcomes if outcome.found]
        write_parquet(request.parquet, found, request.events_dir)
    return BAD_INPUT if listing.troubles or any(outcome.error for outcome in outcomes) else DONE


def jobs_of(request: ReplayRequest, recordings: Sequence[Listed]) -> list[Job]:
    """Return what is to be done, numbered in the order of the command."""
    how = How(
        request.events_dir,
        request.pace(),
        request.via,
        request.channels,
        request.span,
        request.force,
        program_here(),
    )
    return [Job(number, one.path, one.name, one.size, how) for number, one in enumerate(recordings)]


def _prepare(request: ReplayRequest) -> None:
    """Make the folders of the results before the work, so that a wrong one is not told after an hour of it."""
    if request.parquet:
        check_parquet(request.parquet, request.events_dir, force=request.force)
    if request.events_dir:
        with writing(request.events_dir):
            request.events_dir.mkdir(parents=True, exist_ok=True)


def _runner(request: ReplayRequest) -> Runner:
    if request.scheduler is not None:
        from crampwatch.replay.cluster import on_cluster

        return on_cluster(request.scheduler)
    if request.mqtt is not None:
        from crampwatch.replay.mqtt import through_broker

        return through_broker(request.mqtt)
    return several_at_once(request.jobs) if request.jobs > 1 else one_after_another


def _run(runner: Runner, jobs: Sequence[Job], errors: Console) -> list[Outcome]:
    """Return what became of each recording, in the order of the command."""
    outcomes: list[Outcome] = []
    with Bars(errors, list(jobs)) as bars:
        try:
            for outcome in runner(jobs, bars):
                outcomes.append(outcome)
                bars.done(outcome)
                _tell(outcome, errors)
        except KeyboardInterrupt:
            rest = "; the same command goes on from there" if jobs and jobs[0].how.events_dir else ""
            tell(errors, f"crampwatch: {len(outcomes)} of {len(jobs)} recordings are finished{rest}")
            raise
    return sorted(outcomes, key=lambda outcome: outcome.number)


def _tell(outcome: Outcome, errors: Console) -> None:
    for warning in outcome.found.warnings if outcome.found else ():
        tell(errors, f"crampwatch: {outcome.path}: {warning}", "yellow")
    if outcome.error:
        tell(errors, f"crampwatch: {outcome.error}", "red")
