"""The soak as a picture: memory, descriptors and threads of each process, and the write-ahead logs, by the minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tests.soak.footprint import Footprint

_ROWS = (("RSS, MB", "rss_mb"), ("descriptors", "descriptors"), ("threads", "threads"))


def draw(
    times_s: Sequence[float],
    processes: Mapping[str, Sequence[Footprint]],
    wals_mb: Mapping[str, Sequence[float]],
    path: Path,
) -> None:
    """Write the picture."""
    figure = Figure(figsize=(10, 8.5), layout="constrained")
    minutes = [time_s / 60 for time_s in times_s]
    all_axes = figure.subplots(len(_ROWS) + 1, 1, sharex=True)
    for axes, (label, name) in zip(all_axes[:-1], _ROWS, strict=True):
        for process, readings in processes.items():
            axes.plot(minutes, [getattr(one, name) for one in readings], label=process, lw=1)
        axes.set_ylabel(label)
    for name, sizes_mb in sorted(wals_mb.items()):
        all_axes[-1].plot(minutes, sizes_mb, label=name, lw=1)
    all_axes[-1].set_ylabel("write-ahead logs, MB")
    for axes in all_axes:
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    for axes in (all_axes[0], all_axes[-1]):
        axes.legend(loc="lower right", ncols=len(processes))
    all_axes[-1].set_xlabel("minutes after the warm-up, wall time")
    figure.savefig(path, dpi=110)
