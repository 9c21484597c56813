"""A notebook as a page: executed, so that what is shown is what comes out today."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

# A notebook that takes longer has become too slow to be read along with.
CELL_LIMIT_S = 120
# What a program says to a terminal beside its words.
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class NotebookPage:
    """Markdown, and the pictures that it shows, by file name."""

    text: str
    pictures: dict[str, bytes] = field(default_factory=dict)


def executed(path: Path) -> Any:
    """Return the notebook with what its cells put out.

    Raises:
        CellExecutionError: a cell failed; the message shows which and how.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # it says none of its own
    # The kernel is spoken to through a socket in the file system: nobody else on this machine hears it.
    config = Config({"KernelManager": {"transport": "ipc"}})
    client = NotebookClient(
        notebook,
        config=config,
        timeout=CELL_LIMIT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT)}},
    )
    client.execute()
    return notebook


def notebook_page(path: Path) -> NotebookPage:
    """Execute a notebook and return it as a page."""
    page = NotebookPage("")
    parts: list[str] = []
    for number, cell in enumerate(executed(path).cells):
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts.append(f"```python\n{cell.source}\n```")
            parts += _outputs(cell.outputs, f"{path.stem}-{number}", page.pictures)
    source = (
        f"\n\n*This page is the notebook `docs/notebooks/{path.name}`, executed when the site was built.*\n"
    )
    return NotebookPage("\n\n".join(parts) + source, page.pictures)


def _outputs(outputs: list[Any], stem: str, pictures: dict[str, bytes]) -> Iterator[str]:
    for number, output in enumerate(outputs):
        shown = output.get("data", {})
        if "image/png" in shown:
            name = f"{stem}-{number}.png"
            pictures[name] = base64.b64decode(shown["image/png"])
            yield f"![{shown.get('text/plain', 'a figure')}]({name})"
        elif "text/html" in shown:
            yield f'<div class="output" markdown="0">{shown["text/html"]}</div>'
        elif text := (shown.get("text/plain") or output.get("text")):
            yield f"```text\n{_TERMINAL.sub('', text).rstrip()}\n```"
