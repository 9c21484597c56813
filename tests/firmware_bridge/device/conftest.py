"""What the firmware's tests share: built programs, and boards in the simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.firmware_bridge.device.firmware_build import BUILD, build
from tests.firmware_bridge.device.simavr_board import SimavrBoard


@pytest.fixture(scope="session")
def host_programs() -> Path:
    """Folder of the programs built from host_tests/, under the sanitizers."""
    build("host-tests")
    return BUILD / "host"


@pytest.fixture(scope="session")
def firmware_elf() -> Path:
    """The firmware as it is flashed, beside the simulator that runs it."""
    build("firmware", "simulator")
    return BUILD / "crampwatch_sensor_uno.elf"


@pytest.fixture(scope="session")
def two_channels_elf() -> Path:
    """The firmware of a board that has everything wired."""
    build("firmware", "simulator", "NAME=two_channels", "CONFIG=simulation/two_channels.h")
    return BUILD / "two_channels.elf"


@pytest.fixture
def start_board(tmp_path: Path) -> Iterator[Callable[..., SimavrBoard]]:
    """Starter of simulated boards, which end with the test."""
    with ExitStack() as boards:

        def start(elf: Path, **options: object) -> SimavrBoard:
            return boards.enter_context(SimavrBoard(elf, tmp_path, **options))  # type: ignore[arg-type]

        yield start
