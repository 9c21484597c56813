"""A board whose firmware runs in a simulated ATmega328P, on a pseudo-terminal (simulation/board_in_simavr.c)."""

from __future__ import annotations

import re
import subprocess
import threading
import time
import zlib
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from tests.firmware_bridge.device.firmware_build import BUILD

Counts = npt.NDArray[np.int16]

# No simulated second takes so long, on however busy a machine.
PATIENCE_S = 60.0
EEPROM_BYTES = 1024
# Where the firmware keeps its id, and what goes into that one's check sum (identity.cpp, eeprom_memory.cpp).
_ID_AT, _LAYOUT = 4, b"\x01"


class PinChange(NamedTuple):
    """The vibration or the light went on or off, at a simulated second."""

    at_s: float
    pin: str
    on: bool


class SimavrBoard:
    """Runs a firmware from its first open port to `close`.

    Args:
        elf: The firmware.
        folder: Where its signals and its EEPROM are put.
        emg: What the ADC sees, ``[millisecond, channel]``, in the firmware's own counts.
        acceleration: What the accelerometer measures, ``[reading, 3]``, in the firmware's own counts.
        accelerometer: ``lis3dh``, ``adxl345`` or ``none``.
        speed: Simulated seconds a second; 0 is as fast as it goes.
        hardware_id: In its EEPROM; None is a new board, which takes a second to make one.
        reference_mv: What the ADC compares with.
        battery_pin_mv: Voltage on the pin A2.
    """

    def __init__(
        self,
        elf: Path,
        folder: Path,
        *,
        emg: Counts | None = None,
        acceleration: Counts | None = None,
        accelerometer: str = "lis3dh",
        speed: float = 0,
        hardware_id: str | None = "00c0ffee00c0ffee",
        reference_mv: int = 5000,
        battery_pin_mv: int = 0,
    ) -> None:
        self._eeprom = folder / "eeprom.bin"
        if hardware_id is not None and not self._eeprom.exists():
            self._eeprom.write_bytes(eeprom_of(hardware_id))
        options = ["-m", accelerometer, "-s", str(speed), "-r", str(self._eeprom)]
        options += ["-v", str(reference_mv), "-b", str(battery_pin_mv)]
        if emg is not None:
            options += ["-e", _written(folder / "emg.s16", emg), "-c", str(emg.shape[1])]
        if acceleration is not None:
            options += ["-a", _written(folder / "acceleration.s16", acceleration)]
        self._process: subprocess.Popen[str] = subprocess.Popen(
            [str(BUILD / "board_in_simavr"), *options, str(elf)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said: list[str] = []
        self._told = threading.Condition()
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,))
        self._listener.start()
        self.port = self._wait(r"port (\S+)")[1]

    @property
    def pin_changes(self) -> list[PinChange]:
        """What vibration and light have done since the start."""
        with self._told:
            found = [re.fullmatch(r"([\d.]+) (vibration|light) ([01])", line) for line in self._said]
        return [PinChange(float(m[1]), m[2], m[3] == "1") for m in found if m is not None]

    def wait_for_pin(self, pin: str, *, on: bool) -> PinChange:
        """Wait until a pin has last gone on, or off; return when."""
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            changes = [change for change in self.pin_changes if change.pin == pin]
            if changes and changes[-1].on == on:
                return changes[-1]
            time.sleep(0.01)
        raise AssertionError(f"{pin} never went {'on' if on else 'off'}: {self.pin_changes}")

    def press(self, duration_ms: int) -> None:
        """Hold the button down for so many simulated milliseconds."""
        self._command(f"press {duration_ms}")

    def reset(self, cause: str) -> None:
        """Start the chip anew: ``power``, ``brown-out`` or ``line``."""
        self._command(f"reset {cause}")

    def hang(self) -> None:
        """Let the program run astray into an endless loop."""
        self._command("hang")

    def accelerometer(self, how: str) -> None:
        """Take the accelerometer ``off`` its bus, put it back ``on``, or ``reset`` it alone."""
        self._command(f"accelerometer {how}")

    def set_pin(self, pin: str, *, high: bool) -> None:
        """Set an input, by the chip's own name, such as D7."""
        self._command(f"pin {pin}={high:d}")

    def cost(self) -> dict[str, float]:
        """End the simulation; return what the firmware took: ``asleep`` (a share), ``stack`` and interrupts (µs)."""
        self.close()
        found = (re.match(r"(?:interrupt )?(\w+) ([\d.]+)", line) for line in self._said)
        return {match[1]: float(match[2]) for match in found if match is not None}

    def close(self) -> None:
        """End the simulation; may be called twice."""
        if self._process.poll() is None:
            self._command("quit")
            self._process.wait(PATIENCE_S)
        self._listener.join(PATIENCE_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def kill(self) -> None:
        """Pull the cable and the battery at once."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _command(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def _listen(self, output: IO[str]) -> None:
        for line in output:
            with self._told:
                self._said.append(line.strip())
                self._told.notify_all()

    def _wait(self, pattern: str) -> re.Match[str]:
        def found() -> re.Match[str] | None:
            return next((match for line in self._said if (match := re.fullmatch(pattern, line))), None)

        with self._told:
            match = self._told.wait_for(found, PATIENCE_S)
        assert match, f"the simulator never said {pattern}: {self._said}"
        return match


def eeprom_of(hardware_id: str) -> bytes:
    """Return the EEPROM of a board that has this id and has never been started."""
    unique = bytes.fromhex(hardware_id)
    sealed = unique + zlib.crc32(_LAYOUT + unique).to_bytes(4, "little")
    return (b"\xff" * _ID_AT + sealed).ljust(EEPROM_BYTES, b"\xff")


def _written(path: Path, values: npt.NDArray[Any]) -> str:
    path.write_bytes(np.ascontiguousarray(values, "<i2").tobytes())
    return str(path)
