"""``crampwatch bids write``: recordings and what is found in them, one after another, as a dataset."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from crampwatch.bids import Dataset, add_night, begin_dataset, session_of
from crampwatch.channel_flags import ChannelFlags
from crampwatch.errors import BAD_INPUT, DONE, complain, is_mendable
from crampwatch.replay.finding import find_recordings
from detector.detecting import detect


def write_nights(
    nights: Sequence[Path], out: Path, dataset: Dataset, subject: str, channels: ChannelFlags
) -> int:
    """Write the recordings that paths stand for, and return the exit code: one that fails does not stop the others.

    Raises:
        BidsError: the folder holds something else, or cannot be written.
    """
    listing = find_recordings(nights, leave_out=[out])
    troubles = list(listing.troubles)
    begin_dataset(out, dataset)
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        for listed in progress.track(listing.recordings, description="recordings"):
            try:
                recording = channels.open(listed.path)
                add_night(out, recording, detect(recording), subject=subject, session=session_of(recording))
            except Exception as error:
                if not is_mendable(error):
                    raise
                troubles.append(str(error))
    for trouble in troubles:
        complain(trouble)
    written = len(listing.recordings) + len(listing.troubles) - len(troubles)
    sys.stdout.write(f"{out}: {written} {'recording' if written == 1 else 'recordings'}\n")
    return BAD_INPUT if troubles else DONE
