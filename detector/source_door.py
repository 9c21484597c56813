"""The way to a sensor that may not be there yet: tried again and again until it answers.

Opening a port can take seconds, in which the monitor has to go on telling that it lives, so whoever need not wait
lets a thread knock.
"""

import logging
import queue
import threading
from collections.abc import Callable, Mapping

from firmware_bridge.clock import Clock
from firmware_bridge.frames import Frame
from firmware_bridge.samples import LinkState, SensorInfo, StreamItem
from firmware_bridge.source_contract import NotASensorError, PortError, Source

_log = logging.getLogger(__name__)

# How long after a try comes the next, in seconds of life: a sensor that is back is to be read within two.
KNOCK_AGAIN_S = 1.0
# How long closing waits for a try that is under way, in seconds of life.
CLOSE_S = 2.0

_Answer = tuple[Source, SensorInfo] | LinkState | Exception


class SourceDoor:
    """One source, opened now (`open`) or as soon as it can be (`knock`), and from then on read as it is.

    Its first item is a `SensorInfo`; before that come only `LinkState` items that say why there is nothing.

    Args:
        make: Makes the source anew for each try; raises SourceUrlError where the address is wrong.
        sensor_id: The name that the sensor must give itself; empty: any.
        clock: For the waits of `read`.
    """

    def __init__(self, make: Callable[[], Source], sensor_id: str, clock: Clock) -> None:
        self._make = make
        self._sensor_id = sensor_id
        self._clock = clock
        self._source: Source | None = None
        self._first: list[StreamItem] = []
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._knock, name="source-door", daemon=True)

    @property
    def finished(self) -> bool:
        """Whether everything has been read."""
        return self._source is not None and self._source.finished and not self._first

    @property
    def counters(self) -> Mapping[str, int]:
        """What came, was lost and was sent so far, by name; none before the source is open."""
        return {} if self._source is None else self._source.counters

    def open(self) -> SensorInfo:
        """Open the source now, and return who is sending.

        Raises:
            SourceError: it cannot be opened.
        """
        source, info = self._opened()
        self._entered(source, info)
        return info

    def knock(self) -> None:
        """Begin to try; `read` tells what comes of it.

        Raises:
            SourceUrlError: the address is wrong, and trying is vain.
        """
        self._make().close()
        self._thread.start()

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what has come, in order; an empty list after ``timeout_s`` (of the clock) without any.

        Raises:
            Exception: opening failed in a way that no later try can mend.
        """
        if self._first:
            first, self._first = self._first, []
            return first
        if self._source is not None:
            return self._source.read(timeout_s)
        return self._answered(timeout_s)

    def send(self, frame: Frame) -> None:
        """Send a command to the board; where there is none, nothing happens."""
        if self._source is not None:
            self._source.send(frame)

    def close(self) -> None:
        """End; may be called twice."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S)
        # One that was opened at the last moment.
        self._answered(0.0)
        if self._source is not None:
            self._source.close()

    def _entered(self, source: Source, info: SensorInfo) -> None:
        self._source, self._first = source, [info]

    def _answered(self, timeout_s: float) -> list[StreamItem]:
        try:
            answer = self._answers.get(block=timeout_s > 0, timeout=self._clock.real_s(timeout_s))
        except queue.Empty:
            return []
        match answer:
            case LinkState():
                return [answer]
            case Exception():
                raise answer
            case source, info:
                self._entered(source, info)
                return []

    def _opened(self) -> tuple[Source, SensorInfo]:
        source = self._make()
        info = source.open()
        if self._sensor_id in {"", info.sensor_id}:
            return source, info
        source.close()
        raise NotASensorError(
            f"{source.url}: expected the sensor {self._sensor_id}, got {info.sensor_id}: "
            "plug in the right one, or pair this one"
        )

    def _knock(self) -> None:
        while not self._closing.is_set():
            try:
                source, info = self._opened()
            except (PortError, NotASensorError) as error:
                _log.debug("%s", error)
                self._answers.put(LinkState(up=False, reason=str(error)))
                self._closing.wait(KNOCK_AGAIN_S)
            # Whatever else goes wrong is the run loop's to raise: this thread has nobody to tell.
            except Exception as error:  # noqa: BLE001
                self._answers.put(error)
                return
            else:
                self._answers.put((source, info))
                if self._closing.is_set():
                    source.close()
                return
