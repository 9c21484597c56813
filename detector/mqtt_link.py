"""One MQTT 3.1.1 connection that keeps itself alive: paho-mqtt with its traps closed.

- An exception in a paho callback ends its network thread while `is_connected()` stays true: every callback
  here is guarded and counted, and `MqttLink.check` replaces a thread that has died all the same.
- paho keeps unsent messages in memory and repeats them after a reconnection, old behind new: here nothing is
  accepted while there is no connection, and what a lost one left behind is dropped. Durability is the
  outbox's.
- Two programs with the same client id throw each other out for ever: whoever notices can ask for `patient`.

paho is imported when a link is made, not before.
"""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from detector.broker_address import BrokerAddress

if TYPE_CHECKING:
    from paho.mqtt.client import Client

_log = logging.getLogger(__name__)

# A half-open connection is noticed within twice this, and the last will sent within 1.5 times (RELIABILITY
# P6, E9), s.
KEEPALIVE_S = 5
_RECONNECT_S = (1, 2)
# Reconnection delay while another program has our client id: at most four connections a minute each (E7), s.
_PATIENT_RECONNECT_S = (15, 15)
# How often the network thread is looked at, s.
_CHECK_EVERY_S = 1.0
# Messages with QoS 1 that may wait for the broker's answer; more are refused, and the caller comes again.
_UNANSWERED = 200
# Received messages that may wait for the caller; older ones go, and are counted.
_RECEIVED = 1000
# Nothing of ours is longer; memory is not for whoever floods the broker (RELIABILITY S17), bytes.
_LONGEST_RECEIVED = 65_536
# How long leaving may take: the last message to be answered, and the thread to end, s.
_LAST_MESSAGE_S = 1.0
_THREAD_END_S = 2.0


class Publication(NamedTuple):
    """A message to send."""

    topic: str
    payload: bytes
    qos: int
    retained: bool


class Received(NamedTuple):
    """A message that came."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(slots=True)
class LinkCounters:
    """What happened on a link since it was made."""

    connections: int = 0
    refused_logins: int = 0
    callback_errors: int = 0
    dead_threads: int = 0
    unsent: int = 0
    received_dropped: int = 0


@dataclass
class MqttLink:
    """A connection to a broker from one thread's point of view.

    All methods are for one thread; the network thread of paho only leaves notes for it.

    Args:
        broker: where to connect, and the login.
        client_id: unique on that broker.
        subscriptions: topic filters with their QoS, subscribed at each connection.
        will: what the broker says when we vanish.

    Attributes:
        generation: counts connections: another number means that what the one before carried may be lost.
        counters: what happened so far.
        patient: whether to wait long before connecting again, because another program has our client id.
        trouble: why there is no connection, in words for a person; empty while there is one.
    """

    broker: BrokerAddress
    client_id: str
    subscriptions: Sequence[tuple[str, int]] = ()
    will: Publication | None = None
    generation: int = field(default=0, init=False)
    counters: LinkCounters = field(default_factory=LinkCounters, init=False)
    patient: bool = field(default=False, init=False)
    trouble: str = field(default="not connected yet", init=False)
    _client: "Client | None" = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _online: bool = field(default=False, init=False)
    _refused: bool = field(default=False, init=False)
    _checked_s: float = field(default=0.0, init=False)
    _received: deque[Received] = field(default_factory=lambda: deque(maxlen=_RECEIVED), init=False)

    @property
    def connected(self) -> bool:
        """Whether the broker has taken us and the network thread lives."""
        return self._online and self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to connect, and go on trying until `close`; returns at once.

        Raises:
            BrokerAddressError: the file of certificates cannot be used.
        """
        if self._client is None:
            self._client = self._new_client()
            self._checked_s = time.monotonic()
            self._client.loop_start()

    def publish(self, message: Publication) -> bool:
        """Hand a message over; tell whether it was taken. Without a connection nothing is."""
        from paho.mqtt.enums import MQTTErrorCode

        if self._client is None or not self.connected:
            return False
        sent = self._client.publish(message.topic, message.payload, message.qos, message.retained)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.counters.unsent += 1
        return sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def take_received(self) -> list[Received]:
        """Return what came since the last call."""
        return [self._received.popleft() for _ in range(len(self._received))]

    def check(self) -> None:
        """Replace a dead network thread; call it as often as you like, it looks once a second."""
        now_s = time.monotonic()
        if self._client is None or now_s - self._checked_s < _CHECK_EVERY_S:
            return
        self._checked_s = now_s
        self._client.reconnect_delay_set(*(_PATIENT_RECONNECT_S if self.patient else _RECONNECT_S))
        if self._thread is not None and not self._thread.is_alive():
            self.counters.dead_threads += 1
            self._lost("its network thread died")
            _log.error("MQTT: the network thread of %s died; starting another", self.client_id)
            old, self._client = self._client, self._new_client()
            old.disconnect()
            self._thread = None
            self._client.loop_start()

    def close(self, last: Publication | None = None) -> None:
        """Say a last message, leave the broker properly, and end the network thread."""
        client, thread = self._client, self._thread
        if client is None:
            return
        if last is not None and self.connected:
            said = client.publish(last.topic, last.payload, last.qos, last.retained)
            try:
                said.wait_for_publish(_LAST_MESSAGE_S)
            except RuntimeError as error:
                _log.warning("MQTT: the last message of %s was not sent: %s", self.client_id, error)
        self._client = None
        self._lost("closed")
        client.drop_out_messages()
        client.disconnect()
        # paho waits for its thread without a limit, and that for a broker which may hang.
        threading.Thread(target=client.loop_stop, daemon=True).start()
        if thread is not None:
            thread.join(_THREAD_END_S)

    def _new_client(self) -> "Client":
        from paho.mqtt.client import Client, MQTTv311
        from paho.mqtt.enums import CallbackAPIVersion

        client = Client(CallbackAPIVersion.VERSION2, self.client_id, protocol=MQTTv311)
        client.connect_timeout = KEEPALIVE_S
        client.reconnect_delay_set(*_RECONNECT_S)
        client.max_queued_messages_set(_UNANSWERED)
        # paho would send 20 and keep the rest back: on a slow way an alarm then waits behind what is sent again.
        client.max_inflight_messages_set(_UNANSWERED)
        if self.broker.username:
            client.username_pw_set(self.broker.username, self.broker.password)
        if self.broker.tls:
            client.tls_set_context(self.broker.tls_context())
        if self.will is not None:
            client.will_set(*self.will)
        client.on_socket_open = self._guarded(_send_at_once)
        client.on_pre_connect = self._guarded(self._on_pre_connect)
        client.on_connect = self._guarded(self._on_connect)
        client.on_connect_fail = self._guarded(self._on_connect_fail)
        client.on_disconnect = self._guarded(self._on_disconnect)
        client.on_message = self._guarded(self._on_message)
        client.connect_async(self.broker.host, self.broker.port, KEEPALIVE_S)
        return client

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Return the callback with a fence around it, deaf to a client that was replaced."""

        def fenced(client: "Client", _userdata: object, *arguments: Any) -> None:  # noqa: ANN401 - as paho gives them
            if client is not self._client:
                return
            try:
                callback(client, *arguments)
            # What is raised here would end paho's thread without a word.
            except Exception:  # noqa: BLE001
                self.counters.callback_errors += 1
                _log.exception("MQTT: %s failed", callback.__name__)

        return fenced

    def _on_pre_connect(self, client: "Client") -> None:
        self._thread = threading.current_thread()
        self._online = self._refused = False
        client.drop_out_messages()

    def _on_connect(self, client: "Client", _flags: object, reason: Any, _properties: object) -> None:  # noqa: ANN401
        if reason.is_failure:
            self.counters.refused_logins += 1
            self._refused = True
            self._lost(f"the broker at {self.broker} refuses the login: {reason}")
            return
        if self.subscriptions:
            client.subscribe(list(self.subscriptions))
        # Whatever went wrong before: this is the thread that the connection lives in.
        self._thread = threading.current_thread()
        self.counters.connections += 1
        self.trouble = ""
        self._online = True
        self.generation += 1

    def _on_connect_fail(self, _client: "Client") -> None:
        self._lost(f"no broker answers at {self.broker}")

    def _on_disconnect(self, _client: "Client", _flags: object, reason: object, _properties: object) -> None:
        if self._online:
            self._lost(f"the connection to {self.broker} was lost: {reason}")
        elif not self._refused:
            self._lost(f"the broker at {self.broker} closes the connection; check the login")

    def _on_message(self, _client: "Client", message: Any) -> None:  # noqa: ANN401 - paho's message
        full = len(self._received) == self._received.maxlen
        self.counters.received_dropped += full
        if len(message.payload) > _LONGEST_RECEIVED:
            self.counters.received_dropped += 1
            return
        self._received.append(Received(message.topic, message.payload, message.retain))

    def _lost(self, trouble: str) -> None:
        self._online = False
        self.trouble = trouble


def _send_at_once(_client: object, connection: Any) -> None:  # noqa: ANN401 - a socket, or what paho wraps it in
    """Turn Nagle's algorithm off: an event must not wait for the answer to the heartbeat before it."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
