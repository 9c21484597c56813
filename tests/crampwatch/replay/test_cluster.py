"""On a Dask cluster of two workers: the same bytes; and every way in which a cluster may not be what it should."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crampwatch.channel_flags import ChannelFlags
from crampwatch.replay.cluster import ClusterError
from crampwatch.replay.files import replay_files
from crampwatch.replay.one import How, Job, replay_one
from crampwatch.replay.program import program_here
from crampwatch.replay.span import EVERYTHING
from tests.crampwatch.replay.replaying import cohort, copied, request, written

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cohort(tmp_path_factory.mktemp("nights"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    start: Any = LocalCluster
    made = start(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    )
    with closing(made):
        yield made


def test_a_cluster_gives_the_same_bytes_and_goes_on_where_it_stopped(
    nights: Path, cluster: Any, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Workers were started elsewhere: names on the command line may be relative to here.
    monkeypatch.chdir(copied(nights, tmp_path / "in"))
    Path("ben", "bad.edf").write_bytes(b"no recording")
    assert replay_files(request(Path(), events_dir=Path("../here"), json=True)) == 1
    here = json.loads(capsys.readouterr().out)
    there = []
    for _ in range(2):
        code = replay_files(
            request(Path(), events_dir=Path("../there"), json=True, scheduler=cluster.scheduler_address)
        )
        assert code == 1
        there.append(json.loads(capsys.readouterr().out))
    assert written(tmp_path / "there") == written(tmp_path / "here")
    assert [entry.get("was_finished") for entry in there[1]] == [True, None, True, True]
    for entry in (*here, *there[0]):
        if "error" in entry:
            assert "not an EDF or BDF recording" in entry.pop("error")
        else:
            entry["events_file"] = entry["events_file"].partition("/")[2].partition("/")[2]
    assert here == there[0]


def test_a_killed_worker_of_a_cluster_loses_nothing(nights: Path, cluster: Any, tmp_path: Path) -> None:
    pids = [worker.pid for worker in cluster.workers.values()]
    killer = threading.Timer(0.7, os.kill, (pids[0], signal.SIGKILL))
    killer.start()
    out = tmp_path / "out"
    assert replay_files(request(nights, events_dir=out, speed="40", scheduler=cluster.scheduler_address)) == 0
    killer.join()
    assert replay_files(request(nights, events_dir=tmp_path / "here")) == 0
    assert written(out) == written(tmp_path / "here")


def test_a_worker_that_dies_while_it_is_asked_stops_nothing(
    nights: Path, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = next(iter(cluster.workers.values())).pid

    def dying() -> str:
        if os.getpid() == doomed:
            os.kill(doomed, signal.SIGKILL)
        return program_here()

    monkeypatch.setattr("crampwatch.replay.cluster.program_here", dying)
    out = tmp_path / "out"
    assert replay_files(request(nights, events_dir=out, scheduler=cluster.scheduler_address)) == 0
    assert replay_files(request(nights, events_dir=tmp_path / "here")) == 0
    assert written(out) == written(tmp_path / "here")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9"])
def test_a_scheduler_that_does_not_answer_is_told(
    nights: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("crampwatch.replay.cluster.ANSWER_S", 0.3)
    with pytest.raises(ClusterError, match=f"--scheduler {address}: no Dask scheduler answers"):
        replay_files(request(nights, scheduler=address))


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:9", "tcp://127.0.0.1", "tcp://:1"])
def test_what_is_no_address_of_a_scheduler_is_refused_before_anything_is_asked(
    nights: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("distributed.Client", None)
    with pytest.raises(ClusterError, match="--scheduler: expected an address such as tcp://"):
        replay_files(request(nights, scheduler=address))


def test_a_worker_with_another_program_is_refused(
    nights: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.replay.files.program_here", lambda: "crampwatch 9")
    with pytest.raises(ClusterError, match="runs another program: expected crampwatch 9, got crampwatch 0"):
        replay_files(request(nights, scheduler=cluster.scheduler_address))


def test_a_worker_that_sees_other_disks_is_refused(
    nights: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.replay.cluster._name_there", lambda path: f"/elsewhere{path}")
    with pytest.raises(ClusterError, match="must lie on a disk that all of them share"):
        replay_files(request(nights, scheduler=cluster.scheduler_address))


def test_a_worker_refuses_a_job_of_another_program(nights: Path) -> None:
    how = How(None, float("inf"), "file", ChannelFlags(), EVERYTHING, force=False, program="crampwatch 9")
    outcome = replay_one(Job(0, nights / "anna" / "night.edf", Path("night"), 1, how))
    assert "expected crampwatch 9, got crampwatch 0" in outcome.error
