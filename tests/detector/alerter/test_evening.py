"""The evening's test, and the watchdog outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from detector.alarm_messages import alarm_schema, receipt_message
from detector.alarms.self_test import SelfTest
from detector.alarms.values import Moment
from detector.alerter import dead_man, proof
from detector.alerter.caregivers import Channel
from detector.alerter.channels import Postbox
from detector.alerter.dead_man import DeadMan
from detector.alerter.evening_test import AGAIN_S, EveningTest, last_evening
from detector.alerter.journal import Journal
from detector.alerter.player import FILE, Player
from detector.alerter.proof import SOUND
from firmware_bridge.clock import Clock
from tests.detector.alerter.players import heard_in, recording_player
from tests.detector.alerter.services import PushServer, closed_port, serving, until

AT = Moment(1000.0, datetime(2026, 3, 1, 21, 0, tzinfo=UTC))


@pytest.fixture
def anna() -> Iterator[PushServer]:
    with serving(PushServer()) as server:
        yield server


class Evening:
    """A test of one loudspeaker and one channel, turned by hand."""

    def __init__(self, folder: Path, url: str, at: Moment = AT) -> None:
        self.path = folder / "journal.sqlite"
        self.heard = folder / "heard"
        self.journal = Journal(self.path, "boot", at)
        self.journal.require([SOUND, "Anna-1-json"])
        self.player = Player([(recording_player(folder, self.heard), FILE)], folder / "sounds")
        self.postbox = Postbox()
        self.test = EveningTest(self.journal, [Channel("Anna", 1, url)])

    def run(self, at: Moment, *, quiet: bool = True) -> SelfTest:
        """Turn until nothing is under way, and return what is proven."""

        def settled() -> bool:
            self.test.turn(at, self.player, self.postbox, quiet=quiet)
            for delivery in self.postbox.answers():
                assert self.test.answered(delivery, at)
            return not self.postbox.under_way and not self.player.check()

        assert until(settled)
        assert until(settled)
        return proof.tested_paths(self.path, at.wall)


def test_every_path_is_proven_once_an_evening(tmp_path: Path, anna: PushServer) -> None:
    evening = Evening(tmp_path, anna.url)
    assert evening.run(AT).proves(AT.wall)
    assert heard_in(evening.heard) == ["test-louder.wav"]
    assert len(anna.received) == 1
    for hours in (1, 5, 22):
        evening.run(AT.after(hours * 3600))
    assert len(anna.received) == 1
    tomorrow = AT.after(23.5 * 3600)
    assert evening.run(tomorrow).proves(tomorrow.wall)
    assert len(anna.received) == 2


def test_a_restart_tests_nothing_again(tmp_path: Path, anna: PushServer) -> None:
    Evening(tmp_path, anna.url).run(AT)
    again = Evening(tmp_path, anna.url, AT.after(600))
    assert again.run(AT.after(600)).proves(AT.after(600).wall)
    assert len(anna.received) == 1


def test_what_failed_is_tried_again_and_armed_is_refused_until_then(tmp_path: Path, anna: PushServer) -> None:
    anna.answers = [500, 200]
    evening = Evening(tmp_path, anna.url)
    failed = evening.run(AT)
    assert not failed.proves(AT.wall)
    assert "Anna-1-json" in failed.failures
    assert not evening.run(AT.after(AGAIN_S - 1)).proves(AT.wall)
    later = AT.after(AGAIN_S + 1)
    assert evening.run(later).proves(later.wall)
    assert len(heard_in(evening.heard)) == 1


def test_the_chime_waits_while_an_alarm_sounds(tmp_path: Path, anna: PushServer) -> None:
    evening = Evening(tmp_path, anna.url)
    assert not evening.run(AT, quiet=False).passed
    assert heard_in(evening.heard) == []
    assert evening.run(AT).passed


def test_a_demanded_test_is_held_at_once(tmp_path: Path, anna: PushServer) -> None:
    evening = Evening(tmp_path, anna.url)
    evening.run(AT)
    evening.test.receipts()
    evening.test.demand()
    evening.run(AT.after(60))
    assert (len(anna.received), len(heard_in(evening.heard))) == (2, 2)
    assert not evening.test.is_demanded
    told = {receipt.channel: receipt for receipt in evening.test.receipts()}
    assert set(told) == {"sound", "push"}
    for receipt in told.values():
        Draft202012Validator(alarm_schema("receipt")).validate(receipt_message(receipt))
        assert (receipt.outcome, receipt.test, receipt.occurrence_id) == ("sent", True, None)
    assert told["push"].person == "Anna"
    assert evening.test.receipts() == []


def test_what_a_test_could_not_reach_is_told_with_the_reason(tmp_path: Path) -> None:
    evening = Evening(tmp_path, f"json://127.0.0.1:{closed_port()}")
    evening.run(AT)
    (failed,) = [receipt for receipt in evening.test.receipts() if receipt.channel == "push"]
    assert failed.outcome == "failed"
    assert failed.text


def test_a_clock_that_was_set_back_tests_anew(tmp_path: Path, anna: PushServer) -> None:
    evening = Evening(tmp_path, anna.url)
    evening.run(AT)
    evening.run(Moment(AT.mono_s + 2 * AGAIN_S, AT.wall - timedelta(days=30)))
    assert len(anna.received) == 2


# Hypothesis takes bounds without a zone.
@given(wall=st.datetimes(min_value=datetime(2000, 1, 2)), test_at=st.times())  # noqa: DTZ001
def test_the_last_evening_is_no_more_than_a_day_ago(wall: datetime, test_at: time) -> None:
    found = last_evening(wall, test_at)
    assert timedelta() <= wall - found <= timedelta(days=1)


class _Watchdog(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, code: int = 200) -> None:
        self.code = code
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/ping/secret?a=b"


class _Handler(BaseHTTPRequestHandler):
    server: _Watchdog

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def test_the_watchdog_is_pinged_each_minute_while_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_man, "_LEAST_EVERY_S", 0.5)
    clock = Clock(60.0)
    with serving(_Watchdog()) as watchdog:
        pings = DeadMan(watchdog.url, clock)
        assert not pings.ping(watching=False)
        assert pings.ping(watching=True)
        assert until(lambda: pings.pings == 1)
        assert not pings.ping(watching=True)
        clock.sleep(dead_man.EVERY_S)
        assert pings.ping(watching=True)
        assert until(lambda: pings.pings == 2)
    assert watchdog.asked == ["/ping/secret?a=b"] * 2


def test_without_an_address_nothing_leaves_the_machine() -> None:
    assert not DeadMan("", Clock()).ping(watching=True)
    assert threading.active_count() < 50


def test_an_address_that_no_name_server_can_be_asked_for_is_a_trouble_and_no_crash() -> None:
    pings = DeadMan(f"https://{'x' * 70}.example/secret", Clock())
    pings.ping(watching=True)
    assert until(lambda: pings.trouble)


@pytest.mark.parametrize("code", [404, 500, None])
def test_a_watchdog_that_does_not_answer_is_told_without_its_address(code: int | None) -> None:
    with serving(_Watchdog(code or 200)) as watchdog:
        url = watchdog.url if code else f"http://127.0.0.1:{closed_port()}/secret"
        pings = DeadMan(url, Clock())
        pings.ping(watching=True)
        assert until(lambda: pings.trouble)
    assert "secret" not in pings.trouble
    assert pings.pings == 0
