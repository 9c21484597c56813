"""Pushes to caregivers through Apprise: one service after the other may be slow, wrong or gone; nothing here waits.

Each push has a thread of its own and is given up after `PATIENCE_S`: a service that hangs holds up nobody else.
Apprise comes with the extra ``notify`` and is imported when the first channel is made.

ChannelError    no service of Apprise knows the URL, or Apprise is not installed
"""

import logging
import queue
import re
import threading
import time
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlsplit

from detector.alerter.caregivers import Channel

if TYPE_CHECKING:
    from types import ModuleType

_log = logging.getLogger(__name__)

# A service that has not answered by then has not been reached, seconds of life: the next channel must have had its
# turn 30 s after the first (RELIABILITY F5).
PATIENCE_S = 12.0
# What Apprise is told for connecting and for each read, seconds of life.
_CONNECT_S, _READ_S = 5.0, 8.0
# Pushes under way at once: twelve caregivers with six channels each never need more, unless services hang.
_MOST_UNDER_WAY = 72
# Shorter parts of a URL are words that a reason may hold by chance.
_SECRET_LENGTH = 6
# Longer reasons tell a person no more.
_REASON_LENGTH = 160
# Services that hand on a key of ours, by scheme, so that a receiver can tell a repeated push from a new one; the
# others get it in words.
_KEYED = {
    **dict.fromkeys(("json", "jsons", "form", "forms", "xml", "xmls"), ":crampwatch_id"),
    **dict.fromkeys(("mailto", "mailtos"), "+X-Crampwatch-Id"),
}
Outcome = Literal["accepted", "refused", "no_answer"]


class ChannelError(ValueError):
    """A channel that cannot be made."""


@dataclass(frozen=True, slots=True)
class Push:
    """What is sent.

    Attributes:
        id: The same at every repetition of the same message, for services and receivers that know it.
        title: One line.
        body: What the receiver reads.
    """

    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a push went, as far as the service can tell.

    Attributes:
        push_id: Of which.
        channel: By which, by name.
        outcome: ``accepted`` by the service; ``refused`` by it, or it could not be reached; or no answer in time.
        reason: What the service said, for a person; empty where it accepted.
        took_s: Seconds of life from handing it over to the answer.
    """

    push_id: str
    channel: str
    outcome: Outcome
    reason: str
    took_s: float


class Postbox:
    """Sends pushes without waiting for them. All methods are for one thread.

    Attributes:
        abandoned: How many were given up since the start.
    """

    def __init__(self) -> None:
        self.abandoned = 0
        self._sent = 0
        self._waiting: dict[int, tuple[Push, Channel, float]] = {}
        self._answers: queue.SimpleQueue[tuple[int, Delivery]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    @property
    def under_way(self) -> int:
        """How many have not been answered and not been given up."""
        return len(self._waiting)

    def send(self, push: Push, channel: Channel) -> None:
        """Hand a push over; `answers` tells how it went."""
        self._sent += 1
        self._waiting[self._sent] = (push, channel, time.monotonic())
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if len(self._threads) >= _MOST_UNDER_WAY:
            full = Delivery(push.id, channel.name, "refused", "too many services hang", 0.0)
            self._answers.put((self._sent, full))
            return
        thread = threading.Thread(target=self._send, args=(self._sent, push, channel), daemon=True)
        self._threads.append(thread)
        thread.start()

    def answers(self) -> list[Delivery]:
        """Return what became of pushes since the last call.

        A push that was given up is told of once more if the service has taken it after all.
        """
        came: list[Delivery] = []
        while not self._answers.empty():
            number, answer = self._answers.get()
            if self._waiting.pop(number, None) is not None or answer.outcome == "accepted":
                came.append(answer)
        now_s = time.monotonic()
        for number, (push, channel, sent_s) in list(self._waiting.items()):
            if now_s - sent_s >= PATIENCE_S:
                del self._waiting[number]
                self.abandoned += 1
                reason = f"no answer within {PATIENCE_S:g} s"
                came.append(Delivery(push.id, channel.name, "no_answer", reason, now_s - sent_s))
        return came

    def _send(self, number: int, push: Push, channel: Channel) -> None:
        self._answers.put((number, deliver(push, channel)))


def deliver(push: Push, channel: Channel) -> Delivery:
    """Send a push and wait until the service has answered; nothing is raised."""
    began_s = time.monotonic()
    try:
        reason = _sent(push, channel)
    # Whatever a service's plug-in raises must not end the alerter; it is a refusal, told and logged.
    except Exception as error:  # noqa: BLE001
        # By its kind alone: a stranger's words may hold the URL, which is a secret.
        reason = str(error) if isinstance(error, ChannelError) else f"it failed ({type(error).__name__})"
        _log.warning("channel %s: %s", channel.name, type(error).__name__)
    took_s = time.monotonic() - began_s
    outcome: Outcome = "refused" if reason else "accepted"
    return Delivery(
        push.id, channel.name, outcome, _without_secrets(reason, channel)[:_REASON_LENGTH], took_s
    )


def channel_trouble(channel: Channel) -> str:
    """Make a channel once, unsent, and return why it cannot be used; empty if it can. Call it in the main thread."""
    try:
        _service(channel, Push("check", "", ""))
    except ChannelError as error:
        return str(error)
    # One channel that a plug-in cannot even look at must not keep the others from being used.
    except Exception as error:  # noqa: BLE001
        _log.warning("channel %s: %s", channel.name, type(error).__name__)
        return f"channel {channel.name}: cannot be made ({type(error).__name__}); look at its URL"
    return ""


def _without_secrets(reason: str, channel: Channel) -> str:
    """Return what a service said without the parts of the URL that open it to whoever reads them."""
    parts = urlsplit(channel.url)
    # Some services have their token in the host's place; a host's own name has a dot and may be said.
    tokens = [token for token in re.split(r"[:@]", parts.netloc) if "." not in token]
    secrets = [channel.url, *tokens, *re.split(r"[/?&=:]", f"{parts.path}?{parts.query}")]
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SECRET_LENGTH:
            reason = reason.replace(secret, "…")
    return reason


def _sent(push: Push, channel: Channel) -> str:
    """Send a push and return why it did not go; empty if it did."""
    apprise = _apprise()
    box = apprise.Apprise()
    box.add(_service(channel, push))
    said: list[str] = []
    result = box.notify(
        push.body,
        title=push.title,
        body_format=apprise.NotifyFormat.TEXT,
        timeout=PATIENCE_S,
        log_level=logging.WARNING,
        log_callback=lambda entry, _service: said.append(entry.message),
    )
    return "" if result else (said[0] if said else "the service did not take it")


def _service(channel: Channel, push: Push) -> Any:  # noqa: ANN401 - Apprise's plug-ins have no type of their own
    key = _KEYED.get(urlsplit(channel.url).scheme.casefold())
    joint = "&" if urlsplit(channel.url).query else "?"
    url = f"{channel.url}{joint}{quote(key, safe='+:')}={quote(push.id, safe='')}" if key else channel.url
    apprise = _apprise()
    # In memory: what Apprise would keep on disk for its next start is not ours to leave there.
    asset = apprise.AppriseAsset(storage_mode=apprise.PersistentStoreMode.MEMORY)
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        raise ChannelError(
            f"channel {channel.name}: expected a URL that Apprise knows (ntfys://, mailtos://, tgram://, pover://, …), "
            "got another; see Apprise's list of services"
        )
    service.socket_connect_timeout, service.socket_read_timeout = _CONNECT_S, _READ_S
    return service


@cache
def _apprise() -> "ModuleType":
    """Return Apprise; the first call is for the main thread, since it turns a warning off meanwhile."""
    try:
        with warnings.catch_warnings():
            # Its e-mail part imports a module that Python has deprecated.
            warnings.simplefilter("ignore", DeprecationWarning)
            import apprise

            # It writes whole URLs, which are secrets, into its log; what went wrong is asked of it for each push.
            logger = logging.getLogger("apprise")
            logger.propagate = False
            logger.addHandler(logging.NullHandler())
            # Services are found when the first is asked for; here, where the warning is not heard.
            apprise.Apprise.instantiate("json://127.0.0.1")
    except ImportError as error:
        raise ChannelError(
            "pushes need the extra `notify`: install crampwatch[notify] (Apprise is not installed)"
        ) from error
    return apprise
