"""Subcommands that make the detector what it is: training, and the wearer's own limits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from crampwatch.options import AsJson, Folder, Force, SettingsFile

LabelsMap = Annotated[
    list[str] | None,
    typer.Option(
        "--labels-map",
        metavar="TEXT=KIND",
        help="What a word in labels means: cramp, hold, tonic, clonic, leg_movement, artefact, nothing, ignore.",
    ),
]
People = Annotated[
    Path | None,
    typer.Option("--people", metavar="TSV", help="Whose recordings they are: columns recording and person."),
]


def train(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder to write the bundle into; without it, only its scores."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Compare with the bundle that comes with the program, byte for byte."),
    ] = False,
    share: Annotated[
        float, typer.Option("--share", min=0.01, max=1.0, help="Of the synthetic people: less for a trial.")
    ] = 1.0,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, max=64, help="Processes; the result is the same.")
    ] = 2,
    recordings: Annotated[
        Path | None,
        typer.Option(
            "--recordings",
            metavar="FOLDER",
            help="Learn from labelled recordings, too (<stem>_events.tsv beside each, or annotations in EDF+).",
        ),
    ] = None,
    night_log: Annotated[
        Path | None,
        typer.Option(
            "--night-log",
            metavar="FOLDER",
            help="Learn from the nights here that people labelled on the pages.",
        ),
    ] = None,
    labels_map: LabelsMap = None,
    people: People = None,
    leave: Annotated[
        str | None,
        typer.Option(
            "--leave", metavar="person|night", help="See how good it is on each who is left out in turn."
        ),
    ] = None,
    scores: Annotated[
        Path | None, typer.Option("--scores", metavar="JSON", help="Keep what leaving out showed.")
    ] = None,
    force: Force = False,
) -> None:
    """Make the model again from its seeds, or teach it your own recordings, too."""
    from crampwatch.train import TrainRequest, train_model

    words = tuple(labels_map or ())
    request = TrainRequest(
        out, check, share, jobs, force, recordings, night_log, words, people, leave, scores
    )
    raise typer.Exit(train_model(request))


def evaluate(
    cohorts: Annotated[
        list[str] | None,
        typer.Argument(
            help="second (another generator's people), sensors, own, shifted, all, or a cohort's own name."
        ),
    ] = None,
    nights: Annotated[
        int | None,
        typer.Option("--nights", min=1, max=1000, help="Nights of each cohort (default: all it has)."),
    ] = None,
    bundle: Annotated[
        str | None,
        typer.Option("--bundle", help="Folder of a model, or `rules` (default: the shipped model)."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, max=64, help="Processes; the result is the same.")
    ] = 2,
    as_json: AsJson = False,
    recordings: Annotated[
        Path | None,
        typer.Option("--recordings", metavar="FOLDER", help="Real recordings to check, too."),
    ] = None,
    card: Annotated[
        bool, typer.Option("--card", help="Write the figures beside the bundle's card, too: scores.json.")
    ] = False,
    gate: Annotated[
        str | None,
        typer.Option(
            "--gate",
            metavar="quick|full|FILE",
            help="Only tell whether figures of fixed nights lie within stated bounds; exit code 1 if not.",
        ),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--compare", metavar="A B", help="Two models on the same nights; `shipped` and `rules` are known."
        ),
    ] = None,
    labelled: Annotated[
        Path | None,
        typer.Option(
            "--labelled", metavar="FOLDER", help="Your own labelled recordings instead of synthetic people."
        ),
    ] = None,
    labels_map: LabelsMap = None,
    people: People = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Draw a comparison: FILE.svg or FILE.png.")
    ] = None,
    force: Force = False,
) -> None:
    """Examine the detector on synthetic people it was not made with; each figure with denominator and interval."""
    _refuse_unread(
        {
            "COHORTS": cohorts,
            "--nights": nights,
            "--bundle": bundle,
            "--recordings": recordings,
            "--card": card,
            "--gate": gate,
            "--compare": compare,
            "--labelled": labelled,
            "--labels-map": labels_map,
            "--people": people,
            "--picture": picture,
            "--force": force,
        }
    )
    if gate is not None:
        from crampwatch.gate import GateRequest, pass_gate

        raise typer.Exit(pass_gate(GateRequest(gate, bundle, jobs, as_json)))
    from models.labelled_recordings import OwnRecordings

    own = None if labelled is None else OwnRecordings(labelled, tuple(labels_map or ()), people)
    if compare is not None:
        from crampwatch.compare import CompareRequest
        from crampwatch.compare import compare as compare_models

        asked = CompareRequest(compare, cohorts or ["second"], nights, own, jobs, as_json, picture, force)
        raise typer.Exit(compare_models(asked))
    if own is not None:
        from crampwatch.own_scores import evaluate_own

        raise typer.Exit(evaluate_own(own, bundle, jobs=jobs, as_json=as_json))
    from crampwatch.evaluate import EvaluateRequest
    from crampwatch.evaluate import evaluate as examine

    raise typer.Exit(
        examine(EvaluateRequest(cohorts or ["second"], nights, bundle, jobs, as_json, recordings, card))
    )


# What each way of examining reads, besides --jobs and --json; the first that is asked for decides.
_READ_BY: Mapping[str, frozenset[str]] = {
    "--gate": frozenset({"--bundle"}),
    "--compare": frozenset(
        {"COHORTS", "--nights", "--labelled", "--labels-map", "--people", "--picture", "--force"}
    ),
    "--labelled": frozenset({"--bundle", "--labels-map", "--people"}),
}
_READ_BY_COHORTS = frozenset({"COHORTS", "--nights", "--bundle", "--recordings", "--card"})


def _refuse_unread(given: Mapping[str, object]) -> None:
    """Refuse what would be passed over without a word."""
    asked = [name for name, value in given.items() if value not in (None, False)]
    way = next((name for name in _READ_BY if name in asked), None)
    read = _READ_BY_COHORTS if way is None else _READ_BY[way] | {way}
    unread = [name for name in asked if name not in read]
    if unread:
        beside = f"beside {way}" if way else "without --compare or --labelled"
        raise typer.BadParameter(f"{beside} nothing reads {', '.join(unread)}; leave it out")


def calibrate(
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="URL", help="The sensor (default: the one in the settings)."),
    ] = None,
    sensor: Annotated[
        str | None,
        typer.Option(
            "--sensor", metavar="ID", help="Which one of the settings, or the one expected at the --source."
        ),
    ] = None,
    recording: Annotated[
        Path | None, typer.Option("--recording", help="A recording that begins with the two minutes.")
    ] = None,
    night: Annotated[
        Path | None, typer.Option("--night", help="A recording that the labels are about.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="What the wearer said of that night: an events table.")
    ] = None,
    settings: SettingsFile = None,
    folder: Folder = None,
    effect: Annotated[
        int,
        typer.Option(
            "--effect", min=0, max=200, metavar="PEOPLE", help="Only measure it on synthetic people."
        ),
    ] = 0,
) -> None:
    """Fit the limits to a wearer: two minutes of rest, a squeeze and pointed toes. Nothing is trained again."""
    from crampwatch.calibrate import CalibrateRequest
    from crampwatch.calibrate import calibrate as fit_limits
    from crampwatch.settings import load_settings

    request = CalibrateRequest(source, sensor, recording, night, labels, folder, effect)
    raise typer.Exit(fit_limits(load_settings(settings), request))
