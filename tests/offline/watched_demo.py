"""The demo with a page open on it, until its cramp is told, where every packet that would leave is seen.

``python -m tests.offline.watched_demo`` prints what was seen as JSON: how many packets a look at the way out itself
sent, and how many came of a demo with a browser. Exit code 3: this process may not have a network of its own.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import BROWSER_ARGUMENTS, find_chromium
from tests.crampwatch.running import command, free_port, until
from tests.offline.namespace import WayOut, leave

CANNOT = 3
# Nobody's addresses, one of each kind (RFC 5737, RFC 3849), and a port that is for throwing away.
ELSEWHERE = ((socket.AF_INET, "198.51.100.7"), (socket.AF_INET6, "2001:db8:1::7"))
_DISCARD = 9
# The browser calls its maker by itself, whatever page is open: these names are nowhere for it. All others it may ask.
MAKERS = ("google.com", "googleapis.com", "gvt1.com", "gstatic.com")
NOT_ITS_MAKER = "--host-resolver-rules=" + ",".join(
    f"MAP {name} ~NOTFOUND,MAP *.{name} ~NOTFOUND" for name in MAKERS
)
CRAMP_PATIENCE_S = 90.0
# What may come late: a name that is looked up again, a connection that is tried again.
AFTERWARDS_S = 3.0


def proven(way_out: WayOut) -> int:
    """Return how many of the packets sent on purpose were seen."""
    way_out.packets()
    for family, address in ELSEWHERE:
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"seen", (address, _DISCARD))
    return len(way_out.packets())


def played(folder: Path) -> bool:
    """Run the demo, a page open on it, until a cramp is told; say whether it was."""
    port = free_port()
    demo = subprocess.Popen(
        command("demo", "--no-browser", "--port", port, "--folder", folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _serves(port))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(), args=[*BROWSER_ARGUMENTS, NOT_ITS_MAKER]
            )
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/now")
            page.wait_for_selector("#events li[data-alert=cramp]", timeout=CRAMP_PATIENCE_S * 1e3)
            time.sleep(AFTERWARDS_S)
            browser.close()
        return demo.poll() is None
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(CRAMP_PATIENCE_S)


def _serves(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    """Watch, and print what was seen."""
    try:
        leave()
        way_out = WayOut()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no network of our own here: {error}", file=sys.stderr)
        sys.exit(CANNOT)
    seen = proven(way_out)
    with tempfile.TemporaryDirectory() as folder:
        is_told = played(Path(folder))
    packets = way_out.packets()
    first = [packet[:60].hex() for packet in packets[:5]]
    print(json.dumps({"proof": seen, "cramp": is_told, "packets": len(packets), "first": first}))


if __name__ == "__main__":
    main()
