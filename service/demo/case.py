"""The Kupang case as it stands in the package: who, what was agreed, planned, done, and where it was read."""

from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from typing import Any

import msgspec


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where facts come from; `address` may name a site only."""

    title: str
    address: str
    published: str | None = None

    @property
    def url(self) -> str | None:
        """The address when it can be followed."""
        return self.address if self.address.startswith("https://") else None

    @property
    def cited(self) -> str:
        """The title, with the day it was published when that is known."""
        return f"{self.title} ({self.published})" if self.published else self.title


class Listed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record that gives its facts with their sources, or says that it is invented.

    In `body`, `@key` stands for the id of the record with that key.
    """

    key: str
    body: dict[str, Any]
    sources: tuple[str, ...] = ()
    illustrative: bool = False


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invented person; the first one of each role gets the ready token."""

    email: str
    name: str
    organization: str
    role: str


class Held(Listed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record that a person enters; an activity has its `key` as client_ref."""

    entered_by: str


class Signed(Held, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agreement; `note` says how far its sources carry."""

    note: str


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person does to a record: today, or `on` a day of an invented story.

    Its sources become the evidence, with a note how far they carry.
    """

    by: str
    action: str
    on: date | None = None
    body: dict[str, Any] = {}
    sources: tuple[str, ...] = ()
    note: str | None = None


class Moved(Held, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record with the steps of its life, in their order; nobody takes all of them alone."""

    steps: tuple[Step, ...] = ()


class Amended(Moved, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amendment of an agreement, known by its title."""

    agreement: str


class Planned(Moved, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A workplan item, known by its code, with the values that were reported for it."""

    actuals: tuple[Moved, ...] = ()


class Observed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What its sources say of a period; the first of them becomes its source, the others go into the note."""

    body: dict[str, Any]
    sources: tuple[str, ...]


class Scored(Held, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A series of scores of a region, known by its title; `note` says what to know of its sources."""

    note: str | None = None
    observations: tuple[Observed, ...]


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file `kupang.json`."""

    about: str
    sources: dict[str, Source]
    organizations: tuple[Listed, ...]
    persons: tuple[Person, ...]
    agreements: tuple[Signed, ...]
    amendments: tuple[Amended, ...]
    workplan: tuple[Planned, ...]
    milestones: tuple[Moved, ...]
    activities: tuple[Held, ...]
    datasets: tuple[Held, ...]
    data_requests: tuple[Moved, ...]
    indicator_series: tuple[Scored, ...]

    def entering(self) -> set[str]:
        """Return the e-mails of all who enter something or take a step."""
        still = (*self.agreements, *self.activities, *self.datasets, *self.indicator_series)
        moved = (*self.amendments, *self.workplan, *self.actuals(), *self.milestones, *self.data_requests)
        entered = {record.entered_by for record in (*still, *moved)}
        return entered | {step.by for record in moved for step in record.steps}

    def actuals(self) -> list[Moved]:
        """Return the values reported for all items."""
        return [actual for item in self.workplan for actual in item.actuals]

    def organization_of(self, email: str) -> str:
        """Return the key of the organization a person acts for."""
        return next(person.organization for person in self.persons if person.email == email)

    def first_of_each_role(self) -> list[Person]:
        """Return the persons who get the ready tokens."""
        first: dict[str, Person] = {}
        for person in self.persons:
            first.setdefault(person.role, person)
        return list(first.values())


def kupang() -> Case:
    """Return the case as it stands in the package."""
    return msgspec.json.decode(files("service.demo").joinpath("kupang.json").read_bytes(), type=Case)


def source_note(record: Signed | Scored, case: Case) -> str:
    """Return the note, if any, with each source on a line of its own: title, day, address."""
    used = [case.sources[key] for key in record.sources]
    lines = [f"{source.cited}: {source.address}" for source in used]
    return "\n".join((*((record.note,) if record.note else ()), "Sumber:", *lines))


def news(activity: Held, case: Case) -> list[dict[str, str | None]]:
    """Return the sources as references; only a full address can be followed."""
    used = [case.sources[key] for key in activity.sources]
    return [{"system": "news", "ref": source.title, "url": source.url} for source in used]


def evidence(sources: Iterable[Source], note: str | None) -> list[dict[str, str | None]]:
    """Return the sources as evidence: where to read it, what it is, and how far it carries."""
    return [
        {
            "url": source.url,
            "document_ref": None if source.url else source.address,
            "note": f"{source.cited}. {note}" if note else source.cited,
        }
        for source in sources
    ]
