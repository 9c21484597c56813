"""A page that holds the synthetic wearer against the literature and against real recordings, with pictures.

    python -m models.synthesis.report wearer.html --recordings ../shared/data

The page is one file that asks for nothing. Agreement with our own simulator is not evidence about people.
"""

import argparse
import html
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from firmware_bridge.recordings import RecordingError
from models.synthesis import report_pictures as pictures
from models.synthesis.errors import SynthesisError
from models.synthesis.exhibits import (
    EXHIBITS,
    Shown,
    cramp_intervals,
    people,
    pool_figures,
    show,
    voluntary_intervals,
)
from models.synthesis.literature import EXPECTATIONS, Expectation
from models.synthesis.measures import Measures
from models.synthesis.recorded_measures import Recorded, measure_recordings
from models.synthesis.truth_files import refuse_existing

# People shown unless told otherwise: enough for a range, few enough for a minute.
PEOPLE = 10
# Percentiles that a cell of the table shows below the median.
SPREAD = (10.0, 90.0)
# Exhibits whose spectra are drawn; all in one picture could not be told apart.
SPECTRA = ("voluntary hold", "cramp", "clonus", "clonic run", "tonic phase", "walking", "turning over")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem; color: #1f2933 }
table { border-collapse: collapse; font-size: 13px; margin: 1rem 0 }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid #d8dee4; vertical-align: top }
th:first-child, td:first-child, .words { text-align: left }
small { color: #616e7c } .out { color: #b44d12; font-weight: 600 } svg { width: 100%; height: auto }
"""


def write_report(
    out: Path, *, count: int = PEOPLE, recordings: Path | None = None, force: bool = False
) -> None:
    """Write the page.

    Args:
        out: The file, ``.html``.
        count: How many synthetic people are measured.
        recordings: Folder of real recordings to measure beside them (see `models.synthesis.recorded_measures`).
        force: Replace a file that is there.

    Raises:
        SynthesisError: the file is there already, matplotlib is missing, or the folder holds no recordings.
        RecordingError: a recording cannot be read.
    """
    refuse_existing([out], force=force)
    pictures.plotting()
    wearers = people(count)
    recorded = measure_recordings(recordings) if recordings else []
    shown = [show(exhibit, wearers) for exhibit in EXHIBITS]
    intervals = {
        "voluntary": [each for n, person in enumerate(wearers) for each in voluntary_intervals(person, n)],
        "cramp": [each for n, person in enumerate(wearers) for each in cramp_intervals(person, n)],
    }
    sections = [
        introduction(count, recorded),
        "<h2>Against the literature</h2>" + expectations_table(found_values(shown, pool_figures(wearers))),
        "<h2>Every class, measured</h2>" + measures_table(shown, recorded),
        "<h2>Modulation and silence</h2>" + pictures.modulation(shown, recorded),
        "<h2>Spectra</h2>" + pictures.spectra([one for one in shown if one.exhibit.name in SPECTRA]),
        "<h2>Firing of single units</h2>" + pictures.firing(intervals),
        "<h2>Amplitude</h2>" + pictures.amplitudes(wearers),
        "<h2>Signals</h2>" + pictures.traces(shown),
    ]
    out.write_text(page(sections), encoding="utf-8")


def page(sections: Iterable[str]) -> str:
    """Return sections as one HTML file."""
    title = "The synthetic wearer, measured"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    body = "".join(f"<section>{section}</section>\n" for section in sections)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><h1>{title}</h1>\n{body}</body></html>\n'


def introduction(count: int, recorded: Sequence[Recorded]) -> str:
    """Return what the page is, and what it is not."""
    text = (
        f"Signals of {count} synthetic people. Agreement with our own simulator is not evidence about people: "
        "a range that is met says that the simulator was built as meant."
    )
    if recorded:
        seconds = sum(one.seconds for one in recorded)
        text += f" Beside them stand {seconds:.0f} seconds of real recordings; none of them is a cramp."
    return f"<p>{text}</p>"


def found_values(shown: Sequence[Shown], figures: dict[str, float]) -> dict[Expectation, float]:
    """Return what was found for every expectation: the median over people, or a figure of the pool."""
    by_name = {one.exhibit.name: one for one in shown}
    return {
        expected: float(
            np.median([getattr(one, expected.measure) for one in by_name[expected.exhibit].measures])
        )
        if expected.measure
        else figures[expected.exhibit]
        for expected in EXPECTATIONS
    }


def expectations_table(found: dict[Expectation, float]) -> str:
    """Return expected ranges, what was found, and where the two part."""
    rows = []
    for expected, value in found.items():
        inside = expected.low <= value <= expected.high
        verdict = "within" if inside else '<span class="out">outside</span>'
        cells = [
            f"{expected.exhibit} {expected.measure.replace('_', ' ')}".strip(),
            f"{expected.low:g}–{expected.high:g}",
            digits(value),
        ]
        words = f'<td class="words">{verdict}</td><td class="words">{html.escape(expected.source)}</td>'
        rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + words + "</tr>")
    heads = ("measure", "expected", "found", "", "source")
    return table(heads, rows)


def measures_table(shown: Sequence[Shown], recorded: Sequence[Recorded]) -> str:
    """Return the measures of every exhibit and of real recordings: medians, and below them the middle 80 %."""
    names = list(Measures.__dataclass_fields__)
    groups = [(one.exhibit.name, one.measures) for one in shown] + [
        (one.name, one.measures) for one in recorded
    ]
    rows = []
    for label, measures in groups:
        values = np.array([list(one.named().values()) for one in measures])
        low, high = np.percentile(values, SPREAD, axis=0)
        cells = [
            f"<td>{digits(median)}<br><small>{digits(least)}–{digits(most)}</small></td>"
            for median, least, most in zip(np.median(values, axis=0), low, high, strict=True)
        ]
        rows.append(f"<tr><td>{html.escape(label)}</td>{''.join(cells)}</tr>")
    return table(("", *(name.replace("_", " ") for name in names)), rows)


def digits(value: float) -> str:
    """Return a number with three digits that count, without an exponent."""
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")


def table(heads: Sequence[str], rows: Sequence[str]) -> str:
    """Return rows under their heads."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page that the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure the synthetic wearer and write a page about it.")
    parser.add_argument("out", type=Path, help="the page, such as wearer.html")
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many synthetic people are measured")
    parser.add_argument("--recordings", type=Path, help="folder of real recordings to measure beside them")
    parser.add_argument("--force", action="store_true", help="replace a page that is there")
    asked = parser.parse_args(arguments)
    if asked.people < 1:
        parser.error(f"--people: expected 1 or more, got {asked.people}")
    try:
        write_report(asked.out, count=asked.people, recordings=asked.recordings, force=asked.force)
    except (SynthesisError, RecordingError, OSError) as error:
        sys.stderr.write(f"report: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
