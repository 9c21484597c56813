"""`crampwatch check` on the paths to people: each is tried, and what is proven counts for the night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crampwatch.check_alerts import alert_lines
from crampwatch.check_line import Line
from crampwatch.settings import AlarmSettings
from detector.alerter import player, proof
from detector.alerter.proof import JOURNAL, proofs_in
from detector.durable_sqlite import open_durable
from firmware_bridge.clock import Clock
from tests.detector.alerter.players import player_program
from tests.detector.alerter.services import PushServer, serving
from tests.detector.alerter.world import write_household


@pytest.fixture
def anna() -> Iterator[PushServer]:
    with serving(PushServer()) as server:
        yield server


def lines(folder: Path, command: str = "", mode: str = "guarded") -> dict[str, Line]:
    settings = AlarmSettings.model_validate({"player": command, "mode": mode})
    return {line.name: line for line in alert_lines(settings, folder, Clock())}


def proven(folder: Path) -> dict[str, bool]:
    connection, _ = open_durable(folder / JOURNAL, lambda _: None)
    try:
        return {path: found.passed for path, found in proofs_in(connection).items()}
    finally:
        connection.close()


def test_everything_works_and_is_proven_for_the_night(tmp_path: Path, anna: PushServer) -> None:
    write_household(tmp_path, {"Anna": [anna.url, anna.ntfy_url]}, 'watchdog = "https://w.example/x"')
    told = lines(tmp_path, player_program(tmp_path, "plays", "exit 0"))
    assert {name: line.verdict for name, line in told.items()} == dict.fromkeys(
        ("sound", "caregiver", "watchdog"), "good"
    )
    assert "channel proven: Anna-1-json in" in told["caregiver"].text
    assert len(anna.received) == 2
    assert "Nothing is wrong" in anna.received[0]["message"]
    assert proven(tmp_path) == {"sound": True, "Anna-1-json": True, "Anna-2-ntfy": True}


def test_a_channel_that_fails_is_bad_and_not_proven(tmp_path: Path, anna: PushServer) -> None:
    anna.answers = [500]
    write_household(tmp_path, {"Anna": [anna.url]})
    told = lines(tmp_path, player_program(tmp_path, "fails", "exit 1"))
    assert (told["sound"].verdict, told["caregiver"].verdict) == ("bad", "bad")
    assert "500" in told["caregiver"].text
    assert proven(tmp_path) == {"sound": False, "Anna-1-json": False}


def test_without_caregivers_or_watchdog_it_says_who_hears_nothing(tmp_path: Path) -> None:
    told = lines(tmp_path)
    assert told["caregiver"].verdict == told["watchdog"].verdict == "unknown"
    assert "in a power cut" in told["watchdog"].text


def test_a_missing_player_is_bad_only_where_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player, "KNOWN_PLAYERS", ())
    assert lines(tmp_path)["sound"].verdict == "bad"
    assert lines(tmp_path, mode="observe")["sound"].verdict == "unknown"
    assert "quot" in lines(tmp_path, "a 'b")["sound"].text


@pytest.mark.parametrize("text", ["nonsense", '[[caregiver]]\nname = "A"\nchannels = ["nonsense://secret"]'])
def test_a_file_or_a_url_that_cannot_be_used_is_bad_and_not_shown(tmp_path: Path, text: str) -> None:
    path = write_household(tmp_path, {})
    path.write_text(text)
    line = lines(tmp_path)["caregiver"]
    assert line.verdict == "bad"
    assert "secret" not in line.text + line.advice


def test_nothing_is_proven_by_a_journal_that_is_absent_or_damaged(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 22, tzinfo=UTC)
    assert not proof.tested_paths(tmp_path / "absent.sqlite", now).passed
    (tmp_path / "bad.sqlite").write_text("not a database" * 100)
    assert not proof.tested_paths(tmp_path / "bad.sqlite", now).passed
