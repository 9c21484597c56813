"""Recordings read as the stream they were: EDF, EDF+C, EDF+D and BDF, the project's own nights and others'.

    RecordingError
    ├── UnreadableRecordingError    missing, cut off, damaged, or no recording: another file is needed
    └── UnsuitableRecordingError    sound, but without the channels we need where we looked: flags may help

The reader is lenient: what can be read is read, and what was wrong stands in `Recording.warnings`. The file's
size is believed over its header, so a night that is still being recorded, or whose recorder was killed, opens
as far as it goes; open it again to see more.
"""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from firmware_bridge.channel_picking import Channel, ChannelError, Picked, channels_of, pick_acc, pick_emg
from firmware_bridge.edf_header import FIXED_BYTES, EdfError, EdfHeader, parse_header, signal_count
from firmware_bridge.edf_samples import EdfFile
from firmware_bridge.night_labels import own_channels
from firmware_bridge.recorded_channels import RecordedChannels
from firmware_bridge.recorded_identity import recording_id_of, sensor_of, start_of
from firmware_bridge.recorded_log import PlacedNotice, RecordedLog, read_log
from firmware_bridge.recorded_stream import Notice, Stretch, ended, stream, stretches
from firmware_bridge.recording_timeline import Piece, by_times, continuous, cut
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo

# Long enough that what computes on the blocks spends its time on samples and not on calls; a few MB.
BLOCK_S = 1024.0
# What dividing an index by a rate and multiplying again may cost, and far less than a sample.
_ROUNDING_SAMPLES = 1e-3


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
    _channels: RecordedChannels
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
        except EdfError as error:
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
        except EdfError as error:
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
) -> Recording:
    """Open an EDF, EDF+ or BDF recording.

    Args:
        path: The file.
        emg: Labels or 1-based numbers of the EMG channels; by default the best one, or all of our own files'.
        acc: Those of the three axes of acceleration; by default found by label and unit.
        emg_unit: Unit of the EMG where the file's is missing or wrong: V, mV, uV, nV or counts.
        acc_unit: Unit of the acceleration likewise: g, mg or m/s2.

    Raises:
        UnreadableRecordingError: no such file, cut off, damaged, or not a recording.
        UnsuitableRecordingError: no EMG channel, one slower than 250 Hz, or not what the flags say.
    """
    path = Path(path)
    try:
        file = _open_file(path)
        log = read_log(file)
        emg_picked, acc_picked = _pick(file.header, log, (emg, emg_unit), (acc, acc_unit))
        return _recording(file, log, emg_picked, acc_picked)
    except ChannelError as error:
        raise UnsuitableRecordingError(f"{path}: {error}") from error
    except EdfError as error:
        raise UnreadableRecordingError(f"{path}: {error}") from error
    except OSError as error:
        raise UnreadableRecordingError(f"{path}: cannot be read: {error.strerror or error}") from error


def _open_file(path: Path) -> EdfFile:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise EdfError("expected a file, got a folder or a device")
    with path.open("rb") as raw:
        first = raw.read(FIXED_BYTES)
        header = parse_header(first + raw.read(FIXED_BYTES * signal_count(first)))
    records, torn_bytes = divmod(max(0, status.st_size - header.size), header.record_bytes)
    if not records:
        raise EdfError(
            f"holds no whole data record: expected {header.record_bytes} bytes or more after the header, "
            f"got {torn_bytes}"
        )
    return EdfFile(path, header, records, torn_bytes)


def _pick(
    header: EdfHeader,
    log: RecordedLog,
    emg: tuple[Sequence[str], str | None],
    acc: tuple[Sequence[str], str | None],
) -> tuple[Picked, Picked]:
    channels = channels_of(header)
    own_emg, own_acc = own_channels(header) if log.identity else ((), ())
    emg_picked = pick_emg(channels, emg[0] or own_emg, emg[1])
    return emg_picked, pick_acc(channels, emg_picked.channels[0].rate_hz, acc[0] or own_acc, acc[1])


def _recording(file: EdfFile, log: RecordedLog, emg: Picked, acc: Picked) -> Recording:
    channels = RecordedChannels.of(file, emg, acc, is_ours=bool(log.identity))
    info = sensor_of(file, log, emg, channels)
    logged = log.values(info.emg_rate_hz)
    if file.header.has_holes:
        pieces = by_times(log.times_s, emg.channels[0].signal.samples, info.emg_rate_hz, channels.ratio)
    else:
        pieces = continuous(channels.samples, logged.gaps_on(channels.ratio))
    pieces = ended(channels, pieces, logged.end_index)
    return Recording(
        path=file.path,
        info=info,
        recording_id=recording_id_of(file, log),
        start=start_of(file, log),
        samples=pieces[-1].end_index if pieces else 0,
        annotations=logged.marks,
        gaps=tuple(piece for piece in pieces if isinstance(piece, Gap)),
        warnings=(
            *_file_warnings(file, log),
            *emg.warnings,
            *acc.warnings,
            *_channel_warnings(channels, acc),
        ),
        _channels=channels,
        _pieces=tuple(pieces),
        _notices=logged.replayed(channels.ratio),
    )


def _file_warnings(file: EdfFile, log: RecordedLog) -> list[str]:
    warnings = [*file.header.warnings, *log.warnings]
    if file.torn_bytes:
        warnings.append(
            f"the last data record is cut off: {file.torn_bytes} of its {file.header.record_bytes} bytes "
            "are left out"
        )
    # While our own night grows, its header is one record behind between the append and the patch.
    expected = {file.records, file.records - 1} if log.identity else {file.records}
    if file.header.records >= 0 and file.header.records not in expected:
        warnings.append(
            f"the header counts {file.header.records} data records, the file holds {file.records}; "
            "all of them are read"
        )
    return warnings


def _channel_warnings(channels: RecordedChannels, acc: Picked) -> list[str]:
    warnings = []
    if channels.acc_scale and len(set(acc.scales)) > 1:
        step = f"{channels.acc_scale.gain:.3g} g"
        warnings.append(f"acceleration: the axes differ in scale; all are taken to steps of {step}")
    header = channels.file.header
    warnings += [
        f"channel {Channel(s, s.samples / header.record_s)} never changes" for s in channels.constant()
    ]
    strays = channels.strays()
    if strays:
        warnings.append(
            f"{strays} samples lie outside the digital range that the header gives: they count as missing"
        )
    return warnings
