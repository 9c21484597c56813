"""The documentation builds into a site: no warning, no broken link, no notebook that fails, nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site.pages import ROOT

# Executes the notebooks.
LIMIT_S = 280

pytestmark = pytest.mark.timeout(LIMIT_S + 20)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"PATH": path, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_the_notebooks_show_what_came_out(site: Path) -> None:
    night = (site / "notebooks" / "a_night.html").read_text(encoding="utf-8")
    assert "clonic" in night
    pictures = re.findall(r'<img[^>]+src="([^"]+\.png)"', night)
    assert pictures
    assert all((site / "notebooks" / picture).stat().st_size > 1000 for picture in pictures)
    assert (site / "notebooks" / "train_on_your_own.html").is_file()


@pytest.mark.slow
def test_pages_made_from_the_code_are_whole(site: Path) -> None:
    command = (site / "reference" / "command.html").read_text(encoding="utf-8")
    mqtt = (site / "reference" / "mqtt.html").read_text(encoding="utf-8")
    assert all(word in command for word in ("crampwatch replay", "--events-dir", "crampwatch export labels"))
    assert all(f">{word}<" in mqtt for word in ("valid_until", "onset_index", "snooze"))
    assert "<svg" in (site / "architecture.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    loads = {
        page.name: found
        for page in pages
        if (
            found := re.findall(
                r'<(?:script|img|iframe|source)[^>]+src="(https?:[^"]+)"|<link[^>]+rel="(?:stylesheet|icon|preconnect)"[^>]+href="(https?:[^"]+)"',
                page.read_text(encoding="utf-8"),
            )
        )
    }
    assert loads == {}
