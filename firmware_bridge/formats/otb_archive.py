"""OTB+ files of OT Bioelettronica: an uncompressed tar of converter counts (``.sig``) and their description in XML.

The layout and the table of converter ranges and gains are those of the maker's published MATLAB readers
(OTBioelettronica/OTB-Matlab, OpenOTBfilesConvFact) and of MNE-Python's reader made from them: 16-bit counts, little
endian, sample by sample. No file of a real device was at hand to try this on: the scale is to be checked on the
first one, and its warning says which was taken. Version 4 (``.otb4``) and 24-bit files are other layouts and refused.

Nothing is unpacked: the counts are mapped where they lie in the archive, so no path in it leads anywhere.
"""

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from xml.etree.ElementTree import Element

import numpy as np

from firmware_bridge.formats.columns import (
    BrokenFileError,
    Column,
    OneFile,
    ReadHints,
    Table,
    TextNote,
    UnclearFileError,
)
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.safe_xml import text_in, xml_of

# Range in V and gain of the converter, by device; what is not in the table is read as counts.
_DEVICES = MappingProxyType(
    {
        **dict.fromkeys(("QUATTRO", "QUATTROCENTO"), (5.0, 150.0)),
        "DUE": (5.0, 200.0),
        **dict.fromkeys(("DUE+", "QUATTRO+"), (3.3, 202.0)),
        **dict.fromkeys(("MUOVI", "MUOVI+", "SYNCSTATION"), (4.8, 256.0)),
    }
)
# Adapters that are the same on every device: auxiliary inputs, in V.
_DIRECT = ("Direct connection", "Direct connection to Syncstation Input", "AdapterLoadCell")
_DIRECT_RANGE_V, _DIRECT_GAIN = 5.0, 0.5
# Adapters of a SyncStation with converters of their own.
_SYNCED = MappingProxyType({"Due+": (3.3, 202.0), "Quattro+": (3.3, 202.0)})
_BITS = 16
_MOST_MEMBERS, _MOST_CHANNELS = 1000, 4096
_LARGEST_XML_BYTES = 8 << 20
_MICROVOLTS_PER_VOLT = 1e6
_MILLISECONDS_PER_S = 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class OtbFile(OneFile):
    """An open OTB+ file: its counts begin ``at`` a byte, and each channel has a scale."""

    at: int
    scales: tuple[float, ...]

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the file has become shorter or unreadable meanwhile.
        """
        shape = (self.columns[0].samples, len(self.columns))
        places = [number - 1 for number in numbers]
        with reading(self.kind):
            counts = np.memmap(self.path, "<i2", "r", self.at, shape)
            scales = np.array([self.scales[place] for place in places])
            return np.asarray(counts[start:stop][:, places] * scales)


def open_columns(path: Path, hints: ReadHints) -> OtbFile:
    """Open an OTB+ file.

    Raises:
        BrokenFileError: damaged, hostile, or of a layout that is not documented.
        UnclearFileError: it holds several signals and none was named by ``signal``.
        OSError: it cannot be opened.
    """
    hints.refuse_others("signal")
    with path.open("rb") as raw, reading("OTB+"), tarfile.open(fileobj=raw, mode="r:") as archive:
        members = _members(archive)
        signal = _signal(members, hints)
        described = signal.name.removesuffix(".sig") + ".xml"
        device = _xml(archive, members, described)
        if device is None or device.tag != "Device":
            raise BrokenFileError(f"OTB+: expected the description of a device in {described}, got none")
        patient = _xml(archive, members, "patient.xml")
        markers = [_xml(archive, members, name) for name in members if name.startswith("marker")]
        held = min(signal.size, path.stat().st_size - signal.offset_data)
        return _file(path, (signal, held), device, (hints, _start(patient), _notes(markers)))


def _members(archive: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    members: dict[str, tarfile.TarInfo] = {}
    for member in archive:
        if len(members) >= _MOST_MEMBERS:
            raise BrokenFileError(f"OTB+: expected at most {_MOST_MEMBERS} files in the archive, got more")
        if member.isreg() and not member.issparse():
            members.setdefault(member.name.removeprefix("./"), member)
    return members


def _signal(members: dict[str, tarfile.TarInfo], hints: ReadHints) -> tarfile.TarInfo:
    names = [name for name in members if name.endswith(".sig")]
    wanted = hints.text("signal")
    if wanted is not None and wanted not in names:
        raise UnclearFileError(f"OTB+: expected the signal {wanted!r}, got {', '.join(names) or 'none'}")
    if not names:
        raise BrokenFileError("OTB+: expected a .sig file in the archive, got none")
    if wanted is None and len(names) > 1:
        raise UnclearFileError(
            f"OTB+: expected one signal, got {', '.join(names)}; name yours in the montage:\n\n"
            f'[read]\nsignal = "{names[0]}"\n'
        )
    return members[wanted or names[0]]


def _xml(archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo], name: str) -> Element | None:
    if name not in members:
        return None
    stream = archive.extractfile(members[name])
    if stream is None or members[name].size > _LARGEST_XML_BYTES:
        raise BrokenFileError(f"OTB+: expected {name} below {_LARGEST_XML_BYTES >> 20} MiB, got more")
    return xml_of(stream.read(), f"OTB+ {name}")


def _file(
    path: Path,
    signal: tuple[tarfile.TarInfo, int],
    device: Element,
    about: tuple[ReadHints, datetime | None, tuple[TextNote, ...]],
) -> OtbFile:
    (member, held), (hints, start, notes) = signal, about
    bits, channels = int(device.get("ad_bits", "0")), int(device.get("DeviceTotalChannels", "0"))
    rate_hz = hints.rate_hz or float(device.get("SampleFrequency", "nan"))
    if bits != _BITS:
        raise BrokenFileError(
            f"OTB+: expected counts of {_BITS} bits, got {bits}: no layout is documented for it"
        )
    if not 1 <= channels <= _MOST_CHANNELS:
        raise BrokenFileError(f"OTB+: expected 1 to {_MOST_CHANNELS} channels, got {channels}")
    samples, torn = divmod(held, channels * _BITS // 8)
    warnings = [f"the signal is cut off: {held} of {member.size} bytes"] if held < member.size or torn else []
    described = _described(device, channels, warnings)
    return OtbFile(
        path,
        "OTB+",
        tuple(Column(i + 1, label, unit, rate_hz, samples) for i, (label, unit, _) in enumerate(described)),
        start,
        notes,
        tuple(dict.fromkeys(warnings)),
        at=member.offset_data,
        scales=tuple(scale for _, _, scale in described),
    )


def _described(device: Element, channels: int, warnings: list[str]) -> list[tuple[str, str, float]]:
    """Return label, unit, and unit per count of each channel; those that nothing describes are counts."""
    described = [(f"channel {i + 1}", "", 1.0) for i in range(channels)]
    for adapter in device.iter("Adapter"):
        name, first = adapter.get("ID", ""), int(adapter.get("ChannelStartIndex", "0"))
        unit, scale = _scale(device.get("Name", ""), name, warnings)
        for channel in adapter.iter("Channel"):
            place = first + int(channel.get("Index", "0"))
            if not 0 <= place < channels:
                raise BrokenFileError(f"OTB+: expected a channel below {channels}, got {place}")
            words = [channel.get("Muscle", ""), channel.get("ID", "") or name, str(place + 1)]
            label = " ".join(["EMG", *words] if unit == "uV" else words[1:])
            gain = float(channel.get("Gain", "1")) or 1.0
            described[place] = (" ".join(label.split()), unit, scale / gain)
    return described


def _scale(device: str, adapter: str, warnings: list[str]) -> tuple[str, float]:
    """Return the unit of an adapter's channels, and how much of it a count is."""
    if adapter in _DIRECT:
        return "V", _DIRECT_RANGE_V / 2**_BITS / _DIRECT_GAIN
    if adapter.startswith("Adapter"):
        # Control signals and quaternions.
        return "", 1.0
    known = _SYNCED.get(adapter) if device == "SYNCSTATION" else None
    known = known or _DEVICES.get(device)
    if known is None:
        warnings.append(
            f"OTB+: no range and gain known for device {device!r}: raw counts; scale them in a montage"
        )
        return "", 1.0
    return "uV", known[0] / 2**_BITS / known[1] * _MICROVOLTS_PER_VOLT


def _start(patient: Element | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text_in(patient, "time"))
    except ValueError:
        return None


def _notes(markers: Sequence[Element | None]) -> tuple[TextNote, ...]:
    found = {
        (float(text_in(marker, "Milliseconds")) / _MILLISECONDS_PER_S, text_in(marker, "Description"))
        for root in markers
        if root is not None
        for marker in root.iter("Marker")
    }
    return tuple(TextNote(onset_s, text) for onset_s, text in sorted(found))
