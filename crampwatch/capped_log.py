"""A log that another program appends to, kept from growing without end: its older half is cut off.

What the program writes in the moment between our look and the cut is lost, as with ``copytruncate`` of logrotate(8);
one that opened the file to append goes on behind what was kept.
"""

import os
from pathlib import Path

# RELIABILITY S25 gives all logs 50 MB; of a night without trouble mosquitto writes one line.
LARGEST_BYTES = 1_000_000


def cap(path: Path, largest_bytes: int = LARGEST_BYTES) -> bool:
    """Cut a longer file down to the whole lines of its newest half; tell whether it was cut.

    Raises:
        OSError: the file is not there, or cannot be read or written.
    """
    size = path.stat().st_size
    if size <= largest_bytes:
        return False
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    try:
        kept = os.pread(descriptor, largest_bytes // 2, size - largest_bytes // 2)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, kept.partition(b"\n")[2])
    finally:
        os.close(descriptor)
    return True
