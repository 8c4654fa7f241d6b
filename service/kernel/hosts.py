"""The primary among the hosts of an address, each of which is given a time of its own to answer.

asyncpg bounds the attempt on all hosts together: a host that froze would keep it from the one that was
promoted, for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg
from asyncpg.connect_utils import SessionAttribute

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Why to ask the next host: unreachable, silent, not ready, full, or a standby (InternalClientError).
_ELSEWHERE = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)

_PAUSE_SECONDS = 0.2


class Hosts:
    """The hosts of an address; the one that was the primary last is asked first."""

    def __init__(self, dsn: str, *, timeout: float) -> None:
        """Connect to nothing yet; `timeout` is in seconds, for each host."""
        self._addresses = each_host(dsn)
        self._timeout = timeout

    async def primary(self, options: Mapping[str, Any]) -> Connection:
        """Return a new connection to the primary, made with asyncpg's options.

        Raises what the last host said when none is the primary.
        """
        failure: Exception | None = None
        for address in tuple(self._addresses):
            try:
                connection = await asyncpg.connect(
                    address,
                    timeout=self._timeout,
                    target_session_attrs=SessionAttribute.primary,
                    **options,
                )
            except _ELSEWHERE as error:
                failure = error
            else:
                self._addresses.remove(address)
                self._addresses.insert(0, address)
                return connection
        raise failure or AssertionError("an address names a host")


async def awaited(dsn: str, *, timeout: float, seconds: float) -> None:  # noqa: ASYNC109 - of each host.
    """Return once the primary takes connections: while it recovers from a crash it refuses them.

    Raises what the last attempt said when it does not within `seconds`.
    """
    hosts, deadline = Hosts(dsn, timeout=timeout), monotonic() + seconds
    while True:
        try:
            connection = await hosts.primary({})
        except _ELSEWHERE:
            if monotonic() > deadline:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            await connection.close()
            return


def each_host(dsn: str) -> list[str]:
    """Return an address for each host that an address names, between commas, in its authority or query."""
    parts = urlsplit(dsn)
    login, at, named = parts.netloc.rpartition("@")
    query = dict(parse_qsl(parts.query))
    if "," in named:
        return [parts._replace(netloc=f"{login}{at}{host}").geturl() for host in named.split(",")]
    hosts = query.get("host", "").split(",")
    if named or len(hosts) == 1:
        return [dsn]
    ports = query.get("port", "5432").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    head = dsn.partition("?")[0]
    return [
        f"{head}?{urlencode(query | {'host': host, 'port': port})}"
        for host, port in zip(hosts, ports, strict=True)
    ]
