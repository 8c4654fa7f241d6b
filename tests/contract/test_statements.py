"""Every statement that reads what partners share asks who may see it; no operation asks more than it must."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
from sqlalchemy import Uuid, select, true

from schema.tables.activities import activity
from schema.tables.agreements import agreement_access
from schema.wire.agreements import AgreementSort
from service.access.visibility import visible_to
from service.agreements import listing as agreements
from service.app import OPERATIONS
from service.kernel.database import recorder
from service.kernel.statement import Statement, document, param
from tests.changes import partner_changes
from tests.contract.statements import is_guarded, makers, reads, statements
from tests.documents.given import stored
from tests.indicators.given import kept
from tests.partners import (
    addendum,
    amended,
    held,
    id_of,
    in_force,
    line_with_value,
    mou,
    parties,
    promised,
    proposed,
    recurring,
    requested,
)

_SEEN_BEFORE = (
    "writes one record by its id and version, which its operation read through the predicate before"
)
_OPERATOR = "checks all streams for whoever has the database: `tenun audit verify`"
_CORRECTOR = "moves due days for whoever owns the database: `tenun holidays`"
_SIGNER = "signs all streams beside the requests, and tells nobody of them"
UNGUARDED = {
    "edit_agreement": _SEEN_BEFORE,
    "move_agreement": _SEEN_BEFORE,
    "delete_agreement": _SEEN_BEFORE,
    "create_amendment": "holds an agreement by the id and version that `amendable_agreement` saw",
    "edit_amendment": _SEEN_BEFORE,
    "accept_amendment": _SEEN_BEFORE,
    "sign_amendment": _SEEN_BEFORE,
    "create_activity": "holds an agreement by the id and version that `opening_of_activity` saw",
    "edit_activity": _SEEN_BEFORE,
    "move_activity": _SEEN_BEFORE,
    "delete_activity": _SEEN_BEFORE,
    "create_milestone": "holds an agreement by the id and version that `opening_of_milestone` saw",
    "change_milestone": _SEEN_BEFORE,
    "create_milestone_series": "holds an agreement by the id and version that its opening saw",
    "change_milestone_series": _SEEN_BEFORE,
    "create_workplan_item": "holds an agreement by the id and version that its opening saw",
    "edit_workplan_item": _SEEN_BEFORE,
    "move_workplan_item": _SEEN_BEFORE,
    "delete_workplan_item": _SEEN_BEFORE,
    "create_actual": "holds an item by the id and version that `workplan_item` saw",
    "edit_actual": _SEEN_BEFORE,
    "create_document": "holds the agreement by the id that `place_of_document` saw",
    "delete_document": _SEEN_BEFORE,
    "documents_unknown": "tells the worker, who works for nobody, which bytes no record names",
    "documents_removed": "as documents_unknown",
    "every_audit_stream": _OPERATOR,
    "every_audit_link": _OPERATOR,
    "unsigned_streams": _SIGNER,
    "open_requests": _CORRECTOR,
    "move_due_day": _CORRECTOR,
    "unsigned_streams_among": _SIGNER,
    "create_data_request": "holds an agreement by the id and version that `opening_of_data_request` saw",
    **dict.fromkeys(
        (
            "move_data_request",
            "decide_data_request",
            "deliver_data",
            "acknowledge_data",
            "lodge_objection",
            "decide_objection",
            "withdraw_objection",
        ),
        _SEEN_BEFORE,
    ),
}
"""Statements that read partners' tables without the predicate, and why they may; the list may only shrink."""


class Row(msgspec.Struct, frozen=True):
    id: UUID


class Asked(msgspec.Struct, frozen=True):
    acting_id: UUID | None = None
    subject_id: UUID | None = None


def statement(name, condition) -> Statement:
    """Gives a statement that reads the ids of activities under a condition."""
    rows = select(activity.c.id).where(condition)
    optional = frozenset(Asked.__struct_fields__)
    return Statement(name, document(Row, rows), params=Asked, row=Row, optional=optional)


# ------------------------------------------------------------------------------------------------ who sees it


def test_every_statement_over_partners_tables_asks_who_may_see_it():
    found = statements()
    assert len([each for each in found if reads(each)]) > 300
    wrong = {each.name for each in found if reads(each) and not is_guarded(each)}
    assert wrong == set(UNGUARDED)


def test_lists_of_every_slice_are_looked_at():
    slices = {make.__module__.split(".")[1] for make in makers()}
    assert slices == {
        "accounts",
        "activities",
        "agreements",
        "audit",
        "data_requests",
        "datasets",
        "documents",
        "indicators",
        "milestones",
        "organizations",
        "workplans",
    }


def test_a_statement_that_asks_nobody_is_seen():
    assert is_guarded(statement("seen", visible_to(activity.c.agreement_id)))
    assert not is_guarded(statement("leak", true()))


def test_a_statement_that_asks_for_another_organization_is_seen():
    access = agreement_access.alias("access")
    other = select(access.c.agreement_id).where(access.c.organization_id == param("subject_id", Uuid()))
    assert not is_guarded(statement("leak", activity.c.agreement_id.in_(other)))


def test_a_list_that_lost_its_predicate_is_seen(monkeypatch):
    monkeypatch.setattr(agreements, "among_visible", lambda _: true())
    leak = agreements.listing.__wrapped__(frozenset({"kinds"}), AgreementSort.NEWEST, public=False)
    assert reads(leak)
    assert not is_guarded(leak)


# ------------------------------------------------------------------------------------- what an operation asks

READS = {
    "list_organizations": ["list_organizations"],
    "get_organization": ["organization"],
    "list_agreements": ["list_agreements"],
    "get_agreement": ["agreement"],
    "list_agreement_transitions": ["history"],
    "get_agreement_summary": ["tallies"],
    "get_agreement_report": ["agreement_report"],
    "list_amendments": ["list_amendments"],
    "get_amendment": ["amendment"],
    "get_amendment_diff": ["amendment"],
    "list_activities": ["list_activities"],
    "get_activity": ["activity"],
    "list_activity_transitions": ["history"],
    "list_milestones": ["list_milestones"],
    "get_milestone": ["milestone"],
    "list_milestone_transitions": ["history"],
    "list_milestone_series": ["list_milestone_series"],
    "get_milestone_series": ["milestone_series"],
    "list_workplan_items": ["list_workplan_items"],
    "get_workplan_item": ["workplan_item"],
    "list_workplan_item_transitions": ["history"],
    "list_actuals": ["list_actuals"],
    "get_actual": ["actual"],
    "list_documents": ["list_documents"],
    "get_document": ["document"],
    "get_document_content": ["document"],
    "list_datasets": ["list_datasets"],
    "get_dataset": ["dataset"],
    "list_data_requests": ["list_data_requests"],
    "get_data_request": ["data_request"],
    "list_data_request_transitions": ["data_request_history"],
    "list_data_request_deliveries": ["data_request"],
    "list_data_request_objections": ["objections"],
    "list_data_request_statistics": ["data_request_statistics"],
    "list_indicator_series": ["list_indicator_series"],
    "get_indicator_series": ["indicator_series"],
    "list_indicator_observations": ["list_indicator_observations"],
    "list_audit_entries": ["list_audit_entries"],
    "get_me": ["named"],
    "list_users": ["list_user"],
    "get_user": ["user"],
    "list_memberships": ["list_membership"],
    "list_api_keys": ["list_token"],
}
"""A read is one statement."""

CHANGES = {
    "create_organization": ["create_organization"],
    "update_organization": ["organization", "update_organization"],
    "create_agreement": ["around_agreement", "enter_agreement", "create_agreement"],
    "update_agreement": ["agreement", "around_agreement", "edit_agreement"],
    "put_agreement_party": ["agreement", "around_agreement", "edit_agreement"],
    "delete_agreement_party": ["agreement", "edit_agreement"],
    "transition_agreement": ["agreement", "move_agreement"],
    "delete_agreement": ["agreement", "delete_agreement"],
    "create_amendment": ["amendable_agreement", "create_amendment"],
    "update_amendment": ["amendment", "edit_amendment"],
    "transition_amendment": ["amendment", "accept_amendment"],
    "create_activity": ["opening_of_activity", "create_activity"],
    "create_activity_batch": ["opening_of_activity", "create_activity"],
    "update_activity": ["activity", "edit_activity"],
    "put_activity_participants": ["activity", "edit_activity"],
    "transition_activity": ["activity", "move_activity"],
    "delete_activity": ["activity", "delete_activity"],
    "create_milestone": ["opening_of_milestone", "create_milestone"],
    "update_milestone": ["milestone", "change_milestone"],
    "transition_milestone": ["milestone", "change_milestone"],
    "create_milestone_series": [
        "opening_of_milestone_series",
        "create_milestone_series",
        *["create_milestone"] * 3,
    ],
    "update_milestone_series": [
        "edited_milestone_series",
        "change_milestone_series",
        *["change_milestone"] * 3,
    ],
    "create_workplan_item": ["opening_of_workplan_item", "create_workplan_item"],
    "update_workplan_item": ["workplan_item", "edit_workplan_item"],
    "transition_workplan_item": ["workplan_item", "move_workplan_item"],
    "delete_workplan_item": ["workplan_item", "delete_workplan_item"],
    "create_actual": ["workplan_item", "create_actual"],
    "update_actual": ["actual", "edit_actual"],
    "transition_actual": ["actual", "edit_actual"],
    "create_document": ["place_of_document", "create_document"],
    "delete_document": ["document", "delete_document"],
    "create_dataset": ["create_dataset"],
    "update_dataset": ["dataset", "update_dataset"],
    "create_data_request": ["opening_of_data_request", "create_data_request"],
    "update_data_request": ["data_request", "move_data_request"],
    "transition_data_request": ["data_request", "next_request_number", "move_data_request"],
    "create_data_request_objection": ["data_request", "lodge_objection"],
    "transition_objection": ["objection", "withdraw_objection"],
    "create_indicator_series": ["create_indicator_series"],
    "put_indicator_observations": ["observed_indicator_series", "observe_indicator_series"],
}
"""A change is two statements: the facts, which for an edit of an agreement come in two, and the change.

A new agreement has to be there before row security lets anything else belong to it. A series of three
milestones is four changes in one transaction, each with its audit entry. A request that is handed in
takes its number first: a number once given is never given again.
"""


@contextmanager
def recorded(client) -> Iterator[list[str]]:
    """Gives the names of the statements of the last request, but for the look-up of its token."""
    names: list[str] = []

    async def anew(_) -> None:
        names.clear()

    client.event_hooks["request"].append(anew)
    token = recorder.set(names)
    try:
        yield names
    finally:
        recorder.reset(token)
        client.event_hooks["request"].remove(anew)


def asked(names: list[str]) -> list[str]:
    return [name for name in names if name != "token_facts"]


async def test_a_read_is_one_statement(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    activity = await api.create("/v1/activities", partners.icw, body=held(pact))
    milestone = await api.create("/v1/milestones", partners.icw, body=promised(pact, partners.icw))
    series = await api.create("/v1/milestone-series", partners.icw, body=recurring(pact, partners.icw))
    line, value = await line_with_value(api, pact, by=partners.icw, other=partners.city)
    await proposed(api, pact, partners.icw)
    dataset = await api.create("/v1/datasets", partners.icw, body={"title": "RUP", "classification": "open"})
    ids = {
        "dataset_id": dataset["id"],
        "request_id": id_of(await requested(api, partners.icw, partners.appek)),
        "organization_id": partners.icw.organization_id,
        "agreement_id": id_of(pact),
        "activity_id": activity["id"],
        "milestone_id": milestone["id"],
        "series_id": series["id"],
        "workplan_item_id": id_of(line),
        "actual_id": id_of(value),
        "sequence": 1,
        "document_id": (await stored(api, partners.icw, pact))["id"],
        "indicator_series_id": id_of(await kept(api, partners.icw)),
        "user_id": partners.icw.user_id,
    }
    paths = {each.id: each.path.format(**ids) for each in OPERATIONS if each.id in READS}
    found = {}
    with recorded(api.client) as names:
        for name, path in paths.items():
            assert (await api.get(path, partners.icw)).status_code == 200
            found[name] = asked(names)
    assert found == READS


async def test_a_change_is_two_statements(api, partners):
    found = {}
    with recorded(api.client) as names:
        for name, step in (await partner_changes(api, partners)).items():
            assert (await step()).is_success
            found[name] = asked(names)
    assert found == CHANGES


async def test_a_change_of_parties_by_an_amendment_looks_them_up_and_signing_changes_the_agreement_too(
    api, partners
):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    changes = {"parties": parties(partners.city, partners.icw)}
    with recorded(api.client) as names:
        body = addendum(kinds=["parties"], changes=changes)
        path = (await api.post(f"{pact}/amendments", partners.icw, body=body)).headers["location"]
        assert asked(names) == ["amendable_agreement", "around_agreement", "create_amendment"]
        await api.moved(path, partners.icw, "cancel", reason="Batal")
        assert asked(names) == ["amendment", "edit_amendment"]
        await amended(api, pact, partners.icw, partners.city)
        assert asked(names) == ["amendment", "sign_amendment", "edit_agreement"]


async def test_a_total_is_one_statement_more(api, partners):
    with recorded(api.client) as names:
        await api.get("/v1/activities?count=true", partners.icw)
        assert asked(names) == ["list_activities", "count_activities"]


async def test_a_repeat_is_three_statements_more(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw))
    with recorded(api.client) as names:
        for _ in range(2):
            await api.post("/v1/activities", partners.icw, body=held(pact), idempotency_key="k")
        made, repeated = ["opening_of_activity", "create_activity"], ["first_answer", "confirm", "activity"]
        assert asked(names) == [*made, *repeated]


async def test_a_request_that_is_refused_for_its_form_asks_nothing(api, partners):
    with recorded(api.client) as names:
        await api.get("/v1/activities?limit=0", partners.icw)
        assert asked(names) == []


async def test_a_token_is_looked_up_once(api, partners):
    with recorded(api.client) as names:
        for _ in range(3):
            await api.get("/v1/organizations", partners.icw)
        assert names == ["list_organizations"]
