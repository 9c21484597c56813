"""Which recordings a command line means: files, folders walked for known formats, patterns; each once and named.

The name is what its events file is called, and where in the events folder it lies: the stem alone for files named one
by one, the way from the folder for what was found in one. Where two would be called the same, all are called by their
way from the folder that they share.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from firmware_bridge.formats.known import FORMATS, LOOKED_AT_BYTES

# The formats of recordings themselves.
OWN_SUFFIXES = (".edf", ".bdf", ".rec")
# Many files that are no recordings end like this: in a folder only content that tells of a recording is one.
VAGUE_SUFFIXES = (".txt", ".tab", ".asc", ".dat", ".hdf", ".rec")
# Tables that lie beside recordings, by the end of their names.
TABLES = (
    *("_events", "_truth", "_labels", "_channels", "_scans", "_sessions", "_electrodes"),
    *("participants", "samples"),
)
_TABLE_SUFFIXES = (".tsv", ".csv", ".parquet")
_MAGIC = frozenset("*?[")
_OPENINGS = (
    *(opening for kind in FORMATS for opening in kind.openings),
    *(b"0       ", b"\xffBIOSEMI"),
)
_SUFFIXES = (*OWN_SUFFIXES, *(suffix for kind in FORMATS for suffix in kind.suffixes))


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording to replay.

    Attributes:
        path: The file.
        name: What its events file is called, without ``_events.tsv``; may hold folders.
        size: In bytes; 0 where it is not known.
    """

    path: Path
    name: Path
    size: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What was found.

    Attributes:
        recordings: In the order of the command line; of a folder, by name.
        troubles: What of the command line led to nothing, and why.
    """

    recordings: tuple[Listed, ...]
    troubles: tuple[str, ...]


def find_recordings(arguments: Sequence[Path], leave_out: Collection[Path] = ()) -> Listing:
    """Return the recordings that files, folders and patterns stand for.

    Args:
        arguments: As on the command line; a file that is named is taken whatever it is called.
        leave_out: Files and folders that are not looked into: where results go.
    """
    troubles: list[str] = []
    skipped = {path.resolve() for path in leave_out}
    found: dict[Path, Listed] = {}
    for argument in arguments:
        before = len(troubles)
        listed = list(_of(argument, skipped, troubles))
        if not listed and len(troubles) == before:
            troubles.append(
                f"{argument}: expected recordings ({', '.join(sorted(set(_SUFFIXES)))}), found none"
            )
        for one in listed:
            # The same file by another way (a link, a second pattern) is the same recording.
            found.setdefault(one.path.resolve(), one)
    return Listing(_told_apart(list(found.values())), tuple(troubles))


def parts_of(recording: Path) -> tuple[Path, ...]:
    """Return the files that a recording lies in: of a WFDB record the header, and what it names, by name."""
    header = recording.with_suffix(".hea")
    if recording.suffix.lower() not in {".hea", ".dat"} or not header.is_file():
        return (recording,)
    parts: set[Path] = set()
    waiting = [header]
    while waiting:
        part = waiting.pop()
        if part in parts:
            continue
        parts.add(part)
        if part.suffix == ".hea":
            waiting += _named_in(part)
    return tuple(sorted(parts))


def _named_in(header: Path) -> list[Path]:
    try:
        lines = header.read_text(encoding="latin-1").splitlines()
    except OSError:
        # Whoever reads the part itself will say why.
        return []
    named = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
    return [file for name in named for file in _named_beside(header, name)]


def _named_beside(header: Path, name: str) -> Iterator[Path]:
    """Yield the files that a line of a WFDB header may mean: a segment's header, or samples."""
    if Path(name).name == name:
        yield from (
            file for file in (header.with_name(f"{name}.hea"), header.with_name(name)) if file.is_file()
        )


def _of(argument: Path, skipped: Collection[Path], troubles: list[str]) -> Iterator[Listed]:
    if argument.is_dir():
        yield from _in_folder(argument, argument, skipped, troubles)
    elif _MAGIC.intersection(str(argument)) and not argument.exists():
        yield from _matching(argument, skipped, troubles)
    else:
        yield _listed(argument, Path(argument.name))


def _matching(pattern: Path, skipped: Collection[Path], troubles: list[str]) -> Iterator[Listed]:
    """Yield what a pattern means that no shell has resolved: ``**`` stands for any folders."""
    parts = pattern.parts
    begin = next(place for place, part in enumerate(parts) if _MAGIC.intersection(part))
    root = Path(*parts[:begin])
    try:
        hits = sorted(root.glob(str(Path(*parts[begin:]))))
    except (OSError, ValueError) as error:
        troubles.append(f"{pattern}: cannot be looked for: {error}")
        return
    for hit in hits:
        if hit.is_dir():
            yield from _in_folder(hit, root, skipped, troubles)
        elif hit.resolve() not in skipped and _is_recording(hit):
            yield _listed(hit, hit.relative_to(root))


def _in_folder(folder: Path, root: Path, skipped: Collection[Path], troubles: list[str]) -> Iterator[Listed]:
    """Yield a folder's recordings and those of the folders in it, each folder once, wherever links lead."""
    seen: set[tuple[int, int]] = set()

    def tell(error: OSError) -> None:
        troubles.append(f"{error.filename}: cannot be read: {error.strerror}")

    for place, folders, files in os.walk(folder, onerror=tell, followlinks=True):
        status = Path(place).stat()
        if (status.st_dev, status.st_ino) in seen or Path(place).resolve() in skipped:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if path.resolve() not in skipped and _is_recording(path):
                yield _listed(path, path.relative_to(root))


def _is_recording(path: Path) -> bool:
    """Tell whether a file that nobody named is taken for a recording."""
    name = path.name.lower()
    if name.startswith(".") or not name.endswith(_SUFFIXES) or not path.is_file():
        return False
    if name.endswith(_TABLE_SUFFIXES) and path.stem.lower().endswith(TABLES):
        return False
    # The samples of a WFDB record, whose header is the recording.
    if name.endswith(".dat") and path.with_suffix(".hea").exists():
        return False
    return not name.endswith(VAGUE_SUFFIXES) or _opens_as_recording(path)


def _opens_as_recording(path: Path) -> bool:
    try:
        with path.open("rb") as raw:
            first = raw.read(LOOKED_AT_BYTES)
    except OSError:
        # Whoever opens it will say what is wrong.
        return True
    return first.startswith(_OPENINGS)


def _listed(path: Path, name: Path) -> Listed:
    try:
        size = path.stat().st_size
    except OSError:
        # Opening it will say why.
        size = 0
    return Listed(path, name, size)


def _told_apart(listed: Sequence[Listed]) -> tuple[Listed, ...]:
    """Return the recordings with names of which no two are the same, and that lead nowhere else."""
    if len({one.name.with_suffix("") for one in listed}) < len(listed):
        shared = Path(os.path.commonpath([one.path.absolute().parent for one in listed]))
        listed = [replace(one, name=one.path.absolute().relative_to(shared)) for one in listed]
    stems = Counter(one.name.with_suffix("") for one in listed)
    # Two formats of one name in one folder keep their suffixes.
    return tuple(
        replace(one, name=one.name.with_suffix("") if stems[one.name.with_suffix("")] == 1 else one.name)
        for one in listed
    )
