"""What one person says of one episode of a night."""

from dataclasses import dataclass
from typing import Literal, get_args

Verdict = Literal["cramp", "spasm", "movement", "nothing", "unknown"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
# A sentence or two; what is longer belongs into the diary.
LONGEST_NOTE = 1000
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Label:
    """What one person says of one episode.

    Attributes:
        id: Of the episode as this person sees it (`label_id`), or any other that is unique.
        night: Name of the night.
        by: Who says so.
        verdict: What it was.
        at: When it was said, ISO 8601 in UTC.
        event_id: Which event; None for a span that the person drew.
        note: In the person's own words.
        onset_at: Begin of a span that the person drew; None where the event tells it.
        ended_at: Likewise its end.
        removed: Whether it was taken back.
        revision: Given by the store.
    """

    id: str
    night: str
    by: str
    verdict: Verdict
    at: str
    event_id: str | None = None
    note: str = ""
    onset_at: str | None = None
    ended_at: str | None = None
    removed: bool = False
    revision: int = 0

    def __post_init__(self) -> None:
        """Refuse what no label is.

        Raises:
            ValueError: the verdict is none, a text is too long or cannot be kept, or it tells neither event nor span.
        """
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict: expected one of {', '.join(VERDICTS)}, got {self.verdict!r}")
        _check("note", self.note, LONGEST_NOTE)
        _check("by", self.by, LONGEST_NAME)
        has_span = self.onset_at is not None and self.ended_at is not None and self.onset_at < self.ended_at
        if self.event_id is None and not has_span:
            raise ValueError("label: expected an event, or a span whose onset lies before its end")


def _check(name: str, value: str, longest: int) -> None:
    """Refuse a text that is too long, or that holds what not every database keeps."""
    if len(value) > longest:
        raise ValueError(f"{name}: expected at most {longest} characters, got {len(value)}")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError(f"{name}: expected text, got signs that stand for none")
