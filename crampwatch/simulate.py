"""Where the synthetic wearer meets the command: `simulate:` sources, the demo's board, and written nights."""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crampwatch.plan import BoardPlan

if TYPE_CHECKING:
    from firmware_bridge.clock import Clock
    from firmware_bridge.samples import SensorInfo, StreamItem
    from firmware_bridge.sources import Source

# Longer than any demo is watched; it is made as it is played.
DEMO_HOURS = 24.0
# Blocks of a played stream: short, so that the board's pace is smooth.
PLAYED_BLOCK_S = 0.5


def source_factories(clock: "Clock") -> Mapping[str, "Callable[[str], Source]"]:
    """Return the makers of sources that the bridge does not know of itself."""

    def synthetic(url: str) -> "Source":
        from models.synthesis.synthetic_source import SyntheticSource

        return SyntheticSource(url, clock)

    return {"simulate": synthetic}


def board_items(plan: BoardPlan) -> "tuple[SensorInfo, Iterable[StreamItem]]":
    """Return what the simulated board plays: the person's recording, or the synthetic wearer without an end.

    Raises:
        RecordingError: the recording cannot be used.
    """
    if plan.recording is not None:
        recording = plan.channels.open(Path(plan.recording))
        return recording.info, recording.items(block_s=PLAYED_BLOCK_S)
    from models.synthesis import simulate_night

    night = simulate_night(DEMO_HOURS, plan.seed, scene="demo")
    return night.info, night.items(block_s=PLAYED_BLOCK_S)


def write_synthetic_night(out: Path, *, hours: float, seed: int, kind: str, force: bool) -> None:
    """Write a night and the truth about it, with a progress bar on a terminal.

    Raises:
        SynthesisError: there is no such kind of night, or a file is there already.
        RecorderError: the file cannot be written.
    """
    from rich.console import Console
    from rich.progress import Progress

    from models.synthesis import simulate_night
    from models.synthesis.night_files import write_night

    night = simulate_night(hours, seed, scene=kind)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(out.name, total=1.0)
        write_night(out, night, force=force, progress=lambda share: progress.update(task, completed=share))
    sys.stdout.write(f"{out}: {hours:g} h, synthetic, seed {seed}; truth in {out.stem}_truth.tsv\n")
