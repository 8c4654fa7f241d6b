"""How a change of the work plan is written: its rows and the ledger at once."""

from decimal import Decimal
from typing import Any

import msgspec

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.actuals import Actual
from schema.wire.workplans import Indicator, WorkplanItem
from service.access.basis import Basis, facts_on
from service.access.call import Call
from service.access.holding import Behind, behind
from service.access.record import Revision, Step, entry
from service.kernel.ledger import Change
from service.workplans import actual_rules, changes, queries, rules
from service.workplans.records import PARENT_LEVEL, Measured, Stored, StoredActual

_encode = msgspec.json.Encoder().encode


async def write_item(
    call: Call,
    change: Change[changes.WrittenItem],
    *,
    basis: Basis,
    measured: Measured,
    revision: Revision[Stored],
) -> WorkplanItem:
    """Write a new or changed item and return the reply."""
    before, after, action, reason = revision
    facts = facts_on(basis, call.caller.today)
    reply = rules.reply(rules.Shown(after, measured, facts), call.caller)
    step = _item_step(after, action=action, before=before, after=after, reason=reason)
    params = changes.WrittenItem(
        **entry(call, step, answer=reply), **behind(basis), **_row(after), expected_version=after.version - 1
    )
    async with call.database.lease() as connection:
        await change.run(connection, params)
    return reply


async def remove_item(call: Call, stored: Stored, *, basis: Basis) -> None:
    """Delete a proposal."""
    step = _item_step(stored, action=Verb.DELETED, before=stored, after=None)
    params = Behind(**entry(call, step, answer=None), **behind(basis), expected_version=stored.version)
    async with call.database.lease() as connection:
        await changes.DELETE.run(connection, params)


async def write_actual(
    call: Call,
    change: Change[changes.WrittenActual],
    *,
    basis: Basis,
    item_version: int,
    revision: Revision[StoredActual],
) -> Actual:
    """Write a new or changed value and return the reply."""
    before, after, action, reason = revision
    reply = actual_rules.reply(after, call.caller, agreement=facts_on(basis, call.caller.today))
    step = Step(
        noun=Noun.ACTUAL,
        subject_id=after.id,
        version=after.version,
        action=action,
        permissions=(actual_rules.PERMISSIONS.get(action, Permission.WORKPLAN_EDIT),),
        stream=after.agreement_id,
        agreement_id=after.agreement_id,
        before=before,
        after=after,
        reason=reason,
    )
    values: dict[str, Any] = {**msgspec.structs.asdict(after), "value": _decimal(after.value)}
    params = changes.WrittenActual(
        **entry(call, step, answer=reply),
        **behind(basis),
        **values,
        expected_version=after.version - 1,
        item_version=item_version,
    )
    async with call.database.lease() as connection:
        await change.run(connection, params)
    return reply


def _item_step(
    subject: Stored, *, action: str, before: Stored | None, after: Stored | None, reason: str | None = None
) -> Step:
    return Step(
        noun=Noun.WORKPLAN_ITEM,
        subject_id=subject.id,
        version=subject.version,
        action=action,
        permissions=(rules.PERMISSIONS.get(action, Permission.WORKPLAN_EDIT),),
        stream=subject.agreement_id,
        agreement_id=subject.agreement_id,
        before=before,
        after=after,
        reason=reason,
    )


def _row(stored: Stored) -> dict[str, Any]:
    """Return an item as its row, with its lists as JSON."""
    values: dict[str, Any] = {name: getattr(stored, name) for name in queries.PLAIN}
    supporters = [
        {"position": place, "organization_id": each}
        for place, each in enumerate(stored.supporting_organization_ids, 1)
    ]
    budget = [
        {"position": place, **msgspec.structs.asdict(line)} for place, line in enumerate(stored.budget, 1)
    ]
    return {
        **values,
        **_indicator(stored.indicator),
        "parent_level": PARENT_LEVEL.get(stored.level) if stored.parent_id else None,
        "evidence": _encode(stored.evidence).decode() if stored.evidence else None,
        "supporters": _encode(supporters).decode(),
        "budget": _encode(budget).decode(),
    }


def _indicator(indicator: Indicator | None) -> dict[str, Any]:
    if indicator is None:
        return dict.fromkeys(queries.INDICATOR.values())
    values = {column: getattr(indicator, name) for name, column in queries.INDICATOR.items()}
    for column in ("indicator_baseline", "indicator_target"):
        values[column] = _decimal(values[column])
    return values


def _decimal(value: float | None) -> Decimal | None:
    """Return a number as it is written, not the nearest float."""
    return None if value is None else Decimal(str(value))
