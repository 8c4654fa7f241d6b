"""`python -m tests.bench`: the service against hand-written comparators, on this machine, with own data.

One app process has a core to itself; PostgreSQL, with fsync on, and the load generator share another. The
service is measured as shipped: token, policy, visibility, ETag, request id, access log into a file.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.bench import database, load, report
from tests.bench.cases import CASES, CONNECTIONS, Case
from tests.bench.measure import Course, Run, Subject, measured, refuse_differences
from tests.bench.sending import Ground
from tests.bench.servers import POOL_SIZE, Server, children, serving
from tests.bench.world import sized

_APP_CORE, _OTHER_CORE = 0, 1
_COMPARATORS = ("bare", "orm")


class Place(NamedTuple):
    """The servers on the database of one scale; the service is the first."""

    scale: float
    ground: Ground
    servers: tuple[Server, ...]


def main() -> None:
    """Measure what the arguments ask for and print it."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that servers and PostgreSQL are ended too.
    name, send = load.generator(options.generator)
    with ExitStack() as stack:
        running = stack.enter_context(database.cluster(options.data_dir))
        copies = [(scale, stack.enter_context(database.copied(running, scale))) for scale in options.scale]
        postmaster = database.postmaster(running)
        _pin(postmaster)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tenun-bench-log-")))
        places = [
            _place(stack, scale, dsn, targets=("product", *options.comparators), log=folder / "log")
            for scale, dsn in copies
        ]
        print(_preamble(options, name))
        course = Course(options.rounds, options.seconds, send, postmaster)
        runs = {case.name: _runs(case, places, course=course) for case in CASES if case.name in options.cases}
    print(report.table(runs))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(runs)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--scale", type=_numbers, default=[1.0], help="1, 10, or both: 1,10")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one run")
    parser.add_argument("--cases", type=_names, default=[case.name for case in CASES], help="R1,R2,…")
    parser.add_argument("--comparators", type=_names, default=list(_COMPARATORS), help="bare,orm")
    parser.add_argument("--generator", choices=("wrk", "asyncio"), help="wrk when it is installed")
    parser.add_argument("--data-dir", type=Path, help="keeps the built databases for the next run")
    parser.add_argument("--json", type=Path, help="file for all runs")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _pin(postmaster: int) -> None:
    """Keep the core of the app for the app; PostgreSQL's later processes and the generator inherit theirs."""
    if not {_APP_CORE, _OTHER_CORE} <= os.sched_getaffinity(0):
        print("Fewer than two processor cores: nothing is pinned, and rates say little.")
        return
    for pid in (0, postmaster, *children(postmaster)):
        with suppress(ProcessLookupError):  # A worker of PostgreSQL may end at any time.
            os.sched_setaffinity(pid, {_OTHER_CORE})


def _place(stack: ExitStack, scale: float, dsn: str, *, targets: Sequence[str], log: Path) -> Place:
    servers = [stack.enter_context(serving(name, dsn, core=_APP_CORE, log=log)) for name in targets]
    asyncio.run(database.settled(dsn))
    return Place(scale, Ground(sized(scale), dsn, servers[0]), tuple(servers))


def _preamble(options: argparse.Namespace, generator: str) -> str:
    scales = "; ".join(f"×{scale:g}: {sized(scale)}" for scale in options.scale)
    return (
        f"{generator}, {_connections(options.cases)}, "
        f"{options.rounds} rounds of {options.seconds:g} s, "
        f"pool of {POOL_SIZE}, fsync on, access log into a file. {scales}\n"
    )


def _connections(names: Sequence[str]) -> str:
    """Gives how many there are, and which cases have fewer and a generator of their own."""
    others = [case for case in CASES if case.name in names and case.send is not None]
    told = "".join(f" ({case.name}: {case.connections}, by asyncio)" for case in others)
    return f"{CONNECTIONS} connections{told}"


def _runs(case: Case, places: Sequence[Place], *, course: Course) -> list[Run]:
    subjects: list[Subject] = []
    for scale, ground, servers in places:
        compared = [server for server in servers if server.name in {"product", *case.comparators}]
        refuse_differences(case, compared, ground=ground)
        subjects += [Subject(server, scale, ground) for server in compared]
    return measured(case, subjects, course=course)


if __name__ == "__main__":
    main()
