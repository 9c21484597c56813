"""`crampwatch evaluate --labelled`: how good a model is on somebody's own labelled recordings, person by person."""

import json
import sys

from crampwatch.errors import DONE, complain
from crampwatch.night_progress import with_progress
from crampwatch.train_scores import ALL, figures_of, print_scored
from models.evaluate import classifier_of
from models.labelled_recordings import OwnRecordings, labelled_in
from models.own_examination import judge_files

VERSION = 1


def evaluate_own(own: OwnRecordings, bundle: str | None, *, jobs: int, as_json: bool) -> int:
    """Examine a model on labelled recordings, print what came of it, and return the exit code.

    Args:
        own: Which, and what their labels mean.
        bundle: Folder of a bundle, ``rules``, or None for the model that comes with the program.
        jobs: Processes.
        as_json: Print one JSON document.

    Raises:
        TrainingError: there are no labelled recordings.
        BundleError: the bundle cannot be used.
        RecordingError: a recording has become unreadable meanwhile.
    """
    model = classifier_of(bundle).name
    found = labelled_in(own)
    for problem in found.problems:
        complain(problem)
    judged = with_progress(
        len(found.files), lambda advance: judge_files(found.files, bundle, jobs=jobs, advance=advance)
    )
    people = sorted({one.subject for one in judged})
    by_person = {name: figures_of([one for one in judged if one.subject == name]) for name in people}
    pooled = figures_of(judged)
    if as_json:
        document = {
            "version": VERSION,
            "model": model,
            "people": by_person,
            "pooled": pooled,
            "problems": list(found.problems),
        }
        sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    else:
        print_scored(f"{model} on own labelled recordings", {**by_person, ALL: pooled})
    return DONE
