"""Events as the annotations of a recording, and back: kind and verdict, such as ``tonic cramp`` or ``leg_movement``.

Annotations have an onset, a duration and a text, and any EDF+ program shows them. What else is known of an event
stays in its table.
"""

from collections.abc import Iterable, Mapping

from detector.event_files import ALERTS, KINDS, EventRecord
from firmware_bridge.edf_annotations import Annotation
from firmware_bridge.recordings import Recording

# Texts that we write, to kind and verdict.
OWN_TEXTS: Mapping[str, tuple[str, str]] = {
    kind if alert == "none" else f"{kind} {alert}": (kind, alert) for kind in KINDS for alert in ALERTS
}
# What was found in a file and is no note of our recorder's.
NOTE = "note"


def annotations_of(events: Iterable[EventRecord]) -> list[Annotation]:
    """Return events as annotations (`firmware_bridge.edf_annotating.write_annotated`), onsets from the first sample."""
    return [Annotation(one.onset_s, one.duration_s, _text(one)) for one in events]


def events_from_annotations(
    recording: Recording, names: Mapping[str, tuple[str, str]] = OWN_TEXTS
) -> list[EventRecord]:
    """Return the annotations of a recording that are events, by onset.

    Args:
        recording: Of any format that has annotations.
        names: What a whole text means: kind and verdict; by default the texts of `annotations_of`. What is not
            among them is left out.
    """
    rate_hz = recording.info.emg_rate_hz
    return [
        EventRecord(mark.index / rate_hz, mark.duration_s, *names[mark.text])
        for mark in recording.annotations
        if mark.kind == NOTE and mark.text in names
    ]


def _text(event: EventRecord) -> str:
    is_alert = event.alert not in {None, "none"}
    return " ".join(f"{event.trial_type} {event.alert if is_alert else ''}".split())
