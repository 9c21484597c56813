"""`crampwatch check` on simulated boards: a good wearer, and everything that can be wrong before going to bed."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from crampwatch import check_listening
from crampwatch.check import CheckRequest, check_all, sensor_lines
from crampwatch.check_line import Line
from crampwatch.check_listening import Heard
from crampwatch.check_signal import NAMES, signal_lines
from crampwatch.check_surroundings import broker_line, clock_line, disk_line
from crampwatch.settings import BrokerSettings, SensorSettings, Settings
from firmware_bridge.clock import Clock
from firmware_bridge.samples import Scale, SensorInfo, SensorStatus, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import SourceUrlError
from firmware_bridge.sources import open_source
from tests.detector.signals import Scene, part, sensor
from tests.firmware_bridge.foreign_board import foreign_board
from tests.firmware_bridge.live_reading import open_files

REST_S = 3.0
SQUEEZE = (REST_S + 2.0, REST_S + 5.0, 80.0)
LONG_S = 12.0


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen for less long."""
    monkeypatch.setattr(check_listening, "REST_S", REST_S)
    monkeypatch.setattr(check_listening, "SQUEEZE_S", 4.0)


def played(scene: Scene, status: SensorStatus | None = None) -> Iterator[StreamItem]:
    block = scene.block()
    for first in range(0, block.samples, 100):
        if status is not None and first % 1000 == 0:
            yield replace(status, index=first)
        yield part(block, first, min(first + 100, block.samples))


def checked(items: Iterator[StreamItem], info: SensorInfo, *, squeeze: bool = False) -> dict[str, Line]:
    """Return the lines of a simulated board, by name."""
    clock = Clock()
    with (
        SimulatedBoard(items, info, clock=clock) as board,
        open_source(f"serial:{board.port}", clock=clock) as source,
    ):
        return by_name(sensor_lines(source, clock, squeeze=squeeze, ask=lambda _: None))


def by_name(lines: Sequence[Line]) -> dict[str, Line]:
    assert len({line.name for line in lines}) == len(lines)
    return {line.name: line for line in lines}


def bad(lines: dict[str, Line]) -> set[str]:
    return {name for name, line in lines.items() if line.verdict == "bad"}


def test_a_good_wearer_is_good_from_the_port_to_the_battery() -> None:
    scene = Scene(LONG_S, amplitude_uv=[SQUEEZE])
    status = SensorStatus(0, 3900, (False,), 0, 0)
    lines = checked(played(scene, status), scene.info, squeeze=True)
    assert list(lines) == ["port", *NAMES]
    assert {name: line.verdict for name, line in lines.items()} == dict.fromkeys(lines, "good"), lines
    assert lines["noise floor"].text.startswith(("2.", "3."))
    assert "0.2 µV a count" in lines["scale"].text


WRONG: list[tuple[str, Scene, set[str]]] = [
    ("hum", Scene(LONG_S, hum_uv=[(0.0, LONG_S, 100.0)]), {"noise floor", "mains", "electrode contact"}),
    ("flat", Scene(LONG_S, flat=[(0.0, LONG_S)]), {"electrode contact"}),
    ("railed", Scene(LONG_S, rest_uv=20_000.0), {"noise floor", "clipping"}),
    (
        "coarse",
        Scene(LONG_S, rest_uv=40.0, info=sensor(scale=Scale(0, 1023, -12_000, 12_000, "uV"))),
        {"scale", "noise floor"},
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("scene", "wrong"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_bad_and_nothing_else_is(scene: Scene, wrong: set[str]) -> None:
    lines = checked(played(scene), scene.info)
    assert bad(lines) == wrong, lines
    assert all(lines[name].advice for name in wrong)
    assert lines["calf squeeze"].verdict == lines["battery"].verdict == "unknown"


def test_a_sensor_without_acceleration_is_told_to_have_none_and_a_squeeze_that_never_comes_is_bad() -> None:
    scene = Scene(LONG_S, info=sensor(acc_hz=0.0))
    lines = checked(played(scene), scene.info, squeeze=True)
    assert bad(lines) == {"calf squeeze"}
    assert (lines["acceleration"].verdict, lines["electrode contact"].verdict) == ("unknown", "unknown")


def test_a_sensor_that_falls_silent_has_no_rate() -> None:
    scene = Scene(0.1)
    info = scene.info

    def nothing() -> Iterator[StreamItem]:
        yield SensorStatus(0, 3000, (True,), 0, 0)

    lines = checked(nothing(), info)
    assert "rate" in bad(lines)
    assert (lines["loss"].verdict, lines["clipping"].verdict) == ("unknown", "unknown")


def test_a_port_that_is_absent_is_bad_and_the_rest_unknown(tmp_path: Path) -> None:
    with open_source(f"serial:{tmp_path}/none") as source:
        lines = by_name(sensor_lines(source, Clock(), squeeze=True, ask=lambda _: None))
    assert bad(lines) == {"port"}
    assert "there is no such port" in lines["port"].text
    assert {lines[name].verdict for name in NAMES} == {"unknown"}


def test_a_sensor_that_is_too_slow_is_refused_at_its_port() -> None:
    scene = Scene(2.0, info=sensor(rate_hz=200.0))
    lines = checked(played(scene), scene.info)
    assert bad(lines) == {"port"}
    assert "expected EMG at 250 Hz or more" in lines["port"].text


def heard(**changes: object) -> Heard:
    made = Heard(sensor(), samples=1000, rate_hz=1000.0, seconds=10, mains_share=[0.0], rest_uv=[3.0])
    made.acc_g = [np.random.default_rng(1).normal((0, 0, 1), 0.002, (100, 3)).astype(np.float32)]
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("changes", "name", "verdict", "words"),
    [
        ({"lost": 20}, "loss", "bad", "20 of 1020 samples lost"),
        ({"lost": 1}, "loss", "good", "0.10%"),
        ({"rate_hz": 900.0}, "rate", "bad", "900.0 samples a second, 1000 stated"),
        ({"battery_mv": 3300}, "battery", "bad", "3.30 V, expected 3.5"),
        ({"lead_off": True}, "electrode contact", "bad", "an electrode is off"),
        ({"lead_off": False}, "electrode contact", "good", "the board says so"),
        ({"acc_g": [np.ones((50, 3), np.float32)]}, "acceleration", "bad", "never anything else"),
        ({"acc_g": [np.random.default_rng(1).normal(3, 0.1, (50, 3))]}, "acceleration", "bad", "expected 1"),
        ({"info": sensor(scale=Scale(0, 1023, 0, 1023, "count"))}, "scale", "unknown", "nobody knows"),
        ({"info": sensor(scale=Scale(0, 1023, 0, 1023, "count"))}, "noise floor", "unknown", "3 counts RMS"),
        ({"squeeze_times": 1.2}, "calf squeeze", "bad", "1.2 x the resting level at most"),
    ],
)
def test_each_line_judges_its_own(changes: dict[str, object], name: str, verdict: str, words: str) -> None:
    line = by_name(signal_lines(heard(**changes), ()))[name]
    assert line.verdict == verdict
    assert words in line.text
    assert bool(line.advice) == (verdict == "bad") or name == "scale"


def test_no_line_advises_about_health() -> None:
    lines = signal_lines(heard(lost=500, lead_off=True, battery_mv=1, squeeze_times=0.5), ("guessed",))
    told = " ".join(f"{line.text} {line.advice}".lower() for line in lines)
    assert not {"doctor", "seizure", "medicine", "magnesium", "treat"} & set(told.split())


@pytest.mark.broker
def test_a_private_broker_is_tried_out(tmp_path: Path) -> None:
    before = open_files()
    line = broker_line(BrokerSettings(), tmp_path, tmp_path)
    assert line.verdict == "good", line
    assert "mqtt://127.0.0.1" in line.text
    assert open_files() <= before + 1


@pytest.mark.parametrize("url", ["mqtt://127.0.0.1:1", "http://broker"])
def test_a_broker_that_cannot_be_reached_is_bad(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.check_surroundings._BROKER_S", 0.5)
    line = broker_line(BrokerSettings(url=url), tmp_path, tmp_path)
    assert line.verdict == "bad"
    assert line.advice


def test_a_disk_that_is_nearly_full_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crampwatch.check_surroundings.LEAST_FREE_BYTES", 1)
    assert disk_line(tmp_path, tmp_path).verdict == "good"
    monkeypatch.setattr("crampwatch.check_surroundings.LEAST_FREE_BYTES", 10**18)
    line = disk_line(tmp_path, tmp_path / "second")
    assert line.verdict == "bad"
    assert "GB free" in line.text


@pytest.mark.parametrize(
    ("year", "step_s", "verdict"), [(2026, 0.0, "good"), (2026, 60.0, "bad"), (1970, 0.0, "bad")]
)
def test_a_clock_that_jumps_or_lives_in_the_past_is_bad(year: int, step_s: float, verdict: str) -> None:
    began = datetime.fromisoformat(f"{year}-11-22T22:00:00+01:00")
    line = clock_line(began, 100.0, began + timedelta(seconds=20 + step_s), 120.0)
    assert line.verdict == verdict


@pytest.mark.broker
def test_the_whole_check_ends_with_0_for_a_board_that_was_never_flashed(tmp_path: Path) -> None:
    out = io.StringIO()
    with foreign_board("text", 250, tmp_path / "board") as port:
        source = f"serial:{port}?dialect=text&rate=250&channels=emg"
        request = CheckRequest((source,), tmp_path / "folder", squeeze=False, json=True)
        code = check_all(Settings(), request, out=out)
    told = json.loads(out.getvalue())
    lines = {line["name"]: line["verdict"] for line in told["lines"]}
    assert (
        lines["port"]
        == lines["rate"]
        == lines["loss"]
        == lines["broker"]
        == lines["disk"]
        == lines["clock"]
        == "good"
    )
    assert (lines["scale"], lines["caregiver"], lines["board"]) == ("unknown", "unknown", "unknown")
    assert (code, told["ok"]) == (0, True), told
    # What was proven of the paths to people is kept for the night; nothing else is.
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["alerter"]


@pytest.mark.broker
def test_the_whole_check_ends_with_1_where_something_is_bad(tmp_path: Path) -> None:
    out = io.StringIO()
    request = CheckRequest((f"serial:{tmp_path}/none",), tmp_path / "folder", squeeze=False)
    assert check_all(Settings(), request, out=out) == 1
    assert "1 of 17 are bad." in out.getvalue()
    assert "there is no such port" in " ".join(out.getvalue().split())


@pytest.mark.broker
def test_every_sensor_is_checked_and_each_line_says_whose_it_is(tmp_path: Path) -> None:
    settings = Settings(
        sensors=(
            SensorSettings(source=f"serial:{tmp_path}/left", id="left-calf"),
            SensorSettings(source=f"serial:{tmp_path}/right", id="right-calf"),
        )
    )

    def checked(*names: str) -> set[tuple[str, str, str]]:
        out = io.StringIO()
        request = CheckRequest((), tmp_path / "folder", names, squeeze=False, json=True)
        assert check_all(settings, request, out=out) == 1
        lines = json.loads(out.getvalue())["lines"]
        return {(line["sensor"], line["name"], line["verdict"]) for line in lines}

    both = checked()
    assert {("left-calf", "port", "bad"), ("right-calf", "port", "bad"), ("", "broker", "good")} <= both
    assert ("", "port", "bad") in checked("right-calf")


def test_an_address_that_is_none_is_refused_before_anything_is_tried(tmp_path: Path) -> None:
    with pytest.raises(SourceUrlError):
        check_all(Settings(), CheckRequest(("nowhere",), tmp_path / "folder"))
    assert not (tmp_path / "folder").exists()
