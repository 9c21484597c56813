"""Pushes through real Apprise to real servers on this machine: taken, refused, slow, hanging, gone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.alerter import channels
from detector.alerter.caregivers import Channel
from detector.alerter.channels import Delivery, Postbox, Push, channel_trouble, deliver
from tests.detector.alerter.services import MailServer, PushServer, closed_port, serving, until

PUSH = Push("left-calf.1/0", "crampwatch", "Alarm on left-calf, answer in the app. Ünïcode: µ")


@pytest.fixture
def server() -> Iterator[PushServer]:
    with serving(PushServer()) as running:
        yield running


def channel(url: str, number: int = 1) -> Channel:
    return Channel("anna", number, url)


def test_a_push_arrives_whole_and_with_its_id(server: PushServer) -> None:
    delivery = deliver(PUSH, channel(server.url))
    assert (delivery.outcome, delivery.reason) == ("accepted", "")
    [got] = server.received
    assert (got["title"], got["message"], got["crampwatch_id"]) == (PUSH.title, PUSH.body, PUSH.id)


def test_ntfy_takes_it_by_its_publish_api(server: PushServer) -> None:
    assert deliver(PUSH, channel(server.ntfy_url)).outcome == "accepted"
    [got] = server.received
    assert (got["topic"], got["title"], got["message"]) == ("night", PUSH.title, PUSH.body)


def test_e_mail_takes_it_with_its_id() -> None:
    with serving(MailServer()) as mail:
        assert deliver(PUSH, channel(mail.url)).outcome == "accepted"
        [letter] = mail.letters
    assert "anna@example.org" in letter
    assert f"X-Crampwatch-Id: {PUSH.id}" in letter


@pytest.mark.parametrize("code", [400, 401, 429, 500, 503])
def test_a_refusal_is_told_with_its_reason(server: PushServer, code: int) -> None:
    server.answers = [code]
    delivery = deliver(PUSH, channel(server.url))
    assert delivery.outcome == "refused"
    assert str(code) in delivery.reason


def test_a_service_that_is_not_there_is_a_refusal() -> None:
    delivery = deliver(PUSH, channel(f"json://127.0.0.1:{closed_port()}"))
    assert delivery.outcome == "refused"
    assert delivery.reason


def test_a_mail_server_that_refuses_is_a_refusal() -> None:
    with serving(MailServer("554 no")) as mail:
        assert deliver(PUSH, channel(mail.url)).outcome == "refused"


def test_a_certificate_that_nobody_vouches_for_is_a_refusal(server: PushServer) -> None:
    assert deliver(PUSH, channel(server.url.replace("json:", "jsons:"))).outcome == "refused"


def test_a_slow_service_is_waited_for_and_nobody_else_waits(server: PushServer) -> None:
    server.answers = ["slow", 200]
    postbox = Postbox()
    postbox.send(PUSH, channel(server.url, 1))
    assert until(lambda: server.attempts)
    postbox.send(PUSH, channel(server.url, 2))
    answers = gathered(postbox, 2)
    assert [answer.channel for answer in answers] == ["anna-2-json", "anna-1-json"]
    assert {answer.outcome for answer in answers} == {"accepted"}


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_service_that_hangs_is_given_up(
    server: PushServer, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "PATIENCE_S", 0.3)
    server.answers = [how]
    postbox = Postbox()
    postbox.send(PUSH, channel(server.url))
    [answer] = gathered(postbox, 1)
    assert answer.outcome in {"no_answer", "refused"}
    assert postbox.under_way == 0


def test_a_push_that_was_given_up_and_taken_after_all_is_told_again(
    server: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    postbox = Postbox()
    gate = threading.Event()

    def late(push: Push, to: Channel) -> Delivery:
        gate.wait(10)
        return Delivery(push.id, to.name, "accepted", "", 1.0)

    monkeypatch.setattr(channels, "deliver", late)
    monkeypatch.setattr(channels, "PATIENCE_S", 0.0)
    postbox.send(PUSH, channel(server.url))
    assert [answer.outcome for answer in postbox.answers()] == ["no_answer"]
    gate.set()
    assert [answer.outcome for answer in gathered(postbox, 1)] == ["accepted"]
    assert postbox.abandoned == 1


def test_when_very_many_services_hang_the_next_is_refused_at_once(
    server: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_MOST_UNDER_WAY", 1)
    server.answers = ["hang"]
    postbox = Postbox()
    postbox.send(PUSH, channel(server.url, 1))
    assert until(lambda: server.attempts)
    postbox.send(PUSH, channel(server.url, 2))
    [answer] = gathered(postbox, 1)
    assert (answer.channel, answer.outcome) == ("anna-2-json", "refused")


def test_a_url_that_no_service_knows_is_said_without_showing_it(server: PushServer) -> None:
    assert channel_trouble(channel(server.url)) == channel_trouble(channel(server.ntfy_url)) == ""
    trouble = channel_trouble(channel("nonsense://secret-token"))
    assert "anna-1-nonsense" in trouble
    assert "secret-token" not in trouble
    assert "secret-token" not in repr(channel("nonsense://secret-token"))


TALKATIVE = """
import logging, sys
from detector.alerter.caregivers import Channel
from detector.alerter.channels import Push, channel_trouble, deliver
logging.basicConfig(level=logging.DEBUG)
for url in sys.argv[1:]:
    print(channel_trouble(Channel("anna", 1, url)))
    print(deliver(Push("left-calf.1/0", "crampwatch", "Alarm"), Channel("anna", 1, url)).outcome)
"""


def test_no_url_is_written_into_a_log() -> None:
    urls = ["nosuch://secret-token", "tgram://secret-token/1", "ntfy://secret-token/" + "x" * 70]
    ran = subprocess.run(
        [sys.executable, "-c", TALKATIVE, *urls], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.count("refused") == len(urls)
    assert "secret-token" not in ran.stdout + ran.stderr


def test_what_a_service_says_is_told_without_the_secrets_that_it_repeats(server: PushServer) -> None:
    said = "POST /a-secret-topic by 123456789:secret-token refused by ntfy.example"
    for url in ("ntfys://ntfy.example/a-secret-topic", "tgram://123456789:secret-token/a-secret-topic"):
        told = channels._without_secrets(said, channel(url))
        assert "a-secret-topic" not in told
        assert "ntfy.example" in told
    assert "secret-token" not in told


def test_apprise_leaves_nothing_on_the_disk(
    server: PushServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    deliver(PUSH, channel(server.url))
    assert list(tmp_path.rglob("*")) == []


def gathered(postbox: Postbox, count: int) -> list[Delivery]:
    came: list[Delivery] = []

    def enough() -> bool:
        came.extend(postbox.answers())
        return len(came) >= count

    assert until(enough)
    return came
