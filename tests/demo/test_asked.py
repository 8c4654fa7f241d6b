"""The eight invented data requests of the Kupang case: their days, their outcomes, and who decided."""

from datetime import UTC, datetime, timedelta

import pytest

from schema.vocabulary import Role
from service.kernel import instants
from tests.demo.given import CASE, later

# number: received, due at first, due now, state, decision – as the file of the case was made.
DAYS = {
    1: ("2025-08-13", "2025-08-28", "fulfilled", "granted"),
    2: ("2025-03-17", "2025-04-09", "granted_in_part", "granted_in_part"),
    3: ("2025-08-20", "2025-09-03", "refused", "refused"),
    4: ("2026-01-12", "2026-01-27", "granted", "granted"),
    5: ("2026-01-12", "2026-01-27", "refused", "refused"),
    6: ("2025-12-15", "2026-01-12", "granted", "granted"),
    7: ("2026-09-14", "2026-09-28", "granted_in_part", "granted_in_part"),
    8: ("2026-11-02", "2026-11-16", "submitted", None),
}


ASKING = ("koordinator.appek@example.org", "koordinator.icw@example.org")
HOLDING = ("penelaah.inspektorat@example.org", "penelaah.ppid@example.org")


async def requests_of(loaded, emails=ASKING) -> dict[str, dict]:
    """Gives the requests that these persons see, by client_ref."""
    everything: dict[str, dict] = {}
    for email in emails:
        token = await loaded.service.sign_in(email)
        items = (await loaded.service.read(token, "/v1/data-requests"))["items"]
        everything |= {each["client_ref"]: each for each in items}
    return everything


async def test_every_request_came_to_where_the_case_says_on_its_days(loaded):
    found = await requests_of(loaded)
    assert len(found) == len(CASE.data_requests) == 8
    for number, (received, due, state, decision) in DAYS.items():
        request = found[f"kupang-dr-{number}"]
        told = (request["received_on"], request["clock"]["due_on"], request["state"], request["decision"])
        assert told == (received, due, state, decision), number


async def test_decisions_were_in_time_and_by_a_person_who_neither_asked_nor_recommended(loaded):
    for request in (await requests_of(loaded, HOLDING)).values():
        if request["decision"]:
            assert request["decided_on"] <= request["clock"]["due_on"]
            persons = (
                request["created_by"],
                request["submitted_by"],
                request["recommendation"]["recommended_by"],
                request["decided_by"],
            )
            assert len(set(persons)) == len(persons), request["title"]


async def test_every_request_and_dataset_says_that_it_is_invented(loaded):
    datasets = await loaded.items("/v1/datasets")
    for record in (*(await requests_of(loaded)).values(), *datasets):
        assert record["title"].endswith(" (contoh)")
        assert "illustrative" in (record.get("purpose") or record["description"])


async def test_closed_data_is_listed_for_its_holder_alone(loaded):
    inspektorat = (await loaded.service.read(loaded.tokens["reviewer"].token, "/v1/datasets"))["items"]
    assert len(inspektorat) == len(CASE.datasets) == 8
    others = await loaded.items("/v1/datasets")
    assert len(others) == 6
    assert {each["classification"] for each in others} == {"open", "restricted"}


@pytest.mark.parametrize(
    ("day", "overdue"), [(16, []), (22, ["kupang-dr-8"])], ids=["its last day", "the day the case was made"]
)
async def test_the_open_request_is_overdue_once_its_last_day_has_passed(loaded, day, overdue):
    at = datetime(2026, 11, day, 4, tzinfo=UTC)
    async with later(loaded.service, at) as then:
        token = loaded.tokens[Role.REVIEWER].token
        queue = (await then.read(token, "/v1/data-requests?role=holder&overdue=true"))["items"]
    assert [request["client_ref"] for request in queue] == overdue


async def test_only_requests_are_entered_by_the_clock_of_the_story(loaded):
    told = {request["created_at"][:10] for request in (await requests_of(loaded)).values()}
    assert told == {received for received, *_ in DAYS.values()}
    just_now = (instants.now() - timedelta(hours=1)).isoformat()
    for path in ("/v1/agreements", "/v1/workplan-items", "/v1/milestones", "/v1/activities", "/v1/datasets"):
        assert all(each["created_at"] > just_now for each in await loaded.items(path)), path


async def test_the_trail_of_the_case_is_whole(loaded):
    (pks,) = await loaded.items("/v1/agreements?kind=pks")
    path = f"/v1/audit-entries/verify?agreement_id={pks['id']}"
    found = await loaded.service.read(loaded.tokens[Role.AUDITOR].token, path)
    assert found["whole"]
