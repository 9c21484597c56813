"""An EDF or BDF file opened as a recording: its integers as they are, our own nights as they came."""

import stat
from dataclasses import replace
from pathlib import Path

from firmware_bridge.channel_picking import NO_CHANNELS, Channel, Picked, channels_of, pick_acc, pick_emg
from firmware_bridge.edf_header import FIXED_BYTES, EdfError, EdfHeader, parse_header, signal_count
from firmware_bridge.edf_samples import EdfFile
from firmware_bridge.formats.edf_columns import edf_columns
from firmware_bridge.formats.montage import Montage
from firmware_bridge.night_labels import own_channels
from firmware_bridge.recorded_channels import RecordedChannels
from firmware_bridge.recorded_doubts import doubts
from firmware_bridge.recorded_identity import recording_id_of, sensor_of, start_of, topic_name
from firmware_bridge.recorded_log import RecordedLog, read_log
from firmware_bridge.recorded_opening import Opened
from firmware_bridge.recorded_stream import ended
from firmware_bridge.recorded_table import open_table
from firmware_bridge.recording_timeline import by_times, continuous


def open_edf(path: Path, montage: Montage) -> Opened:
    """Return an EDF or BDF file as an open recording.

    Raises:
        EdfError: it is none, or damaged.
        ChannelError: the channels we need are not where we looked.
        OSError: it cannot be opened.
    """
    file = open_file(path)
    if not montage.is_plain or _names_differences(file.header, montage):
        return open_table(edf_columns(file), montage)
    log = read_log(file)
    emg, acc = _pick(file.header, log, montage)
    if montage.acc not in {(), NO_CHANNELS} and not acc.channels:
        # Acceleration that was asked for by name, at a rate that does not fit the EMG's: it is brought to one.
        return open_table(edf_columns(file), montage)
    return _sited(_opened(file, log, emg, acc), montage)


def _names_differences(header: EdfHeader, montage: Montage) -> bool:
    """Whether an EMG channel is called by what is no label nor number, but may be two."""
    called = {name for s in header.signals for name in (s.label.lower(), str(s.number))}
    return any("-" in one.channel and one.channel.lower() not in called for one in montage.emg)


def _sited(opened: Opened, montage: Montage) -> Opened:
    """Put the sites in that the montage names."""
    said = [channel.site for channel in montage.emg]
    if not any(said):
        return opened
    sites = (topic_name(mine, theirs) for mine, theirs in zip(said, opened.info.sites, strict=True))
    return replace(opened, info=replace(opened.info, sites=tuple(sites)))


def open_file(path: Path) -> EdfFile:
    """Return an EDF or BDF file with its header read.

    Raises:
        EdfError: it is none, or holds no whole data record.
        OSError: it cannot be opened.
    """
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


def _pick(header: EdfHeader, log: RecordedLog, montage: Montage) -> tuple[Picked, Picked]:
    channels = channels_of(header)
    own_emg, own_acc = own_channels(header) if log.identity else ((), ())
    said = [channel.channel for channel in montage.emg]
    unit = next((channel.unit for channel in montage.emg if channel.unit), montage.emg_unit)
    emg = pick_emg(channels, said or own_emg, unit)
    return emg, pick_acc(channels, emg.channels[0].rate_hz, montage.acc or own_acc, montage.acc_unit)


def _opened(file: EdfFile, log: RecordedLog, emg: Picked, acc: Picked) -> Opened:
    channels = RecordedChannels.of(file, emg, acc, is_ours=bool(log.identity))
    info = sensor_of(file, log, emg, channels)
    logged = log.values(info.emg_rate_hz)
    if file.header.has_holes:
        pieces = by_times(log.times_s, emg.channels[0].signal.samples, info.emg_rate_hz, channels.ratio)
    else:
        pieces = continuous(channels.samples, logged.gaps_on(channels.ratio))
    pieces = ended(channels, pieces, logged.end_index)
    return Opened(
        path=file.path,
        info=info,
        recording_id=recording_id_of(file, log),
        start=start_of(file, log),
        marks=logged.marks,
        warnings=(
            *_file_warnings(file, log),
            *emg.warnings,
            *acc.warnings,
            *_channel_warnings(channels, acc),
            *([] if log.identity else doubts(channels, pieces, info)),
        ),
        channels=channels,
        pieces=tuple(pieces),
        notices=logged.replayed(channels.ratio),
        is_ours=bool(log.identity),
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
