"""A MariaDB server of our own, for as long as the tests run."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPTIONS = (
    "--skip-networking",
    "--skip-log-bin",
    "--max-connections=300",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
)
PATIENCE = 60
"""Seconds that the server may take to start."""


def find_programs() -> Path | None:
    """Return MariaDB's server program, or ``None`` where its programs are not all installed."""
    folders = f"{os.environ.get('PATH', '')}:/usr/sbin"  # which is on the path of root alone
    names = ("mariadbd", "mariadb-install-db", "mariadb-admin")
    found = [shutil.which(name, path=folders) for name in names]
    return Path(found[0]) if found[0] and all(found) else None


@contextmanager
def running(server: Path) -> Iterator[dict[str, str]]:
    """
    Start a server that listens on a socket in a new directory only, and stop it afterwards.

    Yield the environment variables that lead a client to it.

    :raises RuntimeError: if the server does not start.
    """
    # Sockets have short paths, so not below the clone.
    directory = Path(tempfile.mkdtemp(prefix="llm-my-", dir="/tmp"))
    data, socket = directory / "data", directory / "socket"
    # It does not run as root unless it is told to.
    account = ("--user=root",) if os.geteuid() == 0 else ()
    common = ("--no-defaults", *account, f"--datadir={data}")
    install = ("mariadb-install-db", *common, "--auth-root-authentication-method=normal")
    start = (server, *common, *OPTIONS, f"--socket={socket}", f"--pid-file={directory / 'pid'}")
    try:
        subprocess.run(install, check=True, cwd=directory, stdout=subprocess.DEVNULL)
        with (directory / "log").open("w") as log:
            process = subprocess.Popen(start, cwd=directory, stdout=log, stderr=log)
        try:
            _wait_for(process, socket)
            yield {"MYSQL_UNIX_PORT": str(socket), "MYSQL_USER": "root", "MYSQL_PASSWORD": ""}
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _wait_for(process: subprocess.Popen, socket: Path) -> None:
    command = ["mariadb-admin", "--no-defaults", "--user=root", f"--socket={socket}", "ping"]
    end = time.monotonic() + PATIENCE
    while subprocess.run(command, check=False, capture_output=True).returncode != 0:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError((socket.parent / "log").read_text()[-500:])
        time.sleep(0.1)
