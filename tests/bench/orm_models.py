"""The declared tables as mapped classes, with the relationships a page needs."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, relationship

from schema.tables import activities, agreements, ledger, organizations
from schema.tables.common import metadata as declared
from schema.tables.data_requests import data_request
from schema.tables.milestones import milestone


class Base(DeclarativeBase):
    metadata = declared


class Organization(Base):
    __table__ = organizations.organization


class Party(Base):
    __table__ = agreements.party

    organization: Mapped[Organization] = relationship()


class Agreement(Base):
    __table__ = agreements.agreement

    parties: Mapped[list[Party]] = relationship(order_by=agreements.party.c.position)
    parent: Mapped["Agreement | None"] = relationship(
        foreign_keys=[agreements.agreement.c.parent_id], remote_side=[agreements.agreement.c.id]
    )
    has_open_milestones: Mapped[bool] = column_property(
        exists()
        .where(
            milestone.c.agreement_id == agreements.agreement.c.id,
            milestone.c.state.in_(("open", "submitted", "returned")),
        )
        .correlate_except(milestone),
        deferred=True,
    )
    undelivered_requests: Mapped[int] = column_property(
        select(func.count())
        .where(
            data_request.c.agreement_id == agreements.agreement.c.id,
            data_request.c.state.in_(("granted", "granted_in_part")),
        )
        .correlate_except(data_request)
        .scalar_subquery(),
        deferred=True,
    )


class Organizer(Base):
    __table__ = activities.organizer


class Group(Base):
    __table__ = activities.participant_group


class Activity(Base):
    __table__ = activities.activity

    agreement: Mapped[Agreement] = relationship()
    organizers: Mapped[list[Organizer]] = relationship(order_by=activities.organizer.c.position)
    groups: Mapped[list[Group]] = relationship(order_by=activities.participant_group.c.position)


class ActivityTally(Base):
    __table__ = activities.activity_tally


class AttendanceTally(Base):
    __table__ = activities.attendance_tally


class AuditHead(Base):
    __table__ = ledger.audit_head


class AuditEntry(Base):
    __table__ = ledger.audit_entry


class OutboxEvent(Base):
    __table__ = ledger.outbox_event


class IdempotencyKey(Base):
    __table__ = ledger.idempotency_key
