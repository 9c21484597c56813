"""WIRE.md says what the code does: types, sizes, codes, limits and what fits on a line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import firmware_bridge
from firmware_bridge import board_ears, device_clock, downlink, link_watch, sample_axis, wire
from firmware_bridge.encoder import Encoder, introduce
from firmware_bridge.frames import (
    FRAME_CLASSES,
    PATTERNS,
    SAMPLES_HEAD,
    SETTINGS,
    Ack,
    Bye,
    Cue,
    HelloRequest,
    Keepalive,
    MarkFrame,
    Set,
    Status,
    encode,
)
from firmware_bridge.hello import RESET_CAUSES
from tests.firmware_bridge.wire_streams import block, sensor

TEXT = (Path(firmware_bridge.__file__).parent / "device" / "WIRE.md").read_text()
# 8N1: a start bit, eight, a stop bit.
BYTES_A_SECOND = 115200 / 10


def rows(heading: str) -> list[list[str]]:
    """Return the table under the line that begins with ``heading``, without its header."""
    after = TEXT[TEXT.index(heading) :]
    table = re.search(r"(?:^\|.*\n)+", after, re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table[0].splitlines()[2:]]


def test_every_type_stands_there_with_its_code_and_no_other() -> None:
    listed = {int(row[0], 16): row[1].replace("?", "Request").title() for row in rows("## 1. Frames")}
    names = {code: frame.__name__.removesuffix("Frame").title() for code, frame in FRAME_CLASSES.items()}
    assert listed == names


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("STATUS", Status.LAYOUT.size),
        ("MARK", MarkFrame.LAYOUT.size),
        ("ACK", Ack.LAYOUT.size),
        ("BYE", Bye.LAYOUT.size),
        ("CUE", Cue.LAYOUT.size),
        ("SET", Set.LAYOUT.size),
        ("HELLO?", HelloRequest.LAYOUT.size),
        ("KEEPALIVE", Keepalive.LAYOUT.size),
    ],
)
def test_payloads_are_as_long_as_it_says_and_its_fields_add_up(name: str, size: int) -> None:
    [listed] = [row[3] for row in rows("## 1. Frames") if row[1] == name]
    assert int(listed) == size
    if size:
        fields = [row[0] for row in rows(f"### {name} ")]
        assert sum(int(field[1:]) // 8 for field in fields) == size


def test_hello_is_32_bytes_before_its_scales_of_15() -> None:
    fields = [row[0] for row in rows("### HELLO 0x01")]
    fixed = [field for field in fields if re.fullmatch(r"[u0-9 ×,]+", field)]
    bits = sum(int(b) * (8 if "×" in f else 1) for f in fixed for b in re.findall(r"u(\d+)", f))
    assert bits // 8 == 32
    one, two = (len(introduce(sensor(n, ratio=0, sites=("",) * n)).to_payload()) for n in (1, 2))
    assert two - one == 15 + 1
    assert SAMPLES_HEAD.size == 9


@pytest.mark.parametrize(
    "row", rows("## 6. What fits"), ids=lambda row: row[0] if isinstance(row, list) else None
)
def test_what_fits_on_a_line_is_what_the_encoder_sends(row: list[str]) -> None:
    words = re.match(r"(\d) channels? at (\d) kHz, acceleration at 100 Hz", row[0])
    assert words is not None
    rate_hz = int(words[2]) * 1000
    info = sensor(int(words[1]), rate_hz, rate_hz // 100)
    [size] = {len(frame) for frame in Encoder(info).feed(block(info, 0, rate_hz))}
    assert size == int(row[1])
    assert size * 100 == int(row[2].replace(" ", ""))
    assert round(size * 100 / BYTES_A_SECOND * 100) == int(row[3].split()[0])


@pytest.mark.parametrize(
    "words",
    [
        f"at most **{wire.MAX_ENCODED_BYTES} bytes**",
        f"1 to {wire.MAX_CHANNELS} |",
        f"text ≤ {wire.NAME_BYTES} | name",
        f"text ≤ {wire.LABEL_BYTES} | firmware",
        f"text ≤ {wire.PREFILTER_BYTES} | prefilter",
        f"every {downlink.REPEAT_EVERY_S * 1000:.0f} ms, up to {downlink.REPEATS} times",
        f"sends one every {downlink.KEEPALIVE_EVERY_S:.0f} s",
        f"none for {board_ears.ALONE_AFTER_S:.0f} s",
        f"every {board_ears.ALONE_EVERY_S:.0f} s, each with its MARK",
        f"Up to {sample_axis.LONGEST_GAP_S / 3600:.0f} h",
        f"and {device_clock.AHEAD_S:.0f} s ahead of the host's clock",
        f"up to {sample_axis.LATEST_S} s",
        f"{sample_axis.STRAY_FRAMES} such frames in a row",
        "asked after {:.0f} s, given up after {:.1f} s, port opened afresh every {:.0f} s".format(
            *(rung.silent_s for rung in link_watch.LADDER)
        ),
        f"the connection is made anew after {link_watch.CORDLESS.rungs[-1].silent_s:.0f} s",
        f"and again {link_watch.CORDLESS.afresh[-1].silent_s} s after every try",
        f"STATUS adds {len(encode(Status(0, 0, 0, 0, 0, 0)))} bytes",
    ],
)
def test_its_numbers_are_the_codes(words: str) -> None:
    assert words in TEXT


def test_patterns_settings_and_reset_causes_stand_there_by_their_codes() -> None:
    for code, name in [*enumerate(PATTERNS), *enumerate(RESET_CAUSES)]:
        assert re.search(rf"\b{code} {name}\b", TEXT)
    for code, name in enumerate(SETTINGS):
        assert f"{code} {name.replace('_', ' ')}" in TEXT
