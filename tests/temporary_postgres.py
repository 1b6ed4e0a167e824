"""A PostgreSQL server of our own, for as long as the tests run."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def find_programs() -> Path | None:
    """Return the directory of PostgreSQL's server programs, or ``None`` where there are none."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    found = str(installed[-1]) if installed else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def running(programs: Path) -> Iterator[dict[str, str]]:
    """
    Start a server that listens on a socket in a new directory only, and stop it afterwards.

    Yield the environment variables that lead a client to it.

    :raises subprocess.CalledProcessError: if the server does not start.
    """
    # Sockets have short paths, so not below the clone.
    directory = Path(tempfile.mkdtemp(prefix="llm-pg-", dir="/tmp"))
    account = _unprivileged()
    if account:
        shutil.chown(directory, account["user"], account["group"])
    data = directory / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), *arguments]
        subprocess.run(command, check=True, cwd=directory, stdout=subprocess.DEVNULL, **account)

    try:
        run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        log = str(directory / "log")
        run("pg_ctl", "-D", str(data), "-w", "-l", log, "-o", f"{OPTIONS} -k {directory}", "start")
        try:
            yield {"PGHOST": str(directory), "PGUSER": "postgres", "PGPASSWORD": "", "PGPORT": ""}
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _unprivileged() -> dict:
    """Return whom to run the server as: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is no other account to run it.")
