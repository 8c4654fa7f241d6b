from collections.abc import Generator

import httpx
import pytest

from service.kernel.openapi import COMMITTED
from tests.described import deviations
from tests.walkthrough.script import Script, Sending, read

SCRIPT = COMMITTED.with_name("walkthrough.http")

ONE = """
### Who am I?
# @name me
# @expect {expected}
GET {{{{host}}}}/v1/me
Authorization: Bearer {{{{platform}}}}
"""


@pytest.fixture
def client() -> Generator[httpx.Client]:
    """Gives a connection to anywhere."""
    with httpx.Client(timeout=60) as client:
        yield client


def test_the_whole_walkthrough_is_answered_as_it_says(service, client):
    script = read(SCRIPT.read_text())
    sending = Sending(script, client, host=service.address, platform=service.token)
    for step in script.steps:
        answer = sending.send(step)
        assert sending.wrong(step) == []
        assert deviations(answer) == []


def test_every_answer_of_the_walkthrough_has_a_name_of_its_own():
    names = [step.name for step in read(SCRIPT.read_text()).steps]
    assert len(set(names)) == len(names) > 0


@pytest.mark.parametrize("expected", ["201", '200\n# @expect $.roles[0] == "viewer"'])
def test_an_answer_that_differs_is_told(service, client, expected):
    script = read(ONE.format(expected=expected))
    sending = Sending(script, client, host=service.address, platform=service.token)
    (step,) = script.steps
    sending.send(step)
    assert len(sending.wrong(step)) == 1


def test_a_request_that_says_not_what_answers_it_is_refused():
    with pytest.raises(ValueError, match=r"Who am I\?: one # @name and one # @expect"):
        read(ONE.format(expected='$.roles[0] == "viewer"'))


def test_a_place_that_nothing_fills_is_refused(client):
    script = Script({}, read(ONE.format(expected="200")).steps)
    with pytest.raises(LookupError, match="no such variable, and nothing of that name was answered before"):
        Sending(script, client).send(script.steps[0])
