"""What a party is told of its trail: whether it is whole, and the checkpoints to keep."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.audit import checkpoints, verifying
from service.kernel.signing import kept_keys
from tests.actors import make_actor
from tests.api import Api, codes
from tests.partners import colleague, held, id_of, in_force, make_partners, mou
from tests.roles import environment_of
from tests.running import running

PATH, KEY = "/v1/audit-entries/verify", "/v1/meta/audit-key"
REPOSITORY = Path(__file__).parents[2]


async def signed_at(api: Api, stream: str, seq: int) -> bool:
    """Whether a checkpoint of an entry comes within a second."""
    for _ in range(100):
        if await api.connection.fetchval(
            "SELECT true FROM audit_checkpoint WHERE (stream, seq) = ($1, $2)", UUID(stream), seq
        ):
            return True
        await asyncio.sleep(0.01)
    return False


async def moved(api, partners) -> str:
    """Gives an agreement of ICW and the city with four entries, signed at its last."""
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    await api.create("/v1/activities", partners.icw, body=held(path))
    await api.moved(path, partners.city, "suspend", reason="Menunggu audit")
    await api.moved(path, partners.city, "lift_suspension", reason="Selesai")
    assert await signed_at(api, id_of(path), 4)
    return path


# -------------------------------------------------------------------------------------------- what is told


async def test_a_trail_that_is_whole_is_told_with_its_checkpoint(api, partners):
    pact = id_of(await moved(api, partners))
    found = await api.read(f"{PATH}?agreement_id={pact}", partners.city)
    (mark,) = found.pop("checkpoints")
    assert found == {
        "whole": True,
        "streams": 1,
        "entries": 4,
        "first_break": None,
        "continue_with": None,
    }
    link = await api.connection.fetchval("SELECT hash FROM audit_head WHERE stream = $1", UUID(pact))
    assert (mark["stream"], mark["seq"], mark["hash"]) == (pact, 4, link.hex())


async def test_whoever_has_the_public_key_proves_a_checkpoint_without_us(api, partners):
    pact = id_of(await moved(api, partners))
    (mark,) = (await api.read(f"{PATH}?agreement_id={pact}", partners.city))["checkpoints"]
    (key,) = (await api.client.get(KEY)).json()["items"]
    assert (key["key_id"], key["algorithm"]) == (mark["key_id"], "Ed25519")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public_key"]))
    text = "tenun checkpoint {stream} {seq} {hash} {at}".format(**mark)
    public.verify(base64.b64decode(mark["signature"]), text.encode())


async def test_the_first_break_is_told_in_both_languages(api, partners):
    pact = id_of(await moved(api, partners))
    alter = "UPDATE audit_entry SET reason = $2 WHERE (stream, seq) = ($1, 3)"
    await api.connection.execute(alter, UUID(pact), "Lain")
    found = await api.read(f"{PATH}?agreement_id={pact}", partners.city)
    assert (found["whole"], found["streams"]) == (False, 0)
    broken = found["first_break"]
    assert (broken["stream"], broken["seq"], broken["code"]) == (pact, 3, "column_altered")
    assert broken["detail"]["id"].startswith("Kolom reason")
    assert broken["detail"]["en"].startswith("The column reason of entry 3")
    await api.connection.execute(alter, UUID(pact), "Menunggu audit")
    assert (await api.read(f"{PATH}?agreement_id={pact}", partners.city))["whole"]


async def test_a_party_checks_what_it_shares_and_its_own_accounts(api, partners):
    pact = await moved(api, partners)
    platform = await make_actor(api.connection, roles=["platform_admin"])
    own = f"/v1/organizations/{partners.icw.organization_id}"
    await api.change("PATCH", own, platform, body={"short_name": "ICW"})
    for by, counts in ((partners.icw, (2, 5)), (partners.city, (1, 4)), (partners.stranger, (0, 0))):
        found = await api.read(PATH, by)
        assert (found["whole"], found["streams"], found["entries"]) == (True, *counts)
    hidden = await api.read(f"{PATH}?agreement_id={id_of(pact)}", partners.stranger)
    unknown = await api.read(f"{PATH}?agreement_id={uuid4()}", partners.stranger)
    assert hidden == unknown
    assert hidden["streams"] == 0


async def test_a_chain_is_checked_by_auditors_alone(api, partners):
    viewer = await colleague(api, partners.icw, "viewer", "org_admin")
    assert codes(await api.get(PATH, viewer)) == (403, "permission_missing", [])


# ------------------------------------------------------------------------------------------------- in pieces


@pytest.mark.parametrize(("page", "at_once", "streams"), [(2, 3, 200), (1, 1, 1), (4, 4, 2), (3, 100, 1)])
async def test_what_is_too_much_at_once_is_checked_in_pieces(
    api, partners, monkeypatch, page, at_once, streams
):
    pacts = {id_of(await moved(api, partners)) for _ in range(3)}
    monkeypatch.setattr(verifying, "_PAGE", page)
    monkeypatch.setattr(verifying, "ENTRIES_AT_ONCE", at_once)
    monkeypatch.setattr(verifying, "STREAMS_AT_ONCE", streams)
    found, query, entries = [], "", 0
    while query is not None:
        answer = await api.read(f"{PATH}{query}", partners.city)
        assert answer["whole"]
        found += [mark["stream"] for mark in answer["checkpoints"]]
        entries += answer["entries"]
        query = answer["continue_with"] and f"?cursor={answer['continue_with']}"
    assert (sorted(found), entries) == (sorted(pacts), 12)


async def test_a_break_behind_the_first_piece_is_found_in_its_piece(api, partners, monkeypatch):
    pact = id_of(await moved(api, partners))
    monkeypatch.setattr(verifying, "_PAGE", 2)
    monkeypatch.setattr(verifying, "ENTRIES_AT_ONCE", 2)
    await api.connection.execute(
        "UPDATE audit_entry SET action = 'x' WHERE (stream, seq) = ($1, 4)", UUID(pact)
    )
    first = await api.read(PATH, partners.city)
    assert (first["whole"], first["entries"]) == (True, 2)
    second = await api.read(f"{PATH}?cursor={first['continue_with']}", partners.city)
    assert second["first_break"]["seq"] == 4


async def test_a_place_to_go_on_that_was_altered_is_refused(api, partners):
    answer = await api.get(f"{PATH}?cursor=AAAA", partners.city)
    assert codes(answer) == (400, "validation_failed", [("?cursor", "cursor_invalid")])


# ------------------------------------------------------------------------------------------ when it is signed


async def test_what_moved_is_signed_within_a_second(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    await api.moved(path, partners.city, "suspend", reason="Audit")
    assert await signed_at(api, id_of(path), 2)


async def test_what_did_not_move_is_signed_in_its_turn(new_database, monkeypatch):
    monkeypatch.setattr(checkpoints, "_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(checkpoints, "_PAGE", 2)
    async with new_database() as dsn, running(dsn) as client:
        connection = await asyncpg.connect(dsn)
        api = Api(client, connection)
        partners = await make_partners(api)
        paths = [await in_force(api, partners.icw, mou(partners.icw)) for _ in range(5)]
        assert all([await signed_at(api, id_of(path), 1) for path in paths])
        await asyncio.sleep(0.3)
        assert await connection.fetchval("SELECT count(*) FROM audit_checkpoint") == 5
        await connection.close()


# ------------------------------------------------------------------------------------------- the command line


def tenun(*arguments: str, dsn: str, key: Path) -> tuple[int, str]:
    """Gives the exit code of `tenun audit verify` and what it printed."""
    environment = {
        "PATH": os.defpath,
        **environment_of(dsn),
        "TENUN_AUDIT_KEY_FILE": str(key),
    }
    command = [sys.executable, "-m", "service", "audit", "verify", *arguments]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout or done.stderr


async def test_the_command_tells_by_its_exit_code(new_database, tmp_path):
    key, kept = tmp_path / "audit.key", tmp_path / "kept.json"
    kept_keys(key)
    async with new_database() as dsn:
        connection = await asyncpg.connect(dsn)
        async with running(dsn, audit_key_file=str(key)) as client:
            api = Api(client, connection)
            partners = await make_partners(api)
            pact = await moved(api, partners)
            kept.write_text(json.dumps(await api.read(PATH, partners.city)))
        whole = await asyncio.to_thread(tenun, dsn=dsn, key=key)
        assert whole == (0, "The audit trail is whole; streams: 1, entries: 4.\n")
        witnessed = await asyncio.to_thread(tenun, "--json", "--checkpoint", str(kept), dsn=dsn, key=key)
        assert (witnessed[0], json.loads(witnessed[1])["whole"]) == (0, True)
        await connection.execute(
            "DELETE FROM audit_entry; DELETE FROM audit_head; DELETE FROM audit_checkpoint"
        )
        inside, outside, missing = await asyncio.gather(
            asyncio.to_thread(tenun, dsn=dsn, key=key),
            asyncio.to_thread(tenun, "--json", "--checkpoint", str(kept), dsn=dsn, key=key),
            asyncio.to_thread(tenun, "--checkpoint", str(tmp_path / "none"), dsn=dsn, key=key),
        )
        await connection.close()
    assert inside[0] == 0
    broken = json.loads(outside[1])["first_break"]
    assert (outside[0], broken["stream"], broken["seq"]) == (3, id_of(pact), 4)
    assert missing[0] == 1
    assert "Cannot read checkpoints" in missing[1]
