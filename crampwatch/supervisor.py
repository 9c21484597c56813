"""Starts the processes of a session, restarts what dies, and stops all of them in order.

A child says ``@ready`` on its standard output once it works. One that ends with exit code 1 before it was
ever ready has been given something that no restart mends (a port that is taken, a sensor that is absent): its
own message has said what, and the session ends, unless the others are to go on without it. Any other death is
mended by starting it again, sooner at first, later if it keeps dying. One that lives and is not ready yet is waited
for: on a small computer a start takes minutes, and is told of meanwhile. A child ends by itself when its standard
input closes, so nothing outlives a killed supervisor.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from firmware_bridge.clock import Clock

# Printed by a child when it does its work; what follows on the line is for the reader.
READY = "@ready"
# Printed by a child that has done all there was to do: a recording is over.
FINISHED = "@finished"
# Exit codes of a child: all is well; its settings or devices cannot be used.
DONE, BAD_INPUT = 0, 1
# How long what a child said last may take to be read.
LAST_WORDS_S = 1.0
# Wait before a restart: short enough that a cramp's alarm survives it (RELIABILITY.md P5), doubled up to the
# longest.
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
# A child that has lived this long starts over with the shortest wait.
SETTLED_S = 60.0
# How long a child that others need may take until it is ready: on a twentieth of a core of a PC, less than a Raspberry
# Pi Zero has, the simulated board takes over 60 s.
START_S = 180.0
# A start that takes longer than this is told; again after twice as long, and so on.
SLOW_START_S = 20.0
# How long a child may take to close its files before it is killed.
STOP_S = 10.0
# How often the supervisor looks.
LOOK_S = 0.2
# A night's processes live long and work little: glibc is to give back at once what a busy second took, in few arenas.
# It would else keep the largest that ever was, in pieces, which looks like a leak and hides one.
SPARING = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


class Service(Protocol):
    """Something that runs until stopped."""

    @property
    def name(self) -> str:
        """What to call it in messages."""
        ...

    def start(self) -> None:
        """Start it, or start it again."""
        ...

    def alive(self) -> bool:
        """Tell whether it runs."""
        ...

    def stop(self) -> None:
        """Stop it, files closed; harmless when it is not running."""
        ...


class ChildFailedError(RuntimeError):
    """A child cannot work with what it was given; it has said why on standard error."""


@dataclass
class ChildProcess:
    """One of our own processes.

    Attributes:
        name: What to call it.
        arguments: What follows the Python interpreter on its command line.
        say: Given each line of its standard output but ``@ready``; its standard error goes where ours does.
        needed_first_s: How long it may take until it is ready, where others cannot start before; else 0.
        is_spared: Whether the others go on without it when it cannot work with what it was given.
    """

    name: str
    arguments: Sequence[str]
    say: Callable[[str], None]
    needed_first_s: float = 0.0
    is_spared: bool = False
    was_ready: bool = field(default=False, init=False)
    _finished: bool = field(default=False, init=False)
    _listener: threading.Thread | None = field(default=None, init=False)
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _ready: threading.Event = field(default_factory=threading.Event, init=False)

    def start(self) -> None:
        """Start it."""
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, *self.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # A session of its own: Ctrl-C reaches the supervisor alone, which stops the children in order.
            start_new_session=True,
            env=SPARING | os.environ,
        )
        self._listener = threading.Thread(target=self._listen, args=(self._process, self._ready), daemon=True)
        self._listener.start()

    def _listen(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(FINISHED):
                self._finished = True
            elif line.startswith(READY):
                self.was_ready = True
                ready.set()
            else:
                self.say(line.rstrip())
        ready.set()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until it says that it works, or has ended; tell whether it works."""
        self._ready.wait(timeout_s)
        return self._ready.is_set() and self.alive()

    def alive(self) -> bool:
        """Tell whether it runs, or has done all there was to do.

        Raises:
            ChildFailedError: it ended with exit code 1 without ever having been ready, and is not spared.
        """
        if self._process is None:
            return False
        code = self._process.poll()
        if code == BAD_INPUT and not (self.was_ready or self.is_spared):
            raise ChildFailedError(f"the {self.name} cannot work with what it was given; it has said why")
        if code == DONE and self._listener is not None:
            # Its last words may still be on their way.
            self._listener.join(LAST_WORDS_S)
        return code is None or (code == DONE and self._finished)

    @property
    def is_starting(self) -> bool:
        """Whether it lives and has not said yet that it works."""
        return self._process is not None and not self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """Its process number; None when it was never started."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Ask it to end, wait for it, and kill it if it does not."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()


@dataclass
class _Watched:
    service: Service
    started_s: float
    tell_s: float = SLOW_START_S
    wait_s: float = FIRST_WAIT_S
    due_s: float | None = None


class Supervisor:
    """Keeps services alive.

    Args:
        services: In the order they start; they stop in the reverse order.
        say: Told in words when something dies and is started again.
        clock: Real time, whatever the session's own clock does: processes die in real time.
    """

    def __init__(
        self, services: Sequence[Service], say: Callable[[str], None], clock: Clock | None = None
    ) -> None:
        self._services = services
        self._say = say
        self._clock = clock or Clock()
        self._watched: list[_Watched] = []

    def start(self, stop: threading.Event | None = None) -> None:
        """Start every service, and wait for those that others need; no more of them once ``stop`` is set.

        Raises:
            ChildFailedError: a child cannot work with what it was given, or takes longer than it may.
            Exception: whatever a service's own start raises; those already started are stopped.
        """
        stop = stop or threading.Event()
        try:
            for service in self._services:
                if stop.is_set():
                    return
                service.start()
                self._watched.append(_Watched(service, self._clock.mono_s()))
                if isinstance(service, ChildProcess) and service.needed_first_s:
                    self._wait_for(service, stop)
        except BaseException:
            self.stop()
            raise

    def _wait_for(self, child: ChildProcess, stop: threading.Event) -> None:
        ends_s = self._clock.mono_s() + self._patience_s(child.needed_first_s)
        while not (stop.is_set() or child.was_ready):
            if self._clock.mono_s() > ends_s:
                raise ChildFailedError(
                    f"the {child.name} does not work yet after {child.needed_first_s:g} s, and others need it; "
                    "start again when this machine is less busy"
                )
            self._look_at_all()
            stop.wait(LOOK_S)

    def watch(self, stop: threading.Event, until: Callable[[], bool] = lambda: False) -> None:
        """Restart what dies until ``stop`` is set or ``until`` holds.

        Raises:
            ChildFailedError: a child cannot work with what it was given.
        """
        while not stop.is_set() and not until():
            self._look_at_all()
            stop.wait(LOOK_S)

    def _look_at_all(self) -> None:
        for watched in self._watched:
            self._look(watched, self._clock.mono_s())

    def _look(self, watched: _Watched, now_s: float) -> None:
        if watched.due_s is not None:
            if now_s >= watched.due_s:
                self._restart(watched, now_s)
        elif not watched.service.alive():
            if now_s - watched.started_s > SETTLED_S:
                watched.wait_s = FIRST_WAIT_S
            watched.service.stop()
            self._plan_restart(watched, now_s, "ended")
        else:
            self._tell_if_slow(watched, now_s)

    def _tell_if_slow(self, watched: _Watched, now_s: float) -> None:
        child, took_s = watched.service, now_s - watched.started_s
        # One that is spared may be waiting for what is not there, and says so itself.
        if not isinstance(child, ChildProcess) or child.is_spared or not child.is_starting:
            return
        if took_s >= self._patience_s(watched.tell_s):
            self._say(f"{child.name} is still starting, {took_s:.0f} s …")
            watched.tell_s *= 2

    def _patience_s(self, duration_s: float) -> float:
        """Return it in seconds of the clock: however fast that is, a machine is no faster."""
        return self._clock.at_least(duration_s, real_s=duration_s)

    def _restart(self, watched: _Watched, now_s: float) -> None:
        watched.due_s, watched.started_s, watched.tell_s = None, now_s, SLOW_START_S
        try:
            watched.service.start()
        # Whatever keeps one service from starting must not take the others down; it is said, and tried again.
        except Exception as error:  # noqa: BLE001
            self._plan_restart(watched, now_s, f"did not start ({error})")

    def _plan_restart(self, watched: _Watched, now_s: float, what: str) -> None:
        self._say(f"{watched.service.name} {what}; starting it again in {watched.wait_s:g} s")
        watched.due_s = now_s + watched.wait_s
        watched.wait_s = min(2 * watched.wait_s, LONGEST_WAIT_S)

    def stop(self) -> None:
        """Stop every service that was started, last first."""
        while self._watched:
            self._watched.pop().service.stop()
