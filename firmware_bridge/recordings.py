"""Recordings of any format read as the stream they were: the project's own nights and others'.

    RecordingError
    ├── UnreadableRecordingError    missing, cut off, damaged, or no recording: another file is needed
    └── UnsuitableRecordingError    sound, but without the channels we need where we looked: flags may help

EDF, EDF+ and BDF keep their integers to the bit; every other format becomes integers by one rule
(`firmware_bridge.recorded_columns`). What is behind `open_recording` never knows which it was.

The reader is lenient: what can be read is read, and what was wrong stands in `Recording.warnings`. The file's
size is believed over its header, so a night that is still being recorded, or whose recorder was killed, opens
as far as it goes; open it again to see more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from firmware_bridge.channel_picking import ChannelError
from firmware_bridge.edf_header import EdfError
from firmware_bridge.formats.columns import FormatError, MissingReaderError, ReadHints, UnclearFileError
from firmware_bridge.formats.known import LOOKED_AT_BYTES, format_of, open_columns
from firmware_bridge.formats.montage import Montage, MontageChannel, MontageError, load_montage
from firmware_bridge.recorded_edf import open_edf
from firmware_bridge.recorded_log import PlacedNotice
from firmware_bridge.recorded_opening import Opened
from firmware_bridge.recorded_stream import Notice, SampleReader, Stretch, stream, stretches
from firmware_bridge.recorded_table import open_table
from firmware_bridge.recording_timeline import Piece, cut
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo

# Long enough that what computes on the blocks spends its time on samples and not on calls; a few MB.
BLOCK_S = 1024.0
# What dividing an index by a rate and multiplying again may cost, and far less than a sample.
_ROUNDING_SAMPLES = 1e-3
# What EDF and BDF files begin with.
_EDF_OPENINGS = (b"0       ", b"\xffBIOSEMI")


class RecordingError(Exception):
    """A recording cannot be used; the text says which, where, what was expected and found, and what to do."""


class UnreadableRecordingError(RecordingError):
    """The file is missing, cut off, damaged or not a recording."""


class UnsuitableRecordingError(RecordingError):
    """The file is sound, but the channels we need are not where we looked."""


@dataclass(frozen=True, slots=True)
class Recording:
    """An open recording, as far as it went when it was opened. Holds no file handle.

    Attributes:
        path: The file.
        info: Who was recorded, and in what units.
        recording_id: The same whenever this recording is opened, wherever the file lies.
        start: Time of index 0: with its zone in our own files, without one in others', None where hidden.
        samples: Length of the index axis in EMG samples, gaps included.
        annotations: Every note in the file, by index; the detector's verdicts and clock anchors among them.
        gaps: Gaps known without reading the samples.
        warnings: What was wrong and read all the same, and what was chosen where there was a choice.
    """

    path: Path
    info: SensorInfo
    recording_id: str
    start: datetime | None
    samples: int
    annotations: tuple[Mark, ...]
    gaps: tuple[Gap, ...]
    warnings: tuple[str, ...]
    _channels: SampleReader
    _pieces: tuple[Piece, ...]
    _notices: tuple[PlacedNotice, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds, gaps included."""
        return self.samples / self.info.emg_rate_hz

    def items(self, block_s: float = BLOCK_S, start_s: float = 0.0) -> Iterator[SampleBlock | Gap | Notice]:
        """Yield what came live, in order: blocks of at most ``block_s``, gaps, and notices.

        Memory is bounded by ``block_s`` whatever the length. What is about the recording and never was in the
        stream (verdicts, clock anchors) stays in `annotations`.

        Raises:
            UnreadableRecordingError: the file has become shorter or unreadable meanwhile.
        """
        grid, rate_hz = self.info.acc_ratio, self.info.emg_rate_hz
        # A time that was made from an index gives that index again.
        first = max(0, int(start_s * rate_hz + _ROUNDING_SAMPLES) // grid * grid)
        step = max(1, int(block_s * rate_hz) // grid) * grid
        notices = [placed for placed in self._notices if placed.heard_index >= first or first == 0]
        try:
            yield from stream(self._channels, self.info, self._between(first, self.samples), notices, step)
        except (EdfError, FormatError) as error:
            raise UnreadableRecordingError(f"{self.path}: {error}") from error

    def window(self, start_s: float, end_s: float, channel: int = 0) -> tuple[Stretch, ...]:
        """Return the raw counts of one EMG channel between two times, what is missing left out.

        Only this span of this channel is read; ``info.emg_scales[channel]`` gives its µV.

        Raises:
            UnreadableRecordingError: the file has become shorter or unreadable meanwhile.
        """
        first, stop = (round(time_s * self.info.emg_rate_hz) for time_s in (start_s, end_s))
        try:
            return tuple(stretches(self._channels, channel, self._between(first, stop)))
        except (EdfError, FormatError) as error:
            raise UnreadableRecordingError(f"{self.path}: {error}") from error

    def _between(self, first: int, stop: int) -> list[Piece]:
        return cut(self._pieces, first, min(stop, self.samples))


def open_recording(
    path: Path | str,
    *,
    emg: Sequence[str] = (),
    acc: Sequence[str] = (),
    emg_unit: str | None = None,
    acc_unit: str | None = None,
    rate_hz: float | None = None,
    montage: Path | str | Montage | None = None,
) -> Recording:
    """Open a recording of any known format (docs/formats.md).

    Args:
        path: The file.
        emg: Labels or 1-based numbers of the EMG channels, or differences (``"EMG1 - EMG2"``); by default the
            best one, or all of our own files'.
        acc: Those of the three axes of acceleration; by default found by label and unit; ``("none",)`` for none.
        emg_unit: Unit of the EMG where the file's is missing or wrong: V, mV, uV, nV or counts.
        acc_unit: Unit of the acceleration likewise: g, mg or m/s2.
        rate_hz: Sampling rate where the file does not say it.
        montage: A montage, or the TOML file that holds one; what is said beside it goes before it.

    Raises:
        UnreadableRecordingError: no such file, cut off, damaged, or not a recording.
        UnsuitableRecordingError: no EMG channel, one slower than 250 Hz, or not what flags and montage say.
    """
    path = Path(path)
    try:
        said = load_montage(Path(montage), path) if isinstance(montage, Path | str) else montage or Montage()
        said = _over(said, (emg, emg_unit), (acc, acc_unit), rate_hz)
        return _recording(_open(path, said))
    except (ChannelError, MontageError, UnclearFileError, MissingReaderError) as error:
        raise UnsuitableRecordingError(f"{path}: {error}") from error
    except (EdfError, FormatError) as error:
        raise UnreadableRecordingError(f"{path}: {error}") from error
    except OSError as error:
        raise UnreadableRecordingError(f"{path}: cannot be read: {error.strerror or error}") from error


def _over(
    montage: Montage,
    emg: tuple[Sequence[str], str | None],
    acc: tuple[Sequence[str], str | None],
    rate_hz: float | None,
) -> Montage:
    """Return a montage with what was said on the command line in place of its own."""
    if emg[0]:
        montage = replace(montage, emg=tuple(MontageChannel(name) for name in emg[0]))
    if emg[1]:
        unsaid = tuple(replace(channel, unit=None) for channel in montage.emg)
        montage = replace(montage, emg=unsaid, emg_unit=emg[1])
    if acc[0]:
        montage = replace(montage, acc=tuple(acc[0]), acc_gain=1.0, acc_unit=None)
    if acc[1]:
        montage = replace(montage, acc_unit=acc[1])
    return montage if rate_hz is None else replace(montage, rate_hz=rate_hz)


def opens_as_edf(path: Path) -> bool:
    """Tell whether a file is read as EDF or BDF, which is done here, by no library, and needs none.

    Raises:
        OSError: it cannot be opened.
    """
    with path.open("rb") as raw:
        first = raw.read(LOOKED_AT_BYTES)
    return first.startswith(_EDF_OPENINGS) or format_of(path, first) is None


def _open(path: Path, montage: Montage) -> Opened:
    if path.exists() and not path.is_file():
        raise EdfError("expected a file, got a folder or a device")
    if opens_as_edf(path):
        return open_edf(path, montage)
    return open_table(open_columns(path, ReadHints(montage.rate_hz, montage.read)), montage)


def _recording(opened: Opened) -> Recording:
    pieces = opened.pieces
    return Recording(
        path=opened.path,
        info=opened.info,
        recording_id=opened.recording_id,
        start=opened.start,
        samples=pieces[-1].end_index if pieces else 0,
        annotations=opened.marks,
        gaps=tuple(piece for piece in pieces if isinstance(piece, Gap)),
        warnings=opened.warnings,
        _channels=opened.channels,
        _pieces=pieces,
        _notices=opened.notices,
    )
