"""Recordings in the lab: anything may be sent, only recordings stay; what the detector sees of them is shown."""

import os
import shutil
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboard import lab_run
from dashboard.lab_results import seen_trace
from dashboard.lab_shelf import MOST_UPLOADS, Shelf, clean_name
from dashboard.wave_format import HEADER
from detector.event_files import read_events
from detector.observed_pipeline import SEEN
from tests.dashboard.addresses import HERE
from tests.dashboard.recorded import CRAMP, NIGHT, SECONDS, START, record_night

OURS = {"origin": HERE}
BEGAN = START.timestamp()
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return record_night(tmp_path_factory.mktemp("nights")).read_bytes()


def send(client: TestClient, content: bytes, name: str = "mine.edf", **headers: str) -> Any:
    return client.post("/api/lab/recordings", params={"name": name}, content=content, headers=OURS | headers)


def post(client: TestClient, path: str, status: int = 200, content: bytes = b"") -> Any:
    answer = client.post(f"/api/lab/{path}", content=content, headers=OURS)
    assert answer.status_code == status, answer.text
    return answer.json()


def left(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "lab").rglob("*") if path.is_file()]


def finished(client: TestClient, item: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        facts: dict[str, Any] = client.get(f"/api/lab/recordings/{item}").json()
        if facts["state"] != "running":
            return facts
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_file_is_taken_looked_through_shown_scored_and_removed(
    client: TestClient, tmp_path: Path, recording: bytes
) -> None:
    answer = send(client, recording, "../../etc/<b>night</b>.edf")
    assert answer.status_code == 201
    item = answer.json()["id"]
    listed = client.get("/lab/recordings").text
    assert "b&gt;.edf" in listed
    assert "<b>night" not in listed
    assert client.get(f"/api/lab/recordings/{item}").json()["state"] == "ready"
    assert client.get(f"/api/lab/recordings/{item}/events.tsv").status_code == 404
    post(client, f"recordings/{item}/truth", 409)
    post(client, f"recordings/{item}/run")
    post(client, f"recordings/{item}/run", 409)
    facts = finished(client, item)
    assert (facts["state"], facts["start"], facts["end"]) == ("done", BEGAN, BEGAN + SECONDS)
    # Noise is no cramp; that something held the level up is seen.
    assert facts["events"]
    assert all(BEGAN <= event["start"] <= BEGAN + SECONDS for event in facts["events"])

    window = {"t0": BEGAN + CRAMP[0], "t1": BEGAN + CRAMP[1], "px": 400}
    chunk = client.get(
        f"/api/lab/recordings/{item}/wave", params={**window, "ch": "emg,tonic,times_resting"}
    ).content
    bins = []
    while chunk:
        _, kind, curve, _, _, count, flags, _, _ = HEADER.unpack_from(chunk)
        size = count * {0: 2, 1: 4, 2: 4}[kind] + flags
        bins.append((curve, count, struct.unpack_from(f"<{count}f", chunk, HEADER.size) if kind == 2 else ()))
        chunk = chunk[HEADER.size + size + -size % 8 :]
    assert [curve for curve, _, _ in bins] == [0, 1, 2]
    assert np.nanmax(bins[2][2]) > 10

    table = tmp_path / "events.tsv"
    table.write_bytes(client.get(f"/api/lab/recordings/{item}/events.tsv").content)
    assert len(read_events(table)) == len(facts["events"])
    truth = f"onset\tduration\ttrial_type\n{CRAMP[0]}\t{CRAMP[1] - CRAMP[0]}\ttonic\n".encode()
    told = post(client, f"recordings/{item}/truth", content=truth)
    figures = {one["name"]: one["value"] for one in told["scores"][0]["figures"]}
    assert " of 1 " in figures["Found of those there"]
    assert told["events"][0]["start"] == BEGAN + CRAMP[0]
    for bad in (b"", b"\xff\xff", b"onset\tduration\ttrial_type\nx\t1\ttonic\n"):
        why = post(client, f"recordings/{item}/truth", 400, bad)["why"]
        assert "cannot be used" in why
        assert str(tmp_path) not in why

    post(client, f"recordings/{item}/remove")
    assert left(tmp_path) == []
    assert client.get(f"/lab/recordings/{item}").status_code == 404


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "no recording": lambda _: b"PK\x03\x04" * 2000,
    "a header alone": lambda content: content[:256],
    "cut off in the first record": lambda content: content[:2500],
    "no number of signals": lambda content: content[:252] + b"lots" + content[256:],
    "text": lambda _: ("<script>alert(1)</script>" * 900).encode(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_recording_is_refused_in_words_and_leaves_nothing(
    client: TestClient, tmp_path: Path, recording: bytes, damage: str
) -> None:
    answer = send(client, DAMAGES[damage](recording))
    assert answer.status_code == 400, answer.text
    assert "no recording that can be used" in answer.json()["why"]
    assert str(tmp_path) not in answer.json()["why"]
    assert left(tmp_path) == []


def test_what_is_too_big_is_refused_before_and_while_it_comes(
    client: TestClient, tmp_path: Path, recording: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.lab_shelf.MOST_BYTES", 1024)
    assert send(client, recording).status_code == 507
    pieces = (recording[at : at + 4096] for at in range(0, len(recording), 4096))
    # Nobody announces how much it is.
    assert send(client, pieces).status_code == 507  # type: ignore[arg-type]
    assert left(tmp_path) == []
    monkeypatch.undo()
    usage = shutil.disk_usage(tmp_path)
    for more, status in ((len(recording) - 1, 507), (1 << 22, 201)):
        # The last gigabyte is the night's.
        free = (1 << 30) + more
        monkeypatch.setattr("shutil.disk_usage", lambda _place, free=free: usage._replace(free=free))
        assert send(client, recording).status_code == status
        assert bool(left(tmp_path)) == (status == 201)


def test_the_shelf_holds_so_many_uploads_and_nights_besides(client: TestClient, recording: bytes) -> None:
    for _ in range(MOST_UPLOADS):
        assert send(client, recording).status_code == 201
    assert send(client, recording).status_code == 507
    body = b'{"name": "%s"}' % NIGHT.encode()
    night = post(client, "nights", 201, body)["id"]
    assert post(client, "nights", 201, body)["id"] == night
    assert client.get(f"/api/lab/recordings/{night}").json()["start"] == BEGAN


def test_a_night_stays_when_it_is_closed_and_a_run_can_be_stopped(client: TestClient, tmp_path: Path) -> None:
    item = post(client, "nights", 201, b'{"name": "%s"}' % NIGHT.encode())["id"]
    post(client, f"recordings/{item}/run")
    post(client, f"recordings/{item}/stop")
    assert client.get(f"/api/lab/recordings/{item}").json()["state"] in {"ready", "done"}
    post(client, f"recordings/{item}/remove")
    assert (tmp_path / "nights" / NIGHT / "signal.edf").is_file()


def test_what_the_detector_cannot_use_is_told(client: TestClient, tmp_path: Path, recording: bytes) -> None:
    item = send(client, recording).json()["id"]
    # Gone meanwhile.
    next((tmp_path / "lab" / item).glob("*.edf")).write_bytes(b"gone")
    post(client, f"recordings/{item}/run")
    deadline = time.monotonic() + PATIENCE_S
    failed = tmp_path / "lab" / item / "failed"
    while not failed.is_file():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert str(tmp_path) not in failed.read_text()


@pytest.mark.parametrize("item", ["x", "0" * 16, "0123456789abcdeg", "..%5c"])
def test_what_is_not_on_the_shelf_is_not_found(client: TestClient, item: str) -> None:
    for path in (
        f"/lab/recordings/{item}",
        f"/api/lab/recordings/{item}",
        f"/api/lab/recordings/{item}/events.tsv",
    ):
        assert client.get(path).status_code == 404
    assert client.post(f"/api/lab/recordings/{item}/run", headers=OURS).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"7", b'{"name": "../../etc"}', b'{"name": "2020-01-01_x"}']
)
def test_what_is_no_night_is_not_opened(client: TestClient, body: bytes) -> None:
    assert client.post("/api/lab/nights", content=body, headers=OURS).status_code in {400, 404}


def test_what_was_uploaded_goes_with_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "lab" / ("0" * 16)).mkdir(parents=True)
    Shelf(tmp_path / "lab")
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a.edf", "a.edf"),
        ("../../x/y.edf", "y.edf"),
        ("C:\\x\\y.edf", "y.edf"),
        ("", "recording"),
        ("..", "recording"),
        ("a\0b\n\u202ec.edf", "abc.edf"),
        ("x" * 200, "x" * 80),
    ],
)
def test_names_are_shown_without_tricks(given: str, shown: str) -> None:
    assert clean_name(given) == shown


def test_what_was_seen_is_cut_to_the_window_and_its_highest_kept(tmp_path: Path) -> None:
    columns = len(SEEN)
    seen = np.arange(100 * columns, dtype="<f4").reshape(100, columns)
    seen[10:20] = np.nan
    (tmp_path / "seen.f32").write_bytes(seen.tobytes())
    fine = seen_trace(tmp_path, 2, columns, 0.25, (1.0, 3.0, 400))
    assert (fine.start_s, fine.step_s) == (1.0, 0.25)
    np.testing.assert_array_equal(fine.values, seen[4:13, 2])
    coarse = seen_trace(tmp_path, 2, columns, 0.25, (0.0, 25.0, 10))
    assert coarse.step_s == 2.5
    np.testing.assert_array_equal(coarse.values, np.fmax.reduce(seen[:, 2].reshape(10, 10), axis=1))
    assert len(seen_trace(tmp_path, 2, columns, 0.25, (900.0, 990.0, 10)).values) == 0


def test_where_no_process_may_step_back_a_recording_is_looked_through_all_the_same(
    tmp_path: Path, recording: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_by: int) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "nice", refused)
    monkeypatch.setattr(lab_run, "bind", lambda _seconds: None)
    # Its parent stays: a line that ends would end this process.
    monkeypatch.setattr(lab_run, "_end_with_parent", lambda: None)
    (tmp_path / "mine.edf").write_bytes(recording)
    assert lab_run.main([str(tmp_path / "mine.edf"), str(tmp_path)]) == 0
    assert (tmp_path / lab_run.DONE).is_file()
