"""Every format of recordings beside EDF, through `open_recording` as any user's file comes in."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from firmware_bridge.formats.montage import Montage, MontageChannel
from firmware_bridge.recordings import RecordingError
from tests.firmware_bridge.formats.sample_files import OWN, values
from tests.firmware_bridge.formats.sample_files_more import MORE
from tests.fuzz.reading import read_all
from tests.fuzz.spoiling import spoilt, tar_spoilt, zip_spoilt
from tests.fuzz.target import Entry, Target

LONGEST = 65_536
SAMPLES = 260
# A record of WFDB is several files: what stands between them in an input.
BETWEEN = b"\x00==FILE==\x00"
FILES = (*OWN, *MORE)
TOKENS = (
    *(
        b"Time (s)",
        b"EMG",
        b"uV",
        b"2026-03-01T23:59:58Z",
        b"# remark\n",
        b"%OpenBCI",
        b"%Sample Rate = 1e999 Hz\n",
    ),
    *(
        b"<info>",
        b"</info>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"&b;",
        b"channel_count",
        b"nominal_srate",
        b"500.0",
    ),
    *(
        b"\x93NUMPY",
        b"'descr': '|O'",
        b"'shape': (99999999999, 4)",
        b"'<f8'",
        b"'<c16'",
        b"PAR1",
        b"212",
        b"16x2+99",
    ),
    *(
        b"\x89HDF\r\n\x1a\n",
        b"MATLAB 5.0",
        b"SampleFrequency",
        b"ad_bits",
        b"night 4 500 260\n",
        b"~",
        b"/../x.dat",
    ),
)
# The first byte of an input says which; so many are the largest it can.
_KINDS = len(FILES)
# What has to be said of a file without labels and units.
NUMBERED = Montage(emg=(MontageChannel("1", unit="uV"),), acc=("2", "3", "4"), acc_unit="g")
# Bytes of a MATLAB file's header, and the type of an element that is packed.
_MAT_HEADER, _MAT_PACKED = 128, 15


def seeds() -> list[bytes]:
    """Return a second of signal in every format."""
    table, found = values(SAMPLES), []
    for number, file in enumerate(FILES):
        with TemporaryDirectory() as folder:
            path = file.write(Path(folder), table)
            others = sorted(other for other in Path(folder).iterdir() if other != path)
            parts = [
                path.read_bytes(),
                *(f"{other.name}\n".encode() + other.read_bytes() for other in others),
            ]
        found.append(bytes([number]) + BETWEEN.join(parts))
    return found


def names() -> list[str]:
    """Return what a file of each kind is called."""
    found, table = [], values(SAMPLES)
    for file in FILES:
        with TemporaryDirectory() as folder:
            found.append(file.write(Path(folder), table).name)
    return found


@contextmanager
def opened(folder: Path) -> Iterator[Entry]:
    """Give what takes an input."""
    called = names()

    def read(content: bytes) -> None:
        number = content[0] % _KINDS if content else 0
        for old in folder.iterdir():
            old.unlink()
        first, *others = content[1:].split(BETWEEN)
        path = folder / called[number]
        path.write_bytes(first)
        for other in others:
            name, _, held = other.partition(b"\n")
            if name in _BESIDE:
                (folder / name.decode()).write_bytes(held)
        read_all(path, FILES[number].hints.rate_hz, None if FILES[number].units else NUMBERED)

    yield read


# What may lie beside a file: an input must not choose any name.
_BESIDE = frozenset({b"night.dat", b"night_1.dat", b"night_2.dat", b"night_3.dat"})


def reshape(content: bytes, chance: Random) -> bytes:
    """Spoil what is inside of whatever the format packs, so that its check sums are right."""
    if len(content) < 2 or chance.random() < 0.3:
        return spoilt(content, chance, TOKENS)
    file = FILES[content[0] % _KINDS].name
    inside = next((way for start, way in _INSIDE.items() if file.startswith(start)), None)
    return content[:1] + (inside or _plain)(content[1:], chance)


def _plain(content: bytes, chance: Random) -> bytes:
    return spoilt(content, chance, TOKENS)


def _mat_spoilt(content: bytes, chance: Random) -> bytes:
    """Unpack the elements of a MATLAB file, spoil one, and pack them again."""
    elements, place = [], _MAT_HEADER
    while place + 8 <= len(content):
        kind, size = struct.unpack_from("<II", content, place)
        elements.append((kind, content[place + 8 : place + 8 + size]))
        place += 8 + size
    if not elements:
        return spoilt(content, chance)
    number = chance.randrange(len(elements))
    kind, held = elements[number]
    try:
        held = (
            zlib.compress(spoilt(zlib.decompress(held), chance))
            if kind == _MAT_PACKED
            else spoilt(held, chance)
        )
    except zlib.error:
        held = spoilt(held, chance)
    elements[number] = (kind, held)
    return content[:_MAT_HEADER] + b"".join(
        struct.pack("<II", kind, len(held)) + held for kind, held in elements
    )


def _xdf_spoilt(content: bytes, chance: Random) -> bytes:
    """Spoil a chunk of an XDF file and give it its right length."""
    chunks, place = [], 4
    while place + 7 <= len(content) and content[place] == 4:
        (size,) = struct.unpack_from("<I", content, place + 1)
        chunks.append(content[place + 5 : place + 5 + size])
        place += 5 + size
    if not chunks:
        return spoilt(content, chance)
    number = chance.randrange(len(chunks))
    chunks[number : number + chance.choice((0, 1, 1, 1))] = [spoilt(chunks[number], chance, TOKENS)]
    return content[:4] + b"".join(struct.pack("<BI", 4, len(chunk)) + chunk for chunk in chunks)


# By how a sample file's name begins.
_INSIDE: Mapping[str, Callable[[bytes, Random], bytes]] = {
    "npz": zip_spoilt,
    "otb": tar_spoilt,
    "xdf": _xdf_spoilt,
    "mat 7.3": _plain,
    "mat": _mat_spoilt,
}
TARGET = Target(seeds, opened, (RecordingError,), reshape, LONGEST)
