"""A file is numbers: none can run anything, leave its place, or take the machine from the night that is recorded."""

from __future__ import annotations

import io
import json
import pickle
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import joblib
import numpy as np
import pytest
from starlette.testclient import TestClient

from crampwatch.settings import SettingsError, load_settings
from crampwatch.upkeep.backup import MANIFEST, back_up
from crampwatch.upkeep.errors import BackupError
from crampwatch.upkeep.home import Home
from crampwatch.upkeep.restore import restore
from dashboard import lab_shelf
from dashboard.lab_look import why_not
from dashboard.lab_shelf import Shelf
from detector.alerter.caregivers import CaregiversError, load_household
from detector.bundle import CARD, PARAMETERS, BundleError, load_model
from firmware_bridge.formats.montage import MontageError, load_montage
from firmware_bridge.recordings import RecordingError, open_recording
from tests.dashboard.addresses import HERE
from tests.dashboard.recorded import record_night

REFUSALS = (BundleError, CaregiversError, MontageError, RecordingError, SettingsError)
SUFFIXES = ("edf", "csv", "npz", "npy", "mat", "h5", "parquet", "xdf", "otb+", "hea")


class Touch:
    """Leaves a file behind wherever it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (Path.touch, (self.path,))


def pickled(touch: Touch) -> bytes:
    return pickle.dumps(touch)


def joblib_file(touch: Touch) -> bytes:
    kept = io.BytesIO()
    joblib.dump(touch, kept)
    return kept.getvalue()


def of_objects(touch: Touch) -> np.ndarray[Any, Any]:
    array = np.empty(1, object)
    array[0] = touch
    return array


def npy(touch: Touch) -> bytes:
    kept = io.BytesIO()
    np.save(kept, of_objects(touch), allow_pickle=True)
    return kept.getvalue()


def npz(touch: Touch) -> bytes:
    kept = io.BytesIO()
    np.savez(kept, emg=of_objects(touch))
    return kept.getvalue()


def skops(touch: Touch) -> bytes:
    """A model card's archive as skops writes one, with a pickle in it (CVE-2025-54886 read such by joblib)."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr(
            "schema.json", json.dumps({"__class__": "touch", "__module__": "os", "__loader__": "ObjectNode"})
        )
        archive.writestr("model.pkl", pickled(touch))
    return kept.getvalue()


LURES: dict[str, Callable[[Touch], bytes]] = {
    "pkl": pickled,
    "joblib": joblib_file,
    "npy": npy,
    "npz": npz,
    "skops": skops,
}


def as_model(lure: bytes, folder: Path) -> None:
    for name in (CARD, PARAMETERS, "model.pkl", "model.joblib", "model.skops"):
        (folder / name).write_bytes(lure)
    load_model(folder)


def as_recording(lure: bytes, folder: Path) -> None:
    for suffix in SUFFIXES:
        path = folder / f"night.{suffix}"
        path.write_bytes(lure)
        with pytest.raises(RecordingError):
            open_recording(path)
    open_recording(path)


def as_settings(lure: bytes, folder: Path) -> None:
    (folder / "settings.toml").write_bytes(lure)
    load_settings(folder / "settings.toml")


def as_montage(lure: bytes, folder: Path) -> None:
    (folder / "montage.toml").write_bytes(lure)
    load_montage(folder / "montage.toml", folder / "night.edf")


@pytest.mark.parametrize("lure", LURES)
def test_a_file_that_would_run_code_is_refused_and_runs_nothing(tmp_path: Path, lure: str) -> None:
    canary = tmp_path / "canary"
    content = LURES[lure](Touch(canary))
    for number, use in enumerate((as_model, as_recording, as_settings, as_montage)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(REFUSALS):
            use(content, folder)
        assert not canary.exists(), use


def test_such_a_file_runs_code_where_it_is_unpickled(tmp_path: Path) -> None:
    for number, make in enumerate(LURES.values()):
        canary = tmp_path / f"canary-{number}"
        content = make(Touch(canary))
        if make in (npy, npz):
            loaded = np.load(io.BytesIO(content), allow_pickle=True)
            _ = loaded["emg"] if make is npz else loaded
        elif make is skops:
            pickle.loads(zipfile.ZipFile(io.BytesIO(content)).read("model.pkl"))
        else:
            joblib.load(io.BytesIO(content))
        assert canary.exists(), make


def test_no_file_of_words_can_ask_for_a_command(tmp_path: Path) -> None:
    canary, path = tmp_path / "canary", tmp_path / "words.toml"
    reads = (load_settings, load_household, lambda file: load_montage(file, tmp_path / "night.edf"))
    for text in (
        f'!!python/object/apply:os.system ["touch {canary}"]\n',
        f'__import__("os").system("touch {canary}")\n',
        f'[[caregiver]]\nname = "A"\nchannels = ["exec://touch {canary}"]\n',
    ):
        path.write_text(text)
        path.chmod(0o600)
        for read in reads:
            with pytest.raises(REFUSALS):
                read(path)
    assert not canary.exists()


@pytest.mark.parametrize(
    "opening", [b"\x89HDF\r\n\x1a\n", b"PAR1", b"MATLAB 5.0 MAT-file", b"\x93NUMPY\x01\x00", b"XDF:"]
)
def test_no_library_reads_what_is_sent_to_the_lab(tmp_path: Path, opening: bytes) -> None:
    path = tmp_path / "recording.edf"
    path.write_bytes(opening + bytes(5000))
    assert why_not(path) == "expected an EDF, EDF+ or BDF file"
    assert why_not(record_night(tmp_path)) == ""


BIND = "from dashboard.lab_bounds import bind; bind(cpu_s={cpu_s}, memory_bytes=64 * 2**20)"


@pytest.mark.skipif(sys.platform != "linux", reason="bounded by the Linux kernel")
@pytest.mark.parametrize(
    ("cpu_s", "then", "ended", "said"),
    [
        (30, "x = bytearray(128 * 2**20)", 1, "MemoryError"),
        (1, "while True: pass", -signal.SIGKILL, ""),
        (30, "x = bytearray(2**20)", 0, ""),
    ],
)
def test_a_reader_is_stopped_at_its_bounds(cpu_s: int, then: str, ended: int, said: str) -> None:
    script = f"{BIND.format(cpu_s=cpu_s)}\n{then}"
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert outcome.returncode == ended, outcome.stderr
    assert said in outcome.stderr


@pytest.mark.parametrize("end", ["os.abort()", "os._exit(7)", "sys.exit('told')"])
def test_a_reader_that_dies_takes_nobody_with_it(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    (tmp_path / "dying_reader.py").write_text(f"import os, sys\n{end}\n")
    monkeypatch.setattr(lab_shelf, "LOOK", "dying_reader")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = client.post("/api/lab/recordings?name=x.edf", content=b"0       ", headers={"origin": HERE})
    assert answer.status_code == 400
    assert "had to be stopped" in answer.json()["why"]
    assert client.get("/lab/recordings").status_code == 200
    assert [path for path in (tmp_path / "lab").rglob("*") if path.is_file()] == []


UPS = (
    "..",
    "../..",
    "../../..",
    "....//",
    "..\\..",
    "%2e%2e",
    "..%2f..",
    "..%5c..",
    "%252e%252e%252f",
    "..;",
    ".",
    "~",
    "",
)
ENDS = (
    *("secret.txt", "/secret.txt", "secret.txt\0.edf", "secret.txt%00.edf", "./secret.txt", "//secret.txt"),
    *("etc/passwd", "\\secret.txt", "secret.txt ", "secret.txt.", "CON", "secret.txt\n", "file:secret.txt"),
    *("\u2025/secret.txt", "\u2215secret.txt", "link/secret.txt"),
)
NAMES = [f"{up}/{end}" for up in UPS for end in ENDS]


def test_two_hundred_names_lead_nowhere(client: TestClient, tmp_path: Path) -> None:
    assert len(NAMES) >= 200
    secret = tmp_path / "secret.txt"
    secret.write_text("what nobody may read")
    (tmp_path / "nights" / "link").symlink_to(tmp_path)
    (tmp_path / "lab" / "link").parent.mkdir()
    (tmp_path / "lab" / "link").symlink_to(tmp_path)
    for number, name in enumerate(NAMES):
        written = quote(name, safe="") if number % 2 else name.replace("\0", "%00").replace("\n", "%0a")
        for place in ("/static/", "/nights/", "/api/lab/recordings/"):
            answer = client.get(f"{place}{written}", follow_redirects=False)
            assert answer.status_code < 500, (place, name)
            assert b"nobody may read" not in answer.content, (place, name)
            assert b"root:" not in answer.content, (place, name)


def test_two_hundred_uploads_lie_where_they_were_put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_shelf, "MOST_UPLOADS", len(NAMES) + 1)
    # What is looked at here is the place, not the content.
    monkeypatch.setattr(lab_shelf, "_check", lambda *_: None)
    base = tmp_path / "house" / "lab"
    base.parent.mkdir()
    shelf = Shelf(base)

    async def piece() -> AsyncIterator[bytes]:
        yield b"x"

    # Only the newest is asked about, or the time would grow with the square.
    monkeypatch.setattr(shelf, "all", list)
    for name in NAMES:
        shelved = anyio.run(shelf.take_upload, name, 1, piece())
        assert shelved.path.resolve().parent.parent == base.resolve()
        assert not {"/", "\\", "\0", "\n"} & set(shelved.name)
    assert [path.name for path in tmp_path.iterdir()] == ["house"]
    assert [path.name for path in base.parent.iterdir()] == ["lab"]
    assert {path.name for path in base.rglob("*") if path.is_file()} == {"card.json", "recording.edf"}


@pytest.mark.parametrize(
    "name", ["data/../../evil", "/etc/evil", "evil", "data/../evil", "../data/evil", "data"]
)
def test_a_backup_whose_list_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    made, file = tmp_path / "backup", tmp_path / "data" / "fits" / "left-calf.toml"
    file.parent.mkdir(parents=True)
    file.write_text("kept")
    back_up(Home(tmp_path / "data"), tmp_path / "settings.toml", made)
    manifest = json.loads((made / MANIFEST).read_text())
    manifest["files"][name] = manifest["files"]["data/fits/left-calf.toml"]
    # What it leads to is just what the list says.
    (tmp_path / "evil").write_text("kept")
    (made / "evil").write_text("kept")
    (made / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match="which is no file of a backup"):
        restore(made, Home(tmp_path / "other"), tmp_path / "settings.toml")
    assert not (tmp_path / "other").exists()
