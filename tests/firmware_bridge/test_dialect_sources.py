"""Boards with other firmware on a real pseudo-terminal, talking from a process of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.auto_source import AutoSource
from firmware_bridge.clock import Clock
from firmware_bridge.dialect_source import DialectSource
from firmware_bridge.frames import Keepalive
from firmware_bridge.pty_line import PtyLine
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import NotASensorError, PortError
from firmware_bridge.sources import open_source
from tests.firmware_bridge.foreign_board import MODULO, foreign_board
from tests.firmware_bridge.live_reading import open_files, read_until, talker
from tests.firmware_bridge.wire_streams import block, sensor


def samples(items: Sequence[StreamItem]) -> int:
    return sum(item.samples for item in items if isinstance(item, SampleBlock))


def gaps(items: Sequence[StreamItem]) -> list[Gap]:
    return [item for item in items if isinstance(item, Gap)]


def misplaced(items: Sequence[StreamItem]) -> int:
    """Return by how many samples the worst one stands in the wrong place, seen from the first."""
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    zero = int(blocks[0].emg_counts[0, 0]) - blocks[0].first_index
    away = np.concatenate(
        [(b.emg_counts[:, 0] - zero - np.arange(b.first_index, b.end_index)) % MODULO for b in blocks]
    )
    return int(np.minimum(away, MODULO - away).max())


@pytest.mark.parametrize(
    ("talks", "rate_hz", "query"),
    [
        ("text", 250, "dialect=text"),
        ("text", 1000, "dialect=auto&rate=1000&uv_per_count=0.8&bits=10"),
        ("labelled", 500, "dialect=auto"),
        ("chords", 250, "dialect=auto"),
        ("chords", 500, "dialect=chords&id=left-calf"),
    ],
)
def test_a_board_that_was_never_flashed_is_read_without_loss(
    talks: str, rate_hz: int, query: str, tmp_path: Path
) -> None:
    before = open_files()
    with (
        foreign_board(talks, rate_hz, tmp_path / "board") as port,
        open_source(f"serial:{port}?{query}") as source,
    ):
        info = source.open()
        assert info.emg_rate_hz == rate_hz
        assert info.acc_rate_hz == (rate_hz if talks == "text" else 0)
        assert info.sensor_id == (
            "left-calf" if "id=" in query else f"{'chords' if talks == 'chords' else 'text'}-board"
        )
        items = read_until(source, lambda items: samples(items) > 3 * rate_hz)
        assert gaps(items) == []
        assert misplaced(items) == 0
        assert source.counters["lost_samples"] == source.counters["bad_rows"] == 0
        [anchor] = [item for item in items if isinstance(item, Mark)]
        assert (anchor.index, anchor.kind) == (0, "clock")
        assert isinstance(source, AutoSource | DialectSource)
        assert any("µV" in warning for warning in source.warnings) == ("uv_per_count" not in query)
    assert open_files() <= before + 2


@pytest.mark.slow
@pytest.mark.parametrize("talks", ["text", "chords"])
def test_a_stretch_that_never_came_is_one_gap_in_its_place(talks: str, tmp_path: Path) -> None:
    with (
        foreign_board(talks, 500, tmp_path / "board", mute_at_s=4.0, mute_for_s=1.5) as port,
        open_source(f"serial:{port}?dialect={talks}&rate=500") as source,
    ):
        source.open()
        items = read_until(source, lambda items: samples(items) > 3500)
    [gap] = gaps(items)
    assert gap.reason == "lost frames"
    assert misplaced(items) <= (0 if talks == "chords" else 50)


@pytest.mark.slow
def test_a_link_that_breaks_is_said_once_and_what_was_missed_is_a_gap(tmp_path: Path) -> None:
    link = tmp_path / "board"
    with foreign_board("text", 250, link) as port:
        source = open_source(f"serial:{port}?dialect=text")
        source.open()
        items = read_until(source, lambda items: samples(items) > 800)
    items += read_until(source, lambda items: any(isinstance(item, LinkState) for item in items))
    with foreign_board("text", 250, link):
        items += read_until(source, lambda items: samples(items) > 500)
        source.close()
    assert [item.up for item in items if isinstance(item, LinkState)] == [False, True]
    [gap] = gaps(items)
    assert gap.reason == "link down"
    assert source.counters["links_lost"] == 1


def test_no_command_reaches_a_board_that_knows_none() -> None:
    heard: list[bytes] = []

    def say(data: bytes) -> bytes:
        heard.append(data)
        return b"512\n" * 5

    with talker(say) as port, open_source(f"serial:{port}?dialect=text") as source:
        source.open()
        source.send(Keepalive(watching=True))
        assert source.counters["unsent_commands"] == 1
        read_until(source, lambda items: samples(items) > 200)
    assert b"".join(heard) == b""


def test_a_board_of_ours_is_found_out_as_well() -> None:
    info = sensor()
    items: list[StreamItem] = [block(info, 0, 5000)]
    with SimulatedBoard(items, info) as board, open_source(f"serial:{board.port}?dialect=auto") as source:
        assert source.open().same_signal(info)
        got = read_until(source, lambda items: samples(items) >= 1000)
        assert samples(got) >= 1000


@pytest.mark.parametrize(
    ("dialect", "said", "words"),
    [
        ("text", b"\xc7\x7c\x01\x02\x00\x01", "expected lines of one to four numbers"),
        ("chords", b"512\r\n", "expected Chords packets, got bytes like"),
        ("text", b"", "nothing comes from it"),
        ("text", b"512\n", "expected 5000 rows a second, as stated"),
    ],
)
def test_what_is_no_such_board_is_refused(
    dialect: str, said: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_bridge.dialect_source.SETTLE_S", 4.0 if said == b"512\n" else 0.5)
    rate = "&rate=5000" if said == b"512\n" else ""
    before = open_files()
    with (
        talker(lambda _: said) as port,
        open_source(f"serial:{port}?dialect={dialect}{rate}") as source,
        pytest.raises(NotASensorError, match=words),
    ):
        source.open()
    assert open_files() == before


def test_a_port_that_is_absent_is_told_by_whatever_dialect(tmp_path: Path) -> None:
    for dialect in ("text", "auto"):
        with (
            pytest.raises(PortError, match="there is no such port"),
            open_source(f"serial:{tmp_path}/none?dialect={dialect}") as source,
        ):
            source.open()


def test_noise_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.speakers.TALKING_S", 0.5)
    with (
        talker(lambda _: b"\x9e\x01\xff\x83") as port,
        open_source(f"serial:{port}?dialect=auto") as source,
        pytest.raises(NotASensorError, match="usually a wrong speed"),
    ):
        source.open()


@pytest.mark.slow
def test_a_rectified_envelope_is_noted_in_the_stream() -> None:
    line, stop = PtyLine(), threading.Event()
    line.plug()

    def talk() -> None:
        rng, sent, began_s = np.random.default_rng(1), 0, time.monotonic()
        while not stop.wait(0.005):
            due = int((time.monotonic() - began_s) * 250) if line.listened_to else sent
            swell = [10 + 300 * max(0.0, np.sin(number / 250 * 2.0)) for number in range(sent, due)]
            line.write(b"".join(b"%d\n" % round(value + rng.normal()) for value in swell))
            sent = due

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        with open_source(f"serial:{line.port}?dialect=text&rate=250&bits=10") as source:
            source.open()
            items = read_until(
                source, lambda items: any(i for i in items if isinstance(i, Mark) and i.kind == "note")
            )
            [note] = [item for item in items if isinstance(item, Mark) and item.kind == "note"]
            assert "rectified envelope: amplitude only" in note.text
            assert isinstance(source, DialectSource)
            assert note.text in source.warnings
    finally:
        stop.set()
        thread.join()
        line.unplug()


def test_what_such_a_board_sends_can_be_recorded_and_read_back(tmp_path: Path) -> None:
    with (
        foreign_board("text", 250, tmp_path / "board") as port,
        open_source(f"serial:{port}?dialect=text&rate=250&uv_per_count=0.8&bits=10") as source,
    ):
        info: SensorInfo = source.open()
        items = read_until(source, lambda items: samples(items) > 500)
    recorded = [item for item in items if isinstance(item, SampleBlock)]
    path = tmp_path / "night.edf"
    with NightRecorder(path, info, recording_id="r", start=Clock().wall()) as recorder:
        for item in recorded:
            recorder.write(item)
    back = [item for item in open_recording(path).items() if isinstance(item, SampleBlock)]
    counts = np.concatenate([item.emg_counts for item in recorded])
    assert np.array_equal(np.concatenate([item.emg_counts for item in back])[: len(counts)], counts)
    uv = np.concatenate([item.emg_uv for item in recorded])
    assert np.array_equal(np.concatenate([item.emg_uv for item in back])[: len(uv)], uv)
