"""A world that grows and changes by chance, in the database and in the words of the model at once."""

import random
from collections import defaultdict
from itertools import count
from uuid import UUID

import asyncpg

from tests.trust.model import Record, World, line

_ORGANIZATIONS = """
INSERT INTO organization (id, parent_id, version, created_at, updated_at, name, kind, time_zone, search_text)
SELECT id, parent_id, 1, now(), now(), 'Organisasi ' || id, 'cso', 'Asia/Makassar', ''
FROM unnest($1::uuid[], $2::uuid[]) AS made (id, parent_id)
"""
# Whatever is made under an agreement goes by its id, so that all can be asked about by one id.
_AGREEMENTS = """
WITH made AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[], $5::uuid[], $6::uuid[])
    AS made (id, creator, parent, public, asks, holds)
), pact AS (
  INSERT INTO agreement (id, version, created_at, updated_at, kind, title, scope, parent_id,
    ends_on_is_derived, open_ended, notice_months, visibility, survives_parent, recorded_from_paper,
    terms_version, state, created_by_organization_id, search_text)
  SELECT id, 1, now(), now(), CASE WHEN parent IS NULL THEN 'mou' ELSE 'pks' END, 'Naskah', '{}', parent,
    false, true, 3, CASE WHEN public THEN 'public' ELSE 'parties' END, false, false, 1, 'draft', creator, ''
  FROM made
), written AS (
  INSERT INTO amendment (id, version, created_at, updated_at, agreement_id, sequence, organization_id, kinds,
    changes, terms_version, base_terms_version, state, signatures)
  SELECT id, 1, now(), now(), id, 1, creator, '{other}', '{}', 1, 1, 'in_discussion', '[]'
  FROM made
), accepted AS (
  INSERT INTO amendment_acceptance (agreement_id, amendment_id, terms_version, organization_id, user_id,
    accepted_at)
  SELECT id, id, 1, creator, id, now() FROM made
), held AS (
  INSERT INTO activity (id, version, created_at, updated_at, agreement_id, organization_id, relation, kind,
    also_kinds, title, mode, starts_on, ends_on, topics, mcp_areas, state)
  SELECT id, 1, now(), now(), id, creator, 'joint', 'bimtek', '{}', 'Bimtek', 'in_person', '2026-02-02',
    '2026-02-02', '{}', '{}', 'held'
  FROM made
), item AS (
  INSERT INTO workplan_item (id, version, created_at, updated_at, agreement_id, level, title, agreement_year,
    state, proposed_by, proposer_id)
  SELECT id, 1, now(), now(), id, 'activity', 'Bimtek', 1, 'proposed', creator, id
  FROM made
), valued AS (
  INSERT INTO actual (id, version, created_at, updated_at, agreement_id, workplan_item_id, starts_on, ends_on,
    value, state)
  SELECT id, 1, now(), now(), id, id, '2026-02-02', '2026-02-02', 1, 'draft' FROM made
), series AS (
  INSERT INTO milestone_series (id, version, created_at, updated_at, agreement_id, organization_id,
    owner_organization_id, title, rule, starts_on, fingerprint)
  SELECT id, 1, now(), now(), id, creator, creator, 'Reviu', 'FREQ=YEARLY', '2026-02-02', ''
  FROM made
), promised AS (
  INSERT INTO milestone (id, version, created_at, updated_at, agreement_id, organization_id,
    owner_organization_id, title, due_on, baseline_due_on, follows_series, state)
  SELECT id, 1, now(), now(), id, creator, creator, 'Reviu', '2026-02-02', '2026-02-02', false, 'open'
  FROM made
), tally AS (
  INSERT INTO activity_tally (agreement_id, relation, agreement_year, kind, state, activities)
  SELECT id, 'joint', 0, 'bimtek', 'held', 1 FROM made
), paper AS (
  INSERT INTO document (id, version, created_at, updated_at, agreement_id, organization_id, subject_type,
    subject_id, activity_id, kind, filename, media_type, byte_size, sha256, visibility)
  SELECT id, 1, now(), now(), id, creator, 'activity', id, id, 'photo', 'foto.png', 'image/png', 1,
    repeat('0', 64), 'public'
  FROM made
), data AS (
  INSERT INTO document (id, version, created_at, updated_at, agreement_id, organization_id, subject_type,
    subject_id, kind, filename, media_type, byte_size, sha256, visibility)
  SELECT gen_random_uuid(), 1, now(), now(), id, holds, 'agreement', id, 'dataset', 'rup.csv', 'text/csv', 1,
    repeat('0', 64), 'parties'
  FROM made
  RETURNING agreement_id, id
), named AS (
  INSERT INTO evidence_document (subject_id, agreement_id, document_id, activity_id)
  SELECT id, id, id, id FROM made
), entry AS (
  INSERT INTO dataset (id, version, created_at, updated_at, holder_organization_id, title, classification,
    fields, contains_personal_data, search_text)
  SELECT id, 1, now(), now(), holds, 'RUP', 'closed', '{}', false, '' FROM made
), request AS (
  INSERT INTO data_request (id, version, created_at, updated_at, lane, agreement_id,
    requester_organization_id, holder_organization_id, title, purpose, fields, personal_data, state,
    reviewer_ids, recommender_ids)
  SELECT id, 1, now(), now(), 'pks', id, asks, holds, 'RUP', 'Pemantauan', '{}', false, 'draft', '{}', '{}'
  FROM made
), delivered AS (
  INSERT INTO delivery (id, agreement_id, holder_organization_id, data_request_id, position, document_id,
    channel, complete, delivered_at, delivered_by)
  SELECT made.id, made.id, holds, made.id, 1, data.id, 'download', false, now(), made.id
  FROM made JOIN data ON data.agreement_id = made.id
), lodged AS (
  INSERT INTO objection (id, version, created_at, updated_at, agreement_id, requester_organization_id,
    holder_organization_id, data_request_id, ground, reason, state, received_on, due_on, barred_ids)
  SELECT id, 1, now(), now(), id, asks, holds, id, 'overdue', '', 'lodged', '2026-02-02', '2026-02-02', '{}'
  FROM made
), head AS (
  INSERT INTO audit_head (stream, agreement_id, seq, prev_hash, hash)
  SELECT id, id, 5, sha256(''), sha256('') FROM made
)
INSERT INTO audit_entry (stream, seq, id, agreement_id, organization_id, roles, subject_type, subject_id,
  action, version, at, canonical, prev_hash, hash)
SELECT made.id, seq, gen_random_uuid(), made.id, creator, '{}', subject, made.id, 'created', 1, now(), '{}',
  sha256(''), sha256('')
FROM made,
  unnest(ARRAY['agreement', 'activity', 'milestone', 'workplan_item', 'data_request'])
    WITH ORDINALITY AS about (subject, seq)
"""
_JOIN = """
INSERT INTO party (agreement_id, organization_id, position)
SELECT made.agreement_id, made.organization_id, coalesce(max(position), 0)
  + row_number() OVER (PARTITION BY made.agreement_id)
FROM unnest($1::uuid[], $2::uuid[]) AS made (agreement_id, organization_id)
LEFT JOIN party ON party.agreement_id = made.agreement_id
GROUP BY made.agreement_id, made.organization_id
"""
_CROSS = """
UPDATE party SET agreement_id = $3, position = (
  SELECT coalesce(max(position), 0) + 1 FROM party WHERE agreement_id = $3
) WHERE agreement_id = $1 AND organization_id = $2
"""
_TURN = "UPDATE party SET organization_id = $3 WHERE agreement_id = $1 AND organization_id = $2"
_LEAVE = "DELETE FROM party WHERE agreement_id = $1 AND organization_id = $2"
_CLEAR = "DELETE FROM party WHERE agreement_id = $1"
_REMOVE = """
WITH named AS (DELETE FROM evidence_document WHERE agreement_id = $1),
held AS (DELETE FROM activity WHERE agreement_id = $1),
paper AS (DELETE FROM document WHERE agreement_id = $1),
lodged AS (DELETE FROM objection WHERE agreement_id = $1),
delivered AS (DELETE FROM delivery WHERE agreement_id = $1),
request AS (DELETE FROM data_request WHERE agreement_id = $1),
entry AS (DELETE FROM dataset WHERE id = $1),
tally AS (DELETE FROM activity_tally WHERE agreement_id = $1),
promised AS (DELETE FROM milestone WHERE agreement_id = $1),
valued AS (DELETE FROM actual WHERE agreement_id = $1),
item AS (DELETE FROM workplan_item WHERE agreement_id = $1),
series AS (DELETE FROM milestone_series WHERE agreement_id = $1),
accepted AS (DELETE FROM amendment_acceptance WHERE agreement_id = $1),
written AS (DELETE FROM amendment WHERE agreement_id = $1)
DELETE FROM agreement WHERE id = $1
"""
_PUBLISH = "UPDATE agreement SET visibility = CASE WHEN $2 THEN 'public' ELSE 'parties' END WHERE id = $1"
_DERIVE = "UPDATE agreement SET parent_id = $2 WHERE id = $1"
_HAND_OVER = "UPDATE agreement SET created_by_organization_id = $2 WHERE id = $1"
_MOVE = """
UPDATE organization SET parent_id = moved.parent_id
FROM unnest($1::uuid[], $2::uuid[]) AS moved (id, parent_id) WHERE moved.id = organization.id
"""
_MOST_PARTIES = 5


class Growing:
    """Organizations in trees and agreements between them, which change by chance."""

    def __init__(self, connection: asyncpg.Connection, *, seed: str) -> None:
        """Begin with nothing; the same seed changes it in the same way."""
        self._connection = connection
        self._chance = random.Random(seed)
        self._numbers = count(1)
        self._above: dict[UUID, UUID | None] = {}
        self._agreements: dict[UUID, Record] = {}

    @property
    def world(self) -> World:
        """The world as it is now."""
        under: dict[UUID | None, list[Record]] = defaultdict(list)
        for pact in self._agreements.values():
            under[pact.parent].append(pact)
        return World(dict(self._above), dict(self._agreements), under)

    async def begin(self, *, organizations: int, agreements: int) -> None:
        """Writes so many organizations and agreements."""
        added = [self._new_organization() for _ in range(organizations)]
        await self._connection.execute(_ORGANIZATIONS, added, [self._above[each] for each in added])
        await self._write([self._new_agreement() for _ in range(agreements)])

    async def change(self, times: int) -> None:
        """Carries out so many changes, each as one statement."""
        for _ in range(times):
            await self._chance.choice(self._changes)()

    # -------------------------------------------------------------------------------------------- what is new

    def _new_organization(self) -> UUID:
        # One in four stands at the top; the others below one of the last, so that the trees are deep.
        last = list(self._above)[-12:]
        made = self._id()
        self._above[made] = self._chance.choice(last) if last and self._chance.random() < 0.75 else None
        return made

    def _new_agreement(self) -> UUID:
        made = self._id()
        self._agreements[made] = Record(
            creator=self._somebody(),
            parties=frozenset(self._somebody() for _ in range(self._chance.randint(0, 3))),
            parent=self._mou() if self._chance.random() < 0.4 else None,
            public=self._chance.random() < 0.05,
            key=self._two(),
        )
        return made

    async def _write(self, ids: list[UUID]) -> None:
        pacts = [self._agreements[id] for id in ids]
        await self._connection.execute(
            _AGREEMENTS,
            ids,
            [pact.creator for pact in pacts],
            [pact.parent for pact in pacts],
            [pact.public for pact in pacts],
            *zip(*(pact.key for pact in pacts), strict=True),
        )
        members = [(id, each) for id, pact in zip(ids, pacts, strict=True) for each in sorted(pact.parties)]
        await self._connection.execute(_JOIN, [id for id, _ in members], [each for _, each in members])

    async def _found(self) -> None:
        made = self._new_organization()
        await self._connection.execute(_ORGANIZATIONS, [made], [self._above[made]])

    async def _enter(self) -> None:
        await self._write([self._new_agreement()])

    # ------------------------------------------------------------------------------------ parties and parents

    async def _join(self) -> None:
        id = self._pact()
        joining = {self._somebody() for _ in range(2)} - self._agreements[id].parties
        if len(self._agreements[id].parties) < _MOST_PARTIES:
            await self._connection.execute(_JOIN, [id] * len(joining), sorted(joining))
            self._set(id, parties=self._agreements[id].parties | joining)

    async def _leave(self) -> None:
        id, leaving = self._party()
        await self._connection.execute(_LEAVE, id, leaving)
        self._set(id, parties=self._agreements[id].parties - {leaving})

    async def _clear(self) -> None:
        id = self._pact()
        await self._connection.execute(_CLEAR, id)
        self._set(id, parties=frozenset[UUID]())

    async def _turn(self) -> None:
        (id, before), after = self._party(), self._somebody()
        parties = self._agreements[id].parties
        if after not in parties:
            await self._connection.execute(_TURN, id, before, after)
            self._set(id, parties=parties - {before} | {after})

    async def _cross(self) -> None:
        (id, crossing), to = self._party(), self._pact()
        if crossing not in self._agreements[to].parties:
            await self._connection.execute(_CROSS, id, crossing, to)
            self._set(id, parties=self._agreements[id].parties - {crossing})
            self._set(to, parties=self._agreements[to].parties | {crossing})

    async def _derive(self) -> None:
        id, parent = self._pact(), self._chance.choice([self._mou(), None])
        if parent != id and not self.world.under[id]:
            await self._connection.execute(_DERIVE, id, parent)
            self._set(id, parent=parent)

    async def _hand_over(self) -> None:
        id, creator = self._pact(), self._somebody()
        await self._connection.execute(_HAND_OVER, id, creator)
        self._set(id, creator=creator)

    async def _publish(self) -> None:
        id = self._pact()
        public = not self._agreements[id].public
        await self._connection.execute(_PUBLISH, id, public)
        self._set(id, public=public)

    async def _remove(self) -> None:
        under = self.world.under
        id = self._chance.choice([id for id in self._agreements if not under[id]])
        await self._connection.execute(_REMOVE, id)
        del self._agreements[id]

    # ----------------------------------------------------------------------------------------------- the tree

    async def _move(self) -> None:
        """Moves two organizations at once, with all below them, where that closes no cycle."""
        moved: dict[UUID, UUID | None] = {}
        for _ in range(2):
            unit, to = self._somebody(), self._chance.choice([self._somebody(), None])
            if unit not in moved and unit not in line(self.world, to):
                moved[unit] = self._above[unit] = to
        await self._connection.execute(_MOVE, list(moved), list(moved.values()))

    # ------------------------------------------------------------------------------------------------- chance

    @property
    def _changes(self):
        return (
            self._found, self._enter, self._join, self._leave, self._clear, self._turn, self._cross,
            self._derive, self._hand_over, self._publish, self._remove, self._move, self._move, self._move,
        )  # fmt: skip

    def _id(self) -> UUID:
        return UUID(int=next(self._numbers))

    def _somebody(self) -> UUID:
        return self._chance.choice(list(self._above))

    def _two(self) -> tuple[UUID, UUID]:
        one, other = self._chance.sample(list(self._above), 2)
        return one, other

    def _pact(self) -> UUID:
        return self._chance.choice(list(self._agreements))

    def _party(self) -> tuple[UUID, UUID]:
        members = [(id, each) for id, pact in self._agreements.items() for each in sorted(pact.parties)]
        return self._chance.choice(members)

    def _mou(self) -> UUID | None:
        return self._chance.choice(
            [None, *(id for id, pact in self._agreements.items() if pact.parent is None)]
        )

    def _set(self, id: UUID, **values: object) -> None:
        self._agreements[id] = self._agreements[id]._replace(**values)
