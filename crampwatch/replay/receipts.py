"""What is finished, and of what: a receipt for each events file, so that a run that was stopped can go on.

    ReplayError    something is in the way, or the disk refuses

A receipt lies in ``.replay`` in the folder of the events, under the name of its table. It is written twice, each time
whole: *begun*, just before the table, and *done*, with the hashes of what was written. So a process may be killed
between any two writes: a table beside a receipt that only begun is made again, and one that somebody has changed since
is left alone.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crampwatch.replay.request import ReplayError

FOLDER = ".replay"
FORMAT = 1
# Files are hashed in pieces of this size.
PIECE_BYTES = 1 << 20
# What a key says, in words for whoever finds other results in the way.
KEY_WORDS = {
    "content": "another content of the recording",
    "settings": "other settings (channels, span)",
    "model": "another model",
    "program": "another version of the program",
}

Key = Mapping[str, str]


def hash_of(paths: Sequence[Path]) -> str:
    """Return the SHA-256 of files, one after the other.

    Raises:
        ReplayError: one cannot be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as raw:
                while piece := raw.read(PIECE_BYTES):
                    digest.update(piece)
        except OSError as error:
            raise ReplayError(f"{path}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def hash_text(value: object) -> str:
    """Return the SHA-256 of what can be written as JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


@contextmanager
def writing(path: Path, option: str = "--events-dir") -> Iterator[None]:
    """Turn what the file system says while a file or folder is written into an error of ours that names it."""
    try:
        yield
    except OSError as error:
        raise ReplayError(
            f"{option} {path}: cannot be written ({os.strerror(error.errno) if error.errno else error}); "
            "choose another folder, and check that its disk is not full"
        ) from error


@dataclass(frozen=True, slots=True)
class Receipt:
    """One events file, and what is known of how it came to be.

    Attributes:
        table: The events file; its description lies beside it.
        file: Where the receipt lies.
    """

    table: Path
    file: Path

    @classmethod
    def of(cls, events_dir: Path, name: Path) -> "Receipt":
        """Return the receipt of a recording, by its name."""
        table = events_dir / name.with_name(f"{name.name}_events.tsv")
        receipts = events_dir / FOLDER
        return cls(table, receipts / name.with_name(f"{name.name}_events.json"))

    @property
    def written(self) -> tuple[Path, Path]:
        """The files that a replay writes."""
        return self.table, self.table.with_suffix(".json")

    def found(self, key_now: Callable[[], Key]) -> Mapping[str, Any] | None:
        """Return what was found, if that is finished and stands as it was written; None if it is to be made.

        Args:
            key_now: Tells what would decide the result now; only asked where there is one.

        Raises:
            ReplayError: something else is in the way.
        """
        there = [file for file in self.written if file.exists()]
        content = self._read()
        if not there or content.get("state") == "begun":
            return None
        known = content.get("key")
        if not isinstance(known, dict) or not isinstance(content.get("found"), dict):
            raise ReplayError(
                f"{there[0]}: is there already; choose another --events-dir, or --force to overwrite it"
            )
        key = key_now()
        other = [words for word, words in KEY_WORDS.items() if known.get(word) != key[word]]
        if other:
            raise ReplayError(
                f"{self.table}: is there already, made from {' and '.join(other)}; "
                "choose another --events-dir, or --force to make it anew"
            )
        hashes = content.get("files")
        for file in there:
            if not isinstance(hashes, dict) or hashes.get(file.name) != hash_of([file]):
                raise ReplayError(
                    f"{file}: was changed after it was made; move it away, or --force to overwrite it"
                )
        return content["found"] if len(there) == len(self.written) else None

    def begin(self) -> None:
        """Note that the files are about to be written, and are ours.

        Raises:
            OSError: the disk refuses.
        """
        self.table.parent.mkdir(parents=True, exist_ok=True)
        self._write({"format": FORMAT, "state": "begun"})

    def finish(self, key: Key, found: Mapping[str, Any]) -> None:
        """Note that the files are whole.

        Raises:
            OSError: the disk refuses.
        """
        content = {
            "format": FORMAT,
            "state": "done",
            "key": dict(key),
            "files": {file.name: hash_of([file]) for file in self.written},
            "found": dict(found),
        }
        self._write(content)

    def _read(self) -> dict[str, Any]:
        """Return the receipt; one that is damaged says nothing."""
        try:
            content = json.loads(self.file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        is_known = isinstance(content, dict) and content.get("format") == FORMAT
        return content if is_known else {}

    def _write(self, content: Mapping[str, Any]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_name(f".{self.file.name}.part")
        try:
            part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
            part.replace(self.file)
        except OSError:
            part.unlink(missing_ok=True)
            raise
