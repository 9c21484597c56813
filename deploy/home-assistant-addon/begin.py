"""Begins crampwatch as a Home Assistant add-on: its options become settings, a certificate and an account.

The options are those of `config.yaml`; Home Assistant writes them to ``/data/options.json``. Nothing is exposed without
the certificate and the password.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

DATA = Path("/data")
# Of the base station's broker and sensor: what is not asked here stays at its default.
_SETTINGS = """[dashboard]
open_browser = false
host = "0.0.0.0"
name = {name}
certificate = {certificate}
key = {key}

[broker]
url = {broker_url}
"""


def settings_text(options: dict[str, str], folder: Path) -> str:
    """Return the settings file for the options."""
    values = {
        "name": options["name"],
        "certificate": str(folder / "tls" / "server.crt"),
        "key": str(folder / "tls" / "server.key"),
        "broker_url": options.get("broker_url") or "",
    }
    # A JSON string is a TOML string.
    return _SETTINGS.format(**{key: json.dumps(value) for key, value in values.items()})


def _run(*arguments: str, said: str = "") -> None:
    """Run one of our own commands, and end where it fails: it has said what is wrong with the options."""
    done = subprocess.run(
        ["crampwatch", *arguments], input=said, text=True, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        sys.exit(f"crampwatch: `{' '.join(arguments[:2])}` failed: correct the add-on's configuration")


def main() -> None:
    """Write the settings, make what is missing, and become crampwatch."""
    options = json.loads((DATA / "options.json").read_text(encoding="utf-8"))
    if not options.get("password"):
        sys.exit("crampwatch: set a password in the add-on's configuration: its pages ask for it")
    os.umask(0o077)
    settings = DATA / "settings.toml"
    settings.write_text(settings_text(options, DATA), encoding="utf-8")
    folder = ["--folder", str(DATA)]
    # At every start: the name may be another one, and no certificate lasts for ever. Its authority, which phones know,
    # stays the same.
    _run("tls", "init", options["name"], "--out", str(DATA / "tls"))
    _run("account", "add", options["user"], "--role", "sleeper", *folder, said=f"{options['password']}\n")
    source = ["--source", options["source"]]
    # A fixed command and no shell: this process becomes crampwatch.
    os.execvp(  # noqa: S606
        "crampwatch", ["crampwatch", "run", "--settings", str(settings), "--no-browser", *folder, *source]
    )


if __name__ == "__main__":
    main()
