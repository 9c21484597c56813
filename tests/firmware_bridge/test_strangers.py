"""What a person is told about a board that speaks something else: how to read it as it is."""

from __future__ import annotations

import pytest

from firmware_bridge.sources import open_source
from firmware_bridge.strangers import describe

TEXT, CHORDS = b"512,0.01\r\n513,0.02\r\n", b"\xc7\x7c\x01\x02\x00\x01" * 3


@pytest.mark.parametrize(
    ("seen", "address", "advice"),
    [
        (TEXT, "serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0?dialect=text"),
        (TEXT, "socket://10.0.0.7:3333", "socket://10.0.0.7:3333?dialect=text"),
        (CHORDS, "serial:/dev/ttyUSB0?baud=230400", "serial:/dev/ttyUSB0?baud=230400&dialect=chords"),
    ],
)
def test_a_dialect_that_can_be_read_is_suggested_as_an_address_that_works(
    seen: bytes, address: str, advice: str
) -> None:
    told = describe(seen, [], address)
    assert f"read it as it is with {advice}, or put" in told
    open_source(advice).close()


def test_what_a_dialect_was_already_named_for_is_not_suggested_again() -> None:
    told = describe(b"hello world\r\n" * 9, [], "serial:/dev/ttyUSB0?dialect=auto")
    assert "no rows of samples among them" in told
    assert "read it as it is" not in told
