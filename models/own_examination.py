"""The detector on recordings that somebody labelled: what it said beside what they said."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from detector.classifier import Classifier
from detector.event_files import event_row, final_revisions
from detector.pipeline import Pipeline
from detector.scoring_labels import LabelledRecording, labels_of
from detector.settings import DetectorSettings
from detector.types import Contraction
from firmware_bridge.recordings import open_recording
from models.cohorts import record_of
from models.evaluate import classifier_of
from models.labelled_recordings import LabelledFile

BLOCK_S = 256.0


def judge_file(file: LabelledFile, classifier: Classifier) -> LabelledRecording:
    """Return a recording with its labels and with what the detector says of it.

    Raises:
        RecordingError: it has become unreadable meanwhile.
    """
    recording = open_recording(file.path)
    pipeline = Pipeline(
        recording.info,
        DetectorSettings(levels=False),
        recording_id=recording.recording_id,
        classifier=classifier,
    )
    said: list[Contraction] = []
    for item in recording.items(block_s=BLOCK_S):
        said += (one for one in pipeline.feed(item) if isinstance(one, Contraction))
    said += (one for one in pipeline.finish() if isinstance(one, Contraction))
    rows = [event_row(one, recording.info) for one in final_revisions(said)]
    name = f"{file.person} {file.night} {file.path.name}"
    hypothesis = labels_of([record_of(row) for row in rows], str(file.path))
    return LabelledRecording(name, file.person, file.labels, hypothesis, file.duration_s)


def judge_files(
    files: Sequence[LabelledFile],
    bundle: str | None,
    *,
    jobs: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> list[LabelledRecording]:
    """Return all recordings with what a bundle says of them, in their order, however many processes share the work.

    Args:
        files: Which.
        bundle: Folder of a bundle, ``rules``, or None for the model that comes with the program.
        jobs: Processes.
        advance: Called after every recording.
    """
    judged = []
    for one in _each(files, bundle, jobs):
        judged.append(one)
        advance()
    return judged


def _each(files: Sequence[LabelledFile], bundle: str | None, jobs: int) -> Iterator[LabelledRecording]:
    bundles = [bundle] * len(files)
    if jobs <= 1:
        yield from map(_judge, files, bundles)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_judge, files, bundles)


def _judge(file: LabelledFile, bundle: str | None) -> LabelledRecording:
    return judge_file(file, classifier_of(bundle))
