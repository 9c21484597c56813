"""The soak as a picture: memory, descriptors and threads of each process over the minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tests.soak.footprint import Footprint

_ROWS = (("RSS, MB", "rss_mb"), ("descriptors", "descriptors"), ("threads", "threads"))


def draw(times_s: Sequence[float], processes: Mapping[str, Sequence[Footprint]], path: Path) -> None:
    """Write the picture."""
    figure = Figure(figsize=(10, 6.5), layout="constrained")
    minutes = [time_s / 60 for time_s in times_s]
    all_axes = figure.subplots(len(_ROWS), 1, sharex=True)
    for axes, (label, name) in zip(all_axes, _ROWS, strict=True):
        for process, readings in processes.items():
            axes.plot(minutes, [getattr(one, name) for one in readings], label=process, lw=1)
        axes.set_ylabel(label)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    all_axes[0].legend(loc="lower right", ncols=len(processes))
    all_axes[-1].set_xlabel("minutes after the warm-up, wall time")
    figure.savefig(path, dpi=110)
