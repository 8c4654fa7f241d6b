"""One request on its way: who asks, with which headers, and what the edge needs to answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from schema.vocabulary import Language, Noun
from schema.wire.summary import AgreementSummary
from service.access.denied import Denied
from service.access.principal import Caller, Principal
from service.kernel import cursor
from service.kernel.database import Database
from service.kernel.lifecycle import Lifecycle
from service.kernel.mailbox import Mailbox
from service.kernel.operation import Operation
from service.kernel.problem import Problem
from service.kernel.remembered import Remembered
from service.kernel.signing import Keys
from service.kernel.statement import Statement
from service.kernel.storage import Storage
from service.settings import Settings

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R")
T = TypeVar("T")

_encode = msgspec.json.Encoder().encode


class Repeat(msgspec.Struct, frozen=True):
    """The Idempotency-Key of a request and what makes another request the same one."""

    key: str
    fingerprint: bytes


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What the process holds for all requests; `secret` signs cursors, `hashing_key` hides persons.

    `clock` gives the present instant of every request. `operations` and `lifecycles` are the tables the
    service works by, for the slice that publishes them;
    `summaries` are those it put together, by what they are of. `keys` sign the audit trail, soon where a
    stream is posted to `moved`; `denied` takes what somebody was refused, `storage` the bytes of documents.
    """

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    secret: bytes
    hashing_key: bytes
    keys: Keys
    moved: Mailbox[UUID]
    denied: Mailbox[Denied]
    storage: Storage
    operations: tuple[Operation, ...]
    lifecycles: Mapping[Noun, Lifecycle[Any]]
    summaries: Remembered[object, AgreementSummary]


class Visit(msgspec.Struct, kw_only=True):
    """A request of an operation that needs no token."""

    operation: Operation
    services: Services
    request_id: str
    peer: str
    now: datetime
    language: Language
    accept: str
    rendered: tuple[object, bytes] | None = None

    @property
    def database(self) -> Database:
        """The pool, on behalf of nobody."""
        return self.services.database

    def render(self, record: object) -> bytes:
        """Return the JSON of a record, encoded once however often it is asked for."""
        if self.rendered is None or self.rendered[0] is not record:
            self.rendered = (record, _encode(record))
        return self.rendered[1]


class Call(Visit, kw_only=True):
    """A request of somebody known; handlers get it as their first argument.

    `expected` is the version If-Match names; `listing` names the list a cursor belongs to; `changed_users`
    are the persons whose tokens, roles or state it changed: this process forgets them before it answers.
    `moved_streams` are the audit streams in which it moved a record from one state to another.
    `repeats` says that the answer tells again what an earlier request did.
    """

    caller: Caller
    listing: bytes
    expected: int | None = None
    repeat: Repeat | None = None
    repeats: bool = False
    changed_users: list[UUID] = msgspec.field(default_factory=list[UUID])
    moved_streams: list[UUID] = msgspec.field(default_factory=list[UUID])

    @property
    def database(self) -> Database:
        """The pool, on behalf of the caller's organization."""
        return self.services.database.acting(self.organization_id)

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return self.caller.principal

    @property
    def organization_id(self) -> UUID:
        """Organization the caller acts for."""
        return self.caller.principal.organization_id

    async def found(self, statement: Statement[P, R], params: P) -> R:
        """Return the first row of one statement; raise `not_found` when the caller sees none."""
        row = await self.database.one(statement, params)
        if row is None:
            raise Problem("not_found")
        return row

    def match(self, version: int) -> None:
        """Raise `stale_version` when If-Match names another version."""
        if self.expected is not None and self.expected != version:
            raise Problem("stale_version", current=version, given=self.expected)

    def cursor(self, position: Sequence[object]) -> str:
        """Return the cursor of the next page of this list."""
        return cursor.sign(position, scope=self.listing, secret=self.services.secret)

    def position(self, text: str, kind: type[T]) -> T:
        """Return the position a cursor of this list holds, as `kind`."""
        return cursor.read(text, kind, scope=self.listing, secret=self.services.secret)
