"""The detector over one recording, in a process of its own: ``python -m dashboard.lab_run RECORDING FOLDER``.

Leaves ``progress`` (a share), then ``events.tsv`` with its sidecar, ``seen.f32`` (``[hops, SEEN]``, little endian) and
``done.json``; or ``failed`` with the reason. It may be killed at any time: what counts is written last.
"""

import contextlib
import json
import os
import sys
import threading
from pathlib import Path

import numpy as np

from dashboard.lab_bounds import RUN_CPU_S, bind
from detector.event_files import final_revisions, write_events
from detector.observed_pipeline import SEEN, ObservedPipeline, Rows
from detector.personal_fit import limits_of
from detector.settings import DetectorSettings
from detector.types import Contraction
from firmware_bridge.recordings import RecordingError, open_recording
from firmware_bridge.samples import SampleBlock

PROGRESS, DONE, FAILED, SEEN_FILE, EVENTS = "progress", "done.json", "failed", "seen.f32", "events.tsv"
_BLOCK_S = 60.0
# The pages and the watch come first.
_NICENESS = 15


def run(source: Path, folder: Path) -> None:
    """Run the detector over a recording and leave what it found in a folder.

    Raises:
        RecordingError: the recording cannot be read.
        ValueError: the detector cannot use it.
        OSError: the folder cannot be written.
    """
    recording = open_recording(source)
    settings = limits_of(recording.annotations, DetectorSettings(levels=False))
    pipeline = ObservedPipeline(recording.info, settings, recording_id=recording.recording_id)
    revisions: list[Contraction] = []
    with (folder / SEEN_FILE).open("wb") as seen:
        for item in recording.items(_BLOCK_S):
            revisions += [found for found in pipeline.feed(item) if isinstance(found, Contraction)]
            _keep(pipeline.take_seen(), seen.fileno())
            if isinstance(item, SampleBlock):
                _put(folder / PROGRESS, f"{item.end_index / recording.samples:.4f}")
        revisions += [found for found in pipeline.finish() if isinstance(found, Contraction)]
        _keep(pipeline.take_seen(), seen.fileno())
    write_events(folder / EVENTS, final_revisions(revisions), recording.info, force=True)
    _put(folder / DONE, json.dumps({"hop_s": pipeline.grid.hop_s, "seen": SEEN}))


def _keep(runs: list[tuple[int, Rows]], file: int) -> None:
    """Write runs of hops at their places; what lies between them was not seen."""
    for first, rows in runs:
        place = first * len(SEEN) * rows.itemsize
        missing = place - os.fstat(file).st_size
        if missing > 0:
            os.pwrite(file, np.full(missing // rows.itemsize, np.nan, "<f4").tobytes(), place - missing)
        os.pwrite(file, rows.astype("<f4").tobytes(), place)


def _put(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, "utf-8")
    beside.replace(path)


def _step_back() -> None:
    """Let the watch come first, where the system lets a process do that; slower pages are no reason not to look."""
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)


def _end_with_parent() -> None:
    """End at once when whoever started this process has gone."""
    sys.stdin.buffer.read()
    os._exit(1)


def main(arguments: list[str]) -> int:
    """Run, and tell why not where it cannot; return the exit code."""
    source, folder = (Path(argument) for argument in arguments)
    _step_back()
    bind(RUN_CPU_S)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        run(source, folder)
    except (RecordingError, ValueError, OSError) as error:
        # The place on disk says nothing to whoever uploaded it.
        _put(folder / FAILED, str(error).removeprefix(f"{source}: "))
        return 1
    except MemoryError:
        _put(folder / FAILED, "it takes more memory than a recording needs")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
