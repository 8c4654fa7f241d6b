"""Two PostgreSQL servers, as an operator runs them: one is the primary, the other confirms its commits."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path

import asyncpg

from schema.roles import APP
from service.kernel import embedded
from service.kernel.provision import provide
from tests.roles import PASSWORDS
from tests.trust.served import fetched, wait_until

DATABASE = "tenun"
SYNCHRONOUS = "SELECT FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"


class Server:
    """A server on a folder, which may be killed, frozen and made anew as a copy of another one."""

    def __init__(self, root: Path, bin_dir: Path) -> None:
        """Remember the folder; nothing runs until `launch`."""
        self.root = root
        self._bin_dir = bin_dir
        self._owner: embedded.Cluster | None = None
        self._dsn = ""

    def launch(self) -> None:
        """Starts it on the data it has; the first start of a primary makes them."""
        cluster = embedded.start(self.root, bin_dir=self._bin_dir, durability=embedded.Durability.NONE)
        self._owner = self._owner or cluster
        self._dsn = cluster.dsn(DATABASE)

    def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Gives the rows of a statement, past every rule of the service."""
        return asyncio.run(fetched(self._dsn, statement, *arguments))

    def kill(self) -> None:
        """Kills all its processes at once, as a machine does that loses its power."""
        if not self._is_dead():
            self._signal(signal.SIGKILL)
            wait_until(self._is_dead)

    def freeze(self) -> None:
        """Stops all its processes where they are: connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def follow(self, primary: "Server") -> None:
        """Becomes a copy of the primary that follows it; promoted, it would need nobody to confirm."""
        data = self.root / "data"
        self.root.mkdir(mode=0o700, exist_ok=True)
        (self.root / "starting.lock").touch(mode=0o600)
        shutil.rmtree(data, ignore_errors=True)
        shutil.copy(primary.root / "password", self.root / "password")
        options = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync", f"--pgdata={data}")
        command = [self._bin_dir / "pg_basebackup", *options, f"--dbname={primary.address_for_standby()}"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        with (data / "postgresql.auto.conf").open("a") as settings:
            settings.write("synchronous_standby_names = ''\n")
        self.launch()

    def address_for_standby(self) -> str:
        return self._dsn.replace(f"/{DATABASE}?", "/?")

    def confirm_with(self, standby: str) -> None:
        """Lets every commit wait for the standby of this name, '*' for any, and for nobody without a name."""
        self.rows(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        self.rows("SELECT pg_reload_conf()")

    def prepare(self) -> None:
        """Makes the role and the database that the service is given."""
        admin = self._dsn.replace(f"/{DATABASE}?", "/postgres?")
        asyncio.run(provide(admin, PASSWORDS, database=DATABASE))

    def end(self) -> None:
        """Ends it, whatever happened to it before."""
        if self._owner is not None:
            self.kill()
            self._owner.stop()

    def _signal(self, number: signal.Signals) -> None:
        first = (self.root / "data" / "postmaster.pid").read_text().split()[0]
        command = ["/bin/ps", "-o", "pid=", "--ppid", first]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for pid in (first, *found.split()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), number)

    def _is_dead(self) -> bool:
        """Every process of a server holds this lock."""
        with (self.root / "server.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True


class Pair:
    """A primary and its standby; `dsn` names both and stays the same whoever is which."""

    def __init__(self, folder: Path, bin_dir: Path) -> None:
        """Remember two folders; nothing runs until `start`."""
        self.primary, self.standby = (Server(folder / name, bin_dir) for name in ("one", "two"))
        hosts = ",".join(str((folder / name / "data").resolve()) for name in ("one", "two"))
        place = f"host={hosts}&port=5432,5432&target_session_attrs=primary"
        self.dsn = f"postgresql://{APP}:{PASSWORDS[APP]}@/{DATABASE}?{place}"

    def start(self) -> None:
        """Starts both; from now on every commit waits for the standby."""
        self.primary.launch()
        self.primary.prepare()
        self.rebuild()

    def rebuild(self) -> None:
        """Makes the standby anew, as a copy of the primary, and lets commits wait for it."""
        self.standby.follow(self.primary)
        self.await_standby()

    def await_standby(self) -> None:
        self.primary.confirm_with("*")
        wait_until(lambda: self.primary.rows(SYNCHRONOUS) != [])

    def promote(self) -> None:
        """Makes the standby the primary, and what was the primary the next standby."""
        self.primary, self.standby = self.standby, self.primary
        self.primary.rows("SELECT pg_promote(true, 30)")

    def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        return self.primary.rows(statement, *arguments)

    def end(self) -> None:
        for server in (self.primary, self.standby):
            server.end()
