"""What a fuzzer is aimed at, and the seven of them there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from random import Random

# Takes one input; raises what is documented, or has found something.
Entry = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    """A door that bytes from outside come in by.

    Attributes:
        seeds: Makes sound inputs, by our own writers.
        opened: Gives what takes an input, given a folder of its own; what it holds is let go at the end.
        refusals: The documented errors; anything else that is raised is a finding.
        reshape: Spoils an input with an eye for how it is built, so that what is behind a check sum is reached.
        longest: Bytes of the longest input that is tried.
    """

    seeds: Callable[[], Sequence[bytes]]
    opened: Callable[[Path], AbstractContextManager[Entry]]
    refusals: tuple[type[Exception], ...]
    reshape: Callable[[bytes, Random], bytes]
    longest: int


# Where each lies: imported only when it is aimed at, so that its rooms can be instrumented as they are imported.
TARGETS: Mapping[str, str] = {
    "frames": "the wire: COBS, check sums, frames, the assembler",
    "dialects": "other boards: text lines, Chords packets, and telling which it is",
    "edf": "EDF, EDF+C, EDF+D, BDF and their annotations",
    "formats": "every other format of recordings",
    "commands": "MQTT: what monitor, alerter and night log hear",
    "settings": "settings, montages, caregivers, personal limits, model bundles, addresses of sources",
    "http": "the pages: requests and WebSocket messages, on this machine and from elsewhere",
}


def load(name: str) -> Target:
    """Return a target by its name."""
    target = import_module(f"tests.fuzz.{name}_target").TARGET
    assert isinstance(target, Target)
    return target
