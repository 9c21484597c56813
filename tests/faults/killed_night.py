"""A night at 60 times life's pace whose processes are killed, one after the other, by chance.

Real ones: a private broker, a monitor on a recording full of cramps, the alerter in guarded mode with a
household of two, and the dashboard with the night log, all kept alive by the supervisor of `crampwatch`. A caregiver
on the broker sees the alarms and answers most of them.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crampwatch.access_list import ROLES
from crampwatch.broker import PrivateBroker
from crampwatch.plan import SessionPlan
from crampwatch.sensors import SensorPlan
from crampwatch.settings import private_folder
from crampwatch.supervisor import Service, Supervisor
from detector.commands import Command, command_message
from detector.messages import encode
from detector.topics import Topics
from firmware_bridge.clock import Clock
from tests.conftest import find_mosquitto
from tests.crampwatch.nights_on_disk import record
from tests.crampwatch.running import free_port, is_running
from tests.detector.alerter.players import player_program
from tests.detector.alerter.services import PushServer, serving
from tests.detector.alerter.world import write_household
from tests.detector.mqtt_world import Ear, until
from tests.detector.signals import Scene
from tests.faults import ledger
from tests.faults.nursery import Forked, Nursery

RATE = 60.0
# As the recording calls it.
SENSOR = "test"
KIND = "mosquitto" if find_mosquitto() else "embedded"
# Every monitor begins the recording anew; a cramp comes soon, and others until long after it is killed. A long one
# still holds when it has been answered; a short one is over before.
RECORDED_S, FIRST_CRAMP_S, ROUND_S = 1800.0, 6.0, 240.0
# In each round: when, and how long.
CRAMPS_S = ((0.0, 120.0), (180.0, 30.0))
CRAMP_UV = 60.0
# From kill to kill, s of life: some fall into a start, most into work.
BETWEEN_S = 0.45
# How soon a caregiver answers, s of life: before the first push, between two, and after several.
ANSWERS_WITHIN_S = 4.0
ANSWERED = 0.75
# A command lives for 30 s of the night, which is half a second here.
ASKED_AGAIN_S = 0.5
# The last kill is followed by a minute of the night, and by what the way to the night log may take, s of life.
CALM_S, PATIENCE_S = 2.0, 60.0
TURN_S = 0.02


@dataclass
class Caregiver:
    """Sees the alarms of one sensor at the broker, by paho alone, and answers most cramps after a while."""

    ear: Ear
    sensor: str
    clock: Clock
    chance: random.Random
    answered: int = 0
    # An answered alarm stands since the last look: what is killed now must not forget the answer.
    has_just_answered: bool = False
    _seen: int = 0
    _due_s: dict[str, float] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def look(self) -> None:
        topic = Topics(self.sensor).alarm
        messages = self.ear.messages(topic)
        for message in messages[self._seen :]:
            self._note(message)
        self._seen = len(messages)
        for name, due_s in list(self._due_s.items()):
            if time.monotonic() >= due_s:
                self._due_s[name] = time.monotonic() + ASKED_AGAIN_S
                self._answer(name)

    def _note(self, message: ledger.Message) -> None:
        name = message["id"]
        if message["stage"] in {"acked", "closed"}:
            was_asked = self._due_s.pop(name, None) is not None
            self.answered += was_asked
            self.has_just_answered |= was_asked and message["stage"] == "acked"
        elif message["kind"] == "physio" and message["stage"] == "active" and name not in self._known:
            self._known.add(name)
            if self.chance.random() < ANSWERED:
                self._due_s[name] = time.monotonic() + self.chance.uniform(0.0, ANSWERS_WITHIN_S)

    def _answer(self, occurrence: str) -> None:
        number = f"{self.chance.getrandbits(64):016x}"
        command = Command(
            number, "caregiver", "ack", self.sensor, "Anna", self.clock.wall(), occurrence_id=occurrence
        )
        self.ear.client.publish(command.topic, encode(command_message(command)), 1)


class PatientPushServer(PushServer):
    """Takes it in silence that whoever was calling was killed in the middle of a sentence."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class KilledNight:
    """A session to be killed; made by `beginning`."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        anna: PushServer,
        services: Sequence[Service],
        how: Callable[[Service], bool],
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.anna = anna
        # Which process was killed when.
        self.killed: list[tuple[str, datetime]] = []
        self.outbox = folder / "outbox" / f"{SENSOR}.sqlite"
        self.heard = folder / "heard"
        self.caregiver: Caregiver | None = None
        self._services = services
        self._how = how

    def kill(self, chance: random.Random) -> None:
        """Kill one of those that live."""
        for service in chance.sample(self._services, len(self._services)):
            if self._how(service):
                self.killed.append((service.name, self.clock.wall()))
                return

    def live(self, kills: int, chance: random.Random, *, told: Callable[[int], None]) -> None:
        """Live on until so many kills are done."""
        due_s = time.monotonic() + CALM_S
        while len(self.killed) < kills:
            self._turn()
            if self._is_tender() or time.monotonic() >= due_s:
                self.kill(chance)
                told(len(self.killed))
                due_s = time.monotonic() + min(chance.expovariate(1.0 / BETWEEN_S), 10 * BETWEEN_S)

    def _is_tender(self) -> bool:
        """Tell whether an answer has just been taken: chance alone would seldom kill so soon after one."""
        assert self.caregiver is not None
        was, self.caregiver.has_just_answered = self.caregiver.has_just_answered, False
        return was

    def calm_down(self, is_logged: Callable[[int], bool]) -> int:
        """Live on in peace, and return the number of the last message that must have come by then."""
        ends_s = time.monotonic() + CALM_S
        while time.monotonic() < ends_s:
            self._turn()
        last = ledger.last_said(self.outbox)
        until(lambda: is_logged(last), turn=self._turn, patience_s=PATIENCE_S)
        return last

    def _turn(self) -> None:
        assert self.caregiver is not None
        self.caregiver.look()
        time.sleep(TURN_S)


@contextmanager
def beginning(folder: Path, chance: random.Random, how: Callable[[Service], bool]) -> Iterator[KilledNight]:
    """Start everything; at the end of the context all of it ends."""
    with ExitStack() as at_end:
        nursery = at_end.enter_context(Nursery(folder / "said.txt"))
        anna = at_end.enter_context(serving(PatientPushServer()))
        recording = record(folder / "worn.edf", _scene())
        clock = Clock(RATE)
        # Slow enough that kills fall between leaving and arriving, and then it may have arrived or not.
        anna.answers = ["fickle"]
        write_household(folder, {"Anna": [anna.url], "Ben": [anna.url]})
        broker = PrivateBroker(folder / "broker", prefer=KIND)
        ledger.keep(folder / "outbox" / f"{SENSOR}.sqlite")
        plan_file = private_folder(folder / "run") / "session.json"
        processes = [
            Forked(words[0], nursery, *words)
            for words in (
                ("dashboard", str(plan_file)),
                ("alerter", str(plan_file)),
                ("monitor", str(plan_file), "0"),
            )
        ]
        with broker:
            addresses: dict[str, str] = {role: broker.address_of(role).url() for role in ROLES}
            SessionPlan(
                (SensorPlan(f"replay:{recording}", SENSOR),),
                str(folder),
                broker.address.url(),
                free_port(),
                clock.to_text(),
                mode="guarded",
                player=_player(folder),
                logins=addresses,
            ).save(plan_file)
        services: list[Service] = [broker, *processes]
        night = KilledNight(folder, clock, anna, services, how)
        at_end.enter_context(supervised(services, clock))
        ear = Ear(broker.address_of("caregiver"), Topics(SENSOR).alarm)
        assert until(broker.alive, patience_s=PATIENCE_S)
        night.caregiver = Caregiver(at_end.enter_context(ear), SENSOR, clock, chance)
        yield night


@contextmanager
def supervised(
    services: Sequence[Service], clock: Clock | None = None, say: Callable[[str], None] = lambda _line: None
) -> Iterator[None]:
    """Keep the services alive in a thread that lasts; its patience with them goes by the clock."""
    stop = threading.Event()
    supervisor = Supervisor(services, say, clock)

    def keep() -> None:
        try:
            supervisor.start(stop)
            supervisor.watch(stop)
        finally:
            supervisor.stop()

    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def kill_at_once(service: Service) -> bool:
    """Kill a process as a power cut would; tell whether it lived."""
    if isinstance(service, Forked):
        return service.kill()
    assert isinstance(service, PrivateBroker)
    number = service.pid
    if number is None or not is_running(number):
        return False
    os.kill(number, signal.SIGKILL)
    return True


def _scene() -> Scene:
    rounds = [FIRST_CRAMP_S + number * ROUND_S for number in range(int(RECORDED_S // ROUND_S))]
    cramps = [(begin + after, begin + after + lasts) for begin in rounds for after, lasts in CRAMPS_S]
    return Scene(RECORDED_S, amplitude_uv=[(begin, end, CRAMP_UV) for begin, end in cramps])


def _player(folder: Path) -> str:
    """Return a player that writes down when, in seconds since the computer was started, it was given what."""
    # The clock of the night is made of these seconds.
    return player_program(
        folder, "plays", f'read up _ < /proc/uptime; echo "$up $(basename "$1")" >> "{folder / "heard"}"'
    )
