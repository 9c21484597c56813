"""How far a replay is: a bar for each recording under way and one for all, on a terminal; nothing in a pipe.

Workers of this computer show how far they are on a board: a small file of numbers, one a recording, in shared memory.
"""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from crampwatch.replay.one import Job, Outcome

# How often the board is looked at: as often as a person sees a bar move, s.
LOOK_S = 0.2
# A file without a size weighs a little, so that it moves the bar of all.
_LEAST_WEIGHT = 1


class Board:
    """How far each recording is, 0 to 1, for other processes to write.

    Args:
        path: Its file.
        jobs: How many recordings there are.
    """

    def __init__(self, path: Path, jobs: int) -> None:
        self.path = path
        self.jobs = jobs
        np.zeros(jobs, np.float64).tofile(path)

    def shares(self) -> list[float]:
        """Return how far each is."""
        return [float(share) for share in np.fromfile(self.path, np.float64)]


def show_on_board(path: Path, number: int, share: float) -> None:
    """Note how far a recording is; the board may be gone."""
    with path.open("r+b") as file:
        file.seek(number * np.dtype(np.float64).itemsize)
        file.write(np.float64(share).tobytes())


class Bars:
    """The bars of a command.

    Args:
        console: Where; nothing is shown where it is no terminal.
        jobs: All recordings.
    """

    def __init__(self, console: Console, jobs: list[Job]) -> None:
        self.is_shown = console.is_terminal
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not self.is_shown)
        self._jobs = {job.number: job for job in jobs}
        self._lock = threading.Lock()
        self._bars: dict[int, TaskID] = {}
        self._done: set[int] = set()
        weights = {job.number: max(job.size, _LEAST_WEIGHT) for job in jobs}
        self._weights = weights
        self._all = self._progress.add_task(self._title(), total=sum(weights.values()))
        self._progress.update(self._all, visible=len(jobs) > 1)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def at(self, number: int, share: float) -> None:
        """Show how far a recording is."""
        with self._lock:
            if number in self._done:
                return
            if number not in self._bars:
                self._bars[number] = self._progress.add_task(self._jobs[number].path.name, total=1.0)
            self._progress.update(self._bars[number], completed=share)

    def done(self, outcome: Outcome) -> None:
        """Take the recording's bar away, and move that of all."""
        with self._lock:
            self._done.add(outcome.number)
            if (bar := self._bars.pop(outcome.number, None)) is not None:
                self._progress.remove_task(bar)
            self._progress.update(self._all, advance=self._weights[outcome.number], description=self._title())

    @contextmanager
    def watched(self) -> Iterator[Path | None]:
        """Give a board for other processes and show what stands on it; None where nothing is shown."""
        if not self.is_shown:
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="crampwatch-") as folder:
            board = Board(Path(folder) / "board", max(self._jobs, default=-1) + 1)
            over = threading.Event()
            watcher = threading.Thread(target=self._look, args=(board, over), daemon=True)
            watcher.start()
            try:
                yield board.path
            finally:
                over.set()
                watcher.join()

    def _look(self, board: Board, over: threading.Event) -> None:
        while not over.wait(LOOK_S):
            for number, share in enumerate(board.shares()):
                if share > 0.0:
                    self.at(number, share)

    def _title(self) -> str:
        return f"{len(self._done)} of {len(self._jobs)} recordings"
