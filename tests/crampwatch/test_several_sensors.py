"""Several sensors under one `crampwatch run`: simulated boards on ptys, a real broker, real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from detector.broker_address import parse_broker_url
from firmware_bridge.samples import SensorInfo
from firmware_bridge.simulated_board import SimulatedBoard
from tests.crampwatch.running import PATIENCE_S, children_of, command, free_port, until
from tests.firmware_bridge.wire_streams import block, sensor

pytestmark = [pytest.mark.slow, pytest.mark.broker, pytest.mark.timeout(240)]

LEFT = sensor(hardware_id="1" * 16)
RIGHT = sensor(sensor_id="right-calf", hardware_id="2" * 16)


def board(info: SensorInfo, link: Path) -> SimulatedBoard:
    """Return a board that plays ten minutes."""
    return SimulatedBoard((block(info, second * 1000, 1000) for second in range(600)), info, link=link)


class Session:
    """A running `crampwatch run`."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.folder = folder
        folder.mkdir()
        self._log = folder / "said.txt"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                command("run", "--no-browser", "--folder", folder, "--port", free_port(), *arguments),
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def recorded(self, sensor_id: str) -> int:
        """Return how many bytes there are of a sensor's signal."""
        return sum(file.stat().st_size for file in self.folder.glob(f"nights/*_{sensor_id}/*.edf"))

    def until(self, condition: Callable[[], bool]) -> None:
        def alive_and_done() -> bool:
            assert self.process.poll() is None, self.said
            return condition()

        try:
            until(alive_and_done)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said}") from error

    def monitor(self, number: int) -> int:
        """Return the process that watches a sensor."""
        for child in children_of(self.process.pid):
            arguments = Path(f"/proc/{child}/cmdline").read_text().split("\0")
            if "monitor" in arguments and str(number) in arguments:
                return child
        raise AssertionError(f"nobody watches sensor {number}")

    @contextmanager
    def states(self) -> Iterator[dict[str, Any]]:
        """Give the newest state of each sensor, as its subscribers hear it."""
        self.until((self.folder / "run" / "session.json").exists)
        plan = json.loads((self.folder / "run" / "session.json").read_text())
        address = parse_broker_url(plan["broker"])
        heard: dict[str, Any] = {}
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(address.username, address.password)
        client.on_message = lambda _client, _data, message: heard.update(
            {message.topic.split("/")[2]: json.loads(message.payload)}
        )
        client.connect(address.host, address.port)
        client.subscribe("crampwatch/1/+/state", qos=1)
        client.loop_start()
        try:
            yield heard
        finally:
            client.disconnect()
            client.loop_stop()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(PATIENCE_S) == 0
        assert "Traceback" not in self.said


@contextmanager
def session(folder: Path, *arguments: object) -> Iterator[Session]:
    running = Session(folder, *arguments)
    try:
        yield running
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()


def codes(state: dict[str, Any] | None) -> set[str]:
    return set() if state is None else {condition["code"] for condition in state["conditions"]}


def test_one_that_is_absent_is_missed_aloud_and_watched_as_soon_as_it_comes(tmp_path: Path) -> None:
    sources = ["--source", f"serial:{tmp_path}/left", "--source", f"serial:{tmp_path}/right?id=right-calf"]
    with ExitStack() as stack:
        plugged_in = stack.enter_context(board(LEFT, tmp_path / "left"))
        running = stack.enter_context(session(tmp_path / "data", *sources))
        states = stack.enter_context(running.states())
        running.until(
            lambda: running.recorded("left-calf") > 4000 and "NO_DATA" in codes(states.get("right-calf"))
        )
        [missed] = [c for c in states["right-calf"]["conditions"] if c["code"] == "NO_DATA"]
        assert "is the sensor plugged in?" in missed["text"]
        assert "right-calf  " in running.said
        assert running.recorded("right-calf") == 0
        stack.enter_context(board(RIGHT, tmp_path / "right"))
        running.until(
            lambda: (
                running.recorded("right-calf") > 4000
                and "NO_DATA" not in codes(states["right-calf"]) | codes(states["left-calf"])
            )
        )
        # The other was never named but by itself: a monitor that starts anew misses it by that name.
        boot_id = states["left-calf"]["boot_id"]
        plugged_in.close()
        os.kill(running.monitor(0), signal.SIGKILL)
        running.until(
            lambda: states["left-calf"]["boot_id"] != boot_id and "NO_DATA" in codes(states["left-calf"])
        )
        assert "NO_DATA" not in codes(states["right-calf"])
        assert sorted(path.stem for path in running.folder.glob("outbox/*.sqlite")) == [
            "left-calf",
            "right-calf",
        ]


def test_one_without_a_name_is_waited_for_and_two_of_one_name_are_refused(tmp_path: Path) -> None:
    arguments = [word for name in ("a", "b", "c") for word in ("--source", f"serial:{tmp_path}/{name}")]
    with ExitStack() as stack:
        stack.enter_context(board(LEFT, tmp_path / "a"))
        stack.enter_context(board(LEFT, tmp_path / "b"))
        running = stack.enter_context(session(tmp_path / "data", *arguments))
        running.until(lambda: running.recorded("left-calf") > 4000)
        running.until(lambda: "another monitor already watches one of this name" in running.said)
        assert "sensor 3  not there yet: serial port" in running.said
        stack.enter_context(board(RIGHT, tmp_path / "c"))
        running.until(lambda: running.recorded("right-calf") > 4000)
        assert len(list(running.folder.glob("nights/*_left-calf/*.edf"))) == 1


def test_swapped_sensors_are_refused_and_said(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f"""
        [[sensors]]
        source = "serial:{tmp_path}/one"
        id = "left-calf"
        hardware = "{LEFT.hardware_id}"
        [[sensors]]
        source = "serial:{tmp_path}/two"
        id = "right-calf"
        hardware = "{RIGHT.hardware_id}"
        """
    )
    with ExitStack() as stack:
        stack.enter_context(board(RIGHT, tmp_path / "one"))
        stack.enter_context(board(LEFT, tmp_path / "two"))
        running = stack.enter_context(session(tmp_path / "data", "--settings", settings))
        states = stack.enter_context(running.states())
        running.until(
            lambda: all("NO_DATA" in codes(states.get(name)) for name in ("left-calf", "right-calf"))
        )
        running.until(
            lambda: f"got {RIGHT.hardware_id}" in running.said and f"got {LEFT.hardware_id}" in running.said
        )
        assert list(running.folder.glob("nights/*")) == []


def test_a_session_that_cannot_tell_its_sensors_apart_does_not_begin(tmp_path: Path) -> None:
    sources = ["--source", "serial:/dev/ttyNONE", "--source", "serial:/dev/ttyNONE?baud=9600"]
    done = subprocess.run(
        [sys.executable, "-m", "crampwatch", "run", "--no-browser", *sources],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1
    assert "crampwatch: sensors: expected an address for each" in done.stderr
