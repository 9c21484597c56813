"""The examination of the detector on synthetic cohorts, beside a simple threshold detector as a yardstick.

Whole nights pass the very pipeline that watches a sleeper; scoring is `detector.scoring`. The same nights give the
same figures, on however many processes.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.bundle import load_model
from detector.classifier import Classifier, RuleClassifier
from detector.event_files import event_row, final_revisions
from detector.grid import HOPS_PER_SECOND, Grid
from detector.hops import HopCutter
from detector.pipeline import Pipeline
from detector.scoring import score
from detector.scoring_labels import Label, LabelledRecording, labels_of
from detector.scoring_types import Report
from detector.settings import DetectorSettings
from detector.sums import Summing
from detector.types import Contraction
from firmware_bridge.samples import StreamItem
from models.cohorts import EXAMS, ExamNight, record_of
from models.verdicts import Verdict, verdicts_of

# The yardstick: the last second's RMS above both for so long; rest is the low decile of the last minute.
YARDSTICK_TIMES, YARDSTICK_RISE_UV, YARDSTICK_S, YARDSTICK_REST_S = 4.0, 15.0, 5, 60
RULES = "rules"


@dataclass(frozen=True, slots=True)
class Judged:
    """A night with what the detector said of it, what the yardstick did, and which verdicts were true."""

    detector: LabelledRecording
    yardstick: LabelledRecording
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """A cohort's scores.

    Attributes:
        cohort: Its name in `models.cohorts.EXAMS`.
        model: What judged: name and hash of a bundle, or of the rules.
        report: Of the detector.
        yardstick: Of the simple threshold on the EMG alone.
        verdicts: Every event's verdict, how sure the detector was, and whether it was true.
    """

    cohort: str
    model: str
    report: Report
    yardstick: Report
    verdicts: tuple[Verdict, ...] = ()


def classifier_of(bundle: str | None) -> Classifier:
    """Return the shipped model, that of a folder, or the rules.

    Raises:
        BundleError: the folder holds no bundle that fits.
    """
    if bundle == RULES:
        return RuleClassifier()
    return load_model(Path(bundle) if bundle else None)


def examine(
    cohorts: Sequence[str],
    *,
    nights: int | None = None,
    bundle: str | None = None,
    jobs: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> Iterator[Examined]:
    """Yield the scores of cohorts, one after another.

    Args:
        cohorts: Names in `models.cohorts.EXAMS`.
        nights: How many of each; None for as many as each has.
        bundle: Folder of a bundle, ``rules``, or None for the model that comes with the program.
        jobs: Processes.
        advance: Called after every night.

    Raises:
        BundleError: no such bundle.
    """
    model = classifier_of(bundle).name
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for cohort in cohorts:
            judged: dict[int, Judged] = {}
            waiting = {
                pool.submit(judge, cohort, number, bundle): number
                for number in range(nights or EXAMS[cohort].nights)
            }
            for done in as_completed(waiting):
                judged[waiting[done]] = done.result()
                advance()
            ordered = [judged[number] for number in sorted(judged)]
            yield Examined(
                cohort,
                model,
                score([one.detector for one in ordered]),
                score([one.yardstick for one in ordered]),
                tuple(verdict for one in ordered for verdict in one.verdicts),
            )


def judge(cohort: str, number: int, bundle: str | None) -> Judged:
    """Return one night of a cohort with what is said of it."""
    night = EXAMS[cohort].make(number)
    labelled = partial(LabelledRecording, night.name, night.subject, night.truth, duration_s=night.duration_s)
    contractions, threshold = _said_of(night, classifier_of(bundle))
    rows = [event_row(one, night.info) for one in final_revisions(contractions)]
    said = labels_of([record_of(row) for row in rows], night.name)
    verdicts = tuple(verdicts_of(night.truth, contractions, night.info, night.name))
    return Judged(labelled(said), labelled(threshold), verdicts)


def _said_of(night: ExamNight, classifier: Classifier) -> tuple[list[Contraction], tuple[Label, ...]]:
    pipeline = Pipeline(
        night.info, DetectorSettings(levels=False), recording_id=night.name, classifier=classifier
    )
    contractions: list[Contraction] = []
    threshold = Threshold(night)
    for item in night.items():
        contractions += (one for one in pipeline.feed(item) if isinstance(one, Contraction))
        threshold.feed(item)
    contractions += (one for one in pipeline.finish() if isinstance(one, Contraction))
    return contractions, threshold.labels()


class Threshold:
    """The yardstick: any second, and the four after it, above four times rest is a cramp. It hears the EMG alone."""

    def __init__(self, night: ExamNight) -> None:
        self._grid = Grid.of(night.info)
        self._cutter, self._summing = HopCutter(night.info, self._grid), Summing(night.info, self._grid)
        self._energy: dict[int, float] = {}

    def feed(self, item: StreamItem) -> None:
        """Take an item of the stream."""
        for hops in self._cutter.feed(item):
            for sums in self._summing.feed(hops):
                by_hop = sums.energy[0].mean(axis=-1).tolist()
                self._energy.update(
                    zip(range(hops.first_hop, hops.first_hop + len(hops)), by_hop, strict=True)
                )

    def labels(self) -> tuple[Label, ...]:
        """Return what it calls cramps."""
        if not self._energy:
            return ()
        energy = np.full(max(self._energy) // HOPS_PER_SECOND * HOPS_PER_SECOND + HOPS_PER_SECOND, np.nan)
        energy[list(self._energy)] = list(self._energy.values())
        second_uv = np.sqrt(np.nan_to_num(energy).reshape(-1, HOPS_PER_SECOND).mean(axis=1))
        loud = self._loud(second_uv)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
        second_s = HOPS_PER_SECOND * self._grid.hop_s
        return tuple(
            Label(
                begin * second_s,
                end * second_s,
                "tonic",
                "cramp",
                detected_at_s=(begin + YARDSTICK_S) * second_s,
            )
            for begin, end in edges.reshape(-1, 2).tolist()
            if end - begin >= YARDSTICK_S
        )

    @staticmethod
    def _loud(second_uv: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        padded = np.concatenate([np.full(YARDSTICK_REST_S, second_uv[0]), second_uv[:-1]])
        before = np.lib.stride_tricks.sliding_window_view(padded, YARDSTICK_REST_S)[: len(second_uv)]
        rest_uv = np.quantile(before, 0.1, axis=1)
        loud: npt.NDArray[np.bool_] = second_uv > np.maximum(
            YARDSTICK_TIMES * rest_uv, rest_uv + YARDSTICK_RISE_UV
        )
        return loud
