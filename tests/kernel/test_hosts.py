import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from service.kernel.hosts import Hosts, awaited, each_host


@pytest.mark.parametrize(
    ("address", "each"),
    [
        ("postgresql://u:p@a/t", ["postgresql://u:p@a/t"]),
        ("postgresql://u@/t?host=/a&port=1", ["postgresql://u@/t?host=/a&port=1"]),
        (
            "postgresql://u:p%2C@a,b:5433/t?target_session_attrs=primary",
            [
                "postgresql://u:p%2C@a/t?target_session_attrs=primary",
                "postgresql://u:p%2C@b:5433/t?target_session_attrs=primary",
            ],
        ),
        ("postgresql://[::1]:1,[::2]/t", ["postgresql://[::1]:1/t", "postgresql://[::2]/t"]),
        (
            "postgresql://u@/t?host=/a,/b&port=1,2",
            ["postgresql://u@/t?host=%2Fa&port=1", "postgresql://u@/t?host=%2Fb&port=2"],
        ),
        (
            "postgresql:///t?host=/a,/b&port=1",
            ["postgresql:///t?host=%2Fa&port=1", "postgresql:///t?host=%2Fb&port=1"],
        ),
    ],
)
def test_an_address_of_several_hosts_is_one_address_each(address, each):
    assert each_host(address) == each


class Silent:
    """A server that takes connections and says nothing; it counts them."""

    def __init__(self) -> None:
        self.taken = 0

    async def take(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        await asyncio.sleep(5)
        writer.close()


@asynccontextmanager
async def silent(folder: Path) -> AsyncGenerator[Silent]:
    server = Silent()
    listening = await asyncio.start_unix_server(server.take, folder / ".s.PGSQL.5432")
    try:
        yield server
    finally:
        listening.close()


def behind(folder: Path, dsn: str) -> str:
    """Gives an address that names the folder before the host of another address."""
    host = parse_qs(urlsplit(dsn).query)["host"][0]
    return f"{dsn.partition('?')[0]}?host={folder},{host}&port=5432"


async def test_a_host_that_says_nothing_delays_the_first_connection_alone(database, tmp_path):
    async with silent(tmp_path) as server:
        hosts = Hosts(behind(tmp_path, database), timeout=0.5)
        for _ in range(3):
            connection = await hosts.primary({})
            assert await connection.fetchval("SELECT 1") == 1
            await connection.close()
        assert server.taken == 1


async def test_without_a_primary_the_last_host_is_told(tmp_path):
    async with silent(tmp_path):
        with pytest.raises(TimeoutError):
            await Hosts(f"postgresql://u@/t?host={tmp_path}", timeout=0.1).primary({})
    with pytest.raises(OSError, match="No such file"):
        await Hosts(f"postgresql://u@/t?host={tmp_path},{tmp_path}/none", timeout=0.1).primary({})


async def test_a_refused_password_is_told_at_once(database, cluster):
    name = str(urlsplit(database).path)[1:]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await Hosts(cluster.dsn(name, password="wrong"), timeout=2).primary({})


class Recovering:
    """Stands for a server that refuses connections while it recovers."""

    def __init__(self, refusals: int) -> None:
        """Refuse so many."""
        self.refusals = refusals

    async def connect(self, *_, **__) -> "Recovering":
        self.refusals -= 1
        if self.refusals >= 0:
            raise asyncpg.CannotConnectNowError("the database system is in recovery mode")
        return self

    async def close(self) -> None:
        pass


async def test_a_database_that_recovers_is_waited_for(monkeypatch):
    monkeypatch.setattr("service.kernel.hosts._PAUSE_SECONDS", 0)
    server = Recovering(3)
    monkeypatch.setattr(asyncpg, "connect", server.connect)
    await awaited("postgresql://u@a/t", timeout=1, seconds=60)
    assert server.refusals == -1


async def test_a_database_that_does_not_come_back_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(asyncpg, "connect", Recovering(100).connect)
    with pytest.raises(asyncpg.CannotConnectNowError):
        await awaited("postgresql://u@a/t", timeout=1, seconds=0)
