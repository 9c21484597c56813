"""Which program replays: results of two different ones are not the same results, even under one version number."""

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from crampwatch.replay.receipts import hash_of
from detector.bundle import CARD, PARAMETERS, shipped_bundle

# The packages whose source decides what comes out.
STREET = ("detector", "firmware_bridge")
# Libraries whose arithmetic does.
ARITHMETIC = ("numpy", "scipy")
# Digits of a hash that tell two apart.
DIGITS = 12


@lru_cache(maxsize=1)
def program_here() -> str:
    """Return what decides the result besides the model: version, source and arithmetic of this very process."""
    digest = hashlib.sha256()
    for package in STREET:
        folder = Path(__file__).parents[2] / package
        for file in sorted(folder.rglob("*.py")):
            digest.update(str(file.relative_to(folder.parent)).encode() + b"\0" + file.read_bytes())
    try:
        own = version("crampwatch")
    except PackageNotFoundError:
        own = "unknown"
    libraries = " ".join(f"{name} {version(name)}" for name in ARITHMETIC)
    return f"crampwatch {own} ({digest.hexdigest()[:DIGITS]}) with model {model_here()[:DIGITS]}, {libraries}"


@lru_cache(maxsize=1)
def model_here() -> str:
    """Return the hash of the model that judges."""
    return hash_of([shipped_bundle() / name for name in (CARD, PARAMETERS)])
