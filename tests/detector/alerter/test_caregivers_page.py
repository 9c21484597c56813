"""The page for households shows a file that works."""

from __future__ import annotations

import re
from pathlib import Path

from detector.alerter.caregivers import load_household
from detector.alerter.channels import channel_trouble

PAGE = Path(__file__).resolve().parents[3] / "docs" / "caregivers.md"


def test_the_example_on_the_page_can_be_used_as_it_is(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "caregivers.toml"
    path.write_text(example)
    path.chmod(0o600)
    household = load_household(path)
    assert [person.name for person in household.caregivers] == ["Anna", "Bo"]
    assert [channel_trouble(channel) for channel in household.channels[:2]] == ["", ""]
