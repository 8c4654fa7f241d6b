"""The clock of a data request against a count that a person would make on a calendar on the wall."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from schema.vocabulary import HolidayKind, Language
from service.access.holidays import Correction, corrected
from service.data_requests import clock, replies
from service.data_requests.clock import Pause, explained, taken, years_from
from service.kernel.clock import indonesia, without_joint_leave
from tests.data_requests.given import POLICY, TODAY, around, caller, question, stored
from tests.trust.tally import cases

CALENDAR = indonesia(range(2015, 2040))
WORKING = without_joint_leave(CALENDAR)
DAY = timedelta(days=1)
CASE = json.loads((Path(__file__).parent / "deadlines.json").read_text(encoding="utf-8"))
"""Deadlines of the first case, and what others computed for its days."""


def crossed_out(pauses, calendar):
    """Gives every day of the wall calendar that does not count, each written down by itself."""
    days = {date(2015, 1, 1) + DAY * number for number in range(9000)}
    gone = {on for on in days if on.strftime("%a") in {"Sat", "Sun"}}
    gone |= set(calendar.holidays) | set(calendar.joint_leave)
    for asked_on, answered_on in pauses:
        on = asked_on + DAY
        while on <= answered_on:
            gone.add(on)
            on += DAY
    return gone


def drawn(chance):
    """Gives a day of receipt and up to three pauses after it, one after another."""
    received_on = date(2020, 1, 1) + DAY * chance.randrange(2500)
    pauses, on = [], received_on
    for _ in range(chance.randrange(4)):
        asked_on = on + DAY * chance.randrange(8)
        on = asked_on + DAY * chance.randrange(25)
        pauses.append((asked_on, on))
    return received_on, pauses


BASE = {joint: crossed_out((), CALENDAR if joint else WORKING) for joint in (True, False)}


def corrections_of(chance, received_on):
    """Gives up to five days around a deadline that become holidays, joint leave or working days."""
    days = [received_on + DAY * chance.randrange(60) for _ in range(chance.randrange(6))]
    return tuple(
        Correction(
            revision=number,
            falls_on=on,
            kind=chance.choice(list(HolidayKind)),
            name=chance.choice(["Libur", None]),
        )
        for number, on in enumerate(dict.fromkeys(days), 1)
    )


def by_hand(received_on, count, pauses, *, corrections, joint):
    """Gives the due day as a person would count who strikes days out and writes others in again."""
    shut = {True: set(CALENDAR.holidays), False: set(CALENDAR.joint_leave) if joint else set()}
    for each in corrections:
        public = each.kind is HolidayKind.PUBLIC
        if public or joint:
            (shut[public].add if each.name else shut[public].discard)(each.falls_on)
    gone = shut[True] | shut[False]
    gone |= {start + DAY * step for start, end in pauses for step in range(1, (end - start).days + 1)}
    on, left = received_on, count
    while left:
        on += DAY
        left -= on not in gone and on.strftime("%a") not in {"Sat", "Sun"}
    return on


@pytest.mark.parametrize(
    "times", [pytest.param(1_000, id="short"), pytest.param(10_000, id="full", marks=pytest.mark.drill)]
)
def test_the_due_day_is_the_one_a_person_would_count(times):
    chance, differences, moved = random.Random(20250317), [], 0
    for _ in range(times):
        received_on, pauses = drawn(chance)
        joint, count = chance.random() < 0.5, chance.choice([10, 17])
        corrections = corrections_of(chance, received_on)
        used = corrected(CALENDAR, corrections)
        used = used if joint else without_joint_leave(used)
        told = explained(received_on, count, pauses=tuple(Pause(*each) for each in pauses), calendar=used)
        found = by_hand(received_on, count, pauses, corrections=corrections, joint=joint)
        moved += found != by_hand(received_on, count, pauses, corrections=(), joint=joint)
        if told.due_on != found or told.days[-1].counted != count:
            differences.append((received_on, pauses, told.due_on, found))
    cases["deadlines counted by hand"] += times
    cases["deadlines that a correction moved"] += moved
    assert differences == []
    assert moved > times // 10


def test_two_ways_of_crossing_days_out_agree():
    pauses = [(date(2025, 3, 18), date(2025, 3, 20))]
    assert crossed_out(pauses, CALENDAR) - BASE[True] == {date(2025, 3, 19), date(2025, 3, 20)}


@pytest.mark.parametrize("request_", CASE["data_requests"], ids=lambda each: each["title"])
def test_the_deadlines_of_the_first_case(request_):
    received_on = date.fromisoformat(request_["received_on"])
    found = [explained(received_on, count, pauses=(), calendar=CALENDAR).due_on for count in (10, 17)]
    assert [str(on) for on in found] == [request_["due_initial"], request_["due_extended"]]


@pytest.mark.parametrize("vector", CASE["deadline_vectors"], ids=lambda each: each["start"])
def test_deadlines_fall_where_the_case_says(vector):
    for name, calendar in (("with_joint_leave", CALENDAR), ("public_holidays_only", WORKING)):
        start = date.fromisoformat(vector["start"])
        for count, due_on in vector[name].items():
            found = explained(start, int(count), pauses=(), calendar=calendar).due_on
            assert str(found) == due_on, (name, count)


def test_without_joint_leave_it_is_due_earlier():
    assert explained(TODAY, 10, pauses=(), calendar=WORKING).due_on == date(2025, 4, 2)


def test_the_day_of_a_question_counts_and_the_day_of_its_answer_does_not():
    same = explained(TODAY, 3, pauses=(Pause(TODAY, TODAY),), calendar=CALENDAR)
    later = explained(TODAY, 3, pauses=(Pause(date(2025, 3, 18), date(2025, 3, 19)),), calendar=CALENDAR)
    assert (same.due_on, later.due_on) == (date(2025, 3, 20), date(2025, 3, 21))
    assert [day.reason for day in later.days] == [None, "paused", None, None]


def test_it_stands_still_from_the_day_after_a_question():
    told = explained(TODAY, 10, pauses=(Pause(date(2025, 3, 18), None),), calendar=CALENDAR)
    assert (told.due_on, [day.counted for day in told.days]) == (None, [1])


def test_days_taken_are_those_that_counted():
    pauses = [Pause(date(2025, 3, 18), date(2025, 3, 20))]
    assert taken(TODAY, date(2025, 3, 24), pauses=pauses, calendar=CALENDAR) == 3
    assert taken(TODAY, TODAY, pauses=(), calendar=CALENDAR) == 0


def test_the_clock_of_a_reply_explains_its_due_day():
    request = stored("under_review", exchanges=[question(date(2025, 3, 18), date(2025, 3, 19))])
    told = replies.reply(request, caller(), around=around()).clock
    assert told is not None
    assert told.due_on == clock.due_on(request, CALENDAR) == told.days[-1].on
    assert [day.counted for day in told.days if day.counted] == list(range(1, 11))
    assert (told.policy, told.answer_days, told.extension_days) == (POLICY.name, 10, 0)
    assert {day.reason for day in told.days if "Idul Fitri" in (day.reason or "")}


def test_before_submission_there_is_no_clock():
    assert replies.reply(stored("draft"), caller(), around=around()).clock is None


@pytest.mark.parametrize(("first", "last"), [(1945, 1945), (2025, 2025), (2024, 2031), (2199, 2199)])
def test_a_calendar_covers_what_a_clock_may_touch(first, last):
    years = years_from(date(first, 1, 1), date(last, 12, 31))
    assert first in years
    assert min(last + 3, 2199) in years
    assert indonesia(years, Language.ID).years == years


@pytest.mark.parametrize(
    ("today", "soon", "late"),
    [
        (date(2025, 4, 5), False, False),
        (date(2025, 4, 6), True, False),
        (date(2025, 4, 9), True, False),
        (date(2025, 4, 10), False, True),
    ],
)
def test_a_request_is_due_soon_and_then_overdue(today, soon, late):
    told = replies.reply(stored("under_review"), caller(), around=around(today=today))
    assert (told.due_soon, told.overdue) == (soon, late)
    codes = [warning.code for warning in told.warnings]
    assert ("request_due_soon" in codes, "request_overdue" in codes) == (soon, late)


@pytest.mark.parametrize("state", ["granted", "refused", "withdrawn", "transferred"])
def test_what_is_decided_or_given_up_is_never_overdue(state):
    told = replies.reply(stored(state), caller(), around=around(today=date(2026, 1, 1)))
    assert not told.overdue
