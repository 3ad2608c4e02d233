"""A PostgreSQL server of the tests' own: a temporary folder, a socket in it, an unprivileged user, no port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_NAMES = count(1)
_ROOM = 2**30  # bytes


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl: where pg_config says, else the newest of the Debian layout."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(said.stdout.strip()))
    return next((p for p in places if (p / "initdb").is_file() and (p / "pg_ctl").is_file()), None)


class Server:
    """A running server; `database` gives the address of an empty ledger: a schema, which is quicker than a database."""

    def __init__(self, folder: Path, bin_: Path, run: list[str]) -> None:
        self.folder, self._bin, self._run = folder, bin_, run

    def database(self) -> str:
        name = f"ledger_{next(_NAMES)}"
        place = f"postgresql://ledger@/postgres?host={self.folder}"
        self.tool("psql", "-q", "-d", place, "-c", f"CREATE SCHEMA {name}")
        return f"{place}&search_path={name}"

    def tool(self, name: str, *args: str) -> None:
        done = subprocess.run(
            [*self._run, str(self._bin / name), *args], cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{name}: {done.stdout}"

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c shared_buffers=16MB -c max_connections=60"
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self.tool("pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        self.tool("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")


def _quick_folder() -> str:
    """Memory where there is enough: what is killed in these tests are processes, not the machine."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM:
        return str(memory)
    return "/tmp"


@contextmanager
def server() -> Iterator[Server | None]:
    """A server while the block runs; None where PostgreSQL is not installed."""
    bin_ = binaries()
    if bin_ is None:
        yield None
        return
    # A socket's path must be short, and initdb refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="scpg", dir=_quick_folder()))
    run: list[str] = []
    try:
        if os.geteuid() == 0:
            users = {entry.pw_name: entry for entry in pwd.getpwall()}
            user = users.get("postgres") or users["nobody"]
            os.chown(folder, user.pw_uid, user.pw_gid)
            run = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        found = Server(folder, bin_, run)
        data = str(folder / "data")
        found.tool("initdb", "-D", data, "-U", "ledger", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        found.start()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
