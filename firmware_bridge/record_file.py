"""An EDF file that grows by whole data records: append, then patch the count.

Each record is appended whole, in one write, and only then is the record count in the header patched. A
process killed between the two leaves a file whose count is one short: readers that trust the count (pyedflib)
miss that last second, readers that trust the size (ours, edfio) have it, and none refuses the file. The other
order would let pyedflib refuse it. A kill inside the write leaves a torn record, which readers drop.
"""

import io
import os
from pathlib import Path

from firmware_bridge.edf_header import RECORDS_OFFSET, RECORDS_WIDTH

# A night is nobody else's business.
_PRIVATE = 0o600
# Windows would otherwise translate line ends.
_BINARY: int = getattr(os, "O_BINARY", 0)


class RecordFile:
    """A new file with its header.

    Args:
        path: The file; its folder exists.
        header: The EDF header, without records yet.
        record_bytes: Size of a data record.
        overwrite: Replace a file that is there.

    Raises:
        OSError: `FileExistsError` where the file is there already; any other that the disk gives.
    """

    def __init__(self, path: Path, header: bytes, record_bytes: int, *, overwrite: bool) -> None:
        self.records = 0
        self._header_bytes = len(header)
        self._record_bytes = record_bytes
        self._file = io.FileIO(path, "w+" if overwrite else "x+", opener=_open_privately)
        try:
            self._write_at(0, header)
        except OSError:
            self._file.close()
            # A file without a header is no recording; the next one may have its name.
            path.unlink(missing_ok=True)
            raise

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._file.closed

    def append(self, record: bytes) -> None:
        """Add a record, then count it. One that the disk refuses is not there; the next try takes its place.

        Raises:
            OSError: the disk refuses.
        """
        self._write_at(self._end(), record)
        self.records += 1
        self._write_at(RECORDS_OFFSET, str(self.records).ljust(RECORDS_WIDTH).encode("ascii"))

    def sync(self) -> None:
        """Wait until all records are on the medium.

        Raises:
            OSError: the disk refuses.
        """
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Cut off what a refused write may have left, and close.

        Raises:
            OSError: the disk refuses; the file is closed all the same.
        """
        with self._file:
            self._file.truncate(self._end())

    def _end(self) -> int:
        return self._header_bytes + self.records * self._record_bytes

    def _write_at(self, offset: int, octets: bytes) -> None:
        self._file.seek(offset)
        written = self._file.write(octets)
        while written < len(octets):
            # The disk took a part; what is wrong with it comes with the rest.
            written += self._file.write(octets[written:])


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags | _BINARY, _PRIVATE)
