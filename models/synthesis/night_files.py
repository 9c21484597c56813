"""A synthetic night on disk: an EDF+ recording as the recorder writes it, and its truth beside it."""

from collections.abc import Callable
from pathlib import Path

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import Mark
from models.synthesis.errors import SynthesisError
from models.synthesis.night import Night
from models.synthesis.truth_files import refuse_existing, truth_path, write_truth


def write_night(
    path: Path, night: Night, *, force: bool = False, progress: Callable[[float], None] | None = None
) -> None:
    """Write a night and its truth; the same night gives the same bytes.

    Args:
        path: The recording, ``.edf``; the truth goes to ``<stem>_truth.tsv`` beside it.
        night: The night.
        force: Replace files that are there.
        progress: Told the share (0…1) that is done, now and then.

    Raises:
        SynthesisError: a file is there already, or the truth cannot be written.
        RecorderError: the recording cannot be made or written.
    """
    truth = truth_path(path)
    refuse_existing([path, truth, truth.with_suffix(".json")], force=force)
    start, name = night.start, night.recording_id
    with NightRecorder(path, night.info, recording_id=name, start=start, overwrite=force) as recorder:
        for item in night.items():
            recorder.write(item)
            if progress and not isinstance(item, Mark):
                progress(item.end_index / night.samples)
    try:
        write_truth(truth, night, force=force)
    except OSError as error:
        raise SynthesisError(
            f"{truth}: cannot be written ({error.strerror}); free some space, or choose another place"
        ) from error
