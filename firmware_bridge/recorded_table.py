"""A file of columns opened as a recording: its lanes on one axis, its holes as gaps, its notes as marks."""

from datetime import datetime, timedelta

from firmware_bridge.channel_lanes import Lane, Lanes, lanes_of
from firmware_bridge.formats.columns import Column, ColumnFile
from firmware_bridge.formats.montage import Montage
from firmware_bridge.formats.tracks import Axis, Track, is_same_rate, tracks_of
from firmware_bridge.recorded_columns import LaneReading, LaneTable, counted
from firmware_bridge.recorded_identity import id_of_parts, site_of, topic_name
from firmware_bridge.recorded_log import PlacedNotice
from firmware_bridge.recorded_opening import Opened
from firmware_bridge.recorded_stream import ended
from firmware_bridge.recording_timeline import NOT_RECORDED, Piece, continuous
from firmware_bridge.samples import Gap, Mark, SensorInfo


def open_table(file: ColumnFile, montage: Montage) -> Opened:
    """Return a file of columns as an open recording.

    Raises:
        ChannelError: the channels we need are missing, ambiguous or of unknown units.
        FormatError: the file is damaged.
        OSError: a part of it cannot be read.
    """
    lanes = lanes_of(file.columns, montage)
    axis = _emg_axis(lanes, montage)
    reading, warnings = _reading(file, lanes, axis)
    pieces = _pieces(reading.emg.tracks, lanes, reading.ratio)
    channels = counted(reading, pieces, axis.rate_hz)
    kept = ended(channels, pieces, None)
    marks = tuple(
        Mark(max(0, axis.index(note.onset_s)), "note", note.text, note.duration_s) for note in file.notes
    )
    by_index = tuple(sorted(marks, key=lambda mark: mark.index))
    grid = channels.ratio
    return Opened(
        path=file.path,
        info=SensorInfo(
            sensor_id=topic_name(file.path.stem, "recording"),
            emg_rate_hz=axis.rate_hz,
            acc_rate_hz=axis.rate_hz / grid if channels.acc_scale else 0.0,
            sites=tuple(site_of(lane.site) for lane in lanes.emg),
            emg_scales=channels.emg_scales,
            acc_scale=channels.acc_scale,
            firmware=file.kind,
        ),
        recording_id=id_of_parts(file.kind, file.parts),
        start=_start(file, axis),
        marks=by_index,
        notices=tuple(PlacedNotice(mark.index // grid * grid, mark) for mark in by_index),
        pieces=tuple(kept),
        channels=channels,
        warnings=(*file.warnings, *lanes.warnings, *warnings, *channels.warnings),
    )


def _emg_axis(lanes: Lanes, montage: Montage) -> Axis:
    """The axis that the EMG is brought to: its own rate, the highest where channels differ, or as was said."""
    columns = _columns(lanes.emg)
    rate_hz = montage.resample_hz or max(column.rate_hz for column in columns)
    return Axis(rate_hz, min(column.start_s for column in columns))


def _columns(lanes: tuple[Lane, ...]) -> list[Column]:
    return list(dict.fromkeys(term.column for lane in lanes for term in lane.terms))


def _reading(file: ColumnFile, lanes: Lanes, axis: Axis) -> tuple[LaneReading, list[str]]:
    """The lanes on their axes; EMG and acceleration of one rate are read together."""
    emg, acc = _columns(lanes.emg), _columns(lanes.acc)
    ratio = _ratio(axis, acc)
    warnings = _moved("EMG", emg, axis.rate_hz) + _moved("acceleration", acc, axis.rate_hz / ratio)
    if ratio == 1:
        table = LaneTable((*lanes.emg, *lanes.acc), tuple(tracks_of(file, [*emg, *acc], axis)))
        return LaneReading(table, len(lanes.emg), None, 1), warnings
    slow = Axis(axis.rate_hz / ratio, axis.origin_s)
    own, other = (
        LaneTable(some, tuple(tracks_of(file, columns, on)))
        for some, columns, on in ((lanes.emg, emg, axis), (lanes.acc, acc, slow))
    )
    return LaneReading(own, len(lanes.emg), other, ratio), warnings


def _ratio(axis: Axis, acc: list[Column]) -> int:
    """EMG samples per acceleration sample that come nearest to the acceleration's own rate."""
    return max(1, round(axis.rate_hz / acc[0].rate_hz)) if acc else 1


def _moved(what: str, columns: list[Column], rate_hz: float) -> list[str]:
    others = {
        column.rate_hz
        for column in columns
        if not is_same_rate(column.rate_hz, rate_hz, column.end_s - column.start_s)
    }
    return [f"{what}: brought from {other:.6g} Hz to {rate_hz:.6g} Hz" for other in sorted(others)]


def _pieces(tracks: tuple[Track, ...], lanes: Lanes, ratio: int) -> list[Piece]:
    """Runs where any EMG channel was recorded, and gaps between; both begin on an acceleration sample."""
    wanted = {column.number for column in _columns(lanes.emg)}
    runs = sorted(
        (run.first_index, run.end_index)
        for track in tracks
        if wanted.intersection(track.numbers)
        for run in track.runs
    )
    samples = max(end for _, end in runs) // ratio * ratio
    gaps, at = [], 0
    for first, end in runs:
        if first > at:
            begin, stop = at // ratio * ratio, -(-first // ratio) * ratio
            gaps.append(Gap(begin, stop - begin, NOT_RECORDED))
        at = max(at, end)
    return continuous(samples, gaps)


def _start(file: ColumnFile, axis: Axis) -> datetime | None:
    try:
        return None if file.start is None else file.start + timedelta(seconds=axis.origin_s)
    except OverflowError:
        return file.start
