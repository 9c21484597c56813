"""Firmware and host read and write frames alike, byte by byte, on whatever they are given."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_bridge.frames import seal, unseal
from firmware_bridge.wire import MAX_ENCODED_BYTES, FrameError

pytestmark = pytest.mark.firmware

# What the firmware's ring of 256 bytes can hold of type and payload: 252 less the check sum.
LONGEST_BODY = 248
# Zeros are what COBS is about.
bodies = st.lists(
    st.sampled_from([0, 0, 1, 255]) | st.integers(0, 255), min_size=1, max_size=LONGEST_BODY
).map(bytes)
# Where in a stream, and which byte stands there now; -1 takes one out.
damage = st.lists(st.tuples(st.integers(0, 999), st.integers(-1, 255)), max_size=4)
# What reads a session's programs is not a fixture that changes between examples.
searching = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])


class WireTool:
    """Asks the firmware's code, line by line."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def encode(self, body: bytes) -> bytes:
        return bytes.fromhex(self.ask(f"encode {body[:1].hex()} {body[1:].hex()}"))

    def decode(self, data: bytes) -> list[bytes]:
        found = self.ask(f"decode {MAX_ENCODED_BYTES} {data.hex()}").split()
        return [bytes.fromhex(frame.replace(":", "")) for frame in found]

    def close(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


@pytest.fixture(scope="module")
def tool(host_programs: Path) -> Iterator[WireTool]:
    tool = WireTool(host_programs / "wire_tool")
    yield tool
    tool.close()


def as_the_host_reads(data: bytes) -> list[bytes]:
    found = []
    # What follows the last delimiter has not ended yet.
    for piece in filter(None, data.split(b"\0")[:-1]):
        try:
            found.append(unseal(piece))
        except FrameError:
            continue
    return found


@searching
@given(body=bodies)
def test_both_send_the_same_bytes(tool: WireTool, body: bytes) -> None:
    assert tool.encode(body) == seal(body)


def test_the_longest_frame_is_sent_and_one_byte_more_is_not(tool: WireTool) -> None:
    assert tool.encode(b"\x01" * LONGEST_BODY) == seal(b"\x01" * LONGEST_BODY)
    assert tool.encode(b"\x01" * (LONGEST_BODY + 1)) == b""


@searching
@given(frames=st.lists(bodies, max_size=4), cuts=damage)
def test_both_read_the_same_frames_out_of_a_damaged_stream(
    tool: WireTool, frames: list[bytes], cuts: list[tuple[int, int]]
) -> None:
    data = bytearray(b"".join(map(seal, frames)))
    for at, value in cuts:
        if not data:
            break
        if value < 0:
            del data[at % len(data)]
        else:
            data[at % len(data)] = value
    assert tool.decode(bytes(data)) == as_the_host_reads(bytes(data))


@searching
@given(data=st.binary(min_size=1, max_size=300).map(lambda noise: noise + b"\0"))
def test_both_find_the_same_in_noise(tool: WireTool, data: bytes) -> None:
    assert tool.decode(data) == as_the_host_reads(data)
