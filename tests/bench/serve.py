"""One server process on its core, the same for all: `python -m tests.bench.serve TARGET PORT CORE`."""

import multiprocessing
import os
import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

FACTORIES = {
    "product": "service.app:create",
    "bare": "tests.bench.bare:create",
    "orm": "tests.bench.orm:create",
}


def main(target: str, port: str, core: str) -> None:
    """Serve until a signal ends it, with the settings of `service.kernel.serving`."""
    if int(core) in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {int(core)})
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        target=FACTORIES[target],
        factory=True,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        port=int(port),
        websockets=False,
        log_enabled=False,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
    )
    server.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
