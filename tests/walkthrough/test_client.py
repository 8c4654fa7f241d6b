"""The walkthrough as an integrator's program goes it: with calls of the generated client alone."""

import json
import sys
from collections.abc import Generator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from service.kernel.openapi import COMMITTED
from tests.walkthrough import agreements, data_requests, work
from tests.walkthrough.cast import Cast, make_cast
from tests.walkthrough.generated import PACKAGE, Client, generate


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Gives the folder that the client was generated into, without a warning."""
    folder = tmp_path_factory.mktemp("client")
    generate(folder)
    return folder


@pytest.fixture(scope="module")
def client(service, folder) -> Generator[Client]:
    """Gives the generated client of a running service."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as connections:
        patch.syspath_prepend(folder)
        package, models = import_module(PACKAGE), import_module(f"{PACKAGE}.models")
        yield Client(package, models, service.address, connections)
    for name in [each for each in sys.modules if each.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def cast(client, service) -> Cast:
    """Gives the three organizations with their people."""
    return make_cast(client, service.token)


@pytest.fixture(scope="module")
def mou(cast) -> Any:
    """Gives the MoU of all three, signed."""
    return agreements.signed(cast, agreements.accepted(cast, "mou"))


@pytest.fixture(scope="module")
def pks(cast, mou) -> Any:
    """Gives the PKS under it, signed."""
    return agreements.signed(cast, agreements.accepted(cast, "pks", parent_id=mou.id))


@pytest.fixture(scope="module")
def bimtek(cast, pks) -> Any:
    """Gives the bimtek that carries out a line of the work plan, verified by the inspectorate."""
    line = work.agreed_line(cast, pks)
    return work.verified(cast, work.reported_bimtek(cast, line))


@pytest.fixture(scope="module")
def milestone(cast, pks) -> Any:
    """Gives a milestone that was met."""
    return work.milestone_met(cast, pks)


@pytest.fixture(scope="module")
def granted(cast, pks) -> Any:
    """Gives a data request that was granted on a condition."""
    return data_requests.granted(cast, data_requests.recommended(cast, pks))


@pytest.fixture(scope="module")
def refusal(cast, granted) -> Any:
    """Gives what comes of delivering before the condition was accepted."""
    return cast.reviewer.move(data_requests.MOVE, granted, data_requests.delivery(cast, granted))


@pytest.fixture(scope="module")
def acknowledged(cast, granted, refusal) -> Any:
    """Gives the data request after all of its moves."""
    return data_requests.acknowledged(cast, granted)


def test_every_operation_of_the_document_becomes_a_function(folder):
    paths = json.loads(COMMITTED.read_text())["paths"].values()
    operations = {operation["operationId"] for path in paths for operation in path.values()}
    modules = {each.stem for each in (folder / PACKAGE / "api").rglob("[!_]*.py")}
    assert modules == operations


def test_three_organizations_sign_an_mou_and_a_pks_under_it(mou, pks):
    assert (mou.state, mou.phase) == ("signed", "active")
    assert (pks.state, pks.phase, pks.parent_id) == ("signed", "active", mou.id)


def test_the_bimtek_is_verified_by_the_inspectorate(cast, bimtek):
    assert (bimtek.state, bimtek.verified_by) == ("verified", cast.inspectorate_id)
    assert [(group.total, group.female) for group in bimtek.participants.groups] == [
        (30, None),
        (4, None),
        (3, None),
    ]


def test_a_milestone_is_met(milestone):
    assert (milestone.state, milestone.health) == ("met", "met")


def test_a_refusal_is_the_generated_problem_with_all_faults(cast, refusal):
    assert isinstance(refusal, cast.models.Problem)
    assert (refusal.status, refusal.code) == (409, "guards_not_met")
    assert [(fault.pointer, fault.code) for fault in refusal.errors] == [
        ("/conditions", "conditions_not_accepted")
    ]


def test_a_data_request_is_granted_by_another_person_than_recommended_it(granted):
    assert granted.state == "granted"
    assert granted.decided_by != granted.recommendation.recommended_by


def test_what_was_granted_is_delivered_and_acknowledged(acknowledged):
    assert acknowledged.state == "fulfilled"
    assert [each.acknowledged_at is not None for each in acknowledged.deliveries] == [True]


def test_the_summary_shows_all_of_it(cast, pks, bimtek, milestone, acknowledged):
    summary = cast.icw.ask("agreements.get_agreement_summary", pks.id)
    assert [(each.key, each.count) for each in summary.activities.by_state] == [("verified", 1)]
    assert (summary.attendance.total, summary.attendance.female) == (37, None)
    assert [each.total for each in summary.attendance.by_organization] == [30, 4, 3]
    assert [(each.agreement_year, each.items) for each in summary.workplan.by_agreement_year] == [(1, 1)]
    assert [(each.key, each.count) for each in summary.milestones.by_health] == [("met", 1)]
    assert (summary.data_requests.received, summary.data_requests.granted) == (1, 1)


def test_the_audit_trail_of_all_of_it_verifies(cast, pks, bimtek, milestone, acknowledged):
    found = cast.approver.ask("audit.get_audit_verification", agreement_id=pks.id)
    assert (found.whole, found.first_break, found.continue_with) == (True, None, None)
    assert [each.stream for each in found.checkpoints] == [pks.id]
