"""What leaving people out showed, as a table and as JSON: each fold and all together, with intervals."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.table import Table

from crampwatch.table_console import table_console
from detector.scoring_labels import LabelledRecording
from detector.scoring_statistics import poisson_interval, wilson_interval
from models.bundle_files import TrainingError
from models.cross_validation import CrossValidation
from models.paired import FIGURES, Counted, drawn_interval, ratio_of

VERSION = 1
ALL = "all together"
SECONDS_PER_HOUR = 3600.0


def as_document(leave: str, found: CrossValidation) -> dict[str, object]:
    """Return everything as values that JSON can hold.

    Args:
        leave: Who was left out in turn.
        found: What came of it.
    """
    judged = [one for fold in found.folds for one in fold.judged]
    return {
        "version": VERSION,
        "leave": leave,
        "folds": [
            {"left_out": fold.left_out, "learnt_from": list(fold.learnt_from), **figures_of(fold.judged)}
            for fold in found.folds
        ],
        "pooled": figures_of(judged),
        "problems": list(found.problems),
    }


def figures_of(judged: Sequence[LabelledRecording]) -> dict[str, object]:
    """Return the figures of some recordings.

    ``interval_by_event`` is Wilson's for shares and the exact Poisson one for rates: as if all events were somebody
    else's. ``interval_by_person`` draws people with replacement, for events of one person are alike; it is null
    of one person, and where all people are alike.
    """
    people = sorted({one.subject for one in judged})
    figures: dict[str, object] = {}
    for name, (count, _) in FIGURES.items():
        parts = np.zeros((len(people), 2))
        for one in judged:
            parts[people.index(one.subject)] += count(one)
        total = Counted(*parts.sum(axis=0).tolist())
        figures[name] = {
            "events": int(total.events),
            "of": round(total.of, 4),
            "value": total.value,
            "interval_by_event": _by_event(name, total),
            "interval_by_person": drawn_interval(parts, ratio_of),
        }
    return {
        "recordings": len(judged),
        "people": len(people),
        "hours": round(sum(one.extent_s for one in judged) / SECONDS_PER_HOUR, 3),
        "figures": figures,
    }


def _by_event(name: str, total: Counted) -> tuple[float, float] | None:
    if not total.of:
        return None
    if name.endswith("per_night"):
        low, high = poisson_interval(int(total.events))
        return low / total.of, high / total.of
    return wilson_interval(int(total.events), int(total.of))


def write_scores(path: Path, document: Mapping[str, object], *, force: bool) -> None:
    """Write the document.

    Raises:
        TrainingError: the file is there already, or cannot be written.
    """
    if path.exists() and not force:
        raise TrainingError(f"{path}: is there already; choose another name, or --force to replace it")
    try:
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise TrainingError(f"{path}: cannot be written ({error.strerror}); choose another folder") from error


def print_folds(document: Mapping[str, object]) -> None:
    """Print a row for each fold and one for all together."""
    folds = document["folds"]
    rows = {fold["left_out"]: fold for fold in folds} if isinstance(folds, list) else {}
    print_scored(f"Leaving one {document['leave']} out", {**rows, ALL: document["pooled"]})


def print_scored(title: str, rows: Mapping[str, object]) -> None:
    """Print a row for each of `figures_of`, by name."""
    console = table_console()
    table = Table(title=title, title_justify="left")
    for heading in ("of", "recordings", *(name.replace("_", " ") for name in FIGURES)):
        table.add_column(heading)
    for name, scored in rows.items():
        table.add_row(name, *_cells(scored))
    console.print(table)


def _cells(scored: object) -> list[str]:
    assert isinstance(scored, dict)
    return [str(scored["recordings"]), *(_cell(one) for one in scored["figures"].values())]


def _cell(figure: Mapping[str, object]) -> str:
    if figure["value"] is None:
        return "none to find"
    interval = figure["interval_by_person"] or figure["interval_by_event"]
    assert isinstance(interval, tuple)
    return (
        f"{figure['events']} of {figure['of']:g}: {figure['value']:.3f} ({interval[0]:.3f}–{interval[1]:.3f})"
    )
