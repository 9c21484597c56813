"""Made recordings with labels beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from firmware_bridge.recorder import NightRecorder
from tests.detector.signals import Scene

HEAD = "onset\tduration\ttrial_type\n"
# A hold, a walk, and something that nobody named.
SCENE = Scene(
    150.0,
    amplitude_uv=[(20.0, 40.0, 60.0), (120.0, 140.0, 60.0)],
    bursts=[(60.0, 90.0, 90.0, 1.0, 0.3)],
)
ROWS = "20.000\t20.000\ttonic\n60.000\t30.000\tstance\n"
START = datetime(2026, 1, 1, tzinfo=UTC)


def recorded(
    path: Path,
    rows: str | None = ROWS,
    *,
    notes: tuple[tuple[str, str, float, float], ...] = (),
    start: datetime = START,
    scene: Scene = SCENE,
) -> Path:
    """Write a scene, its labels beside it unless there are none, and notes (kind, text, onset, duration) into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The name is in the file, so that no two are the same to the byte.
    with NightRecorder(
        path, scene.info, recording_id=f"{path.parent.name}.{path.stem}", start=start
    ) as recorder:
        for kind, text, onset_s, duration_s in notes:
            recorder.annotate(round(onset_s * scene.info.emg_rate_hz), kind, text, duration_s)
        recorder.write(scene.block())
    if rows is not None:
        stem = path.stem.removesuffix("_emg")
        path.with_name(f"{stem}_events.tsv").write_text(HEAD + rows, "utf-8")
    return path
