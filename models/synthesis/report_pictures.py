"""The pictures of a report on the synthetic wearer, as SVG texts; drawn with matplotlib, which is in the extras.

Every picture has axes with units and is the same for the same input.
"""

import importlib
import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy import signal

from models.synthesis.errors import SynthesisError
from models.synthesis.exhibits import Shown
from models.synthesis.measures import ENVELOPE_S, envelope_uv
from models.synthesis.motor_units import Reals
from models.synthesis.person import Person
from models.synthesis.recorded_measures import Recorded

# matplotlib is in an extra, so its types may be absent where this is checked.
Library = Any
Figure = Any

# Widths and heights of pictures, inches.
WIDE, ROW = 10.0, 1.15
# How much of an exhibit a trace shows: from before its onset on, seconds.
LEAD_S, TRACE_S = 3.0, 18.0
# Rest before every exhibit, seconds (`models.synthesis.exhibits.REST_S`).
ONSET_S = 30.0
# Length of the spectra's segments, samples.
SEGMENT = 512
INK, LIGHT, STRONG = "#1f2933", "#9aa5b1", "#b44d12"


@cache
def plotting() -> Library:
    """Return matplotlib's figure module.

    Raises:
        SynthesisError: it is not installed.
    """
    try:
        matplotlib = importlib.import_module("matplotlib")
        figure = importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise SynthesisError("pictures need matplotlib: pip install 'crampwatch[research]'") from error
    # Letters stay letters, and the same picture gives the same bytes.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "crampwatch", "font.size": 8})
    return figure


def svg_of(draw: Callable[[Figure], None], width: float, height: float) -> str:
    """Return what ``draw`` draws into an empty figure, as SVG."""
    figure = plotting().Figure(figsize=(width, height), layout="constrained")
    draw(figure)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def traces(shown: Sequence[Shown]) -> str:
    """Return EMG, its 50-ms RMS and the acceleration of every exhibit, one row each."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(shown), 1, sharex=True)
        for axis, each in zip(axes, shown, strict=True):
            begin = round((ONSET_S - LEAD_S) * each.rate_hz)
            emg = each.emg_uv[begin : begin + round(TRACE_S * each.rate_hz)]
            time_s = np.arange(len(emg)) / each.rate_hz - LEAD_S
            axis.plot(time_s, emg, color=LIGHT, linewidth=0.3)
            envelope = envelope_uv(emg, each.rate_hz)
            axis.plot(
                (np.arange(len(envelope)) + 0.5) * ENVELOPE_S - LEAD_S, envelope, color=STRONG, linewidth=0.9
            )
            axis.set_ylabel("µV")
            axis.set_title(each.exhibit.name, loc="left", fontsize=8, pad=2)
            moved = axis.twinx()
            ratio = len(each.emg_uv) // len(each.acc_g)
            acc = each.acc_g[begin // ratio : (begin + len(emg)) // ratio]
            moved.plot(np.arange(len(acc)) * ratio / each.rate_hz - LEAD_S, acc, color=INK, linewidth=0.4)
            moved.set_ylim(0.0, 8.0)
            moved.set_yticks([1.0], ["1 g"])
        axes[-1].set_xlabel(
            "seconds from the onset of the drive (orange: 50-ms RMS; dark: size of acceleration)"
        )

    return svg_of(draw, WIDE, ROW * len(shown))


def spectra(shown: Sequence[Shown]) -> str:
    """Return the power spectra of the first person's events, each with power 1."""

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        for each in shown:
            begin = round((ONSET_S + each.exhibit.trim_s) * each.rate_hz)
            end = begin + round((each.exhibit.duration_s - 2 * each.exhibit.trim_s) * each.rate_hz)
            frequency, power = signal.welch(each.emg_uv[begin:end], each.rate_hz, nperseg=SEGMENT)
            axis.plot(frequency, power / power.sum(), linewidth=1.0, label=each.exhibit.name)
        axis.set(xlabel="Hz", ylabel="share of power per line", xlim=(0.0, 400.0))
        axis.legend(ncols=2, fontsize=7, frameon=False)

    return svg_of(draw, WIDE, 3.6)


def modulation(shown: Sequence[Shown], recorded: Sequence[Recorded]) -> str:
    """Return modulation depth against silent fraction: one dot a person, crosses for real recordings."""

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        # Ten colours, so a second kind of mark from the eleventh on.
        groups = [(one.exhibit.name, one.measures, "os"[n // 10 % 2]) for n, one in enumerate(shown)]
        groups += [(one.name, one.measures, "x") for one in recorded]
        for number, (name, measures, marker) in enumerate(groups):
            points = np.array([(one.modulation, one.silent) for one in measures]).T
            axis.scatter(*points, s=16, marker=marker, color=f"C{number % 10}", label=name, alpha=0.75)
        # Limits of science.md section 10: tonic to the left and below, clonic to the right and above.
        axis.axvline(0.5, color=LIGHT, linewidth=0.7)
        axis.axvline(0.7, color=LIGHT, linewidth=0.7, linestyle="--")
        axis.axhline(0.10, color=LIGHT, linewidth=0.7)
        axis.axhline(0.15, color=LIGHT, linewidth=0.7, linestyle="--")
        axis.set(xlabel="modulation depth of the 50-ms RMS", ylabel="silent fraction", xlim=(0.0, 1.02))
        axis.legend(fontsize=6, frameon=False, loc="upper left")

    return svg_of(draw, WIDE, 5.0)


def firing(intervals: Mapping[str, Sequence[Reals]]) -> str:
    """Return histograms of the intervals between discharges of single units."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(intervals), sharex=True)
        for axis, (name, trains) in zip(axes, intervals.items(), strict=True):
            axis.hist(1e3 * np.concatenate(trains), bins=np.arange(0.0, 300.0, 4.0), color=STRONG)
            axis.set(title=name, xlabel="interval, ms", ylabel="discharges")

    return svg_of(draw, WIDE, 2.6)


def amplitudes(wearers: Sequence[Person]) -> str:
    """Return the RMS of the EMG along the drive, one line a person."""

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        drive = np.linspace(0.0, 1.0, 200)
        for person in wearers:
            axis.plot(drive, np.sqrt(person.units.power_uv2(drive)), linewidth=1.0, color=INK, alpha=0.6)
        axis.set(xlabel="drive, of the greatest voluntary one", ylabel="RMS of the EMG, µV")

    return svg_of(draw, WIDE, 2.8)
