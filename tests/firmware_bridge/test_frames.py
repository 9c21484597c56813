"""Frames: all read back as they were written, the golden file holds, what cannot be said is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import firmware_bridge
from firmware_bridge.frames import (
    FRAME_CLASSES,
    FRAME_TYPES,
    Ack,
    Bye,
    Cue,
    Frame,
    HelloRequest,
    Keepalive,
    MarkFrame,
    Samples,
    Set,
    Status,
    encode,
    seal,
    unseal,
)
from firmware_bridge.hello import Hello, rate_fraction
from firmware_bridge.samples import Scale
from firmware_bridge.wire import MAX_ENCODED_BYTES, FrameError, decimal_parts, pack_scale, pack_text
from tests.firmware_bridge.wire_streams import ACC_SCALE, EMG_SCALE, scales

U8, U16, U32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
GOLDEN = Path(firmware_bridge.__file__).parent / "device" / "golden_frames.txt"
LINES = [line.split(" ") for line in GOLDEN.read_text().splitlines() if line and not line.startswith("#")]


@st.composite
def hellos(draw: st.DrawFn) -> Hello:
    channels = draw(st.integers(1, 8))
    ratio = draw(st.integers(0, 100))
    return Hello(
        epoch=draw(U8),
        boot_id=draw(U32),
        hardware_id=draw(st.binary(min_size=8, max_size=8)).hex(),
        next_counter=draw(U32),
        emg_rate=Fraction(draw(st.integers(1, 2**32 - 1)), draw(st.integers(1, 2**32 - 1))),
        acc_ratio=ratio,
        frame_samples=(ratio or 1) * draw(st.integers(1, 50)),
        emg_scales=tuple(draw(scales("uV")) for _ in range(channels)),
        acc_scale=draw(scales("g")) if ratio else None,
        sites=tuple(draw(st.text(max_size=10)) for _ in range(channels)),
        name=draw(st.text(max_size=8)),
        firmware=draw(st.text(max_size=10)),
        prefilter=draw(st.text(max_size=20)),
        reset_cause=draw(U8),
    )


FRAMES = st.one_of(
    hellos(),
    st.builds(Samples, st.binary(min_size=10, max_size=900)),
    st.builds(Status, U32, U8, U8, U16, U32, U32),
    st.builds(MarkFrame, U32, U8, U8, U8, U32),
    st.builds(Ack, U32, U8, U8, U8),
    st.builds(Bye, U32, U8, U8),
    st.builds(Cue, U8, U8, U16, U8),
    st.builds(Set, U8, U32, U8),
    st.builds(HelloRequest),
    st.builds(Keepalive, st.booleans()),
)


@given(FRAMES)
def test_every_frame_reads_back_as_it_was_written(frame: Frame) -> None:
    sent = encode(frame)
    assert len(sent) <= MAX_ENCODED_BYTES + 2
    assert (sent[0], sent[-1], sent.count(0)) == (0, 0, 2)
    body = unseal(sent[1:-1])
    assert FRAME_CLASSES[body[0]] is type(frame)
    assert type(frame).from_payload(body[1:]) == frame


@given(FRAMES.filter(lambda frame: not isinstance(frame, Samples)), st.binary(max_size=20))
def test_what_a_later_board_appends_is_ignored(frame: Frame, appended: bytes) -> None:
    assert type(frame).from_payload(frame.to_payload() + appended) == frame


@given(FRAMES.filter(lambda frame: not isinstance(frame, Samples | HelloRequest)))
def test_a_payload_that_ends_early_is_refused(frame: Frame) -> None:
    payload = frame.to_payload()
    for length in range(len(payload)):
        with pytest.raises(FrameError):
            type(frame).from_payload(payload[:length])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_hello_or_a_frame_error(payload: bytes) -> None:
    try:
        hello = Hello.from_payload(b"\x01" + payload)
    except FrameError:
        return
    assert Hello.from_payload(hello.to_payload()) == hello


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[1])
def test_the_golden_frames_hold(line: list[str]) -> None:
    kind, _name, *rest = line
    sent = bytes.fromhex(rest[-1])
    if kind == "frame":
        payload = b"" if rest[1] == "-" else bytes.fromhex(rest[1])
        body = unseal(sent[1:-1])
        assert body == bytes.fromhex(rest[0]) + payload
        assert encode(FRAME_CLASSES[body[0]].from_payload(payload)) == sent
    elif kind == "skip":
        assert unseal(sent[1:-1])[0] not in FRAME_CLASSES
    else:
        words = {"cobs": "not COBS", "crc": "check sum", "short": "short", "long": "no end"}
        with pytest.raises(FrameError, match=words[rest[0]]):
            unseal(sent[1:-1])


def test_the_golden_file_has_an_example_of_every_frame() -> None:
    assert {int(line[2], 16) for line in LINES if line[0] == "frame"} == set(FRAME_CLASSES)


def test_frames_for_the_board_fit_its_sixteen_bytes() -> None:
    for frame in (Cue(255, 255, 65535, 255), Set(255, 2**32 - 1, 255), HelloRequest(), Keepalive()):
        assert FRAME_TYPES[type(frame)] >= 0x80
        assert len(encode(frame)) - 2 <= 16


def test_a_check_sum_over_everything_is_what_wire_md_says() -> None:
    assert unseal(seal(b"\x83")[1:-1]) == b"\x83"
    with pytest.raises(FrameError, match="short"):
        # The empty message's own check sum: right, and still no frame.
        unseal(b"\x01\x01\x01\x01\x01")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Cue(256, 0, 0), "Cue"),
        (Cue(0, 0, 70000), "got"),
        (Status(-1, 0, 0, 0, 0, 0), "Status"),
        (Samples(bytes(1100)), "at most 1024 bytes, got 1"),
    ],
)
def test_what_does_not_fit_a_field_is_refused_with_its_value(frame: Frame, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        encode(frame)


def hello(**changes: object) -> Hello:
    fields: dict[str, object] = {
        "epoch": 1,
        "boot_id": 1,
        "hardware_id": "00112233445566ff",
        "next_counter": 0,
        "emg_rate": Fraction(1000),
        "acc_ratio": 10,
        "frame_samples": 10,
        "emg_scales": (EMG_SCALE,),
        "acc_scale": ACC_SCALE,
        "sites": ("left-calf",),
    }
    return Hello(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hardware_id": "short"}, "16 hexadecimal digits, got 'short'"),
        ({"sites": ()}, "1 to 8 channels"),
        ({"sites": ("a",) * 9, "emg_scales": (EMG_SCALE,) * 9}, "1 to 8 channels.*got 9"),
        ({"acc_ratio": 0}, "acceleration scale"),
        ({"frame_samples": 15}, "10 samples per frame or a multiple, got 15"),
        ({"name": "x" * 33}, "at most 32 bytes, got 33"),
        ({"emg_scales": (Scale(-(2**23), 2**23 - 1, -1.0, 1.0, "uV"),)}, "scale"),
        ({"emg_scales": (Scale(0, 1, -1.0, 1.0, "furlong"),)}, "units count, uV, g, got 'furlong'"),
    ],
)
def test_a_hello_that_nobody_could_read_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(FrameError, match=words):
        hello(**changes).to_payload()


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (0, 2, "version 1 of the wire format, got 2"),
        (19, 0, "rate above 0"),
        (36, 9, "unit code below 3, got 9"),
    ],
)
def test_a_hello_that_makes_no_sense_is_refused_in_words(at: int, value: int, words: str) -> None:
    payload = bytearray(hello(emg_rate=Fraction(1)).to_payload())
    payload[at] = value
    with pytest.raises(FrameError, match=words):
        Hello.from_payload(bytes(payload))


def test_a_scale_without_a_range_is_refused() -> None:
    payload = bytearray(hello().to_payload())
    payload[32:36] = bytes(4)
    with pytest.raises(FrameError, match="HELLO: scale: expected digital_min < digital_max, got 0 and 0"):
        Hello.from_payload(bytes(payload))


def test_samples_without_a_sample_are_refused() -> None:
    with pytest.raises(FrameError, match="SAMPLES: expected more than 9 bytes of payload, got 9"):
        Samples.from_payload(bytes(9))


def test_a_text_that_is_not_utf8_is_refused() -> None:
    payload = hello(prefilter="µ").to_payload()
    with pytest.raises(FrameError, match="UTF-8"):
        Hello.from_payload(payload.replace("µ".encode(), b"\xff\xff"))


def test_a_board_without_a_name_gets_one_from_its_hardware() -> None:
    assert hello(name="Left Calf!").info().sensor_id == "sensor-445566ff"
    assert hello(name="left").info().sensor_id == "left"
    assert hello(name="left").info("mine").sensor_id == "mine"


@given(scales("uV"))
def test_a_scale_crosses_the_wire_exactly(scale: Scale) -> None:
    assert Hello.from_payload(hello(emg_scales=(scale,)).to_payload()).emg_scales == (scale,)


def test_a_physical_limit_with_more_digits_than_an_edf_header_is_rounded_as_there() -> None:
    assert decimal_parts(-1638.35) == (-163835, -2)
    assert decimal_parts(1 / 3) == (333333, -6)
    assert pack_scale(Scale(0, 1, -0.1, 1e4 / 7, "uV")) == pack_scale(Scale(0, 1, -0.1, 1428.571, "uV"))
    with pytest.raises(FrameError, match="8 characters"):
        pack_scale(Scale(0, 1, -0.1, 1e11 / 7, "uV"))


@pytest.mark.parametrize("rate_hz", [1000.0, 990.5, 250.0, 52000 / 27, 10000 / 9, 2148.1481])
def test_a_rate_crosses_the_wire_exactly(rate_hz: float) -> None:
    assert hello(emg_rate=rate_fraction(rate_hz)).info().emg_rate_hz == rate_hz


def test_a_rate_that_is_no_small_fraction_comes_very_near() -> None:
    assert float(rate_fraction(1000 * 2**0.5)) == pytest.approx(1000 * 2**0.5, rel=1e-12)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, 1e-9])
def test_an_impossible_rate_is_refused(rate_hz: float) -> None:
    with pytest.raises(FrameError, match="above 0"):
        rate_fraction(rate_hz)


def test_a_text_is_measured_in_bytes() -> None:
    assert pack_text("µV", 3) == b"\x03\xc2\xb5V"
    with pytest.raises(FrameError, match="at most 2 bytes, got 3"):
        pack_text("µV", 2)
