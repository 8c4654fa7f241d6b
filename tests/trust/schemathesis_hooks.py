"""What Schemathesis must know besides the document; its own process loads this, named in schemathesis.toml.

Some rule refuses invented values nearly always, and then nothing behind the rules is ever reached. So what
fits the schema is mostly sent about records that exist, in the version they have; all else is left alone.
"""

import os
import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import schemathesis
from hypothesis import strategies as st
from schemathesis.core import NOT_SET
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

from service.kernel import instants
from service.kernel.period import FIRST_DAY, LAST_DAY
from tests.accounts.given import PASSWORD
from tests.documents.files import PDF

KNOWN_EMAIL = "masuk@example.org"
NOBODY = str(UUID(int=0))
LISTS = {
    "activity_id": "/v1/activities",
    "agreement_id": "/v1/agreements",
    "document_id": "/v1/documents",
    "dataset_id": "/v1/datasets",
    "holder_organization_id": "/v1/organizations",
    "indicator_series_id": "/v1/indicator-series",
    "key_id": "/v1/api-keys",
    "membership_id": "/v1/memberships",
    "milestone_id": "/v1/milestones",
    "organization_id": "/v1/organizations",
    "parent_id": "/v1/agreements",
    "request_id": "/v1/data-requests",
    "series_id": "/v1/milestone-series",
    "user_id": "/v1/users",
    "workplan_item_id": "/v1/workplan-items",
}
BELOW = ("actual_id", "objection_id", "sequence")
"""What names a record in a list that lies under another record."""
VALUES = {
    "current_password": PASSWORD,
    "expires_on": (instants.now() + timedelta(days=30)).date().isoformat(),
    "new_password": PASSWORD,
    "password": PASSWORD,
    "sequence": 1,
}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# Codes of faults that a schema can tell. A rule that needs the database, today or a second field has another
# code: then 400 is what the contract says, and the document is right.
OF_THE_SCHEMA = {
    "bad_format",
    "not_allowed",
    "out_of_range",
    "repeated_parameter",
    "required",
    "too_long",
    "too_short",
    "unknown_field",
    "unknown_parameter",
    "wrong_type",
}

asked = count()
fitted: set[str] = set()
dice = random.Random(1)
token = os.environ["TOKEN"]  # noqa: TID251 - Schemathesis hands nothing else on.
client = httpx.Client(headers={"authorization": f"Bearer {token}"})

# `format: date` alone gives days of the year 9999; the document bounds them by formatMinimum.
schemathesis.openapi.format("date", st.dates(FIRST_DAY, LAST_DAY).map(date.isoformat))


@schemathesis.hook
def before_call(context: Any, case: Any, **_: Any) -> None:
    """Makes what fits the schema likely, and spares the persons whom it asks as."""
    base = case.operation.schema.get_base_url()
    needed = needed_ids(base)
    if case.meta.generation.mode.is_positive:
        case.body = case.body if case.body is NOT_SET else plain(case.body)
        # The stateful phase knows by itself which records there are.
        if case.meta.phase.name != "stateful":
            case.path_parameters = likely(case.path_parameters, base)
            case.body = case.body if case.body is NOT_SET else likely(case.body, base)
            if case.operation.label in FITTING and mostly():
                case.body = {**case.body, **FITTING[case.operation.label](base)}
                fitted.add(case.id)
            case.headers.update(likely_headers(case, base))
    if case.method in {"DELETE", "PATCH"}:
        spared = {name: NOBODY for name, value in case.path_parameters.items() if value in needed}
        case.path_parameters = {**case.path_parameters, **spared}


def paper(base: str) -> dict[str, Any]:
    """Gives a file about an agreement that exists; Schemathesis names it as what it is."""
    return {"subject_type": "agreement", "subject_id": known_id("agreement_id", base), "file": PDF}


FITTING: dict[str, Callable[[str], dict[str, Any]]] = {
    "POST /v1/documents": paper,
    "POST /v1/sessions": lambda _base: {"email": KNOWN_EMAIL},
}
"""What makes a body likely to be accepted that no rule for single fields knows."""


def plain(value: Any) -> Any:
    """Gives a body as clients write it: no 3.0 for 3, and no text with control characters."""
    match value:
        case dict():
            return {key: plain(member) for key, member in value.items()}
        case list():
            return [plain(member) for member in value]
        case float() if value.is_integer():
            return int(value)
        case str():
            return CONTROL.sub("-", value)
        case _:
            return value


def likely(value: Any, base: str, name: str = "") -> Any:
    """Gives a value in which most ids and numbers are those of records, and most passwords right."""
    match value:
        case dict():
            return {key: likely(member, base, key) for key, member in value.items()}
        case list():
            return [likely(member, base, name) for member in value]
        case str() if name in LISTS and mostly():
            return known_id(name, base)
        case str() | int() if name in VALUES and mostly():
            return VALUES[name]
        case _:
            return value


def likely_headers(case: Any, base: str) -> dict[str, str]:
    """Gives a new Idempotency-Key, and the version of the record that the path names."""
    found = {}
    if "Idempotency-Key" in case.headers and mostly():
        found["Idempotency-Key"] = str(dice.random())
    if "If-Match" in case.headers and mostly():
        record = client.get(base + path_of_record(case))
        found |= {"If-Match": f'"{record.json()["version"]}"'} if record.is_success else {}
    return found


def path_of_record(case: Any) -> str:
    """Gives the path of the record whose version is asked for: with an id of its own, else the first one."""
    name = next(name for name in (*BELOW, *LISTS) if name in case.path_parameters)
    head, found, _ = case.operation.path.partition(f"{{{name}}}")
    return (head + found).format(**case.path_parameters)


def mostly() -> bool:
    """Says yes three times of four."""
    return dice.random() < 0.75


def known_id(name: str, base: str) -> str:
    """Gives the id of a record that a field of this name may refer to; of organizations often the own one."""
    if name == "organization_id" and dice.random() < 0.5:
        return me(base)["organization_id"]
    return dice.choice(known_ids(LISTS[name], base, next(asked) // 50))


@cache
def known_ids(path: str, base: str, _turn: int) -> list[str]:
    """Gives the ids of a list, read anew when it is another turn: records come and go."""
    items = client.get(f"{base}{path}", params={"limit": 200}).json()["items"]
    return [item["id"] for item in items] or [NOBODY]


@cache
def me(base: str) -> dict[str, Any]:
    """Gives who asks."""
    return client.get(f"{base}/v1/me").json()


@cache
def needed_ids(base: str) -> frozenset[str]:
    """Gives the ids of those who are members of the own organization before anything happens."""
    where = {"organization_id": me(base)["organization_id"]}
    found = client.get(f"{base}/v1/memberships", params=where).json()["items"]
    return frozenset(each[name] for each in found for name in ("id", "user_id"))


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Keeps a refusal of what fits the schema only if the schema could have told.

    What was made to fit is no violation: Schemathesis takes every body with bytes in it for one.
    """
    if isinstance(failure, AcceptedNegativeData) and case.id in fitted:
        return False
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    problem = response.json()
    faults = {fault["code"] for fault in problem["errors"]}
    return problem["code"] == "malformed_request" or not faults.isdisjoint(OF_THE_SCHEMA)
