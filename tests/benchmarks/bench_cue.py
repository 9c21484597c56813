"""How long a verdict takes to become a CUE on the sensor's line, and the sensor's report of it to come back.

A monitor's own parts over a real pseudo-terminal: the event and the alarm are stored durably, the CUE written, read by
a board that is not ours but answers as one. Verdict: the moment at which the detector has returned the event.

Run it: ``.venv/bin/python tests/benchmarks/bench_cue.py [VERDICTS]``. It prints figures and judges nothing.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from detector.alarm_desk import AlarmDesk
from detector.alarms.engine import AlarmEngine
from detector.alarms.values import Act, Moment
from detector.broker_address import BrokerAddress
from detector.monitor_state import MonitorState
from detector.outbox import Outbox
from detector.publisher import Publisher
from detector.source_door import SourceDoor
from detector.topics import Topics
from detector.vigil import Vigil
from detector.watch import Watch
from detector.wishes import Wishes
from firmware_bridge.board_ears import BoardEars
from firmware_bridge.clock import Clock
from firmware_bridge.encoder import Encoder
from firmware_bridge.pty_line import PtyLine
from firmware_bridge.samples import Mark
from firmware_bridge.sources import open_source
from tests.detector.mqtt_world import contraction
from tests.detector.signals import Scene, part

VERDICTS = 200
MS = 1000.0
# As long as it may take a cue to come before the measurement is given up, s.
GIVE_UP_S = 5.0
PIECE = 20


class Board(threading.Thread):
    """Sends samples at their pace, answers, and notes when each CUE had been read."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.line = PtyLine()
        self.line.plug()
        self._block = Scene(120.0).block()
        self._encoder = Encoder(self._block.info, 0)
        self._ears = BoardEars(self._encoder)
        self.heard_s: list[float] = []

    def run(self) -> None:
        """Play until the program ends."""
        began_s, index = time.monotonic(), 0
        while index < self._block.samples:
            self.line.wait(0.001, to_write=False)
            answer = self._ears.hear(self.line.read(), time.monotonic())
            while len(self.heard_s) < len(self._ears.cues):
                self.heard_s.append(time.perf_counter())
            self.line.write(answer)
            if (time.monotonic() - began_s) * self._block.info.emg_rate_hz >= index + PIECE:
                self.line.write(b"".join(self._encoder.feed(part(self._block, index, index + PIECE))))
                index += PIECE


def main() -> None:
    """Measure."""
    verdicts = int(sys.argv[1]) if len(sys.argv) > 1 else VERDICTS
    board = Board()
    board.start()
    clock = Clock()
    to_board, to_host = [], []
    with tempfile.TemporaryDirectory() as folder, Outbox(Path(folder) / "outbox.sqlite") as outbox:
        nowhere = BrokerAddress("127.0.0.1", 9, "nobody", "nothing")
        with Publisher(nowhere, Topics("test"), outbox, clock, boot_id="bench") as publisher:
            door = SourceDoor(lambda: open_source(f"serial:{board.line.port}", clock=clock), "", clock)
            info = door.open()
            wishes = Wishes(Path(folder) / "nights", Path(folder))
            state = MonitorState(info.sensor_id, "bench", clock.wall())
            engine = AlarmEngine(info.sensor_id, "guarded", Moment(clock.mono_s(), clock.wall()))
            desk = AlarmDesk(engine, clock, caregivers=False)
            vigil = Vigil(info.sensor_id, "bench", clock, session=None, alerter=False, say=print)
            watch = Watch(door, publisher, desk, vigil, state, wishes, clock)
            for number in range(verdicts):
                turn(door, watch)
                began_s = time.perf_counter()
                watch._tell([contraction(number)])  # the moment after the verdict
                while not any(isinstance(item, Mark) and item.kind == "cue" for item in turn(door, watch)):
                    if time.perf_counter() - began_s > GIVE_UP_S:
                        raise TimeoutError("no cue was reported")
                to_host.append(time.perf_counter() - began_s)
                to_board.append(board.heard_s[-1] - began_s)
                # Answered and over, so that the next is another alarm.
                for alarm in desk.engine.raised:
                    desk.act(Act("ack", "bench", alarm.id))
                watch._tell([contraction(number, revision=1, phase="ended")])
            door.close()
    report("verdict stored, CUE read by the board", to_board)
    report("... and its MARK back in the stream", to_host)


def turn(door: SourceDoor, watch: Watch) -> list[object]:
    """Take one turn of the run loop; return what came."""
    items = door.read(0.1)
    for item in items:
        watch.take(item)
    watch.tick()
    return [*items]


def report(what: str, durations_s: list[float]) -> None:
    """Print percentiles."""
    ordered = sorted(durations_s)
    p50, p95, p99 = (ordered[int(share * (len(ordered) - 1))] * MS for share in (0.5, 0.95, 0.99))
    print(f"{what:<40} p50 {p50:6.2f}  p95 {p95:6.2f}  p99 {p99:6.2f}  max {ordered[-1] * MS:6.2f} ms")


if __name__ == "__main__":
    main()
