"""Event messages as a monitor sends them."""

from typing import Any


def event(seq: int, name: str = "rec.1", revision: int = 0, **values: Any) -> dict[str, Any]:
    """Return an event message; ``after`` is the number before unless given."""
    return {
        "version": 1,
        "sensor": "left-calf",
        "outbox": "box",
        "seq": seq,
        "after": seq - 1,
        "id": name,
        "revision": revision,
        "recording_id": "rec",
        "phase": "ended",
        "kind": "tonic",
        "alert": "cramp",
        "site": "left-calf",
        "onset_at": "2026-11-22T01:00:00.000+00:00",
        "duration_s": 42.0,
        "reason": "calf tight 42 s, 6 x resting level, leg still",
        "peak_uv": 120.5,
        "burst_rate_hz": None,
        "confidence": 0.97,
        "quality": "good",
        **values,
    }
