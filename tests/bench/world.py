"""The partnership a benchmark measures: how much of everything there is, and which ids it has.

Ids follow from numbers, so requests and expectations are made without asking the database.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from schema.vocabulary import Language, Role, TimeZone, TokenKind
from service.access.authenticate import token_digest
from service.access.policy import permissions_of
from service.access.principal import Caller, Principal
from service.kernel.instants import day_in

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
EXPIRES_AT = datetime(2099, 1, 1, tzinfo=UTC)
ROLES = (Role.COORDINATOR, Role.REVIEWER)
SMALL_TOKEN, LARGE_TOKEN = "bench-token-of-a-small-party", "bench-token-of-a-large-party"

FEW = 27
"""Agreements of the small party."""

LARGE, SMALL = 0, 1
"""Numbers of the organization above all governments, and of a CSO that is a party to few agreements."""

PER_PLAN = 20
"""Items of the work plan of each agreement, and its milestones: what one plan holds does not grow."""

_OF_LARGE = 200
_COLLEAGUES = 1_000_000
"""Number of the first colleague; below it persons have the number of their organization."""


class Noun:
    """Numbers that keep ids of different nouns apart."""

    ORGANIZATION, AGREEMENT, ACTIVITY, USER, MEMBERSHIP, TOKEN = range(6)
    WORKPLAN_ITEM, MILESTONE, DATASET, DATA_REQUEST, DELIVERY = range(6, 11)


class Size(NamedTuple):
    """How much of everything there is.

    The first half of the organizations are `LARGE`, `SMALL` and the tree of governments and units below
    `LARGE`; the other half are CSOs. `busy` agreements hold `per_busy` activities each, the rest `per_quiet`;
    `data_requests` of all agreements are spread in the same proportions.
    """

    organizations: int
    agreements: int
    busy: int
    per_busy: int
    per_quiet: int
    data_requests: int

    @property
    def units(self) -> int:
        """Number of the first CSO besides `SMALL`."""
        return self.organizations // 2

    @property
    def of_large(self) -> int:
        """Agreements to which `LARGE` is a party itself; those of `SMALL` come first."""
        return min(_OF_LARGE, self.agreements // 2)

    @property
    def asked_busily(self) -> int:
        """Data requests of all busy agreements together: one for each four activities."""
        return self.busy * (self.per_busy // 4)


class Member(NamedTuple):
    """A person whose token sends requests."""

    token: str
    number: int

    @property
    def organization_id(self) -> UUID:
        """The organization the person asks for, which has the same number."""
        return id_of(Noun.ORGANIZATION, self.number)

    @property
    def user_id(self) -> UUID:
        """The person."""
        return person_of(self.number)

    @property
    def colleague_id(self) -> UUID:
        """Another reviewer of the organization."""
        return colleague_of(self.number)

    @property
    def token_id(self) -> UUID:
        """The token."""
        return id_of(Noun.TOKEN, self.number)

    @property
    def digest(self) -> bytes:
        """What the database keeps of the token."""
        return token_digest(self.token)


MEMBERS = (Member(SMALL_TOKEN, SMALL), Member(LARGE_TOKEN, LARGE))
"""Who asks: a person of the small party, and one of the organization that sees everything below it."""


def sized(scale: float) -> Size:
    """Gives the amounts of a scale; 1 is the size that performance is stated for.

    Above 1 the busy agreements hold more activities and the quiet ones grow in number, so that what a live
    aggregate reads grows with the scale.
    """
    agreements, busy = max(100, round(5000 * scale)), max(FEW, round(1000 * min(1, scale)))
    per_busy = round(150 * max(1, scale))
    rest = round(200_000 * scale) - busy * per_busy
    return Size(
        organizations=max(60, round(600 * scale)),
        agreements=agreements,
        busy=busy,
        per_busy=per_busy,
        per_quiet=max(5, rest // (agreements - busy)),
        data_requests=round(50_000 * scale),
    )


def callers(now: datetime) -> dict[bytes, Caller]:
    """Gives the callers the service makes of the members, by header, for comparators without sign-in."""
    zone = TimeZone.MAKASSAR
    return {
        f"Bearer {member.token}".encode(): Caller(
            principal=_principal(member, zone), now=now, today=day_in(zone, now), language=Language.ID
        )
        for member in MEMBERS
    }


def _principal(member: Member, zone: TimeZone) -> Principal:
    return Principal(
        token_id=member.token_id,
        token_kind=TokenKind.SESSION,
        expires_at=EXPIRES_AT,
        user_id=member.user_id,
        organization_id=member.organization_id,
        time_zone=zone,
        roles=ROLES,
        membership_version=1,
        user_version=1,
        password_change_required=False,
        sees_many=member.number == LARGE,
        permissions=permissions_of(ROLES),
    )


def id_of(noun: int, number: int) -> UUID:
    """Gives the id of a record: a UUIDv7 whose time rises with the number, as in a real table."""
    milliseconds = int((AT - timedelta(days=365)).timestamp() * 1000) + number
    noise = (number * 0x9E3779B97F4A7C15 + noun) % (1 << 58)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62 | noun << 58 | noise)


def person_of(organization: int) -> UUID:
    """Gives the person who asks and handles for an organization."""
    return id_of(Noun.USER, organization)


def colleague_of(organization: int) -> UUID:
    """Gives the other person of an organization, who decides."""
    return id_of(Noun.USER, _COLLEAGUES + organization)


def parties_of(size: Size, agreement: int) -> tuple[int, int, int]:
    """Gives the organizations of an agreement, by number: a government or unit, a CSO, another unit."""
    above, others = size.units, size.units - 2
    unit = 2 + agreement % others
    another = 2 + (unit - 1 + agreement % (others - 1)) % others
    cso = above + agreement % (size.organizations - above)
    if agreement < size.of_large:
        return LARGE, SMALL if agreement < FEW else cso, unit
    return unit, cso, another


def activities_of(size: Size, agreement: int) -> range:
    """Gives the numbers of the activities of an agreement."""
    if agreement < size.busy:
        return range(agreement * size.per_busy, (agreement + 1) * size.per_busy)
    start = size.busy * size.per_busy + (agreement - size.busy) * size.per_quiet
    return range(start, start + size.per_quiet)


def requests_of(size: Size, agreement: int) -> range:
    """Gives the numbers of the data requests of an agreement, oldest first: they rise with time over all."""
    if agreement < size.busy:
        return range(agreement, size.asked_busily, size.busy)
    return range(size.asked_busily + agreement - size.busy, size.data_requests, size.agreements - size.busy)


def asked_under(size: Size, number: int) -> int:
    """Gives the agreement of a data request."""
    if number < size.asked_busily:
        return number % size.busy
    return size.busy + (number - size.asked_busily) % (size.agreements - size.busy)
