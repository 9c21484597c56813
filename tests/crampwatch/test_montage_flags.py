"""`--montage` and `--rate`, wherever channels are named on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crampwatch.__main__ import main
from crampwatch.channel_flags import ChannelFlags
from firmware_bridge.formats.montage import MontageError
from firmware_bridge.recordings import UnsuitableRecordingError

MONTAGE = (
    '[[emg]]\nchannel = "1 - 2"\nsite = "left-calf"\nunit = "mV"\n[[file]]\nmatch = "b.*"\nrate_hz = 500.0\n'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of noise in mV without labels or rate, and the montage that tells of it."""
    folder = tmp_path_factory.mktemp("nights")
    values = np.random.default_rng(4).normal(0, 0.01, (10_000, 2))
    for name in ("a.csv", "b.csv"):
        np.savetxt(folder / name, values, fmt="%.5f", delimiter=",")
    (folder / "montage.toml").write_text(MONTAGE)
    return folder


@pytest.fixture
def exit_code(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    def run(*arguments: str | Path) -> object:
        monkeypatch.setattr("sys.argv", ["crampwatch", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code

    return run


def test_replay_takes_both(
    folder: Path, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(
        "replay", folder / "a.csv", "--montage", folder / "montage.toml", "--rate", "1000", "--json"
    )

    said = capsys.readouterr()
    assert code == 0, said.err
    assert "a.csv" in json.dumps(json.loads(said.out))


def test_without_them_it_is_said_what_is_missing(
    folder: Path, exit_code: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code("replay", folder / "a.csv") == 1
    assert "--rate HZ" in capsys.readouterr().err

    assert exit_code("leg-movements", folder / "a.csv", "--rate", "1000") == 1
    assert "--montage FILE.toml" in capsys.readouterr().err

    assert exit_code("replay", folder / "a.csv", "--montage", folder / "absent.toml") == 1
    assert "absent.toml: cannot be read" in capsys.readouterr().err


def test_flags_go_before_the_montage(folder: Path) -> None:
    flags = ChannelFlags.from_flags(None, None, None, None, None, folder / "montage.toml")
    over = ChannelFlags.from_flags(["2"], None, "uV", None, 800.0, folder / "montage.toml")

    assert flags.open(folder / "b.csv").info.emg_rate_hz == 500.0
    recording = over.open(folder / "b.csv")
    assert recording.info.emg_rate_hz == 800.0
    assert recording.info.sites == ("channel-2",)
    with pytest.raises(UnsuitableRecordingError, match="--rate HZ"):
        flags.open(folder / "a.csv")


def test_the_montage_travels_as_its_text(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "montage.toml"
    path.write_text(MONTAGE)
    flags = ChannelFlags.from_flags(None, None, None, None, None, path)
    path.unlink()

    assert flags.open(folder / "b.csv").duration_s == 20.0
    with pytest.raises(MontageError, match="cannot be read"):
        ChannelFlags.from_flags(None, None, None, None, None, path)
