"""What is installed is what was locked: every line by its hash, and what is known of it is asked for."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import audit
import pytest

from tests.house.house import ROOT

LOCKS = sorted((ROOT / "constraints").glob("*.txt"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_of_every_lock_is_a_version_with_hashes(lock: Path) -> None:
    text = re.sub(r"\\\n", " ", lock.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    assert [
        line for line in lines if not (re.match(r"[a-z0-9.-]+==[^\s;]+ ", line) and HASH.search(line))
    ] == []


def test_whatever_installs_installs_by_hash() -> None:
    installing = [
        f"{name}: {line}"
        for name in ("build_hooks/prepare_venv.sh", "Makefile", "deploy/container/Containerfile", ".ci/run")
        if (ROOT / name).is_file()
        for line in (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        if re.search(
            r"(pip|uv pip|^\s*)\s*install\s+(?!--quiet --(?:compile|disable))[^|]*(?:-r|--requirement)\b",
            line,
        )
    ]
    assert len(installing) >= 3
    assert [line for line in installing if "--require-hashes" not in line] == []
    # What CI runs is what a person runs: the same target prepares the same folder.
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def wheel(folder: Path, content: str) -> Path:
    """Make a package of one module and return its wheel."""
    folder.mkdir(parents=True)
    info = "harmless-1.0.dist-info"
    parts = {
        "harmless.py": content,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: harmless\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in parts.items())
    path = folder / "harmless-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**parts, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class Installed(NamedTuple):
    """How pip ended, and what it said."""

    code: int
    said: str


def install(*asked: tuple[Path, Path, Path]) -> list[Installed]:
    """Let pip install from folders by locks into targets, one after the other, asking nobody else."""
    offline = [
        "--isolated",
        "--no-index",
        "--no-deps",
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--no-color",
    ]
    commands = [
        [
            "install",
            *offline,
            "--require-hashes",
            "-r",
            str(lock),
            "--find-links",
            str(folder),
            "--target",
            str(target),
        ]
        for folder, lock, target in asked
    ]
    script = (
        "import contextlib, io, json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pip._internal.cli.main import main\n"
        "for command in json.loads(sys.argv[2]):\n"
        "    with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(said):\n"
        "        code = main(command)\n"
        "    print(json.dumps([code, said.getvalue()]))\n"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script, str(_pip()), json.dumps(commands)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [Installed(*json.loads(line)) for line in outcome.stdout.splitlines()]


def _pip() -> Path:
    """Return pip as Python itself brings it: the tested environment need not have one."""
    import ensurepip

    [bundled] = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    return bundled


def test_a_tampered_wheel_is_refused_and_a_line_without_a_hash_too(tmp_path: Path) -> None:
    sound, tampered = (
        wheel(tmp_path / "sound", "SAFE = True\n"),
        wheel(tmp_path / "tampered", "SAFE = False\n"),
    )
    lock, bare = tmp_path / "lock.txt", tmp_path / "bare.txt"
    lock.write_text(f"harmless==1.0 --hash=sha256:{hashlib.sha256(sound.read_bytes()).hexdigest()}\n")
    bare.write_text("harmless==1.0\n")
    refused, without, taken = install(
        (tampered.parent, lock, tmp_path / "1"),
        (sound.parent, bare, tmp_path / "2"),
        (sound.parent, lock, tmp_path / "3"),
    )
    assert refused.code != 0
    assert "DO NOT MATCH THE HASHES" in refused.said
    assert without.code != 0
    assert "Hashes are required" in without.said
    assert taken.code == 0, taken.said
    assert [path.parent.name for path in tmp_path.rglob("harmless.py")] == ["3"]


def pip_audit(folder: Path, stdout: str, stderr: str = "", code: int = 0) -> str:
    """Return a program that answers as pip-audit would."""
    program = folder / "pip-audit"
    body = f"import sys; sys.stdout.write({stdout!r}); sys.stderr.write({stderr!r}); sys.exit({code})"
    program.write_text(f"#!{sys.executable} -IS\n{body}\n")
    program.chmod(0o700)
    return str(program)


SOUND = {"name": "harmless", "version": "1.0", "vulns": []}
WEAK = {"name": "weak", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found and could not be audited: unknown (1.0)"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SOUND], audit.NOTHING_KNOWN, "0 known weaknesses in 1 packages"),
        ([SOUND, WEAK], audit.KNOWN, "weak 1.0: PYSEC-1, mended in 1.1"),
        ([SOUND, UNKNOWN], audit.NOT_ASKED, "NOT AUDITED, 1 without an answer"),
        ([UNKNOWN, WEAK], audit.KNOWN, "NOT AUDITED, 1 without an answer"),
        ([], audit.NOT_ASKED, "0 known weaknesses in 0 packages"),
    ],
)
def test_an_audit_that_could_not_ask_is_never_one_that_found_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], packages: list[object], code: int, said: str
) -> None:
    # pip-audit says 0 of packages that its service does not know.
    program = pip_audit(tmp_path, json.dumps({"dependencies": packages}), code=int(WEAK in packages))
    assert audit.main([program, "lock.txt"]) == code
    assert said in capsys.readouterr().out


def test_an_audit_without_an_answer_tells_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = pip_audit(tmp_path, "", "ERROR: connection refused\n", 1)
    assert audit.main([program, "lock.txt"]) == audit.NOT_ASKED
    assert "connection refused" in capsys.readouterr().out
    assert audit.main([program]) == audit.USAGE
