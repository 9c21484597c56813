"""One session a folder, whoever dies how."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crampwatch.session_lock import SessionLockError, is_in_use, only_session

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")

HOLD = """
import sys
from pathlib import Path
from crampwatch.session_lock import only_session
with only_session(Path(sys.argv[1])):
    print("have it", flush=True)
    sys.stdin.read()
"""


def test_a_second_session_is_refused_by_the_firsts_number_until_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"have it\n"
        assert is_in_use(tmp_path)
        with (
            pytest.raises(SessionLockError, match=rf"process {first.pid}\) uses it.*--folder"),
            only_session(tmp_path),
        ):
            pass
        first.kill()
    assert not is_in_use(tmp_path)
    with only_session(tmp_path):
        assert is_in_use(tmp_path)
    assert not is_in_use(tmp_path)


def test_a_folder_without_a_session_is_free(tmp_path: Path) -> None:
    assert not is_in_use(tmp_path)
    assert not is_in_use(tmp_path / "absent")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SessionLockError, match="cannot be written"), only_session(tmp_path / "absent"):
        pass


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_whatever_lies_in_the_locks_place_stops_no_night(tmp_path: Path) -> None:
    lock = tmp_path / "session.lock"
    lock.mkdir()
    with only_session(tmp_path):
        assert is_in_use(tmp_path)
    assert len(list(tmp_path.glob("session.lock.bad-*"))) == 1
    lock.chmod(0)
    with only_session(tmp_path):
        assert lock.stat().st_mode & 0o777 == 0o600
    assert not is_in_use(tmp_path)
