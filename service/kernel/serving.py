"""Granian, started on a port we reserve; says when the first request would be answered."""

import http.client
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

_READY_SECONDS = 60
_STOP_SECONDS = 10


class PortError(Exception):
    """The port cannot be listened on; says why and what to do."""


def reserved(host: str, port: int) -> int:
    """Return a port that can be listened on now; 0 picks a free one.

    Raises `PortError` when another program has it.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise PortError(
                f"Cannot listen on {host}:{port}: {error}. Choose another port, or 0 for a free one."
            ) from error
        return int(probe.getsockname()[1])


def serve(*, host: str, port: int, workers: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; what is running then is finished, 10 s at most.

    `ready` is called once, from a thread, with the address, when the service answers that it is ready.
    """
    # Workers start as new processes: a fork would copy locks our threads hold, and pools without threads.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "service.app:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,  # The proxy in front speaks HTTP/2 to the world, where it needs to.
        workers=workers,
        websockets=False,
        log_enabled=False,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    )
    threading.Thread(target=_announce, args=(host, port), kwargs={"ready": ready}, daemon=True).start()
    server.serve()


def _announce(host: str, port: int, *, ready: Callable[[str], None]) -> None:
    local = "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104 - compared, not bound.
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if _answers(local, port):
            ready(f"http://{local}:{port}")
            return
        time.sleep(0.02)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
