"""docs/formats.md says what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firmware_bridge.formats.known import FORMATS, Format
from firmware_bridge.formats.montage import parse_montage

PAGE = (Path(__file__).parents[3] / "docs/formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_every_format_has_its_row(known: Format) -> None:
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("|") and known.name.split(" ", maxsplit=1)[0] in line
    ]

    assert rows
    assert all(any(f"`{suffix}`" in row for row in rows) for suffix in known.suffixes)
    assert not known.extra or any(f"crampwatch[{known.extra}]" in row for row in rows)


def test_the_montage_shown_is_one() -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

    montage = parse_montage(shown, "the page's", Path("p03_night.csv"))

    assert montage.rate_hz == 2000.0
    assert [channel.site for channel in montage.emg] == ["left-calf", "right-calf"]
    assert montage.acc_unit == "g"
