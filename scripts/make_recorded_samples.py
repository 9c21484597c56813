"""Make the excerpts in tests/recordings from the sample recordings inside the package biosignalsnotebooks 0.6.14.

    pip install h5py
    python scripts/make_recorded_samples.py

The package is downloaded by pip, without its dependencies; nothing of it is run. Where it is at hand already, name
the wheel: ``--wheel biosignalsnotebooks-0.6.14-py3-none-any.whl``. The excerpts come out the same, byte for byte.
"""

import argparse
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import h5py
import numpy as np

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import SampleBlock, Scale, SensorInfo

REQUIREMENT = "biosignalsnotebooks==0.6.14"
SAMPLES = "biosignalsnotebooks/notebook_files/osf_files/signal_samples"
LICENSE = "biosignalsnotebooks-0.6.14.dist-info/LICENSE.txt"
FOLDER = Path(__file__).resolve().parents[1] / "tests" / "recordings"

# The amplifiers' range in µV: the package's own conversion.py gives mV = raw * 3 / 2**bits - 1.5.
RANGE_UV = 3000.0
# 16-bit counts start at 0 and EDF's at -32768, which stands for a missing sample; none of these uses the lowest.
EDF_BITS = 16


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of one of the package's recordings.

    Attributes:
        member: File name in the package, without suffix.
        sha256: Of that file.
        dataset: Where the EMG stands in it.
        bits: Resolution of the converter.
        begin_s: Where the excerpt begins in the file.
        end_s: Where it ends; None for the end of the file.
        site: The muscle, as the package says.
        start: Date and time in the file. It gives no time zone; UTC stands in for it.
    """

    name: str
    member: str
    sha256: str
    dataset: str
    bits: int
    begin_s: float
    end_s: float | None
    site: str
    start: str


EXCERPTS = (
    Excerpt(
        name="bursts",
        member="emg_bursts",
        sha256="32989903d9196e7bf0db1306da56fda787fb6fe35591b06e9b68d040f036d5fb",
        dataset="00:07:80:3B:46:61/raw/channel_3",
        bits=16,
        begin_s=0,
        end_s=None,
        site="biceps",
        start="2017-01-23T10:28:51+00:00",
    ),
    Excerpt(
        name="fatigue",
        member="emg_fatigue",
        sha256="fc9accd86328e0c254ad5ae279e5ec633de95bf742f72e1884e080ad3751586d",
        dataset="00:07:80:4C:01:B1/raw/channel_2",
        bits=12,
        begin_s=70,
        end_s=None,
        site="biceps",
        start="2017-05-30T15:35:35+00:00",
    ),
    Excerpt(
        name="quiet",
        member="emg_1000_hz_16_bits_solo",
        sha256="9d529a65d3886c9a93d6cb9124608c9fd0c132b13599ef9c50dd1c45bb0f1dac",
        dataset="00:07:80:D8:A8:82/raw/channel_1",
        bits=16,
        begin_s=0,
        end_s=60,
        site="adductor-pollicis",
        start="2019-10-14T16:52:39+00:00",
    ),
)
RATE_HZ = 1000.0
PUBLIC = 0o644


def main() -> None:
    """Make all excerpts and put the licence beside them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, help="the package's wheel; without it, pip downloads it")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the excerpts go")
    flags = parser.parse_args()
    flags.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = flags.wheel or download(Path(scratch))
        with zipfile.ZipFile(wheel) as package:
            (flags.folder / "LICENSE-biosignalsnotebooks.txt").write_bytes(package.read(LICENSE))
            for excerpt in EXCERPTS:
                path = make(excerpt, package.read(f"{SAMPLES}/{excerpt.member}.h5"), flags.folder)
                sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")


def download(folder: Path) -> Path:
    """Return the package's wheel, downloaded into a folder and not installed."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        REQUIREMENT,
    ]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def make(excerpt: Excerpt, h5: bytes, folder: Path) -> Path:
    """Write one excerpt as EDF+ and return where.

    Raises:
        SystemExit: the package's file is not the one that the excerpt was cut from.
    """
    found = hashlib.sha256(h5).hexdigest()
    if found != excerpt.sha256:
        raise SystemExit(f"{excerpt.member}.h5: expected SHA-256 {excerpt.sha256}, got {found}")
    with h5py.File(io.BytesIO(h5)) as file:
        raw = file[excerpt.dataset][:, 0].astype(np.int32)
    end = len(raw) if excerpt.end_s is None else round(excerpt.end_s * RATE_HZ)
    raw = raw[round(excerpt.begin_s * RATE_HZ) : end]
    info = SensorInfo(
        sensor_id="plux",
        emg_rate_hz=RATE_HZ,
        acc_rate_hz=0.0,
        sites=(excerpt.site,),
        emg_scales=(scale(excerpt.bits),),
        acc_scale=None,
        firmware=REQUIREMENT,
        prefilter="not stated",
    )
    path = folder / f"{excerpt.name}.edf"
    zero = (1 << EDF_BITS - 1) if excerpt.bits == EDF_BITS else 0
    counts = (raw - zero).astype(np.int16)[:, None]
    start = datetime.fromisoformat(excerpt.start)
    with NightRecorder(
        path, info, recording_id=f"biosignalsnotebooks-{excerpt.name}", start=start, overwrite=True
    ) as night:
        night.write(SampleBlock(info, 0, counts, np.zeros((0, 3), np.int16)))
    # The recorder keeps nights private; these are for everybody.
    path.chmod(PUBLIC)
    return path


def scale(bits: int) -> Scale:
    """Return the µV scale of a converter that spans the amplifiers' range around its middle."""
    gain = RANGE_UV / (1 << bits)
    if bits == EDF_BITS:
        low, high = 1 - (1 << EDF_BITS - 1), (1 << EDF_BITS - 1) - 1
        return Scale.from_gain(gain, digital_min=low, digital_max=high, unit="uV")
    return Scale.from_gain(
        gain, digital_min=0, digital_max=(1 << bits) - 1, zero_count=1 << bits - 1, unit="uV"
    )


if __name__ == "__main__":
    main()
