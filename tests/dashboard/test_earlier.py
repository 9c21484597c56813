"""What alarmed earlier tonight, from the changes that the night log keeps."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from dashboard.earlier import earlier_rows
from dashboard.night_log import NightLog
from dashboard.texts import texts_in
from detector.messages import iso
from tests.dashboard.events import BEGAN, alarm

T = texts_in()


def test_what_is_over_is_told_newest_first_and_once(tmp_path: Path) -> None:
    def over(name: str, minutes: int, **values: Any) -> list[dict[str, Any]]:
        began = BEGAN + timedelta(minutes=minutes)
        times: dict[str, Any] = {
            "began_at": began.isoformat(),
            "raised_at": began.isoformat(),
            "ended_at": (began + timedelta(seconds=75)).isoformat(),
        }
        return [
            alarm(name, 0, at=iso(began), **times),
            alarm(name, 1, "closed", at=iso(began + timedelta(seconds=75)), **times, **values),
        ]

    messages = [*over("a", 0, acked_by="Ann"), *over("b", 9), alarm("c"), *over("old", -600)]
    since = BEGAN - timedelta(hours=1)
    log = NightLog(tmp_path / "night_log.sqlite")
    log.add(alarms=messages)
    rows = earlier_rows(T, log.last_changes(iso(since)), since)
    log.close()
    assert [(row["id"], row["length"], row["answered"]) for row in rows] == [
        ("b", "1 min 15 s", "Nobody answered."),
        ("a", "1 min 15 s", "Answered by Ann."),
    ]
