"""Pictures of what the detector found, missed and imagined in a cohort: EMG, acceleration, truth and verdicts.

ImportError    matplotlib is not installed: it is in the extra ``research``
"""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.scoring_labels import Label, LabelledRecording
from detector.scoring_matching import CLONIC, CRAMP, Target, match
from detector.spans import Span
from firmware_bridge.samples import SampleBlock
from models.cohorts import EXAMS, ExamNight
from models.evaluate import judge

# What is shown before and after an event, s; and at most, of a long one.
MARGIN_S, LONGEST_S = 15.0, 75.0
KINDS = ("found", "missed", "false")
_INK, _LIGHT = "#1f2933", "#9aa5b1"
_COLOURS = {"cramp": "#b44d12", "clonic": "#5b3a9e", "tonic_clonic": "#5b3a9e"}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something to show.

    Attributes:
        kind: ``found``, ``missed`` or ``false``.
        what: In words: the class of the truth, or what truly lay there.
        night: Number in its cohort.
        span: When.
    """

    kind: str
    what: str
    night: int
    span: Span


def moments(recording: LabelledRecording, night: int, target: Target) -> Iterator[Moment]:
    """Yield what was found, missed and imagined of a target."""
    matching = match(recording, target)
    for hit in matching.hits:
        yield Moment("found", hit.truth.finer, night, hit.truth.span)
    for miss in matching.misses:
        yield Moment("missed", miss.finer, night, miss.span)
    for alarm in matching.false:
        yield Moment("false", f"{target.name} where truly: {alarm.there}", night, alarm.episode.span)


def draw(cohort: str, nights: int, folder: Path, most: int) -> list[Path]:
    """Draw up to ``most`` of each kind of moment into one picture a kind, and return the pictures.

    Nights are looked through in order; of each class the first counts, so that the same cohort gives the same
    pictures. A kind of which there is none leaves no picture.

    Raises:
        ImportError: matplotlib is not installed.
    """
    judged = {number: judge(cohort, number, None).detector for number in range(nights)}
    every = [
        one
        for number, recording in judged.items()
        for target in (CRAMP, CLONIC)
        for one in moments(recording, number, target)
    ]
    written = []
    for kind in KINDS:
        first: dict[str, Moment] = {}
        for one in every:
            if one.kind == kind:
                first.setdefault(one.what, one)
        chosen = list(first.values())[:most]
        if chosen:
            path = folder / f"{cohort}_{kind}.png"
            _sheet(path, [(one, EXAMS[cohort].make(one.night), judged[one.night]) for one in chosen])
            written.append(path)
    return written


def _sheet(path: Path, rows: Sequence[tuple[Moment, ExamNight, LabelledRecording]]) -> None:
    # Its types may be absent where this is checked.
    figure: Any = importlib.import_module("matplotlib.figure").Figure(
        figsize=(9.0, 1.7 * len(rows)), layout="constrained"
    )
    for axis, (moment, night, recording) in zip(
        figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows, strict=True
    ):
        _panel(axis, moment, night, recording)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80, metadata={"Software": None})


def _panel(axis: Any, moment: Moment, night: ExamNight, recording: LabelledRecording) -> None:  # noqa: ANN401
    begin_s = max(0.0, moment.span.onset_s - MARGIN_S)
    end_s = min(moment.span.end_s, moment.span.onset_s + LONGEST_S) + MARGIN_S
    emg_uv, movement_g = _signals(night, begin_s, end_s)
    height_uv = float(np.quantile(np.abs(emg_uv), 0.999)) * 1.2
    times_s = np.linspace(0.0, end_s - begin_s, len(emg_uv))
    axis.plot(times_s, emg_uv, color=_LIGHT, linewidth=0.3)
    axis.plot(
        np.linspace(0.0, end_s - begin_s, len(movement_g)),
        height_uv * (movement_g - 1.0),
        color=_INK,
        linewidth=0.4,
    )
    for labels, low, words in ((recording.truth, 1.05, "truth"), (recording.hypothesis, 1.35, "said")):
        axis.text(0.0, low * height_uv, words, fontsize=6, va="bottom")
        for label in labels:
            if label.alert != "none" and label.end_s > begin_s and label.onset_s < end_s:
                _bar(axis, label, begin_s, (low * height_uv, 0.2 * height_uv))
    axis.set(xlim=(0.0, end_s - begin_s), ylim=(-height_uv, 1.7 * height_uv), ylabel="µV")
    axis.set_title(
        f"{moment.kind}: {moment.what} (synthetic; grey EMG, black acceleration less 1 g)", fontsize=7
    )
    axis.tick_params(labelsize=6)
    axis.set_xlabel("s", fontsize=6)


def _bar(axis: Any, label: Label, begin_s: float, place: tuple[float, float]) -> None:  # noqa: ANN401
    axis.broken_barh(
        [(label.onset_s - begin_s, label.end_s - label.onset_s)], place, color=_COLOURS[label.alert]
    )
    if label.detected_at_s is not None:
        axis.plot([label.detected_at_s - begin_s], [place[0] + place[1]], "v", color=_INK, markersize=4)


def _signals(
    night: ExamNight, begin_s: float, end_s: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return EMG without its slow drift, µV, and the length of the acceleration, g, of a part of a night."""
    rate_hz, ratio = night.info.emg_rate_hz, night.info.acc_ratio
    first, stop = round(begin_s * rate_hz) // ratio * ratio, round(end_s * rate_hz) // ratio * ratio
    emg, acc = np.zeros(stop - first), np.ones((stop - first) // ratio)
    for item in night.items():
        if isinstance(item, SampleBlock) and item.first_index < stop and item.end_index > first:
            since, until = max(first, item.first_index), min(stop, item.end_index)
            inside = slice(since - item.first_index, until - item.first_index)
            emg[since - first : until - first] = item.emg_uv[inside, 0]
            if item.info.acc_scale is not None:
                part = item.acc_g[inside.start // ratio : inside.stop // ratio]
                acc[(since - first) // ratio : (until - first) // ratio] = np.linalg.norm(part, axis=1)
    width = round(rate_hz / 20.0)
    slow = np.convolve(np.pad(emg, width // 2, mode="edge"), np.ones(width) / width, mode="same")
    return emg - slow[width // 2 : width // 2 + len(emg)], acc
