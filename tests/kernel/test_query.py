"""Query parameters → struct: nothing is ignored or clamped, and all faults are told at once."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType, field

from service.kernel.problem import Problem
from service.kernel.query import queried, refuse_parameters

SOME_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class Kind(StrEnum):
    MOU = "mou"
    PKS = "pks"


class Asked(Struct, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=200, description="Most items.")] = 50
    count: bool = False
    kind: Annotated[Annotated[tuple[Kind, ...], Meta(max_length=3)] | UnsetType, Meta(description="Any.")] = (
        UNSET
    )
    owner: Annotated[UUID | UnsetType, Meta(description="Whose.")] = UNSET
    start: Annotated[date | UnsetType, Meta(description="First day.")] = field(name="from", default=UNSET)
    q: Annotated[str, Meta(min_length=1, max_length=20)] | UnsetType = UNSET


def refusal(query: bytes) -> Problem:
    """Gives the problem that a query string is refused with."""
    with pytest.raises(Problem) as caught:
        queried(query, Asked)
    return caught.value


def faults(query: bytes) -> list[tuple[str, str]]:
    """Gives what is wrong with a query string, by parameter."""
    return sorted((fault.pointer, fault.code) for fault in refusal(query).faults)


def test_no_parameters_give_the_defaults():
    assert queried(b"", Asked) == Asked()


def test_parameters_become_a_struct():
    query = f"limit=7&count=true&kind=mou&kind=pks&owner={SOME_ID}&from=2026-03-01&q=Ku%2Bpang+1".encode()
    assert queried(query, Asked) == Asked(
        7, count=True, kind=(Kind.MOU, Kind.PKS), owner=UUID(SOME_ID), start=date(2026, 3, 1), q="Ku+pang 1"
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"colour=red", ("?colour", "unknown_parameter")),
        (b"start=2026-03-01", ("?start", "unknown_parameter")),
        (b"limit=1&limit=2", ("?limit", "repeated_parameter")),
        (b"limit=1&limit=1", ("?limit", "repeated_parameter")),
        (b"limit=0", ("?limit", "out_of_range")),
        (b"limit=201", ("?limit", "out_of_range")),
        (b"limit=-1", ("?limit", "out_of_range")),
        (b"limit=999999999999999999", ("?limit", "out_of_range")),
        (b"limit=1208925819614629174706176", ("?limit", "wrong_type")),
        (b"limit=1_0", ("?limit", "wrong_type")),
        (b"limit=%D9%A1", ("?limit", "wrong_type")),
        (b"limit=01", ("?limit", "wrong_type")),
        (b"limit=%2B1", ("?limit", "wrong_type")),
        (b"limit=1.0", ("?limit", "wrong_type")),
        (b"limit=", ("?limit", "wrong_type")),
        (b"limit=%201", ("?limit", "wrong_type")),
        (b"count=1", ("?count", "wrong_type")),
        (b"count=True", ("?count", "wrong_type")),
        (b"count", ("?count", "wrong_type")),
        (b"kind=mou&kind=treaty", ("?kind", "not_allowed")),
        (b"kind=mou&kind=mou&kind=mou&kind=mou", ("?kind", "too_long")),
        (b"owner=me", ("?owner", "wrong_type")),
        (b"from=2026-02-30", ("?from", "wrong_type")),
        (b"from=0000-01-01", ("?from", "wrong_type")),
        (b"from=0001-01-01", ("?from", "out_of_range")),
        (b"from=9999-12-31", ("?from", "out_of_range")),
        (b"from=10000-01-01", ("?from", "wrong_type")),
        (b"q=", ("?q", "too_short")),
        (b"q=" + b"a" * 21, ("?q", "too_long")),
        (b"q=a%00b", ("?q", "control_character")),
        (b"q=a%0Ab", ("?q", "control_character")),
        (b"q=a%C2%85b", ("?q", "control_character")),
    ],
)
def test_what_does_not_fit_is_a_fault_of_its_parameter(query, expected):
    assert faults(query) == [expected]


@pytest.mark.parametrize(
    "query", [b"q=%FF", b"q=%ED%A0%80", b"q=\xc3\xa9", b"&".join(b"a%d=1" % each for each in range(201))]
)
def test_what_is_no_query_string_is_malformed(query):
    assert refusal(query).code == "malformed_request"


def test_all_faults_are_told_at_once():
    assert faults(b"limit=0&limit=1&count=2&kind=x&owner=1&from=1900-01-01&q=%07&a=1&b=2") == [
        ("?a", "unknown_parameter"),
        ("?b", "unknown_parameter"),
        ("?count", "wrong_type"),
        ("?from", "out_of_range"),
        ("?kind", "not_allowed"),
        ("?limit", "out_of_range"),
        ("?limit", "repeated_parameter"),
        ("?owner", "wrong_type"),
        ("?q", "control_character"),
    ]


def test_the_name_of_a_parameter_is_told_in_part_only():
    (fault,) = refusal(b"n" * 10_000 + b"=1").faults
    assert len(fault.pointer) < 100


def test_an_operation_without_parameters_takes_none():
    refuse_parameters(b"")
    with pytest.raises(Problem) as caught:
        refuse_parameters(b"limit=1&x=2")
    assert [fault.pointer for fault in caught.value.faults] == ["?limit", "?x"]
