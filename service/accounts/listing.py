"""Lists of persons, memberships and keys: by id, a statement compiled once per set of filters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Table, Uuid, any_, exists, func, select

from schema.tables.accounts import membership, token, user
from schema.tables.common import text_array
from schema.vocabulary import TokenKind
from schema.wire.accounts import ApiKey, ApiKeyQuery, Membership, MembershipQuery, User, UserQuery
from schema.wire.common import ListQuery, Record
from service.access.call import Call
from service.access.paging import Counted, paged
from service.accounts import rules
from service.accounts.credentials import KEY_COLUMNS
from service.accounts.queries import MEMBERSHIP_COLUMNS, account_columns
from service.accounts.records import Account
from service.kernel.statement import Statement, document, param

R = TypeVar("R", bound=Record)
Conditions = list[ColumnElement[bool]]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a list may be narrowed by; `acting_id` keeps it to what the acting organization may see."""

    row_limit: int
    after_id: UUID = UUID(int=0)
    acting_id: UUID | None = None
    organization_id: UUID | None = None
    user_id: UUID | None = None
    states: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Listed(Generic[R]):
    """What a list is made of; `conditions` gives those of the filters used."""

    row: type[R]
    table: Table
    columns: tuple[ColumnElement[Any], ...]
    conditions: Callable[[frozenset[str]], Conditions]


async def users(call: Call, query: UserQuery) -> tuple[tuple[User, ...], str | None, int | None]:
    """Return a page of the persons the caller may see, the next cursor, and the total when asked for."""
    given = {**_reach(call), "organization_id": query.organization_id, "states": query.state}
    items, cursor, total = await _page(call, query, listed=_USERS, given=given)
    return tuple(rules.seen(each, call.caller) for each in items), cursor, total


async def memberships(
    call: Call, query: MembershipQuery
) -> tuple[tuple[Membership, ...], str | None, int | None]:
    """Return a page of the memberships the caller may see, the next cursor, and the total when asked for."""
    given = {**_reach(call), "organization_id": query.organization_id, "user_id": query.user_id}
    return await _page(call, query, listed=_MEMBERSHIPS, given=given)


async def keys(call: Call, query: ApiKeyQuery) -> tuple[tuple[ApiKey, ...], str | None, int | None]:
    """Return a page of the acting organization's keys, the next cursor, and the total when asked for."""
    given = {"acting_id": call.organization_id, "user_id": query.user_id}
    return await _page(call, query, listed=_KEYS, given=given)


def _reach(call: Call) -> dict[str, Any]:
    return {} if rules.runs_platform(call.caller) else {"acting_id": call.organization_id}


async def _page(
    call: Call, query: ListQuery, *, listed: Listed[R], given: Mapping[str, Any]
) -> tuple[tuple[R, ...], str | None, int | None]:
    used = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    if query.cursor is not msgspec.UNSET:
        (used["after_id"],) = call.position(query.cursor, tuple[UUID])
    filters = Filters(**used, row_limit=query.limit + 1)
    names = frozenset(used) - {"after_id"}
    rows: list[R] = await call.database.rows(_listing(listed, names), filters)
    items, cursor = paged(call, rows, limit=query.limit, position=lambda row: (row.id,))
    total = await call.database.only(_counting(listed, names), filters) if query.count else None
    return items, cursor, total and total.total


@cache
def _listing(listed: Listed[Any], used: frozenset[str]) -> Statement[Filters, Any]:
    of_id = listed.table.c.id
    page = (
        select(*listed.columns)
        .where(of_id > param("after_id", Uuid()), *listed.conditions(used))
        .order_by(of_id)
        .limit(param("row_limit", Integer()))
    )
    name = f"list_{listed.table.name}"
    return Statement(name, document(listed.row, page), params=Filters, row=listed.row, optional=_OPTIONAL)


@cache
def _counting(listed: Listed[Any], used: frozenset[str]) -> Statement[Filters, Counted]:
    count = select(func.count().label("total")).select_from(listed.table).where(*listed.conditions(used))
    name = f"count_{listed.table.name}"
    return Statement(name, document(Counted, count), params=Filters, row=Counted, optional=_OPTIONAL)


_OPTIONAL = frozenset(Filters.__struct_fields__)


def _user_conditions(used: frozenset[str]) -> Conditions:
    # Both about the same membership: an administrator does not learn where else a member belongs.
    member = [membership.c.organization_id == param(name, Uuid()) for name in _ORGANIZATIONS if name in used]
    found: Conditions = []
    if member:
        found.append(exists(select(membership.c.id).where(membership.c.user_id == user.c.id, *member)))
    if "states" in used:
        found.append(user.c.state == any_(param("states", text_array())))
    return found


def _membership_conditions(used: frozenset[str]) -> Conditions:
    found: Conditions = [
        membership.c.organization_id == param(name, Uuid()) for name in _ORGANIZATIONS if name in used
    ]
    if "user_id" in used:
        found.append(membership.c.user_id == param("user_id", Uuid()))
    return found


def _key_conditions(used: frozenset[str]) -> Conditions:
    found: Conditions = [
        token.c.kind == TokenKind.API_KEY.value,
        token.c.organization_id == param("acting_id", Uuid()),
    ]
    if "user_id" in used:
        found.append(token.c.user_id == param("user_id", Uuid()))
    return found


_ORGANIZATIONS = ("acting_id", "organization_id")
_USERS = Listed(Account, user, tuple(account_columns()), _user_conditions)
_MEMBERSHIPS = Listed(
    Membership, membership, tuple(membership.c[name] for name in MEMBERSHIP_COLUMNS), _membership_conditions
)
_KEYS = Listed(ApiKey, token, tuple(token.c[name] for name in KEY_COLUMNS), _key_conditions)
