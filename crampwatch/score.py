"""`crampwatch score`: how good a hypothesis is against the truth, as a table, as JSON, and as a picture."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from crampwatch.errors import DONE
from crampwatch.score_drawing import picture_writer
from crampwatch.score_files import Loaded, load, pair_files
from crampwatch.score_json import as_json
from crampwatch.score_picture import draw_timelines
from crampwatch.score_table import print_report
from detector.scoring import score


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What the command line asks for.

    Attributes:
        truth: A table or a folder of ``*_truth.tsv``.
        hypothesis: A table or a folder of ``*_events.tsv``.
        hours: Length of recordings that do not lie beside their tables.
        ask_faint: Ask for cramps, too, that never reach the level from which they deserve an alarm.
        picture: Where to draw the time lines, ``.svg`` or ``.png``.
        json: Print one JSON document instead of tables.
        force: Overwrite the picture.
    """

    truth: Path
    hypothesis: Path
    hours: float | None = None
    ask_faint: bool = False
    picture: Path | None = None
    json: bool = False
    force: bool = False


def score_files(request: ScoreRequest) -> int:
    """Score what is asked for, print it, and return the exit code.

    Raises:
        ScoreFilesError: the files cannot be paired.
        PictureError: the picture cannot be drawn there.
        EventFileError: a table cannot be read.
        ScoringError: labels cannot be scored.
    """
    write = None if request.picture is None else picture_writer(request.picture, force=request.force)
    loaded = _load_all(request)
    recordings = [one.recording for one in loaded]
    report = score(recordings, ask_faint=request.ask_faint)
    notes = notes_on(loaded)
    synthetic = any(one.synthetic for one in loaded)
    if request.json:
        json.dump(as_json(report, notes, synthetic=synthetic), sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        print_report(report, notes, synthetic=synthetic)
    if request.picture is not None and write is not None:
        write(
            draw_timelines(report.recordings, ask_faint=request.ask_faint, synthetic=synthetic),
            request.picture,
        )
    return DONE


def _load_all(request: ScoreRequest) -> list[Loaded]:
    pairs = pair_files(request.truth, request.hypothesis)
    errors = Console(stderr=True)
    quiet = not errors.is_terminal
    return [
        load(pair, request.hours)
        for pair in track(pairs, "reading", console=errors, transient=True, disable=quiet)
    ]


def notes_on(loaded: Sequence[Loaded]) -> list[str]:
    """Return what a reader should know, each sentence once, with how many recordings it is about."""
    counts = Counter(note for one in loaded for note in one.notes)
    return [f"{note} ({count} of {len(loaded)} recordings)" for note, count in counts.items()]
