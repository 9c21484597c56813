from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.formats.montage import (
    Montage,
    MontageChannel,
    MontageError,
    load_montage,
    montage_of,
    parse_montage,
    stub,
)

WHOLE = """
rate_hz = 1000
resample_hz = 500.0
[read]
dataset = "/raw"
[[emg]]
channel = "EMG1 - EMG2"
site = "left-calf"
unit = "mV"
gain = 0.001
[[emg]]
channel = 3
[acc]
channels = ["ax", 5, "az"]
unit = "mg"
gain = 2.0
[[file]]
match = "p03*.csv"
rate_hz = 2000.0
acc = { channels = [] }
"""


def test_every_key_is_read() -> None:
    montage = parse_montage(WHOLE, "m.toml", Path("night.csv"))

    assert montage == Montage(
        emg=(MontageChannel("EMG1 - EMG2", "left-calf", "mV", 0.001), MontageChannel("3")),
        acc=("ax", "5", "az"),
        acc_unit="mg",
        acc_gain=2.0,
        rate_hz=1000.0,
        resample_hz=500.0,
        read={"dataset": "/raw"},
    )


def test_a_section_replaces_keys_in_the_files_that_it_fits() -> None:
    montage = parse_montage(WHOLE, "m.toml", Path("/elsewhere/p03_night.csv"))

    assert (montage.rate_hz, montage.acc, len(montage.emg)) == (2000.0, ("none",), 2)


def test_nothing_is_a_montage_that_leaves_all_to_the_file() -> None:
    assert montage_of({}, "a.csv") == Montage()
    assert Montage().is_plain


def test_the_montage_to_begin_with_is_one() -> None:
    montage = parse_montage(stub("EMG 1"), "stub", Path("a.csv"))

    assert montage.emg == (MontageChannel("EMG 1", "left-calf", "uV"),)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("emg = 3", "emg: expected sections"),
        ("[[emg]]\nsite = 'x'", "emg 1: expected a channel"),
        ("[[emg]]\nchannel = true", "expected a label or number, got True"),
        ("[[emg]]\nchannel = ' '", "expected a label or number"),
        ("[[emg]]\nchannel = 'a'\ngain = 0", "gain: expected a number other than 0"),
        ("[[emg]]\nchannel = 'a'\nunit = 3", "unit: expected a text"),
        ("[[emg]]\nchannel = 'a'\nlabel = 'b'", "emg 1: label: expected one of channel, site, unit, gain"),
        ("[acc]\nchannels = ['a']", "acc.channels: expected three, or [] for none, got 1"),
        ("[acc]\nchannels = 'abc'", "acc.channels: expected a list"),
        ("acc = 3", "acc: expected a table"),
        ("rate_hz = -1", "rate_hz: expected Hz above 0"),
        ("rate_hz = nan", "rate_hz: expected a number"),
        ("rate_hz = '1 kHz'", "rate_hz: expected a number"),
        ("rate = 3", "rate: expected one of rate_hz"),
        ("[read]\na = [1]", "read.a: expected a text"),
        ("[[file]]\nrate_hz = 1", "[[file]]: expected match"),
        ("[[file]]\nmatch = 'other'\nrate = 1", "rate: expected one of"),
        ("file = 3", "file: expected sections"),
        ("a = ", "expected TOML"),
    ],
)
def test_what_is_no_montage_is_refused_with_its_place(text: str, what: str) -> None:
    with pytest.raises(MontageError) as refused:
        parse_montage(text, "m.toml", Path("a.csv"))

    assert "montage m.toml: " in str(refused.value)
    assert what in str(refused.value)


def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    for content in (None, b"\xff\xfe\x00", b"x" * (2 << 20)):
        path = tmp_path / "m.toml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(MontageError, match=r"m\.toml"):
            load_montage(path, Path("a.csv"))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["emg", "acc", "read", "rate_hz", "file", "x"]),
        _VALUES | st.lists(_VALUES),
        max_size=4,
    )
)
def test_any_content_is_a_montage_or_refused(content: dict[str, Any]) -> None:
    try:
        assert isinstance(montage_of(content, "a.csv"), Montage)
    except MontageError as error:
        assert str(error)  # noqa: PT017
