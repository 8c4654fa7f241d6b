"""The clock of a data request against a count that a person would make on a calendar on the wall."""

import random
from datetime import date, timedelta

import pytest

from schema.vocabulary import Language
from service.data_requests import clock, replies
from service.data_requests.clock import Pause, explained, taken, years_from
from service.kernel.clock import indonesia, without_joint_leave
from tests.data_requests.given import POLICY, TODAY, around, caller, question, stored

CALENDAR = indonesia(range(2015, 2040))
WORKING = without_joint_leave(CALENDAR)
DAY = timedelta(days=1)


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


def test_the_due_day_is_the_one_a_person_would_count_10_000_times():
    chance, differences = random.Random(20250317), []
    for _ in range(10_000):
        received_on, pauses = drawn(chance)
        joint, extended = chance.random() < 0.5, chance.random() < 0.5
        count = 17 if extended else 10
        gone = BASE[joint] | {
            start + DAY * step for start, end in pauses for step in range(1, (end - start).days + 1)
        }
        on, left = received_on, count
        while left:
            on += DAY
            left -= on not in gone
        used = CALENDAR if joint else WORKING
        told = explained(received_on, count, pauses=[Pause(*each) for each in pauses], calendar=used)
        if told.due_on != on or [day.on for day in told.days if day.counted is None] != [
            day.on for day in told.days if day.on in gone
        ]:
            differences.append((received_on, pauses, told.due_on, on))
    assert differences == []


def test_two_ways_of_crossing_days_out_agree():
    pauses = [(date(2025, 3, 18), date(2025, 3, 20))]
    assert crossed_out(pauses, CALENDAR) - BASE[True] == {date(2025, 3, 19), date(2025, 3, 20)}


@pytest.mark.parametrize(
    ("received_on", "due", "extended"),
    [
        (date(2025, 8, 13), date(2025, 8, 28), date(2025, 9, 9)),
        (date(2025, 3, 17), date(2025, 4, 9), date(2025, 4, 21)),
        (date(2025, 8, 20), date(2025, 9, 3), date(2025, 9, 15)),
        (date(2026, 1, 12), date(2026, 1, 27), date(2026, 2, 5)),
    ],
)
def test_the_deadlines_of_the_first_case(received_on, due, extended):
    found = [explained(received_on, count, pauses=(), calendar=CALENDAR).due_on for count in (10, 17)]
    assert found == [due, extended]


def test_without_joint_leave_it_is_due_earlier():
    assert explained(TODAY, 10, pauses=(), calendar=WORKING).due_on == date(2025, 4, 2)


def test_the_day_of_a_question_counts_and_the_day_of_its_answer_does_not():
    same = explained(TODAY, 3, pauses=[Pause(TODAY, TODAY)], calendar=CALENDAR)
    later = explained(TODAY, 3, pauses=[Pause(date(2025, 3, 18), date(2025, 3, 19))], calendar=CALENDAR)
    assert (same.due_on, later.due_on) == (date(2025, 3, 20), date(2025, 3, 21))
    assert [day.reason for day in later.days] == [None, "paused", None, None]


def test_it_stands_still_from_the_day_after_a_question():
    told = explained(TODAY, 10, pauses=[Pause(date(2025, 3, 18), None)], calendar=CALENDAR)
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
