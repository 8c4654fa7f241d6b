"""Bytes → struct: what is accepted, what is refused; a refusal names every fault and costs little."""

from datetime import date, datetime
from enum import StrEnum
from time import perf_counter
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from schema.vocabulary import Language
from service.kernel.decode import MAX_NESTING, decoded
from service.kernel.inspection import MAX_FAULTS
from service.kernel.problem import Problem

SOME_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Leg(Struct, forbid_unknown_fields=True):
    on: date
    note: Annotated[str, Meta(max_length=10)] | None = None


class Trip(Struct, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
    seats: Annotated[int, Meta(ge=0, le=50)] = 0
    price: Annotated[float, Meta(ge=0, le=1000)] = 0
    paid: bool = False
    colour: Colour = Colour.RED
    owner: UUID | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    starts_on: date | UnsetType | None = UNSET
    legs: Annotated[tuple[Leg, ...], Meta(min_length=1, max_length=300)] | UnsetType = UNSET


class Stop(Struct, forbid_unknown_fields=True, tag_field="action", tag="stop"):
    on: date


class Go(Struct, forbid_unknown_fields=True, tag_field="action", tag="go"):
    pass


MOVE: Any = Stop | Go


def refusal(body: bytes, kind: Any = Trip) -> Problem:
    """Gives the problem that a body is refused with."""
    with pytest.raises(Problem) as caught:
        decoded(body, kind)
    return caught.value


def faults(body: bytes, kind: Any = Trip) -> list[tuple[str, str]]:
    """Gives where a body is wrong, and how."""
    return [(fault.pointer, fault.code) for fault in refusal(body, kind).faults]


def trip(**fields: object) -> bytes:
    return msgspec.json.encode({"title": "Kupang", **fields})


# ------------------------------------------------------------------------------------------ what is accepted


def test_a_body_becomes_its_struct():
    body = trip(seats=3, colour="blue", owner=SOME_ID, starts_on=None, legs=[{"on": "2026-03-01"}])
    assert decoded(body, Trip) == Trip(
        "Kupang",
        seats=3,
        colour=Colour.BLUE,
        owner=UUID(SOME_ID),
        starts_on=None,
        legs=(Leg(date(2026, 3, 1)),),
    )


def test_a_tag_chooses_the_struct():
    assert decoded(b'{"action": "stop", "on": "2026-03-01"}', MOVE) == Stop(date(2026, 3, 1))


@pytest.mark.parametrize("written", ["Kafe\u0301", r"Kafe\u0301", "Kafé"])
def test_text_is_composed_so_that_equal_looking_names_are_equal(written):
    assert decoded(f'{{"title": "{written}"}}'.encode(), Trip).title == "Kafé"


def test_line_feeds_and_tabs_are_text():
    assert decoded(rb'{"title": "a\n\tb"}', Trip).title == "a\n\tb"


@pytest.mark.parametrize("text", ["[" * 60, '"' * 40 + "{" * 60, "0" * 450, "\\" * 100 + "[" * 60])
def test_what_stands_in_a_text_is_no_structure(text):
    assert decoded(trip(title=text), Trip).title == text


def test_nesting_is_counted_where_brackets_are_open_at_once():
    legs = [{"on": "2026-03-01"} for _ in range(40)]
    assert decoded(trip(legs=legs), Trip).legs == (Leg(date(2026, 3, 1)),) * 40


# ----------------------------------------------------------------------------------------- what is no request


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xef\xbb\xbf{}",
        b'{"title": "\xff"}',
        b'{"title": "\xed\xa0\x80"}',
        b'{"title": "a\x00b"}',
        b'{"title": "a\nb"}',
        rb'{"title": "\ud800"}',
        rb'{"title": "\udc00\ud800"}',
        rb'{"title": "\x41"}',
        b'{"title": NaN}',
        b'{"seats": 01}',
        b'{"seats": 1_0}',
        '{"seats": \u0661}'.encode(),
        b'{"price": 1e400}',
        b'{"price": -1e400, "title": "\\u0041"}',
        b'{"price": ' + b"9" * 350 + b".5}",
        b'{"seats": ' + b"9" * 5000 + b"}",
        b"{'title': 'a'}",
        b'{"title": "a",}',
        b'{"title": "a"} {}',
        pytest.param(b'{"seats": "many", "title": ', id="wrong, then cut off"),
    ],
)
def test_what_is_no_json_text_is_malformed(body):
    assert refusal(body).code == "malformed_request"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_nesting_has_a_limit(opening):
    assert refusal(opening * (MAX_NESTING + 1)).code == "malformed_request"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 250_000,
        b"[" * 33 + b'"' + b'\\"' * 120_000,
        b"[" * 33 + b'"' * 250_000,
        b"[" * 33 + b'"\\' * 120_000,
        b'{"title": "' + (b"1" * 399 + b"a") * 600 + b'"}',
        b"{" + b",".join(b'"%d":1' % key for key in range(20_000)) + b"}",
        b'{"legs": [' + b",".join([b"1"] * 120_000) + b"]}",
        b'{"' + b"a" * 250_000 + b'": 1}',
    ],
)
def test_a_hostile_body_of_full_size_is_refused_within_a_second(body):
    started = perf_counter()
    refusal(body)
    assert perf_counter() - started < 1


# ---------------------------------------------------------------------------------------- what is wrong in it


def test_all_faults_are_told_at_once():
    body = (
        rb'{"title": "a\u0007", "seats": 51, "colour": "green", "owner": "x", "starts_on": "1944-12-31",'
        rb' "legs": [{}, {"on": "2200-01-01", "note": "12345678901"}, 5], "wheels": 4}'
    )
    assert sorted(faults(body)) == [
        ("/colour", "not_allowed"),
        ("/legs/0/on", "required"),
        ("/legs/1/note", "too_long"),
        ("/legs/1/on", "out_of_range"),
        ("/legs/2", "wrong_type"),
        ("/owner", "wrong_type"),
        ("/seats", "out_of_range"),
        ("/starts_on", "out_of_range"),
        ("/title", "control_character"),
        ("/wheels", "unknown_field"),
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": 5}, ("/title", "wrong_type")),
        ({"title": ""}, ("/title", "too_short")),
        ({"title": "  "}, ("/title", "bad_format")),
        ({"title": None}, ("/title", "wrong_type")),
        ({"seats": -1}, ("/seats", "out_of_range")),
        ({"seats": 2**80}, ("/seats", "out_of_range")),
        ({"seats": 1.5}, ("/seats", "out_of_range")),
        ({"seats": "1"}, ("/seats", "wrong_type")),
        ({"seats": True}, ("/seats", "wrong_type")),
        ({"price": 1e308}, ("/price", "out_of_range")),
        ({"paid": 1}, ("/paid", "wrong_type")),
        ({"paid": "true"}, ("/paid", "wrong_type")),
        ({"colour": "RED"}, ("/colour", "not_allowed")),
        ({"colour": 1}, ("/colour", "not_allowed")),
        ({"owner": "not-an-id"}, ("/owner", "wrong_type")),
        ({"at": "2026-03-01T00:00:00"}, ("/at", "wrong_type")),
        ({"starts_on": "2026-02-30"}, ("/starts_on", "wrong_type")),
        ({"starts_on": "0000-01-01"}, ("/starts_on", "wrong_type")),
        ({"starts_on": "10000-01-01"}, ("/starts_on", "wrong_type")),
        ({"starts_on": 20260301}, ("/starts_on", "wrong_type")),
        ({"legs": {}}, ("/legs", "wrong_type")),
        ({"legs": []}, ("/legs", "too_short")),
        ({"legs": [{"on": "2026-03-01"}] * 301}, ("/legs", "too_long")),
        ({"legs": [{"on": "2026-03-01", "a/b~": 1}]}, ("/legs/0/a~1b~0", "unknown_field")),
    ],
)
def test_a_fault_says_where_and_what(fields, expected):
    assert faults(trip(**fields)) == [expected]


@pytest.mark.parametrize("whole", [b"null", b"[]", b"5", b'"a"', b"true"])
def test_a_body_that_is_no_object_is_one_fault(whole):
    assert faults(whole) == [("", "wrong_type")]
    assert faults(whole, MOVE) == [("", "wrong_type")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", ("/action", "required")),
        (b'{"action": "fly"}', ("/action", "not_allowed")),
        (b'{"action": 5}', ("/action", "not_allowed")),
        (b'{"action": null}', ("/action", "not_allowed")),
        (b'{"action": "stop"}', ("/on", "required")),
        (b'{"action": "go", "on": 1}', ("/on", "unknown_field")),
        (b'{"action": "stop", "on": "1944-12-31"}', ("/on", "out_of_range")),
    ],
)
def test_a_tagged_body_is_judged_by_its_tag(body, expected):
    assert faults(body, MOVE) == [expected]


@pytest.mark.parametrize("day", ["1945-01-01", "2199-12-31"])
def test_the_first_and_last_day_of_the_calendar_are_days(day):
    assert decoded(trip(starts_on=day), Trip).starts_on == date.fromisoformat(day)


@pytest.mark.parametrize("day", ["0001-01-01", "1944-12-31", "2200-01-01", "9999-12-31"])
def test_days_outside_the_calendar_are_faults_wherever_they_stand(day):
    body = trip(starts_on=day, legs=[{"on": "2026-03-01"}, {"on": day}])
    assert faults(body) == [("/starts_on", "out_of_range"), ("/legs/1/on", "out_of_range")]


@pytest.mark.parametrize(
    "text", [r"\u0000", r"\u0001", r"\b", r"\f", r"\r", r"\u001f", "\x7f", r"\u007f", "\x85", r"\u009f"]
)
def test_control_characters_are_faults_however_they_are_written(text):
    assert faults(f'{{"title": "a{text}b"}}'.encode()) == [("/title", "control_character")]


def test_the_last_of_two_equal_keys_counts():
    assert decoded(b'{"title": "a", "title": "b"}', Trip).title == "b"


def test_the_number_of_faults_is_bounded():
    body = b"{" + b",".join(b'"%d":1' % key for key in range(1000)) + b"}"
    assert len(refusal(body).faults) == MAX_FAULTS


@pytest.mark.parametrize("language", list(Language))
def test_a_fault_can_be_told_and_is_short_whatever_was_sent(language):
    body = trip(title=["x" * 100_000], seats=2**300, colour={"a": "y" * 100_000}, **{"z" * 1000: 1})
    problem = refusal(body).render(language, "request")
    assert len(problem.errors) == 4
    assert max(len(fault.detail) for fault in problem.errors) < 300
    assert max(len(fault.pointer) for fault in problem.errors) < 100
