"""The whole street for a recording, in one call; what live would have said, to the last bit."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from detector.bundle import load_model
from detector.classifier import Classifier
from detector.event_files import Value, event_row, final_revisions
from detector.personal_fit import limits_of
from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from detector.types import Contraction, DetectorItem
from firmware_bridge.recordings import Recording, open_recording
from firmware_bridge.samples import SensorInfo, StreamItem

# What nobody looks at is not made.
WITHOUT_LEVELS = DetectorSettings(levels=False)


class Streamed(Protocol):
    """What can be detected in: an open recording, or a synthetic night (`models.synthesis.Night`)."""

    @property
    def info(self) -> SensorInfo:
        """The sensor."""
        ...

    @property
    def recording_id(self) -> str:
        """What the ids of its events begin with."""
        ...

    def items(self) -> Iterable[StreamItem]:
        """Return the stream from its first sample on."""
        ...


Source = Streamed | Path | str
Model = Classifier | Path | str | None


def detect(
    recording: Source, *, model: Model = None, settings: DetectorSettings | None = None
) -> list[dict[str, Value]]:
    """Return the contractions of a recording, by onset.

    Each is a row of an events table: ``onset`` and ``duration`` in seconds from the first sample, ``trial_type``, and
    the further columns of `detector.event_files.COLUMNS`, None where unknown; ``pandas.DataFrame(rows)`` and
    `detector.event_files.write_rows` take them as they are. They are the rows that ``crampwatch replay`` writes. The
    recording is read a piece at a time.

    Examples:
        >>> from detector import detect
        >>> from models.synthesis import PlannedEvent, simulate_night
        >>> night = simulate_night(0.05, seed=7, scene=[PlannedEvent(100.0, "cramp", 45.0)])
        >>> rows = detect(night)
        >>> [(row["trial_type"], row["alert"]) for row in rows if row["alert"] != "none"]
        [('tonic', 'cramp')]
        >>> list(rows[0])[:3]
        ['onset', 'duration', 'trial_type']

    Args:
        recording: An open recording (`detector.open_recording` takes channels, units and montages), the path of one,
            or a synthetic night.
        model: What judges: a classifier, the folder of a bundle, or None for the model that comes with the program.
        settings: Limits of the verdicts; None: the usual ones, or those that the recording itself was made with.

    Raises:
        RecordingError: the file cannot be read, or its channels are unclear.
        UnusableRateError: the EMG is sampled at less than 250 Hz.
        BundleError: the model cannot be used.
    """
    source = opened(recording)
    found = (item for item in listen(source, model=model, settings=settings) if isinstance(item, Contraction))
    return [event_row(one, source.info) for one in final_revisions(found)]


def listen(
    recording: Source, *, model: Model = None, settings: DetectorSettings | None = None
) -> Iterator[DetectorItem]:
    """Yield what the detector says of a recording, in order and as soon as it says it, with bounded memory.

    These are every revision of each `Contraction` (started, updated, ended), the `SignalQuality` of every second, and,
    where the settings ask for them, `Levels`. Arguments and errors are those of `detect`.

    Examples:
        >>> from detector import listen
        >>> from models.synthesis import PlannedEvent, simulate_night
        >>> night = simulate_night(0.01, seed=7, scene=[])
        >>> next(type(item).__name__ for item in listen(night))
        'SignalQuality'
    """
    source = opened(recording)
    usual = limits_of(source.annotations, WITHOUT_LEVELS) if isinstance(source, Recording) else WITHOUT_LEVELS
    pipeline = Pipeline(
        source.info, settings or usual, recording_id=source.recording_id, classifier=classifier_of(model)
    )
    for item in source.items():
        yield from pipeline.feed(item)
    yield from pipeline.finish()


def opened(recording: Source) -> Streamed:
    """Return a recording, opened if it is a path.

    Raises:
        RecordingError: the file cannot be read, or its channels are unclear.
    """
    return open_recording(recording) if isinstance(recording, Path | str) else recording


def classifier_of(model: Model) -> Classifier:
    """Return what judges.

    Raises:
        BundleError: the model cannot be used.
    """
    if model is None or isinstance(model, Path | str):
        return load_model(None if model is None else Path(model))
    return model
