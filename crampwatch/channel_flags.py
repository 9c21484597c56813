"""Which channels of a recording to take, as a command line says it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware_bridge.recordings import Recording


@dataclass(frozen=True, slots=True)
class ChannelFlags:
    """Which channels of a recording to take, as the person said; empty and None leave it to the reader.

    The montage is held as its text, so that it travels to other processes and machines, and a change in it is a
    change in the flags.
    """

    emg: tuple[str, ...] = ()
    acc: tuple[str, ...] = ()
    emg_unit: str | None = None
    acc_unit: str | None = None
    rate_hz: float | None = None
    montage: str = ""
    montage_file: str = ""

    @classmethod
    def from_flags(
        cls,
        emg: list[str] | None,
        acc: str | None,
        emg_unit: str | None,
        acc_unit: str | None,
        rate_hz: float | None = None,
        montage: Path | None = None,
    ) -> "ChannelFlags":
        """Return the flags of a command line; ``acc`` is a comma-separated list.

        Raises:
            MontageError: the montage cannot be read.
        """
        text = ""
        if montage is not None:
            from firmware_bridge.formats.montage import read_montage

            text = read_montage(montage)
        return cls(
            tuple(emg or ()),
            tuple(part.strip() for part in acc.split(",")) if acc else (),
            emg_unit,
            acc_unit,
            rate_hz,
            text,
            str(montage or ""),
        )

    def open(self, path: Path) -> "Recording":
        """Open a recording with these channels.

        Raises:
            RecordingError: it cannot be used.
            MontageError: the montage holds what no montage holds.
        """
        from firmware_bridge.formats.montage import parse_montage
        from firmware_bridge.recordings import open_recording

        return open_recording(
            path,
            emg=self.emg,
            acc=self.acc,
            emg_unit=self.emg_unit,
            acc_unit=self.acc_unit,
            rate_hz=self.rate_hz,
            montage=parse_montage(self.montage, self.montage_file, path) if self.montage else None,
        )
