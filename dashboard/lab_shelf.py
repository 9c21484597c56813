"""Recordings that are looked through in the lab: nights of the log, and files that somebody uploaded for a while.

An upload lies in a folder of its own, under a name of ours, and goes with the program's next start. It is first looked
at in a process of its own that may use little memory and time. Only one recording is looked through at a time, in
another such process, which may be stopped.

    ShelfError
    ├── NoRoomError         the disk, or the shelf, is full
    └── NoRecordingError    what came is no recording
"""

import json
import re
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from starlette.concurrency import run_in_threadpool

from dashboard.lab_run import DONE, FAILED, PROGRESS

State = Literal["ready", "running", "done", "failed"]
# A night of eight channels at 4 kHz is 2 GB.
MOST_BYTES = 4 * 1024**3
# Left free for the night that is being recorded.
SPARE_BYTES = 1024**3
# Uploads on the shelf at once.
MOST_UPLOADS = 4
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_LONGEST_NAME = 80
_CARD, _UPLOADED = "card.json", "recording.edf"
_FAREWELL_S = 5.0
_STEP_BYTES = 1024 * 1024
# Looks at a file before anybody else here does.
LOOK = "dashboard.lab_look"
# It may compute for half of that; the machine may be busy, s.
_PATIENCE_S = 60.0
_RESULTS = (PROGRESS, DONE, FAILED)


class ShelfError(RuntimeError):
    """A recording cannot be taken; the text is for the person."""


class NoRoomError(ShelfError):
    """The disk, or the shelf, is full."""


class NoRecordingError(ShelfError):
    """What came is no recording."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A recording on the shelf.

    Attributes:
        id: Its name in addresses.
        name: What it is called.
        path: The recording.
        folder: Where results lie.
    """

    id: str
    name: str
    path: Path
    folder: Path


class Shelf:
    """The shelf, and the one process that works.

    Args:
        folder: Where it lies; emptied now.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._running = ""
        # What was uploaded for a while must not stay for ever.
        shutil.rmtree(folder, ignore_errors=True)

    def all(self) -> list[Shelved]:
        """Return what is on the shelf, the newest first."""
        if not self._folder.is_dir():
            return []
        folders = [entry for entry in self._folder.iterdir() if (entry / _CARD).is_file()]
        folders.sort(key=lambda entry: (entry / _CARD).stat().st_mtime, reverse=True)
        return [self.get(entry.name) for entry in folders]

    def get(self, item: str) -> Shelved:
        """Return one recording.

        Raises:
            KeyError: there is none of that id.
        """
        folder = self._folder / item
        if not _ID.fullmatch(item) or not (folder / _CARD).is_file():
            raise KeyError(item)
        card = json.loads((folder / _CARD).read_text("utf-8"))
        return Shelved(item, card["name"], Path(card["path"]), folder)

    def take_night(self, path: Path, name: str) -> Shelved:
        """Put a night's recording on the shelf; once, however often it is asked for."""
        for known in self.all():
            if known.path == path:
                return known
        folder = self._new()
        self._write_card(folder, name, path)
        return self.get(folder.name)

    async def take_upload(self, name: str, expected: int | None, pieces: AsyncIterator[bytes]) -> Shelved:
        """Put what is sent on the shelf; nothing stays of what cannot be used.

        Args:
            name: What its sender calls it.
            expected: How many bytes are announced; None where nobody says.
            pieces: What comes.

        Raises:
            NoRoomError: it is too big, or there is no room for it.
            NoRecordingError: it is no recording.
            OSError: it cannot be written.
        """
        if sum(known.path.parent == known.folder for known in self.all()) >= MOST_UPLOADS:
            raise NoRoomError(f"expected at most {MOST_UPLOADS} uploads; remove one")
        self._check_room(expected or 0)
        folder = self._new()
        try:
            path = folder / _UPLOADED
            written = await self._write(path, pieces)
            await run_in_threadpool(_check, path, written, expected)
            self._write_card(folder, clean_name(name), path)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return self.get(folder.name)

    async def _write(self, path: Path, pieces: AsyncIterator[bytes]) -> int:
        """Write what comes, in steps that a disk likes; return how many bytes it was."""
        waiting, written = bytearray(), 0
        async for piece in pieces:
            waiting += piece
            if len(waiting) >= _STEP_BYTES:
                written += await run_in_threadpool(self._append, path, bytes(waiting), written)
                waiting.clear()
        return written + await run_in_threadpool(self._append, path, bytes(waiting), written)

    def _append(self, path: Path, piece: bytes, written: int) -> int:
        self._check_room(len(piece), written + len(piece))
        with path.open("ab") as file:
            return file.write(piece)

    def begin(self, item: Shelved) -> bool:
        """Begin to look a recording through; tell whether it began: one at a time."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return False
            for name in _RESULTS:
                (item.folder / name).unlink(missing_ok=True)
            # The worker ends with us: its standard input does.
            command = [sys.executable, "-m", "dashboard.lab_run", str(item.path), str(item.folder)]
            # What it has to say stands in its folder; a traceback could hold whatever the file does.
            worker = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self._process, self._running = worker, item.id
            threading.Thread(target=_see_off, args=(self._process,), daemon=True).start()
            return True

    def stop(self, item: Shelved | None = None) -> None:
        """Stop looking a recording through; any, where none is named."""
        with self._lock:
            if self._process is None or (item is not None and item.id != self._running):
                return
            self._process.terminate()
            try:
                self._process.wait(_FAREWELL_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process, self._running = None, ""

    def remove(self, item: Shelved) -> None:
        """Take a recording off the shelf; a night itself stays where it is."""
        self.stop(item)
        shutil.rmtree(item.folder, ignore_errors=True)

    def state(self, item: Shelved) -> tuple[State, float, str]:
        """Return how far it is: the state, a share of the way, and why it failed."""
        if (item.folder / DONE).is_file():
            return "done", 1.0, ""
        if (item.folder / FAILED).is_file():
            return "failed", 0.0, (item.folder / FAILED).read_text("utf-8")
        with self._lock:
            process = self._process if self._running == item.id else None
            code = process.poll() if process is not None else None
        if process is None:
            return "ready", 0.0, ""
        if code is not None:
            return ("done", 1.0, "") if (item.folder / DONE).is_file() else ("failed", 0.0, f"exit {code}")
        try:
            return "running", float((item.folder / PROGRESS).read_text("utf-8")), ""
        except (FileNotFoundError, ValueError):
            return "running", 0.0, ""

    def card(self, item: Shelved) -> dict[str, Any]:
        """Return what a run has left: ``hop_s`` and ``seen``.

        Raises:
            OSError: nothing yet.
        """
        found: dict[str, Any] = json.loads((item.folder / DONE).read_text("utf-8"))
        return found

    def _new(self) -> Path:
        folder = self._folder / secrets.token_hex(8)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def _write_card(self, folder: Path, name: str, path: Path) -> None:
        (folder / _CARD).write_text(json.dumps({"name": name, "path": str(path)}), "utf-8")

    def _check_room(self, needed: int, written: int = 0) -> None:
        if max(needed, written) > MOST_BYTES:
            raise NoRoomError(f"expected at most {MOST_BYTES // 1024**3} GB")
        place = next(folder for folder in (self._folder, *self._folder.parents) if folder.is_dir())
        if shutil.disk_usage(place).free < needed + SPARE_BYTES:
            raise NoRoomError("the disk has no room for it beside tonight's recording")


def _see_off(process: subprocess.Popen[bytes]) -> None:
    """Wait for a worker's end, and close its line."""
    with process:
        process.wait()


def clean_name(name: str) -> str:
    """Return a name as it may be shown: without folders or signs that cannot be seen, and not without an end."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(sign for sign in last if sign.isprintable()).strip(". ")
    return shown[:_LONGEST_NAME] or "recording"


def _check(path: Path, written: int, expected: int | None) -> None:
    if expected is not None and written != expected:
        raise NoRecordingError(f"expected {expected} bytes, got {written}")
    command = [sys.executable, "-m", LOOK, str(path)]
    try:
        looked = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NoRecordingError(f"reading it took longer than {_PATIENCE_S:g} s") from error
    if looked.returncode:
        said = looked.stdout.decode("utf-8", "replace").strip()
        raise NoRecordingError(
            said or "whoever read it had to be stopped: it asks for too much memory or time"
        )
