"""The second comparator: what a good team writes with Litestar and the ORM of SQLAlchemy (`selectinload`).

No token, policy, log or ETag. It answers the same structs as the service and derives phase, actions, warnings
and tallies with the service's own pure functions.
"""

from base64 import urlsafe_b64decode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

import asyncpg
import msgspec
from litestar import Litestar, Request, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy import insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload, selectinload, undefer

from schema.tables.activities import activity
from schema.tables.agreements import agreement, agreement_access
from schema.wire.activities import Activity, ActivityPage, CreateActivity
from schema.wire.agreements import Agreement
from service import settings
from service.access.basis import facts_on
from service.access.principal import Caller
from service.activities import edits
from service.activities import rules as activity_rules
from service.agreements import rules as agreement_rules
from service.kernel import instants
from service.kernel.cursor import sign
from service.kernel.ids import uuid7
from tests.bench import orm_models as models
from tests.bench.orm_ledger import record
from tests.bench.orm_records import activity_of, agreement_of, basis_of, group_rows, row_of
from tests.bench.world import callers

_TAG_BYTES = 16
_position = msgspec.json.Decoder(tuple[date, UUID]).decode
_OF_AGREEMENT = (selectinload(models.Agreement.parties), joinedload(models.Agreement.parent))
_OF_ACTIVITY = (
    selectinload(models.Activity.organizers),
    selectinload(models.Activity.groups),
    selectinload(models.Activity.agreement).options(*_OF_AGREEMENT),
)

Session = NamedDependency[AsyncSession]
Asking = NamedDependency[Caller]


def create() -> Litestar:
    """Gives the application; its pool is opened when the server starts."""
    known = callers(instants.now())

    def asking(request: Request) -> Caller:
        caller = known[request.headers["authorization"].encode()]
        return msgspec.structs.replace(caller, now=instants.now())

    return Litestar(
        route_handlers=[healthz, get_agreement, list_activities, create_activity],
        dependencies={
            "session": Provide(_session),
            "caller": Provide(asking, sync_to_thread=False),
        },
        lifespan=[_engine],
        openapi_config=None,
        logging_config=None,
    )


@asynccontextmanager
async def _engine(app: Litestar) -> AsyncGenerator[None]:
    given = settings.load()
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(given.database_url),
        pool_size=given.pool_size,
        max_overflow=0,
    )
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


async def _session(request: Request) -> AsyncGenerator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


@get("/healthz")
async def healthz() -> None:
    """Answers that it runs."""


@get("/v1/agreements/{agreement_id:uuid}")
async def get_agreement(agreement_id: FromPath[UUID], session: Session, caller: Asking) -> Agreement:
    """Gives R1."""
    found = await session.scalar(
        select(models.Agreement)
        .where(agreement.c.id == agreement_id)
        .options(
            selectinload(models.Agreement.parties).joinedload(models.Party.organization),
            joinedload(models.Agreement.parent),
            undefer(models.Agreement.has_open_milestones),
            undefer(models.Agreement.undelivered_requests),
        )
    )
    return agreement_rules.reply(agreement_of(found), caller)


@get("/v1/activities")
async def list_activities(
    session: Session,
    caller: Asking,
    *,
    agreement_id: FromQuery[UUID | None] = None,
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str | None] = None,
) -> ActivityPage:
    """Gives R2, or R4 without an agreement."""
    rows = select(models.Activity).options(*_OF_ACTIVITY)
    if agreement_id is not None:
        rows = rows.where(activity.c.agreement_id == agreement_id)
    else:
        seen = select(agreement_access.c.agreement_id).where(
            agreement_access.c.organization_id == caller.organization_id
        )
        rows = rows.where(activity.c.agreement_id.in_(seen))
    place = (activity.c.starts_on, activity.c.id)
    if cursor is not None:
        rows = rows.where(tuple_(*place) < tuple_(*_after(cursor)))
    rows = rows.order_by(*(column.desc() for column in place)).limit(limit + 1)
    found = (await session.scalars(rows)).all()
    return _page(found, limit, caller=caller)


def _after(text: str) -> tuple[date, UUID]:
    return _position(urlsafe_b64decode(text + "=" * (-len(text) % 4))[_TAG_BYTES:])


def _page(rows, limit: int, *, caller: Caller) -> ActivityPage:
    agreements = {row.agreement.id: row.agreement for row in rows[:limit]}
    facts = {each.id: facts_on(basis_of(each), caller.today) for each in agreements.values()}
    items = tuple(
        activity_rules.reply(activity_of(row), caller, agreement=facts[row.agreement_id])
        for row in rows[:limit]
    )
    more = len(rows) > limit
    following = sign((items[-1].starts_on, items[-1].id), scope=b"", secret=b"") if more else None
    return ActivityPage(items=items, next_cursor=following, total=None)


@post("/v1/activities")
async def create_activity(
    data: JSONBody[CreateActivity], request: Request, *, session: Session, caller: Asking
) -> Activity:
    """Gives W1."""
    key = request.headers["idempotency-key"]
    async with session.begin():
        found = await session.scalar(
            select(models.Agreement)
            .where(agreement.c.id == data.agreement_id)
            .options(*_OF_AGREEMENT)
            .with_for_update(read=True, of=models.Agreement)
        )
        facts = facts_on(basis_of(found), caller.today)
        stored = edits.created(data, caller, agreement=facts, id=uuid7(caller.now))
        reply = activity_rules.reply(stored, caller, agreement=facts)
        session.add(row_of(stored))
        await session.flush()
        await session.execute(insert(models.Group).values(group_rows(stored)))
        await record(session, stored, reply, caller=caller, facts=facts, key=key)
    return reply
