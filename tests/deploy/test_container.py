"""The container and the add-on say what is true of this project: files that exist, one version, no secret, one port."""

from __future__ import annotations

import json
import os
import re
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from crampwatch.pages_settings import DEFAULT_PORT, DEFAULT_TLS_PORT
from crampwatch.settings import load_settings
from deploy.container.is_well import PAGE, is_well

ROOT = Path(__file__).resolve().parents[2]
CONTAINER = (ROOT / "deploy/container/Containerfile").read_text(encoding="utf-8")
ADDON = ROOT / "deploy/home-assistant-addon"


def _addon() -> dict[str, Any]:
    loaded = yaml.safe_load((ADDON / "config.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def _begin() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "begin"}
    exec(compile((ADDON / "begin.py").read_text(encoding="utf-8"), "begin.py", "exec"), names)
    return names


def test_all_that_the_container_copies_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE)
    files = [name for names in copied for name in names.split()]
    assert "constraints" in files
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_the_container_installs_by_hash_and_is_not_root_and_publishes_the_encrypted_port_alone() -> None:
    assert "prepare_venv.sh" in CONTAINER
    assert "--require-hashes" in (ROOT / "build_hooks/prepare_venv.sh").read_text(encoding="utf-8")
    assert re.findall(r"^USER (\S+)$", CONTAINER, re.MULTILINE) == ["crampwatch"]
    assert re.findall(r"^EXPOSE (\S+)$", CONTAINER, re.MULTILINE) == [str(DEFAULT_TLS_PORT)]


def test_the_health_check_tells_a_page_from_none() -> None:
    assert f":{DEFAULT_PORT}/" in PAGE

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 500)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert is_well(f"{address}/")
        assert not is_well(f"{address}/broken")
        server.shutdown()
    assert not is_well(f"{address}/")


def test_the_add_on_is_of_this_version_and_brings_no_password() -> None:
    version = re.search(
        r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert version is not None
    assert _addon()["version"] == version[1]
    assert _addon()["options"]["password"] is None
    assert set(_addon()["options"]) == set(_addon()["schema"])
    assert list(_addon()["ports"]) == [f"{DEFAULT_TLS_PORT}/tcp"]
    assert set(_addon()["arch"]) == {"amd64", "aarch64"}


@pytest.mark.parametrize("name", ["homeassistant.local", 'a"b\\c'])
def test_the_add_ons_options_become_settings(name: str, tmp_path: Path) -> None:
    options = _addon()["options"] | {"name": name, "broker_url": ""}
    path = tmp_path / "settings.toml"
    path.write_text(_begin()["settings_text"](options, Path("/data")), encoding="utf-8")
    path.chmod(0o600)
    loaded = load_settings(path)
    assert loaded.dashboard.name == name
    assert loaded.dashboard.host == "0.0.0.0"
    assert loaded.dashboard.key == "/data/tls/server.key"


def test_without_a_password_the_add_on_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = _begin()
    (tmp_path / "options.json").write_text(json.dumps(_addon()["options"]))
    monkeypatch.setitem(names["main"].__globals__, "DATA", tmp_path)
    with pytest.raises(SystemExit, match="set a password"):
        names["main"]()
    assert not (tmp_path / "settings.toml").exists()


def test_supervisor_asks_for_nothing_that_the_pages_refuse() -> None:
    # It puts the container's address where the name belongs, and a page that is asked by that answers 403.
    assert _addon()["watchdog"] == f"tcp://[HOST]:[PORT:{DEFAULT_TLS_PORT}]"


def test_the_add_on_begins_again_with_another_name_and_its_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = _begin()
    monkeypatch.setitem(names["main"].__globals__, "DATA", tmp_path)
    # As it is in the container: the command is in the path.
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "crampwatch").write_text(f'#!/bin/sh\nexec {sys.executable} -m crampwatch "$@"\n')
    (commands / "crampwatch").chmod(0o700)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    begun: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _file, arguments: begun.append(arguments))
    options = _addon()["options"] | {"password": "a long password"}
    authorities = []
    for name in ("homeassistant.local", "other.local"):
        (tmp_path / "options.json").write_text(json.dumps(options | {"name": name}))
        names["main"]()
        authorities.append((tmp_path / "tls" / "ca.crt").read_bytes())
        certificate = ssl._ssl._test_decode_cert(str(tmp_path / "tls" / "server.crt"))  # type: ignore[attr-defined]
        assert certificate["subjectAltName"] == (("DNS", name),)
    assert authorities[0] == authorities[1]
    assert begun[0][:2] == ["crampwatch", "run"]
    (tmp_path / "options.json").write_text(json.dumps(options | {"password": "short"}))
    with pytest.raises(SystemExit, match="account add"):
        names["main"]()
    assert len(begun) == 2
