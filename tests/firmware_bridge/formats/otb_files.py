"""OTB+ files as the maker's MATLAB readers expect them: made here, by no device."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

# µV a count of a Quattrocento's EMG (5 V, 16 bits, gain 150), and V a count of its auxiliary inputs (gain 0.5).
STEPS = (5 / 2**16 / 150 * 1e6, *(5 / 2**16 / 0.5,) * 3)
LABELS = ("EMG Gastrocnemius AD1x16 1", "AUX 2", "AUX 3", "AUX 4")
MARKERS = (
    "<Markers><Marker><Milliseconds>1500</Milliseconds><Description>squeeze</Description></Marker></Markers>"
)


def device(rate_hz: float, name: str = "QUATTROCENTO", bits: int = 16, channels: int = 4) -> str:
    aux = "".join(f'<Channel Index="{i}" ID="AUX" Gain="1"/>' for i in range(3))
    return (
        f'<Device Name="{name}" ad_bits="{bits}" DeviceTotalChannels="{channels}" SampleFrequency="{rate_hz:g}">'
        '<Channels><Adapter ID="AD1x16" Gain="150" ChannelStartIndex="0">'
        '<Channel Index="0" ID="AD1x16" Muscle="Gastrocnemius" Gain="1"/></Adapter>'
        f'<Adapter ID="Direct connection" Gain="0.5" ChannelStartIndex="1">{aux}</Adapter></Channels></Device>'
    )


def write(path: Path, counts: npt.NDArray[np.int16], rate_hz: float) -> Path:
    patient = "<Patient><time>2026-05-02T23:04:05</time></Patient>"
    return archive(
        path,
        {
            "night.sig": counts.astype("<i2").tobytes(),
            "night.xml": device(rate_hz).encode(),
            "patient.xml": patient.encode(),
            "markers_0.xml": MARKERS.encode(),
        },
    )


def archive(path: Path, members: Mapping[str, bytes], mode: str = "w:") -> Path:
    with path.open("wb") as raw, tarfile.open(fileobj=raw, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path
