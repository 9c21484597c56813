"""Looks at a file that somebody sent, within bounds: ``python -m dashboard.lab_look FILE``.

Ends with 0 where it is a recording that the lab takes; else with 1, and says why on standard output. Whatever the file
does to its reader, it does to this process alone.
"""

import sys
from pathlib import Path

from dashboard.lab_bounds import LOOK_CPU_S, bind
from firmware_bridge.recordings import RecordingError, open_recording, opens_as_edf

# Pages draw some five minutes at once; three times eight channels at 4 kHz.
_MOST_SAMPLES_PER_S = 100_000


def why_not(path: Path) -> str:
    """Return why a file cannot be taken; empty where it can."""
    try:
        # Other formats are read by libraries that were not written for strangers' bytes.
        if not opens_as_edf(path):
            return "expected an EDF, EDF+ or BDF file"
        recording = open_recording(path)
    except (RecordingError, OSError) as error:
        # The place on disk says nothing to whoever sent it.
        return str(error).removeprefix(f"{path}: ")
    except MemoryError:
        return "reading it takes more memory than a recording needs"
    if not recording.samples:
        return "it holds no samples"
    rate_hz = recording.info.emg_rate_hz * len(recording.info.sites)
    if rate_hz > _MOST_SAMPLES_PER_S:
        return f"expected at most {_MOST_SAMPLES_PER_S} EMG samples a second, got {rate_hz:g}"
    return ""


def main(arguments: list[str]) -> int:
    """Look, and tell why not; return the exit code."""
    bind(LOOK_CPU_S)
    why = why_not(Path(arguments[0]))
    sys.stdout.buffer.write(why.encode("utf-8", "replace"))
    return int(bool(why))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
