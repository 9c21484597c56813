"""Alerters in processes of their own, to be killed: ``python -m tests.detector.alerter.alone FOLDER CLOCK …``.

For every line on standard input another one is forked, its libraries already loaded, and its number printed once it
works.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from detector.alerter.alerter import Alerter, AlerterWishes
from detector.alerter.caregivers import Channel
from detector.alerter.channels import channel_trouble
from detector.broker_address import parse_broker_url
from firmware_bridge.clock import Clock


def main() -> None:
    folder, clock, broker, player = sys.argv[1:]
    # Apprise's services are loaded here, once.
    channel_trouble(Channel("nobody", 1, "json://127.0.0.1"))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    wishes = AlerterWishes(Path(folder), ("left-calf",), player, tests=False)
    for _ in sys.stdin:
        if os.fork() == 0:
            alerter = Alerter(parse_broker_url(broker), wishes, Clock.from_text(clock))
            alerter.run(threading.Event(), on_ready=_say_number)
            os._exit(0)


def _say_number() -> None:
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
