"""What the detector said of synthetic people, and whether it was true: what trust in its verdicts is learnt from.

The people are those of the lessons, each heard twice: as the sensor gives it, and its EMG alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context

import numpy as np

from detector.classifier import Classifier
from detector.event_files import event_row, final_revisions
from detector.pipeline import Pipeline
from detector.scoring_labels import Label, LabelledRecording, labels_of
from detector.scoring_matching import CLONIC, CLOSE, CRAMP, Target, match
from detector.settings import DetectorSettings
from detector.spans import overlaps
from detector.trust import EMG_ALONE, WITH_ACCELERATION, verdict_on
from detector.types import Contraction
from firmware_bridge.samples import SampleBlock, SensorInfo, StreamItem
from models.cohorts import record_of
from models.lessons import Split, lesson
from models.synthesis.truth_files import row_of

BLOCK_S = 256.0
# By verdict: alarms are held against the truth as scores are; all else must lie on something of its kind.
TARGETS: dict[str, Target] = {"cramp": CRAMP, "clonic": CLONIC}
OF_A_KIND: dict[str, frozenset[str]] = {
    "tonic": frozenset({"tonic", "tension_rise"}),
    "leg_movement": frozenset({"leg_movement"}),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One event that was said.

    Attributes:
        sense: One of `detector.trust.SENSES`.
        verdict: One of `detector.trust.VERDICTS`.
        sure: Its confidence, or the evidence where that is not yet learnt.
        is_true: Whether it was true.
    """

    sense: str
    verdict: str
    sure: float
    is_true: bool


def verdicts_of(
    truth: Sequence[Label], contractions: Iterable[Contraction], info: SensorInfo, name: str
) -> Iterator[Verdict]:
    """Yield the verdicts on the events of a night, and whether they were true.

    Args:
        truth: Of the night.
        contractions: All revisions of what was said.
        info: The sensor.
        name: Of the night, for messages.
    """
    events = final_revisions(contractions)
    labels = {one.id: labels_of([record_of(event_row(one, info))], name)[0] for one in events}
    night = LabelledRecording(name, name, tuple(truth), tuple(sorted(labels.values(), key=_onset)))
    wrong = {
        member
        for target in TARGETS.values()
        for false in match(night, target).false
        for member in false.episode.members
    }
    sense = WITH_ACCELERATION if info.acc_rate_hz else EMG_ALONE
    for event in events:
        verdict, label = verdict_on(event.alert, event.kind), labels[event.id]
        if verdict is None:
            continue
        if verdict in TARGETS:
            is_true = label not in wrong
        else:
            alike = (one for one in truth if one.kind in OF_A_KIND[verdict])
            is_true = any(overlaps(CLOSE.extended(one), label) for one in alike)
        yield Verdict(sense, verdict, event.confidence, is_true)


def _onset(label: Label) -> float:
    return label.onset_s


def gather_verdicts(
    split: Split, classifier: Classifier, jobs: int = 1, tell: Callable[[int], None] = lambda _done: None
) -> list[Verdict]:
    """Return what is said of all people of a split, in their order, however many processes share the work.

    Args:
        split: Whose.
        classifier: Who judges the moments.
        jobs: Processes.
        tell: Is given the number of people done.
    """
    said: list[Verdict] = []
    for number, part in enumerate(_each(split, classifier, jobs), 1):
        said += part
        tell(number)
    return said


def _each(split: Split, classifier: Classifier, jobs: int) -> Iterator[list[Verdict]]:
    one = partial(_of_person, split, classifier)
    if jobs <= 1:
        yield from map(one, range(split.people))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(one, range(split.people))


def _of_person(split: Split, classifier: Classifier, number: int) -> list[Verdict]:
    night = lesson(split, number)
    truth = labels_of([record_of(row_of(one, night)) for one in night.truth], night.recording_id)
    items: list[StreamItem] = list(night.items(BLOCK_S))
    said = list(_said(truth, items, night.info, classifier, night.recording_id))
    deaf = replace(night.info, acc_rate_hz=0.0, acc_scale=None)
    heard = [_emg_alone(item, deaf) for item in items]
    return said + list(_said(truth, heard, deaf, classifier, night.recording_id))


def _said(
    truth: Sequence[Label], items: Sequence[StreamItem], info: SensorInfo, classifier: Classifier, name: str
) -> Iterator[Verdict]:
    pipeline = Pipeline(info, DetectorSettings(levels=False), recording_id=name, classifier=classifier)
    results = [one for item in items for one in pipeline.feed(item)] + pipeline.finish()
    return verdicts_of(truth, [one for one in results if isinstance(one, Contraction)], info, name)


def _emg_alone(item: StreamItem, deaf: SensorInfo) -> StreamItem:
    """Return the same stretch as a sensor without accelerometer gives it."""
    if not isinstance(item, SampleBlock):
        return item
    return SampleBlock(deaf, item.first_index, item.emg_counts, np.zeros((0, 3), np.int16))
