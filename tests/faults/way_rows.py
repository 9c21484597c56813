"""Rows E2, E4, E8 and E11: no broker for a night, slow and broken ways to it, lost answers, and floods."""

from __future__ import annotations

import os
import signal
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crampwatch.broker import PrivateBroker
from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog
from detector.broker_address import BrokerAddress
from detector.outbox import LIMIT, Outbox
from detector.publisher import Publisher
from detector.topics import command_topic
from firmware_bridge.clock import Clock
from tests.detector.mqtt_world import STREAM, TOPICS, contraction, until
from tests.faults.conversation import KIND, PATIENCE_S, judged, quantile, talking, together
from tests.faults.row import Outcome, row
from tests.faults.wire_tap import PUBACK, PUBLISH

# RELIABILITY P2 beyond the way itself, and under a flood, s.
ON_TOP_S, FLOODED_S = 0.25, 0.5
# In eight hours: an alert each two minutes, which none may lose; and revisions of what alerted nobody, far more than
# there is room for.
ALERTS, OTHERS = 240, 12_000
GROWTH_BYTES = 2 << 20


def memory_bytes() -> int:
    """Return how much memory this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@row(
    "E2",
    "no broker for a night of 8 h (as many messages, at once)",
    "outbox bounded, what may go goes, no alert ever; all alerts logged when it comes; memory < 2 MB more",
    pr=0,
    nightly=3,
)
def no_broker(repetitions: int, kind: str = KIND, others: int = OTHERS) -> Outcome:
    return together([(str(n), lonely_night(kind, others)) for n in range(repetitions)])


def lonely_night(kind: str, others: int) -> Outcome:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        broker = PrivateBroker(folder / "broker", prefer=kind)
        broker.start()
        broker.stop()
        with (
            Outbox(folder / "outbox.sqlite") as outbox,
            Publisher(broker.address, TOPICS, outbox, Clock(), boot_id="b") as voice,
        ):
            before = memory_bytes()
            alerts = said_alone(voice, others)
            grown, waiting, dropped = memory_bytes() - before, outbox.waiting, outbox.dropped
            with broker:
                log = NightLog(folder / "night_log.sqlite")
                ingest = Ingest(
                    broker.address_of("night-log"), log, Live(Clock()), broker.address_of("dashboard")
                )
                ingest.start()
                began_s = time.monotonic()
                until(lambda: outbox.waiting == 0, turn=voice.pump, patience_s=10 * PATIENCE_S)
                took_s = time.monotonic() - began_s
                ingest.close()
                names = {message["id"] for message in log.recent(2 * LIMIT)}
                log.close()
    lost = len(alerts - names)
    return Outcome(
        lost=lost,
        wrong=max(0, waiting - LIMIT),
        passed=not lost and waiting <= LIMIT and grown < GROWTH_BYTES,
        figures=f"{len(alerts)} alerts and {others} revisions that alerted nobody; {waiting} waited, {dropped} given "
        f"up, {lost} alerts lost; memory {grown / 1e6:+.2f} MB; all logged {took_s:.1f} s after the broker came",
        worst_delay_s=took_s,
    )


def said_alone(voice: Publisher, others: int) -> set[str]:
    """Say a night's alerts and what alerted nobody; return the alerts."""
    alerts = set()
    for number in range(others):
        if number % (others // ALERTS) == 0:
            event = contraction(number)
            alerts.add(event.id)
        else:
            event = contraction(number, kind="leg_movement", alert="none")
        voice.event(event, STREAM)
    return alerts


# How a way can be: a packet's delay, s; share sent again; whether it breaks now and then.
WAYS = {
    "10 to 100 ms": ((0.01, 0.1), 0.0, False),
    "0.1 to 2 s": ((0.1, 2.0), 0.0, False),
    "5 % sent again": ((0.01, 0.03), 0.05, False),
    "30 % sent again": ((0.01, 0.03), 0.30, False),
    "resets": ((0.01, 0.03), 0.0, True),
}
# There and back, and to the night log's answer, with what is sent again; s.
WAY_S = {"10 to 100 ms": 0.2, "0.1 to 2 s": 6.0, "5 % sent again": 1.8, "30 % sent again": 8.0, "resets": 8.0}
EACH_S = 1.0


@row(
    "E4",
    "a slow way to the broker, packets sent again, resets (seconds each of 5 ways)",
    "0 lost, 0 logged twice, at p99 no later than the way and 250 ms",
    pr=8,
    nightly=240,
)
def bad_ways(repetitions: int, kind: str = KIND) -> Outcome:
    told = []
    for name, (delay_s, lost, breaks) in WAYS.items():
        with talking(kind=kind, tapped=True, every_s=0.2) as (talk, tap):
            assert tap is not None
            tap.delay_s, tap.lost = delay_s, lost
            ends_s = time.monotonic() + repetitions
            while time.monotonic() < ends_s:
                time.sleep(EACH_S)
                if breaks:
                    tap.reset()
            talk.settle()
            told.append(
                (name, judged(talk, talk.latencies_s(), WAY_S[name] + ON_TOP_S, "in the night log after"))
            )
    return together(told)


# Then the way is whole until nothing waits any more: one that never answers is E3's.
AT_ONCE = 20
LEAST_BREAKS = 2


@row(
    "E8",
    "answers of broker (PUBACK) and night log are lost, the connection, too",
    "sent again, logged once",
    pr=60,
    nightly=1000,
)
def lost_answers(repetitions: int, kind: str = KIND) -> Outcome:
    """Keep so many answers back, and break the connection meanwhile: what was not answered is sent again."""
    with talking(kind=kind, tapped=True, every_s=0.05) as (talk, tap):
        assert tap is not None
        breaks = 0
        while tap.kept < repetitions:
            enough = min(repetitions, tap.kept + AT_ONCE)
            tap.keep = is_answer
            while tap.kept < enough or breaks < LEAST_BREAKS:
                before = talk.voice.generation
                tap.reset()
                breaks += 1
                until(lambda: talk.voice.generation > before, patience_s=PATIENCE_S)  # noqa: B023 - used at once
                time.sleep(EACH_S)
            tap.keep = lambda _packet: False
            tap.reset()
            until(lambda: talk.voice.connected and not talk.voice.waiting, patience_s=PATIENCE_S)
        kept = tap.kept
        outcome = judged(talk, talk.latencies_s() or [PATIENCE_S], PATIENCE_S, "in the night log after")
        again = sum(len(times) - 1 for times in talk.listener.shown.values())
    return Outcome(
        outcome.lost,
        outcome.wrong,
        # The embedded broker itself throws out whoever comes back while messages of its own are unanswered.
        outcome.passed and (again > 0 or kind == "embedded"),
        f"{kept} answers kept back, {again} alarms came again; {outcome.figures}",
        outcome.worst_delay_s,
        kept,
    )


def is_answer(packet: bytes) -> bool:
    """Tell whether the broker or the night log says with it that it has something."""
    return packet[0] >> 4 == PUBACK or (packet[0] >> 4 == PUBLISH and TOPICS.logged.encode() in packet)


def publish(topic: str, payload: bytes) -> bytes:
    """Return a PUBLISH of QoS 0 as bytes."""
    body = struct.pack(">H", len(topic)) + topic.encode() + payload
    length, left = bytearray(), len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        length.append(digit | (0x80 if left else 0))
        if not left:
            return b"\x30" + bytes(length) + body


def connect(where: BrokerAddress) -> socket.socket:
    """Log in by hand."""
    texts = (b"flood", where.username.encode(), where.password.encode())
    body = b"\x00\x04MQTT\x04\xc2\x00\x3c" + b"".join(struct.pack(">H", len(text)) + text for text in texts)
    link = socket.create_connection((where.host, where.port), 5.0)
    link.sendall(b"\x10" + bytes([len(body)]) + body)
    link.recv(4)
    return link


@contextmanager
def flood(where: BrokerAddress, per_s: int) -> Iterator[None]:
    """Send commands without end from a process of its own, and now and then two megabytes."""
    pid = os.fork()
    if pid == 0:
        small = publish(command_topic(TOPICS.sensor_id, "caregiver", "ack"), b"x" * 100) * (per_s // 100)
        large = publish(command_topic(TOPICS.sensor_id, "caregiver", "ack"), bytes(2 << 20))
        while True:
            with suppress(OSError), connect(where) as link:
                for turn in range(1, 1000):
                    link.sendall(large if turn % 500 == 0 else small)
                    time.sleep(0.01)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@row(
    "E11",
    "10,000 commands a second and packets of 2 MB from a caregiver's login (seconds)",
    "0 alarms lost, in the night log at p99 < 500 ms, memory < 5 MB more",
    pr=6,
    nightly=300,
    alone=True,
)
def flooded(repetitions: int, kind: str = KIND) -> Outcome:
    with talking(kind=kind, every_s=0.2) as (talk, _):
        where = talk.broker.address_of("caregiver")
        time.sleep(EACH_S)
        before = memory_bytes()
        with flood(where, 10_000):
            time.sleep(repetitions)
            alive = threading.active_count()
        grown = memory_bytes() - before
        outcome = judged(talk, talk.latencies_s(), FLOODED_S, "in the night log after")
    ordered = talk.latencies_s()
    return Outcome(
        outcome.lost,
        outcome.wrong,
        outcome.passed and grown < 5 << 20,
        f"{outcome.figures}; memory {grown / 1e6:+.1f} MB, {alive} threads",
        quantile(ordered, 1.0),
    )
