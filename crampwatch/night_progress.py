"""A bar that counts nights: on a terminal, and nowhere else."""

from collections.abc import Callable
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

Found = TypeVar("Found")


def with_progress(total: int, work: Callable[[Callable[[], None]], Found]) -> Found:
    """Return what some work gives, which is told how to say that one night of ``total`` is done."""
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("nights", total=total)
        return work(lambda: progress.advance(task))
