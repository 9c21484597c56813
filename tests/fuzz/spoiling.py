"""Ways to spoil an input: bytes as they come, JSON by its values, archives by what is packed in them."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

# What numbers and texts turn into.
NUMBERS = (
    *(
        b"0",
        b"-1",
        b"1e308",
        b"-1e308",
        b"1e-320",
        b"nan",
        b"inf",
        b"-inf",
        b"65536",
        b"2147483648",
        b"1e999",
    ),
    *(
        b"9223372036854775808",
        b"1" * 400,
        b"1" * 5000,
        b"\xff\xff\xff\xff",
        b"\x7f\xff\xff\xff",
        b"\x00\x00\x00\x80",
    ),
)
SIGNS = (
    b"\x00",
    b"\xff",
    b"\n",
    b"\r",
    b"\t",
    b" ",
    b",",
    b";",
    b'"',
    b"[",
    b"{",
    b"\xc3\x28",
    b"\xed\xa0\x80",
)
# In place of what JSON cannot say of a Python value, and what stands there then.
_HUGE, _DEEP, _NAN = "@huge@", "@deep@", "@nan@"
_BEYOND = {_HUGE: b"1" * 5000, _DEEP: b"[" * 1500 + b"]" * 1500, _NAN: b"NaN"}
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, -0.0, 2**31, 2**63, 2**64, 10**400, 1e308, -1e308, 1e-320),
    *("", " ", "x" * 300, "x" * 3000, "\x00", "\ud800", "\u202e", "a/../b", "NaN", "..", "%00", "0", "1e999"),
    *([], {}, [[]], [None], {"": None}, [1e308] * 3, _HUGE, _DEEP, _NAN),
    *(
        "9999-12-31T23:59:59+00:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2026-02-30T00:00Z",
    ),
)


def spoilt(content: bytes, chance: Random, tokens: Sequence[bytes] = ()) -> bytes:
    """Return the bytes with one to four places spoilt."""
    spoiling = bytearray(content)
    words = (*NUMBERS, *SIGNS, *tokens)
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.randrange(len(spoiling) + 1)
        _WAYS[chance.randrange(len(_WAYS))](spoiling, place, chance, words)
    return bytes(spoiling)


def _flip(content: bytearray, place: int, chance: Random, _words: Sequence[bytes]) -> None:
    if place < len(content):
        content[place] ^= 1 << chance.randrange(8)


def _set(content: bytearray, place: int, chance: Random, _words: Sequence[bytes]) -> None:
    content[place : place + 1] = chance.randbytes(1)


def _drop(content: bytearray, place: int, chance: Random, _words: Sequence[bytes]) -> None:
    del content[place : place + chance.choice((1, 1, 2, 4, 8, 64, 4096))]


def _repeat(content: bytearray, place: int, chance: Random, _words: Sequence[bytes]) -> None:
    piece = content[place : place + chance.choice((1, 4, 16, 256))]
    content[place:place] = piece * chance.choice((1, 1, 2, 16))


def _word(content: bytearray, place: int, chance: Random, words: Sequence[bytes]) -> None:
    word = chance.choice(words)
    content[place : place + chance.choice((0, len(word)))] = word


def _move(content: bytearray, place: int, chance: Random, _words: Sequence[bytes]) -> None:
    size = chance.choice((1, 4, 16, 256))
    piece = content[place : place + size]
    del content[place : place + size]
    other = chance.randrange(len(content) + 1)
    content[other:other] = piece


_WAYS: tuple[Callable[[bytearray, int, Random, Sequence[bytes]], None], ...] = (
    *(_flip, _set, _drop, _repeat, _word, _word, _move),
)


def json_spoilt(content: bytes, chance: Random) -> bytes:
    """Return a JSON text with one or two of its values replaced, left out or put elsewhere; bytes where it is none."""
    try:
        top = json.loads(content)
    except (ValueError, RecursionError):
        return spoilt(content, chance)
    for _ in range(chance.choice((1, 1, 2))):
        places = list(_places(top))
        if not places:
            return json.dumps(chance.choice(VALUES)).encode()
        inside, key = chance.choice(places)
        if isinstance(inside, dict) and chance.random() < 0.2:
            del inside[key]
        else:
            other, place = chance.choice(places)
            inside[key] = deepcopy(chance.choice(VALUES)) if chance.random() < 0.8 else _copied(other, place)
    text = json.dumps(top, ensure_ascii=chance.random() < 0.7).encode("utf-8", "surrogatepass")
    for name, written in _BEYOND.items():
        text = text.replace(f'"{name}"'.encode(), written)
    return text


def _places(top: Any) -> Sequence[tuple[Any, Any]]:
    places: list[tuple[Any, Any]] = []
    waiting = [top]
    while waiting:
        inside = waiting.pop()
        keys = (
            list(inside)
            if isinstance(inside, dict)
            else range(len(inside))
            if isinstance(inside, list)
            else ()
        )
        for key in keys:
            places.append((inside, key))
            waiting.append(inside[key])
    return places


def _copied(inside: Any, key: Any) -> Any:
    found = inside[key] if isinstance(inside, list) and key < len(inside) else None
    found = inside.get(key) if isinstance(inside, dict) else found
    return json.loads(json.dumps(found))


def zip_spoilt(content: bytes, chance: Random) -> bytes:
    """Return a ZIP archive, packed soundly, with one of its members spoilt; bytes where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - whatever a spoilt archive makes its reader raise
        return spoilt(content, chance)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, member in _one_spoilt(members, chance).items():
            archive.writestr(name, member)
    return packed.getvalue()


def tar_spoilt(content: bytes, chance: Random) -> bytes:
    """Return a tar archive, packed soundly, with one of its members spoilt; bytes where it is none."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            members = {
                one.name: (archive.extractfile(one) or io.BytesIO()).read() for one in archive.getmembers()
            }
    except Exception:  # noqa: BLE001 - likewise
        return spoilt(content, chance)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=chance.choice(("w", "w", "w:gz"))) as archive:
        for name, member in _one_spoilt(members, chance).items():
            info = tarfile.TarInfo(name)
            info.size = len(member)
            archive.addfile(info, io.BytesIO(member))
    return packed.getvalue()


def _one_spoilt(members: dict[str, bytes], chance: Random) -> dict[str, bytes]:
    if not members:
        return members
    name = chance.choice(list(members))
    return members | {name: spoilt(members[name], chance)}
