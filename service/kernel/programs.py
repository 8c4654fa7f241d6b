"""PostgreSQL's own pg_dump and pg_restore: found in the version of the server, and run."""

import asyncio
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import unquote

from service import settings as configuration
from service.kernel.embedded import EmbeddedError, find_binaries

_LOGIN = re.compile(r"(?P<user>\w+://[^:@/?]*):(?P<password>[^/?]*)(?=@)")
_VERSION = re.compile(rb"\(PostgreSQL\) (\d+)")
_FAULT = re.compile(r"pg_\w+: (?:error|detail|hint): (.*)")
_LONGEST_LINE = 1 << 20


class BackupError(Exception):
    """Why there is no backup, or none that can be restored, and what to do: one sentence each."""


async def program(name: str, *, major: int, bin_dir: Path | None) -> Path:
    """Give the program in the major version of the server: of `bin_dir`, else the package's or that in PATH.

    In exactly that version. An older one refuses the server; and an archive that a newer one writes can be
    read by that one alone, whose settings an older server does not know. Raises BackupError.
    """
    seen: list[str] = []
    for place in _places(bin_dir):
        found = shutil.which(name, path=place)
        if found is not None:
            version = await _major(found)
            if version == major:
                return Path(found)
            seen.append(f"{found} is of version {version}")
    raise BackupError(
        f"The server is a PostgreSQL {major}, and no {name} of that version was found"
        f"{''.join(f'; {each}' for each in seen)}. "
        f"Install the client programs of PostgreSQL {major} and set TENUN_PG_BIN to their folder."
    )


async def run(command: Sequence[str | Path], *, dsn: str, heard: Callable[[str], None]) -> None:
    """Run a program on a database until it ends; `heard` gets each line that it says.

    The password travels in the environment: a command line is there for all users of the machine to read.
    Raises BackupError with what the program said was wrong.
    """
    address, environment = _apart(dsn)
    last: deque[str] = deque(maxlen=1)
    faults: list[str] = []
    async with _started([*command, f"--dbname={address}"], environment) as process:
        async for line in _lines(process):
            last.append(line)
            faults.extend(_FAULT.findall(line))
            heard(line)
        if await process.wait() != 0:
            said = "; ".join(faults).rstrip(".") or "".join(last) or "nothing"
            raise BackupError(
                f"{Path(command[0]).name} failed and said: {said}. Remove the cause and repeat."
            )


def _places(bin_dir: Path | None) -> list[str | None]:
    if bin_dir is not None:
        return [str(bin_dir)]
    places: list[str | None] = [None]  # PATH
    with suppress(EmbeddedError):
        places.insert(0, str(find_binaries(None)))
    return places


async def _major(found: str) -> int:
    process = await asyncio.create_subprocess_exec(found, "--version", stdout=PIPE, stderr=DEVNULL)
    said, _ = await process.communicate()
    version = _VERSION.search(said)
    return int(version[1]) if version else 0


def _apart(dsn: str) -> tuple[str, dict[str, str]]:
    """Give an address without its password, and the environment that holds it instead.

    A name of several hosts means the primary, as for asyncpg; messages are in English, to be understood here.
    """
    values = {"LC_ALL": "C", "PGTARGETSESSIONATTRS": "primary"}
    login = _LOGIN.match(dsn)
    if login is not None:
        values["PGPASSWORD"] = unquote(login["password"])
        dsn = login["user"] + dsn[login.end() :]
    return dsn, configuration.environment(**values)


@asynccontextmanager
async def _started(
    command: Sequence[str | Path], environment: dict[str, str]
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Give a running program, which does not outlive the context."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, limit=_LONGEST_LINE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()  # It cancels its statement before it ends.
            await process.wait()


async def _lines(process: asyncio.subprocess.Process) -> AsyncGenerator[str]:
    if process.stderr is not None:
        async for line in process.stderr:
            yield line.decode(errors="replace").rstrip()
