"""A PostgreSQL server of the tests' own: a cluster in a temporary folder, on this machine alone, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

USER, PASSWORD = "clinic", "not-the-households"
# Debian's package makes this user; the server refuses to run as root.
_OTHER_THAN_ROOT = "postgres"


class Server:
    """An address and a way to begin anew."""

    def __init__(self, port: int) -> None:
        self.address = f"postgresql://{USER}@127.0.0.1:{port}/postgres"

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.address, password=PASSWORD, autocommit=True)

    def empty(self) -> None:
        """Forget every table, and everybody who is still connected."""
        with self.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")


@contextmanager
def running(programs: str) -> Iterator[Server]:
    """Run a server; ``programs`` is the folder of initdb and pg_ctl."""
    folder = Path(tempfile.mkdtemp(prefix="crampwatch-postgresql-"))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if os.getuid() == 0:
        other = pwd.getpwnam(_OTHER_THAN_ROOT)
        for path in (folder, secret):
            os.chown(path, other.pw_uid, other.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    cluster = str(folder / "cluster")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    try:
        _run(
            f"{programs}/initdb", "-D", cluster, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-N"
        )
        _run(f"{programs}/pg_ctl", "-D", cluster, "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            yield Server(port)
        finally:
            _run(f"{programs}/pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _run(*command: str) -> None:
    # As root, by somebody else, since the server refuses root.
    other = _OTHER_THAN_ROOT if os.getuid() == 0 else None
    subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, check=True, user=other, group=other)
