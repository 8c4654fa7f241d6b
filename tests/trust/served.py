"""The service as an operator runs it: processes on a folder, which may be killed and started again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import asyncpg

from service.kernel import embedded

_TENUN = (sys.executable, "-m", "service")
_REPOSITORY = Path(__file__).parents[2]
_READY = "Tenun is ready on "
_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'tenun'"
_SECONDS = 60  # For each step; a start on a busy machine recovers PostgreSQL and imports everything anew.


class Served:
    """`serve` on a folder and on a port that stays the same; what it prints goes to a file beside it."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        """Remember the folder and what the environment says besides; nothing runs until `start`."""
        self.folder = folder
        self._command = ["env", *(f"{name}={value}" for name, value in (settings or {}).items()), *_TENUN]
        self.address = ""
        self._log = folder.with_name(f"{folder.name}.log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the service in a process group of its own and returns when it says that it is ready."""
        port = self.address.rpartition(":")[2] or "0"
        with self._log.open("ab") as log:
            before = log.tell()
            self._process = process = subprocess.Popen(
                [*self._command, "serve", "--port", port, "--data-dir", self.folder],
                cwd=_REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: process.poll() is not None or _READY in self._said(before))
        said = self._said(before)
        assert _READY in said, f"the service ended before it was ready: {said}"
        self.address = said.partition(_READY)[2].split()[0]

    def _said(self, before: int) -> str:
        return self._log.read_bytes()[before:].decode(errors="replace")

    def bootstrap(self) -> Any:
        """Gives the first administrator, made by another process beside the running service."""
        arguments = ("bootstrap", "--email", "pengelola@example.org", "--json", "--data-dir", self.folder)
        done = subprocess.run(
            [*_TENUN, *arguments], cwd=_REPOSITORY, capture_output=True, timeout=_SECONDS, check=True
        )
        return json.loads(done.stdout)

    def stop(self) -> int:
        """Stops it with SIGTERM, as an operator does, and gives its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(_SECONDS)

    def kill_service(self) -> None:
        """Kills all processes of the service; PostgreSQL lives on, because it is in no group of ours."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(_SECONDS)

    def kill_worker(self) -> None:
        """Kills the process that answers; the one above it starts another."""
        wait_until(lambda: any(map(_killed, self._workers())))

    def kill_postgres(self) -> None:
        """Kills PostgreSQL's first process; its others end by themselves when they notice."""
        pid = self._postmaster()
        assert pid is not None, "no PostgreSQL runs"
        os.kill(pid, signal.SIGKILL)

    def kill_session(self) -> None:
        """Kills the PostgreSQL process of one connection: the server ends all the others and recovers."""
        wait_until(lambda: any(_killed(row["pid"]) for row in self.rows(_SESSIONS)))

    def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Gives the rows of a statement, past every rule of the service, which must be running."""
        dsn = embedded.start(self.folder / "postgres").dsn("tenun")
        return asyncio.run(fetched(dsn, statement, *arguments))

    def end(self) -> None:
        """Ends every process of the folder, whatever happened to them before."""
        if self._process is not None and self._process.poll() is None:
            self.kill_service()
        pid = self._postmaster()
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
            wait_until(lambda: self._postmaster() is None)

    def peak_memory(self) -> int:
        """Gives the most memory that a process which answers had since it was forgotten, in MB (Linux)."""
        peaks = (Path(f"/proc/{pid}/status").read_text() for pid in self._workers())
        return max(int(text.partition("VmHWM:")[2].split()[0]) for text in peaks) // 1024

    def forget_peak(self) -> None:
        """Begins to measure anew."""
        for pid in self._workers():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _workers(self) -> list[int]:
        """Gives the living children of the service that serve; another one only minds what they share."""
        assert self._process is not None
        command = ["/bin/ps", "-axww", "-o", "pid=,ppid=,stat=,args="]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        rows = [line.split(None, 3) for line in listed]
        return [
            int(pid)
            for pid, parent, state, args in rows
            if int(parent) == self._process.pid and not state.startswith("Z") and "spawn_main" in args
        ]

    def _postmaster(self) -> int | None:
        """Gives the process that PostgreSQL's file names, unless its number is another program's by now."""
        data = (self.folder / "postgres" / "data").resolve()
        file = data / "postmaster.pid"
        pid = file.read_text().partition("\n")[0] if file.exists() else ""
        command = ["/bin/ps", "-ww", "-o", "stat=,args=", "-p", pid or "1"]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        return int(pid) if str(data) in found and not found.startswith("Z") else None


async def fetched(dsn: str, statement: str, *arguments: object) -> list[asyncpg.Record]:
    """Gives the rows of a statement on a connection of its own."""
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


def _killed(pid: int) -> bool:
    """Kills a process and tells whether it was still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    """Waits until something holds; fails when it does not within a minute."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
