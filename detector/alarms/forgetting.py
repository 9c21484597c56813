"""What an engine remembers of one night is taken out of its snapshot; all else stays as it was."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Saved = Mapping[str, Any]


def without_night(
    saved: Saved, night: str, is_in: Callable[[datetime], bool], now: datetime
) -> dict[str, Any]:
    """Return a snapshot that tells nothing of a night that is over.

    Args:
        saved: What `AlarmEngine.snapshot` returned.
        night: Date of its evening.
        is_in: Tells whether a moment is of that night.
        now: Put where the snapshot says until when the engine was followed, if that was in the night.

    Raises:
        KeyError: it is no snapshot; so do `TypeError`, `ValueError` and `AttributeError`.
    """
    observing = {
        what: {evening: told for evening, told in nights.items() if evening != night}
        for what, nights in saved["observing"].items()
    }
    machines = [one for one in saved["machines"] if one["night"] != night and not _is_of(one, is_in)]
    regions, at = dict(saved["regions"]), dict(saved["at"])
    tested = regions["self_test"]
    if tested is not None and is_in(datetime.fromisoformat(tested["at"])):
        regions["self_test"] = None
    if is_in(datetime.fromisoformat(at["wall"])):
        at["wall"] = now.isoformat()
    return {**saved, "observing": observing, "machines": machines, "regions": regions, "at": at}


def _is_of(machine: Saved, is_in: Callable[[datetime], bool]) -> bool:
    occurrence = machine["occurrence"] or {}
    moments = [value["wall"] for value in occurrence.values() if isinstance(value, Mapping)]
    return any(is_in(datetime.fromisoformat(moment)) for moment in moments)
