"""One server process on its core: `python -m tests.bench.serve TARGET PORT CORE`, the same for all that are compared."""

import os
import sys

from granian import Granian
from granian.constants import Interfaces

FACTORIES = {
    "product": "service.app:create",
    "bare": "tests.bench.bare:create",
    "orm": "tests.bench.orm:create",
}


def main(target: str, port: str, core: str) -> None:
    """Serve until a signal ends it."""
    if int(core) in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {int(core)})
    server = Granian(
        target=FACTORIES[target],
        factory=True,
        interface=Interfaces.ASGI,
        port=int(port),
        websockets=False,
        log_enabled=False,
    )
    server.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
