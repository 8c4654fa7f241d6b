"""A report over more activities than an agreement will ever have is read within its time."""

from time import perf_counter

from tests.partners import id_of, in_force, mou

MANY = 50_000
LOGGED = """
INSERT INTO activity (id, version, created_at, updated_at, agreement_id, organization_id, relation, kind,
    also_kinds, title, mode, starts_on, ends_on, topics, mcp_areas, state, participant_unit)
SELECT gen_random_uuid(), 1, now(), now(), $1, $2, 'joint', 'fgd', '{}', 'Rapat ' || n, 'in_person',
    date '2022-08-15' + n % 1800, date '2022-08-15' + n % 1800, '{}', '{}', 'held', 'people'
FROM generate_series(1, $3) AS n
"""
CAME = """
INSERT INTO participant_group (activity_id, agreement_id, position, organization_id, total)
SELECT id, agreement_id, 1, $2, 3 FROM activity WHERE agreement_id = $1
"""
SECONDS = 5  # That of `statement_timeout`; it takes about a second.


async def test_fifty_thousand_activities_are_counted_in_time(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    await api.connection.execute(LOGGED, id_of(pact), partners.icw.organization_id, MANY)
    await api.connection.execute(CAME, id_of(pact), partners.city.organization_id)
    await api.connection.execute("ANALYZE activity, participant_group")
    started = perf_counter()
    found = await api.read(f"{pact}/report", partners.icw)
    assert perf_counter() - started < SECONDS
    assert (found["activities"]["total"], found["left_out"]["held"]) == (MANY, MANY - 200)
    assert (found["attendance"]["total"], found["held"][0]["participants"]) == (3 * MANY, 3)
