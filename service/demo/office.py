"""Everybody who enters the case, signed in: each record by its person, each step of its life by its own."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from service.demo.case import Case, Held, Moved, Step, evidence
from service.demo.clock import Clock
from service.demo.desk import Desk, resolved

Record = dict[str, Any]


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """The desks of all who enter something, and the ids of what was entered, by key."""

    case: Case
    desks: Mapping[str, Desk]
    ids: dict[str, str]
    clock: Clock

    def body(self, record: Held) -> Record:
        """Return the body to enter a record with."""
        return resolved(record.body, self.ids)

    async def known(self, records: Iterable[Held], path: str, *, by: str) -> dict[Any, Record]:
        """Return what those who enter the records see there already, by what it is known by."""
        found: list[Record] = []
        for email in {record.entered_by for record in records}:
            found += await self.desks[email].all(path)
        return {each[by]: each for each in found}

    async def entered(self, record: Held, path: str, *, known: Record | None) -> Record:
        """Return a record as it is there, entered by its person when it was not; keeps its id."""
        desk = self.desks[record.entered_by]
        found = known or await desk.ask(f"POST {path}", body=self.body(record))
        self.ids[record.key] = found["id"]
        return found

    async def lived(self, record: Moved, path: str, *, found: Record) -> Record:
        """Carry out the steps of a record that were not yet: each made one version."""
        done = found["version"] - 1
        for minute, step in list(enumerate(record.steps, 1))[done:]:
            with self.clock.at(step.on, minute):
                found = await self._carried_out(step, path, found=found)
        return found

    async def _carried_out(self, step: Step, path: str, *, found: Record) -> Record:
        body = {"action": step.action, **resolved(step.body, self.ids)}
        if step.sources:
            used = [self.case.sources[key] for key in step.sources]
            body["evidence"] = evidence(used, step.note)
        request = f"POST {path}/transitions"
        return await self.desks[step.by].ask(request, body=body, version=found["version"])
