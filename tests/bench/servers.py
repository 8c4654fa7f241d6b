"""The servers that are compared: each in a process of its own, with the processor time it has used."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from service import settings
from service.kernel.signing import kept_keys
from tests.bench import load
from tests.roles import environment_of

POOL_SIZE = 10
"""Database connections of every server: what the product has when nothing is set."""

_ROOT = Path(__file__).parents[2]
_START_SECONDS = 30
_STOP_SECONDS = 5
_TICK = 1 / os.sysconf("SC_CLK_TCK")
_UTIME, _CHILDREN_STIME = 11, 15  # Of the fields behind the name in /proc/PID/stat.


class Server(NamedTuple):
    """A server that answers on a port; `name` is its target."""

    name: str
    port: int
    pid: int


@contextmanager
def serving(target: str, dsn: str, *, core: int, log: Path) -> Generator[Server]:
    """Gives a running server, whose standard error goes to a file; ends it and its workers afterwards."""
    with socket.create_server((load.HOST, 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.bench.serve", target, str(port), str(core)]
    key = log.with_name("audit.key")
    kept_keys(key)
    environment = {
        "PATH": os.defpath,
        **(environment_of(dsn) if target == "product" else {f"{settings.PREFIX}DATABASE_URL": dsn}),
        f"{settings.PREFIX}POOL_SIZE": str(POOL_SIZE),
        f"{settings.PREFIX}AUDIT_KEY_FILE": str(key),
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=_ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _await_answer(process, port, log)
        yield Server(target, port, process.pid)
    finally:
        _end(process)


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    request = b"GET /healthz HTTP/1.1\r\nhost: bench\r\n\r\n"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            load.fetched(port, request)
        except (OSError, EOFError, TimeoutError):
            time.sleep(0.05)
        else:
            return
    words = log.read_text(errors="replace")[-2000:]
    raise SystemExit(f"{process.args} did not answer in {_START_SECONDS} s: {words}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the group of the process, which holds its workers and nothing else."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(_STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def processor_seconds(pid: int) -> float:
    """Gives the processor time that a process and its children, living and ended, have used."""
    fields = _stat(pid)
    ticks = sum(int(field) for field in fields[_UTIME:_CHILDREN_STIME])
    for child in children(pid):
        ticks += sum(int(field) for field in _stat(child)[_UTIME : _UTIME + 2])
    return ticks * _TICK


def children(pid: int) -> list[int]:
    """Gives the living children of a process."""
    found = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    return [each for each in found if _stat(each)[1:2] == [str(pid)]]


def _stat(pid: int) -> list[str]:
    """Gives the fields of a process behind its name; none when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
