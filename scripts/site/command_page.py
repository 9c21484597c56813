"""The command reference, made from the command itself."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from crampwatch.commands import app

_INTRODUCTION = """# The command

Made from the program's own `--help`. Exit codes: 0 done, 1 the input is bad (and what to do about it), 2 usage.
"""


def command_page() -> str:
    """Return the page of all subcommands, their arguments and their options."""
    root = get_command(app)
    return "\n".join([_INTRODUCTION, *_sections(root, typer.Context(root, info_name="crampwatch"), level=2)])


# Typer keeps its command classes to itself: what they are asked for here is what their own help asks.
def _sections(group: Any, context: typer.Context, level: int) -> Iterator[str]:
    for name, command in group.commands.items():
        own = typer.Context(command, info_name=name, parent=context)
        yield f"{'#' * level} `{own.command_path}`\n"
        yield f"{command.help or ''}\n"
        subcommands = getattr(command, "commands", None)
        if subcommands:
            yield from _sections(command, own, level + 1)
        if not subcommands or command.params:
            yield f"```text\n{' '.join([own.command_path, *command.collect_usage_pieces(own)])}\n```\n"
            yield from _table(command, own)


def _table(command: Any, context: typer.Context) -> Iterator[str]:
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    rows = [record for record in records if record]
    if rows:
        yield "| | |\n| --- | --- |"
        yield "\n".join(f"| <code>{_cell(name)}</code> | {_cell(text)} |" for name, text in rows) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;").replace("|", "&#124;")
