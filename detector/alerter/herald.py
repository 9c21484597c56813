"""What the alerter says and hears over MQTT, as far as there is a broker: its own alarms, who was told, and answers.

The local path never waits for it; what it says is in the journal as well. What is said is said again over a new
connection, since the old one may have lost it; receivers key on (id, revision).
"""

import logging
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime

from detector.alarm_messages import Receipt, alarm_message, receipt_message
from detector.alarms.values import AlarmChange, Moment
from detector.alerter.own_alarms import NAME
from detector.broker_address import BrokerAddress
from detector.command_box import CommandBox
from detector.commands import Command
from detector.messages import Message, encode
from detector.mqtt_link import MqttLink, Publication
from detector.topics import COMMAND, PREFIX

_log = logging.getLogger(__name__)

# What waits for a broker; older goes first, and is in the journal all the same.
_MOST_WAITING = 1000
# What was said this long before a connection broke may be lost with it, seconds of life.
_REPEATED_S = 30.0
# A broker that is being started, or restarted, is not down yet, seconds of life.
DOWN_AFTER_S = 3.0


class Herald:
    """Speaks for the alerter. All methods are for one thread; none waits.

    Args:
        broker: Where.
    """

    def __init__(self, broker: BrokerAddress) -> None:
        # Commands to the alerter's own alarms; those to a monitor's are the monitor's business, but for tests: what
        # they prove are the alerter's paths, whatever sensor somebody stands before.
        commands = [(f"{PREFIX}/{NAME}/{COMMAND}/+/+", 1), (f"{PREFIX}/+/{COMMAND}/+/test", 1)]
        self._link = MqttLink(broker, client_id=f"crampwatch-{NAME}", subscriptions=commands)
        self._waiting: deque[Publication] = deque(maxlen=_MOST_WAITING)
        self._said: deque[tuple[float, Publication]] = deque(maxlen=_MOST_WAITING)
        self._generation = 0
        self._connected_s = time.monotonic()
        self._commands = CommandBox()

    @property
    def trouble(self) -> str:
        """Why there is no broker, for a person; empty while there is."""
        return "" if self.down_s < DOWN_AFTER_S else self._link.trouble

    @property
    def down_s(self) -> float:
        """For how many seconds of life there has been no broker."""
        return 0.0 if self._link.connected else time.monotonic() - self._connected_s

    def start(self) -> None:
        """Begin to connect, and go on trying.

        Raises:
            BrokerAddressError: the broker's file of certificates cannot be used.
        """
        self._link.start()

    def alarms(self, changes: Sequence[AlarmChange], at: Moment) -> None:
        """Say what changed of the alerter's own alarms."""
        for change in changes:
            self._say(NAME, "alarm", alarm_message(change, issued_at=at.wall))

    def receipt(self, receipt: Receipt) -> None:
        """Say who was told what."""
        self._say(receipt.sensor, "receipt", receipt_message(receipt))

    def pump(self) -> None:
        """Send what waits; call it at every turn."""
        self._link.check()
        if self._link.connected:
            self._connected_s = time.monotonic()
            self._repeat()
        while self._waiting and self._link.publish(self._waiting[0]):
            self._said.append((time.monotonic(), self._waiting.popleft()))

    def commands(self, now: datetime) -> list[Command]:
        """Return what people have asked of the alerter, each once; whoever asked in vain is told."""
        for topic, payload, retained in self._link.take_received():
            self._commands.heard(topic, payload, retained=retained, now=now)
        for receipt in self._commands.receipts():
            self.receipt(receipt)
        return self._commands.taken()

    def answer(self, command: Command, why_not: str, at: Moment) -> None:
        """Tell whoever asked that it is done, or why it is not possible now."""
        self._commands.answer(command, why_not, now=at.wall)

    def close(self) -> None:
        """Leave the broker."""
        self._link.close()

    def _repeat(self) -> None:
        """Over a new connection, say again what the one before may have lost."""
        if self._link.generation == self._generation:
            return
        self._generation = self._link.generation
        since_s = time.monotonic() - _REPEATED_S
        self._waiting.extendleft(said for said_s, said in reversed(self._said) if said_s >= since_s)
        self._said.clear()

    def _say(self, sensor: str, name: str, message: Message) -> None:
        self._waiting.append(Publication(f"{PREFIX}/{sensor}/{name}", encode(message), 1, retained=False))
