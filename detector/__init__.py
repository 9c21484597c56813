"""Samples in, contraction events out, and the messages that carry them.

What a notebook needs is here by name, and brought in when it is first asked for::

    from detector import detect, features_of, load_model, probabilities_of
"""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detector.annotated_events import annotations_of, events_from_annotations
    from detector.bundle import load_model
    from detector.detecting import detect, listen
    from detector.event_files import read_events, write_events
    from detector.moment_tables import MomentTable, features_of, probabilities_of
    from detector.pipeline import Pipeline
    from detector.settings import DetectorSettings
    from firmware_bridge.recordings import open_recording

__all__ = [
    "DetectorSettings",
    "MomentTable",
    "Pipeline",
    "annotations_of",
    "detect",
    "events_from_annotations",
    "features_of",
    "listen",
    "load_model",
    "open_recording",
    "probabilities_of",
    "read_events",
    "write_events",
]
# Where each name lives: importing this package must not bring scipy with it.
_HOMES = MappingProxyType(
    {
        "DetectorSettings": "detector.settings",
        "MomentTable": "detector.moment_tables",
        "Pipeline": "detector.pipeline",
        "annotations_of": "detector.annotated_events",
        "detect": "detector.detecting",
        "events_from_annotations": "detector.annotated_events",
        "features_of": "detector.moment_tables",
        "listen": "detector.detecting",
        "load_model": "detector.bundle",
        "open_recording": "firmware_bridge.recordings",
        "probabilities_of": "detector.moment_tables",
        "read_events": "detector.event_files",
        "write_events": "detector.event_files",
    }
)


def __getattr__(name: str) -> object:
    """Bring in what is asked for by name."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the names that are offered, and those that are there."""
    return sorted({*globals(), *__all__})
