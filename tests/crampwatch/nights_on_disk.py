"""Short recordings that the command's tests run on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from firmware_bridge.recorder import NightRecorder
from tests.detector.signals import Scene

START = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
# A cramp, a leg movement, and rest around them.
CRAMP = Scene(60.0, amplitude_uv=[(10.0, 30.0, 60.0), (42.0, 43.5, 60.0)], movement_mg=[(42.0, 43.5, 150.0)])


def record(path: Path, scene: Scene = CRAMP) -> Path:
    """Write a scene as a night and return its path."""
    with NightRecorder(path, scene.info, recording_id=f"test-{path.stem}", start=START) as recorder:
        recorder.write(scene.block())
    return path
