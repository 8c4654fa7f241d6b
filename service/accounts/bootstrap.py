"""The first platform administrator of an installation, made by whoever has its database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import asdict, replace
from sqlalchemy import CTE, Table, Text, Uuid, insert, select, update

from schema.tables.accounts import installation, membership, token, user
from schema.tables.organizations import organization
from schema.vocabulary import AccountState, Language, Noun, OrganizationKind, Role, TimeZone, TokenKind, Verb
from schema.wire.accounts import ApiKey, Membership, User
from schema.wire.common import Email, Record
from schema.wire.organizations import Organization
from service.access.canonical import hashing_key
from service.access.queries import Nothing
from service.access.record import Actor, Step, open_entry
from service.access.secret import kept_secret
from service.accounts import credentials, passwords, queries, rules
from service.accounts.records import Credentials
from service.accounts.tokens import new_key_token
from service.kernel import instants
from service.kernel.database import Connection, act_for, one, only, opened, rows
from service.kernel.ids import uuid7
from service.kernel.ledger import Change, Entry, after, rows_of, updated
from service.kernel.operation import OPEN
from service.kernel.problem import Fault, refuse
from service.kernel.statement import Statement, document, param
from service.kernel.text import folded, squeezed

_KEY_LASTS = timedelta(days=1)
_ZONE = TimeZone.JAKARTA


class Bootstrapped(msgspec.Struct, frozen=True, kw_only=True):
    """A platform administrator, with a key of the operating organization that lasts one day."""

    token: str
    user_id: UUID
    organization_id: UUID


class Operated(msgspec.Struct, frozen=True):
    """The operating organization; null before the first bootstrap."""

    organization_id: UUID | None


class Made(Entry, frozen=True, kw_only=True):
    """A record the system makes: a JSON list of its one row."""

    made: str


class Revived(Entry, frozen=True, kw_only=True):
    """A person who may act again."""

    version: int
    updated_at: datetime
    state: str
    password_hash: str


class Promoted(Entry, frozen=True, kw_only=True):
    """Roles that the system gives a member."""

    version: int
    updated_at: datetime
    roles: tuple[str, ...]


class _Run(NamedTuple):
    """One run: everything it writes has the same time and request."""

    connection: Connection
    now: datetime
    request_id: str
    key: bytes


async def bootstrap(dsn: str, email: str, *, now: datetime) -> Bootstrapped:
    """Return a platform administrator with this e-mail and a new key, making what is missing of both.

    The first run also makes the operating organization. Runs take turns, and a running service sees the
    result at its next request. Raises `validation_failed` for what is no e-mail.
    """
    _demand_email(email)
    password_hash = await passwords.unguessable()
    async with opened(dsn, size=1) as database:
        secret = await kept_secret(database)  # It makes the row that the runs take turns on.
        async with database.transaction() as connection:
            run = _Run(connection, now, str(uuid7(now)), hashing_key(secret))
            organization_id = await _operating_organization(run)
            user_id = await _person(run, email, organization_id=organization_id, password_hash=password_hash)
            await _administrator(run, user_id, organization_id=organization_id)
            text = await _key(run, user_id, organization_id=organization_id)
    return Bootstrapped(token=text, user_id=user_id, organization_id=organization_id)


async def installation_secret(dsn: str) -> bytes:
    """Return the installation's secret, made by whoever asks first."""
    async with opened(dsn, size=1) as database:
        return await kept_secret(database)


def _demand_email(email: str) -> None:
    try:
        msgspec.convert(email, Email)
    except msgspec.ValidationError:
        refuse([Fault("/email", "bad_format", {"given": email, "expected": "name@example.org"})])


async def _operating_organization(run: _Run) -> UUID:
    found = await only(run.connection, _HELD_INSTALLATION, params=Nothing())
    if found.organization_id is not None:
        await act_for(run.connection, found.organization_id)
        return found.organization_id
    record = Organization(
        **_new(run),
        name="Pengelola Tenun",
        short_name=None,
        kind=OrganizationKind.STATE_AGENCY,
        parent_id=None,
        region_code=None,
        bps_code=None,
        legal_form=None,
        registration_number=None,
        time_zone=_ZONE,
        is_public_body=None,
        contact=None,
        joint_leave=True,
    )
    await act_for(run.connection, record.id)
    row = {**asdict(record), "search_text": folded(record.name)}
    await _make(run, _MAKE_ORGANIZATION, record=record, row=row, noun=Noun.ORGANIZATION, stream=record.id)
    return record.id


async def _person(run: _Run, email: str, *, organization_id: UUID, password_hash: str) -> UUID:
    """Return the id of the person with this e-mail, made or brought back when that is needed.

    Nobody knows the password of a person made here: a key is what opens the door.
    """
    named = credentials.ByEmail(squeezed(email))
    await rows(run.connection, _HELD_USER, params=named)
    found = await one(run.connection, credentials.BY_EMAIL, params=named)
    if found is None:
        return await _new_person(run, email, organization_id=organization_id, password_hash=password_hash)
    if found.state is not AccountState.ACTIVE:
        await _revive(run, found, organization_id=organization_id, password_hash=password_hash)
    return found.id


async def _new_person(run: _Run, email: str, *, organization_id: UUID, password_hash: str) -> UUID:
    record = User(
        **_new(run),
        email=email,
        name="Administrator",
        language=Language.ID,
        state=AccountState.ACTIVE,
        password_change_required=False,
        memberships=(),
    )
    row = {**asdict(record), "email_key": squeezed(email), "password_hash": password_hash}
    await _make(run, _MAKE_USER, record=record, row=row, noun=Noun.USER, stream=organization_id)
    return record.id


async def _revive(run: _Run, found: Credentials, *, organization_id: UUID, password_hash: str) -> None:
    before = rules.user_of(found)
    record = replace(before, state=AccountState.ACTIVE, version=found.version + 1, updated_at=run.now)
    step = _step(Noun.USER, record, action=Verb.UPDATED, stream=organization_id, before=before)
    written = Revived(
        **_told(run, step),
        version=record.version,
        updated_at=run.now,
        state=record.state,
        password_hash=found.password_hash or password_hash,
    )
    await _REVIVE.run(run.connection, written)


async def _administrator(run: _Run, user_id: UUID, *, organization_id: UUID) -> None:
    """Give a person `platform_admin` in the operating organization, unless the person has it."""
    await queries.administration_of(run.connection, [organization_id])
    found = await one(run.connection, _MEMBER, params=_InOrganization(user_id, organization_id))
    if found is None:
        record = Membership(
            **_new(run), user_id=user_id, organization_id=organization_id, roles=(Role.PLATFORM_ADMIN,)
        )
        await _make(
            run,
            _MAKE_MEMBERSHIP,
            record=record,
            row=asdict(record),
            noun=Noun.MEMBERSHIP,
            stream=organization_id,
        )
    elif Role.PLATFORM_ADMIN not in found.roles:
        await _promote(run, found)


async def _promote(run: _Run, found: Membership) -> None:
    roles = (*found.roles, Role.PLATFORM_ADMIN)
    record = replace(found, roles=roles, version=found.version + 1, updated_at=run.now)
    step = _step(Noun.MEMBERSHIP, record, action=Verb.UPDATED, stream=found.organization_id, before=found)
    written = Promoted(**_told(run, step), version=record.version, updated_at=run.now, roles=record.roles)
    await _PROMOTE.run(run.connection, written)


async def _key(run: _Run, user_id: UUID, *, organization_id: UUID) -> str:
    made = new_key_token()
    expires_at = run.now + _KEY_LASTS
    record = ApiKey(
        **_new(run),
        name="bootstrap",
        user_id=user_id,
        organization_id=organization_id,
        roles=(Role.PLATFORM_ADMIN,),
        expires_on=instants.day_in(_ZONE, expires_at),
        revoked_at=None,
    )
    secret = {"kind": TokenKind.API_KEY, "digest": f"\\x{made.digest.hex()}", "expires_at": expires_at}
    row = {**asdict(record), **secret}
    await _make(run, _MAKE_KEY, record=record, row=row, noun=Noun.API_KEY, stream=organization_id)
    return made.text


def _new(run: _Run) -> dict[str, Any]:
    return {
        "id": uuid7(run.now),
        "version": 1,
        "created_at": run.now,
        "updated_at": run.now,
        "created_by": None,
    }


async def _make(
    run: _Run, change: Change[Made], *, record: Record, row: dict[str, Any], noun: Noun, stream: UUID
) -> None:
    step = _step(noun, record, action=Verb.CREATED, stream=stream)
    written = Made(**_told(run, step), made=msgspec.json.encode([row]).decode())
    await change.run(run.connection, written)


def _step(noun: Noun, record: Record, *, action: Verb, stream: UUID, before: Record | None = None) -> Step:
    return Step(
        noun=noun,
        subject_id=record.id,
        version=record.version,
        action=action,
        permissions=OPEN,
        stream=stream,
        before=before,
        after=record,
    )


def _told(run: _Run, step: Step) -> dict[str, Any]:
    system = Actor(user_id=None, organization_id=step.stream)
    return open_entry(step, system, now=run.now, request_id=run.request_id, key=run.key)


# ------------------------------------------------------------------------------------------------ statements


class _InOrganization(msgspec.Struct, frozen=True):
    user_id: UUID
    organization_id: UUID


# Whoever holds the installation's row bootstraps; the next run sees what this one made.
_HELD_INSTALLATION = Statement(
    "held_installation",
    document(Operated, select(installation.c.organization_id).with_for_update()),
    params=Nothing,
    row=Operated,
)

_HELD_USER = Statement(
    "held_user_by_email",
    document(
        queries.Found,
        select(user.c.id).where(user.c.email_key == param("email_key", Text())).with_for_update(),
    ),
    params=credentials.ByEmail,
    row=queries.Found,
)

_MEMBER = Statement(
    "member",
    document(
        Membership,
        select(*(membership.c[name] for name in queries.MEMBERSHIP_COLUMNS)).where(
            membership.c.user_id == param("user_id", Uuid()),
            membership.c.organization_id == param("organization_id", Uuid()),
        ),
    ),
    params=_InOrganization,
    row=Membership,
)


def _inserted(table: Table, names: Sequence[str], *, head: CTE) -> CTE:
    source = rows_of("made", table, names=names)
    values = select(*(source.c[name] for name in names)).where(after(head))
    return insert(table).from_select(list(names), values).cte("made_row")


def _operated(head: CTE) -> CTE:
    own = update(installation).values(organization_id=param("subject_id", Uuid())).where(after(head))
    return own.cte("operated")


def _making(name: str, table: Table, *, names: Sequence[str]) -> Change[Made]:
    return Change(name, params=Made, target=None, works=lambda head: [_inserted(table, names, head=head)])


_ORGANIZATION_COLUMNS = (*Organization.__struct_fields__, "search_text")
_MAKE_ORGANIZATION = Change(
    "make_operating_organization",
    params=Made,
    target=None,
    works=lambda head: [_inserted(organization, _ORGANIZATION_COLUMNS, head=head), _operated(head)],
)
_MAKE_USER = _making("make_user", user, names=(*queries.USER_COLUMNS, "email_key", "password_hash"))
_MAKE_MEMBERSHIP = _making("make_membership", membership, names=queries.MEMBERSHIP_COLUMNS)
_MAKE_KEY = _making("make_api_key", token, names=(*credentials.KEY_COLUMNS, "kind", "digest", "expires_at"))
_REVIVE = Change(
    "revive_user",
    params=Revived,
    target=select(user.c.id).where(user.c.id == param("subject_id", Uuid())),
    works=lambda head: [updated(user, ("version", "updated_at", "state", "password_hash"), head=head)],
)
_PROMOTE = Change(
    "promote_member",
    params=Promoted,
    target=select(membership.c.id).where(membership.c.id == param("subject_id", Uuid())),
    works=lambda head: [updated(membership, ("version", "updated_at", "roles"), head=head)],
)
