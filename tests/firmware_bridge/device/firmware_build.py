"""The firmware, its host build and the simulated chip, built once a session."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DEVICE = ROOT / "firmware_bridge" / "device"
BUILD = ROOT / "build" / "firmware"
# A clean build of everything takes 20 s on one busy core.
PATIENCE_S = 300


def build(*arguments: str) -> str:
    """Run make in the firmware's folder; return what it printed."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / ".lock").open("w") as lock:
        # Two runs at once would write into each other's files.
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = ["make", "--no-print-directory", "-j2", "-C", str(DEVICE), f"BUILD={BUILD}", *arguments]
        made = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert made.returncode == 0, f"{' '.join(command)}\n{made.stdout}{made.stderr}"
    return made.stdout
