"""What the parser of TOML raises, its own errors or not, is one error; and what it reads is the same."""

from __future__ import annotations

import tomllib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.toml_text import TomlError, toml_of


def test_what_is_toml_is_read_as_the_standard_library_reads_it() -> None:
    text = 'a = 1\n[b]\nc = ["x", 2.5]\n'
    assert toml_of(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = ", "Invalid value"),
        ("a = " + "1" * 5000, "digits"),
        ("a = " + "[" * 5000, "too deep"),
        ("a = " + "{a = " * 5000, "too deep"),
    ],
)
def test_what_is_none_is_refused_by_one_error(text: str, said: str) -> None:
    with pytest.raises(TomlError, match=said):
        toml_of(text)


@given(st.text(alphabet="[]{}=\"'\n#.,0123456789abeE+-_: Tx\\"))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(TomlError):
        assert isinstance(toml_of(text), dict)
