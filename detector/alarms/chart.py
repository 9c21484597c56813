"""The state chart, the conditions and the ladders as `docs/alarms.md` shows them, drawn from the tables themselves.

``python -m detector.alarms.chart docs/alarms.md`` brings the page up to date; a test holds it to that.
"""

import re
import sys
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from detector.alarms.conditions import CONDITIONS, Condition
from detector.alarms.ladder import LADDERS, Ladder, Rung
from detector.alarms.transitions import MEANING, TRANSITIONS

_MARKS = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_MODES = ("self-managed", "guarded")


def state_chart() -> str:
    """Return the chart as a Mermaid state diagram; one arrow for all triggers between the same two stages."""
    arrows = sorted((stage, now, trigger) for (stage, trigger), now in TRANSITIONS.items())
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", "    [*] --> inactive"]
    for (stage, now), group in groupby(arrows, key=lambda arrow: arrow[:2]):
        # A colon would end the label.
        words = "<br/>".join(MEANING[trigger].replace(":", ",") for _, _, trigger in group)
        lines.append(f"    {stage} --> {now} : {words}")
    return "\n".join([*lines, "    closed --> inactive : at once", "```"])


def condition_table() -> str:
    """Return the conditions, one a row."""
    head = "| Code | What a page calls it | Kind | Priority | Over after | Latched closes after |"
    return "\n".join([head, "|---|---|---|---|---|---|", *map(_condition_row, CONDITIONS.values())])


def ladder_table() -> str:
    """Return who is told when, one ladder a row."""
    rows = [
        f"| {mode} | {name} | {_climb(ladder)} |"
        for (mode, name), ladder in LADDERS.items()
        if mode in _MODES
    ]
    return "\n".join(["| Mode | Alarm | Told |", "|---|---|---|", *rows])


DRAWN: Mapping[str, Callable[[], str]] = MappingProxyType(
    {"chart": state_chart, "conditions": condition_table, "ladders": ladder_table}
)


def redrawn(page: str) -> str:
    """Return a page with everything between its marks drawn anew.

    Raises:
        KeyError: a mark names what nothing draws.
    """
    return _MARKS.sub(lambda found: f"{found[1]}\n{DRAWN[found[2]]()}\n\n{found[3]}", page)


def _condition_row(row: Condition) -> str:
    rungs = ", ".join(f"{priority.upper()} at {after_s:g} s" for after_s, priority in row.rungs)
    at_once = "".join(f", {priority.upper()} at once when so judged" for priority in sorted(row.at_once))
    over = "RESET" if row.off_after_s is None else f"{row.off_after_s:g} s"
    closes = "not kept" if not row.latches else "RESET" if row.closes_s is None else f"{row.closes_s:g} s"
    return f"| {row.code} | {row.title} | {row.region} | {rungs}{at_once} | {over} | {closes} |"


def _climb(ladder: Ladder) -> str:
    start = "of the call" if ladder.from_call else "since it began"
    steps = "; ".join(map(_step, ladder.rungs))
    return f"{steps} ({start}{', while it goes on' if ladder.only_while_it_holds else ''})"


def _step(rung: Rung) -> str:
    again = "" if rung.every_s is None else f", then every {rung.every_s:g} s"
    until = "" if rung.until_s is None else f" to {rung.until_s:g} s"
    return f"{rung.name} at {rung.after_s:g} s{again}{until}"


def main(pages: list[str]) -> None:
    """Bring pages up to date."""
    for page in map(Path, pages):
        page.write_text(redrawn(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
