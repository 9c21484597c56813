"""What the documentation site holds beside docs/: pages made from the code, from notebooks, and from other folders.

mkdocs calls the functions by their names; `mkdocs.yml` names this file.
"""

import posixpath
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.site.architecture_page import architecture_page  # noqa: E402 - found by the line above
from scripts.site.command_page import command_page  # noqa: E402
from scripts.site.mqtt_page import mqtt_page  # noqa: E402
from scripts.site.notebook_page import notebook_page  # noqa: E402
from scripts.site.settings_page import settings_page  # noqa: E402

# Pages that lie where they are used, and where the site shows them.
ELSEWHERE: Mapping[str, str] = {
    "firmware_bridge/device/README.md": "board/board.md",
    "firmware_bridge/device/WIRE.md": "board/WIRE.md",
    "firmware_bridge/device/WIRING.md": "board/WIRING.md",
    "firmware_bridge/device/wiring.svg": "board/wiring.svg",
    "SECURITY.md": "security.md",
}
NOTEBOOKS = ("a_night", "train_on_your_own")
MADE: Mapping[str, Callable[[], str]] = {
    "architecture.md": architecture_page,
    "reference/command.md": command_page,
    "reference/mqtt.md": mqtt_page,
    "reference/settings.md": settings_page,
}
# A Markdown link or picture: what is shown, and where it leads.
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_ABSOLUTE = re.compile(r"^(?:[a-z]+:|#|/)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that do not lie in docs/."""
    for source, target in ELSEWHERE.items():
        content = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, target, content=content))
    for target, make in MADE.items():
        files.append(File.generated(config, target, content=make()))
    for name in NOTEBOOKS:
        page = notebook_page(ROOT / "docs" / "notebooks" / f"{name}.ipynb")
        files.append(File.generated(config, f"notebooks/{name}.md", content=page.text))
        for picture, png in page.pictures.items():
            files.append(File.generated(config, f"notebooks/{picture}", content=png))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links out of docs/ to the page that shows the file, or leave the name alone where no page does."""
    origins = {target: source for source, target in ELSEWHERE.items()}
    shown = page.file.src_uri
    folder = posixpath.dirname(origins.get(shown, f"docs/{shown}"))

    def mended(link: re.Match[str]) -> str:
        mark, text, target = link.groups()
        path, hash_sign, anchor = target.partition("#")
        if not path or _ABSOLUTE.match(target):
            return link.group()
        source = posixpath.normpath(posixpath.join(folder, path))
        uri = ELSEWHERE.get(source) or source.removeprefix("docs/")
        if uri not in files.src_uris or (source == uri and source not in ELSEWHERE):
            return text if (ROOT / source).exists() and not source.endswith(".md") else link.group()
        here = posixpath.relpath(uri, posixpath.dirname(shown) or ".")
        return f"{mark}[{text}]({here}{hash_sign}{anchor})"

    return _LINK.sub(mended, markdown)
