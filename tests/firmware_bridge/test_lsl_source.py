"""Lab Streaming Layer streams, sent by a program of their own over loopback."""

from __future__ import annotations

import builtins
import importlib.util
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.lsl_inlet import StreamFacts
from firmware_bridge.samples import Gap, LinkState, SampleBlock, StreamItem
from firmware_bridge.source_contract import PortError, SourceUrlError
from firmware_bridge.sources import open_source
from tests.conftest import IN_CI
from tests.firmware_bridge.live_reading import read_until
from tests.firmware_bridge.lsl_outlet import MODULO, RATE_HZ, outlet, quiet_lsl

needs_pylsl = pytest.mark.skipif(
    importlib.util.find_spec("pylsl") is None and not IN_CI,
    reason="needs pylsl: pip install 'crampwatch[lsl]'",
)


@pytest.fixture(scope="module", autouse=True)
def _on_this_machine_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    quiet_lsl(tmp_path_factory.mktemp("lsl"))


@pytest.fixture
def name() -> str:
    return f"calf-{uuid.uuid4().hex[:8]}"


def samples(items: Sequence[StreamItem]) -> int:
    return sum(item.samples for item in items if isinstance(item, SampleBlock))


def misplaced(items: Sequence[StreamItem]) -> int:
    """Return by how many samples the worst one stands in the wrong place, seen from the first."""
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    values = [np.rint(b.emg_counts[:, 0] * b.info.emg_scales[0].gain).astype(int) for b in blocks]
    zero = int(values[0][0]) - blocks[0].first_index
    places = zip(values, blocks, strict=True)
    away = np.concatenate([(v - zero - np.arange(b.first_index, b.end_index)) % MODULO for v, b in places])
    return int(np.minimum(away, MODULO - away).max())


@needs_pylsl
@pytest.mark.slow
def test_a_stream_is_read_without_loss_and_says_what_it_is(name: str) -> None:
    with outlet(name), open_source(f"lsl:{name}") as source:
        info = source.open()
        assert (info.emg_rate_hz, info.acc_rate_hz, info.firmware) == (RATE_HZ, RATE_HZ, "LSL stream")
        assert info.sensor_id == f"lsl-{name}"
        assert info.emg_scales[0].unit == "uV"
        items = read_until(source, lambda items: samples(items) > 2 * RATE_HZ)
    assert not [item for item in items if isinstance(item, Gap)]
    assert misplaced(items) == 0
    assert source.counters["lost_samples"] == source.counters["bad_rows"] == 0


@needs_pylsl
@pytest.mark.slow
def test_a_stretch_that_was_never_sent_is_one_gap_in_its_place(name: str) -> None:
    with outlet(name, mute_at_s=4.0, mute_for_s=0.8), open_source(f"lsl:{name}") as source:
        source.open()
        items = read_until(source, lambda items: samples(items) > 5 * RATE_HZ)
    [gap] = [item for item in items if isinstance(item, Gap)]
    # The stretch is a silence too, whose length the host's clock tells.
    assert abs(gap.missing - 0.8 * RATE_HZ) <= 0.1 * RATE_HZ
    assert misplaced(items) <= 0.1 * RATE_HZ


@needs_pylsl
@pytest.mark.slow
def test_a_program_that_ends_is_one_lost_link_and_found_again(name: str) -> None:
    with outlet(name):
        source = open_source(f"lsl:{name}")
        source.open()
        items = read_until(source, lambda items: samples(items) > RATE_HZ)
    items += read_until(source, lambda items: any(isinstance(item, LinkState) for item in items))
    with outlet(name):
        items += read_until(source, lambda items: samples(items) > RATE_HZ)
        source.close()
    assert [item.up for item in items if isinstance(item, LinkState)] == [False, True]
    assert [item.reason for item in items if isinstance(item, Gap)] == ["link down"]
    assert source.counters["port_faults"] == 0


@needs_pylsl
def test_a_stream_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("firmware_bridge.lsl_inlet.FIND_S", 0.2)
    with (
        pytest.raises(PortError, match=f"{name}: no LSL stream of that name"),
        open_source(f"lsl:{name}") as source,
    ):
        source.open()


def test_without_pylsl_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_pylsl(name: str, *rest: Any) -> Any:
        if name == "pylsl":
            raise ImportError("No module named 'pylsl'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_pylsl)
    with pytest.raises(PortError, match=r"expected pylsl.*pip install 'crampwatch\[lsl\]'"):
        open_source("lsl:calf").open()


@pytest.mark.parametrize(
    "url", ["lsl:", "lsl:calf?dialect=text", "lsl:calf?baud=9600", "lsl:calf?hardware=00"]
)
def test_addresses_that_cannot_be(url: str) -> None:
    with pytest.raises(SourceUrlError):
        open_source(url)


def test_what_a_stream_says_of_itself_yields_to_the_user() -> None:
    facts = StreamFacts(2148.5, ("emg left", "acc_x", "acc_y", "acc_z"), ("mv", "m/s2", "m/s2", "m/s2"))
    told = facts.completed(DialectOptions())
    assert (told.rate_hz, told.uv_per_count) == (2148.5, 1000.0)
    assert told.g_per_count == pytest.approx(1 / 9.80665)
    assert facts.completed(DialectOptions(uv_per_count=2.0)).uv_per_count == 2.0
    assert StreamFacts(500.0, ("a", "b"), ("", "")).completed(DialectOptions()).uv_per_count is None
