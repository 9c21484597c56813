"""Signs of life: whole or not there, never fresher than they are."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import sign_of_life
from detector.sign_of_life import Sign, SignOfLife, read_sign, sign_valid_s
from firmware_bridge.clock import Clock

CLOCK = Clock()


def test_a_sign_reads_back_with_its_age_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "run" / "left-calf.alive"
    signs = SignOfLife(path, CLOCK, "b1")
    assert signs.beat(watching=True, last_good_age_ms=12)
    sign = read_sign(path, CLOCK.mono_s())
    assert sign is not None
    assert sign.age_s is not None
    assert 0 <= sign.age_s < 1
    assert replace(sign, age_s=0.0) == Sign("b1", 0, 0.0, watching=True, last_good_age_ms=12)
    assert sign.is_fresh(CLOCK)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["left-calf.alive"]


def test_a_second_brings_one_sign_however_often_it_is_asked_for(tmp_path: Path) -> None:
    signs = SignOfLife(tmp_path / "a.alive", CLOCK, "b1")
    assert [signs.beat(watching=True) for _ in range(3)] == [True, False, False]


def test_an_old_sign_is_not_fresh_and_one_from_the_future_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.alive"
    SignOfLife(path, CLOCK, "b1").beat(watching=True)
    now_s = CLOCK.mono_s()
    old = read_sign(path, now_s + 10.5)
    early = read_sign(path, now_s - 3600)
    assert old is not None
    assert not old.is_fresh(CLOCK)
    assert early is not None
    assert early.age_s is None
    assert not early.is_fresh(CLOCK)


def test_a_sign_of_another_start_of_the_computer_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.alive"
    SignOfLife(path, CLOCK, "b1").beat(watching=True)
    content = json.loads(path.read_bytes()) | {"host_boot": "another"}
    path.write_text(json.dumps(content))
    sign = read_sign(path, CLOCK.mono_s())
    assert sign is not None
    assert sign.age_s is None


def test_a_process_that_ends_as_told_leaves_no_sign(tmp_path: Path) -> None:
    signs = SignOfLife(tmp_path / "a.alive", CLOCK, "b1")
    signs.beat(watching=True)
    signs.end()
    signs.end()
    assert read_sign(tmp_path / "a.alive", CLOCK.mono_s()) is None


def test_a_disk_that_takes_no_further_file_still_takes_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_of_life, "_EVERY_S", 0.0)
    monkeypatch.setattr(sign_of_life, "_LEAST_EVERY_S", 0.0)
    path = tmp_path / "m.alive"
    signs = SignOfLife(path, CLOCK, "b00t")
    assert signs.beat(watching=True, last_good_age_ms=123456)
    opened = os.open

    def no_new_file(file: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(file, flags, mode)

    monkeypatch.setattr(os, "open", no_new_file)
    assert signs.beat(watching=False, last_good_age_ms=7)
    assert signs.failures == 0
    sign = read_sign(path, CLOCK.mono_s())
    assert sign is not None
    assert (sign.seq, sign.watching, sign.last_good_age_ms) == (1, False, 7)


def test_a_sign_that_cannot_be_written_is_counted_and_nothing_is_raised(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    signs = SignOfLife(tmp_path / "file" / "a.alive", CLOCK, "b1")
    assert not signs.beat(watching=True)
    assert signs.failures == 1


@given(
    content=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["boot_id", "host_boot", "mono_s", "seq", "watching", "last_good_age_ms"]),
                inner,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_lies_there_is_a_sign_or_none(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.alive"
    path.write_bytes(content)
    sign = read_sign(path, 100.0)
    assert sign is None or sign.age_s is None or sign.age_s >= 0


def test_a_reader_never_sees_half_a_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_of_life, "_EVERY_S", 0.0)
    monkeypatch.setattr(sign_of_life, "_LEAST_EVERY_S", 0.0)
    path = tmp_path / "a.alive"
    signs = SignOfLife(path, CLOCK, "b" * 1000)
    signs.beat(watching=True)
    over = threading.Event()

    def write() -> None:
        for number in range(400):
            signs.beat(watching=True, last_good_age_ms=10**number)
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = [read_sign(path, CLOCK.mono_s())]
    while not over.is_set():
        seen.append(read_sign(path, CLOCK.mono_s()))
    writer.join()
    assert None not in seen
    numbers = [sign.seq for sign in seen if sign is not None]
    assert numbers == sorted(numbers)


def test_a_killed_process_falls_silent_for_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.alive"
    script = (
        "import sys, time, pathlib; from detector.sign_of_life import SignOfLife;"
        "from firmware_bridge.clock import Clock; clock = Clock.from_text(sys.argv[2]);"
        "signs = SignOfLife(pathlib.Path(sys.argv[1]), clock, 'b1');\n"
        "while True: signs.beat(watching=True); print(flush=True); time.sleep(0.02)"
    )
    clock = Clock(rate=20.0)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path), clock.to_text()],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        sign = read_sign(path, clock.mono_s())
        assert sign is not None
        assert sign.is_fresh(clock)
        process.kill()
        process.wait()
    last = read_sign(path, clock.mono_s())
    assert last is not None
    assert last.age_s is not None
    assert not replace(last, age_s=last.age_s + sign_valid_s(clock)).is_fresh(clock)
