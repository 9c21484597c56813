from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.rivals import Rivals

OURS, THEIRS = b'{"boot_id":"ours"}', b'{"boot_id":"theirs"}'


def hearing(*heard: tuple[bytes, bool, int], said_in: int | None = 1) -> Rivals:
    rivals = Rivals("ours")
    if said_in is not None:
        rivals.said(said_in)
    for payload, retained, generation in heard:
        rivals.heard(payload, retained=retained, generation=generation, now_s=0.0)
    return rivals


def test_our_own_words_are_no_rivals() -> None:
    assert not hearing(*[(OURS, retained, 2) for retained in (True, False)] * 5).clash(0.0)


def test_what_the_run_before_left_behind_is_no_rival() -> None:
    assert not hearing(*[(THEIRS, True, 1)] * 5).clash(0.0)
    assert not hearing(*[(THEIRS, True, 2)] * 5, said_in=None).clash(0.0)


def test_one_last_breath_is_no_rival() -> None:
    assert not hearing((THEIRS, False, 1), (THEIRS, True, 2)).clash(0.0)


@pytest.mark.parametrize("sign", [(THEIRS, False, 1), (THEIRS, True, 2)], ids=["live", "kept, after our own"])
def test_another_that_goes_on_speaking_is_a_rival_until_it_is_quiet(sign: tuple[bytes, bool, int]) -> None:
    rivals = hearing(sign, sign, sign)
    assert rivals.clash(59.0)
    assert not rivals.clash(60.0)


@given(st.binary() | st.sampled_from([b"[]", b"1", b"{}", b'{"boot_id":null}', b"[" * 100_000]))
def test_what_is_no_state_is_no_rival(payload: bytes) -> None:
    assert not hearing(*[(payload, False, 2)] * 5).clash(0.0)
