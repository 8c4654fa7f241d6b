"""One case measured: all servers answer alike, then they take turns, every other round in opposite order."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from tests.bench.cases import Case
from tests.bench.load import Generator, Result, fetched
from tests.bench.sending import Ground
from tests.bench.servers import Server, processor_seconds

_COMPARED = 20
"""Entries of a plan whose answers are compared before anything is measured."""


class Subject(NamedTuple):
    """A server on a database of some scale."""

    server: Server
    scale: float
    ground: Ground


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a subject in one round; processor time in µs per request."""

    name: str
    scale: float
    round: int
    result: Result
    app_us: float
    postgres_us: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.result.requests / self.result.seconds


class Course(NamedTuple):
    """How long and how often to measure, with which generator, beside which PostgreSQL."""

    rounds: int
    seconds: float
    send: Generator
    postmaster: int


def refuse_differences(case: Case, servers: Sequence[Server], *, ground: Ground) -> None:
    """Stop unless the servers answer the same bytes; what has to differ is named in the case."""
    plan = case.plan(ground)
    for entry in plan.entries[:_COMPARED]:
        answers: list[tuple[str, list[tuple[int, bytes]]]] = []
        turn = 0
        for server in servers:
            given: list[tuple[int, bytes]] = []
            for _ in entry.cuts:
                status, body = fetched(server.port, entry.request(turn, plan.step))
                given.append((status, case.comparable(body)))
                turn += 1
            answers.append((server.name, given))
        _refuse_difference(case, answers)


def _refuse_difference(case: Case, answers: Sequence[tuple[str, list[tuple[int, bytes]]]]) -> None:
    (name, expected), *others = answers
    for other, given in others:
        for mine, its in zip(expected, given, strict=True):
            if mine != its or mine[0] > 299:
                raise SystemExit(f"{case.name}: {name} and {other} differ\n{_around(mine, its)}")


def _around(mine: tuple[int, bytes], its: tuple[int, bytes]) -> str:
    """Gives where two answers begin to differ."""
    pairs = enumerate(zip(mine[1], its[1], strict=False))
    start = max(0, next((place for place, (one, other) in pairs if one != other), 0) - 100)
    return "\n".join(f"{status} …{body[start : start + 300]!r}" for status, body in (mine, its))


def measured(case: Case, subjects: Sequence[Subject], *, course: Course) -> list[Run]:
    """Gives all runs of a case, after a warm-up of each subject."""
    for subject in subjects:
        _run(case, subject, course=course, number=0)
    runs: list[Run] = []
    for number in range(1, course.rounds + 1):
        order = subjects if number % 2 else subjects[::-1]
        runs += [_run(case, subject, course=course, number=number) for subject in order]
    return runs


def _run(case: Case, subject: Subject, *, course: Course, number: int) -> Run:
    plan = case.plan(subject.ground)
    pids = (subject.server.pid, course.postmaster)
    before = [processor_seconds(pid) for pid in pids]
    send = case.send or course.send
    result = send(plan, subject.server.port, seconds=course.seconds, connections=case.connections)
    spent = [processor_seconds(pid) - start for pid, start in zip(pids, before, strict=True)]
    requests = max(1, result.requests)
    return Run(
        name=subject.server.name,
        scale=subject.scale,
        round=number,
        result=result,
        app_us=spent[0] / requests * 1e6,
        postgres_us=spent[1] / requests * 1e6,
    )
