"""Subcommands that make the detector what it is: training."""

from pathlib import Path
from typing import Annotated

import typer

from crampwatch.options import Force


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
    force: Force = False,
) -> None:
    """Make the model again from its seeds: synthetic people, the detector's own features, scikit-learn."""
    from crampwatch.train import TrainRequest, train_model

    raise typer.Exit(train_model(TrainRequest(out, check, share, jobs, force)))
