"""The arithmetic of the chain: what follows, what does not, and what is said of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from service.access.canonical import Canonical, Told, canonical, hashing_key, keyed
from service.audit import rules
from service.audit.rules import Broken, Head, Linked, Mark, advanced, beginning, demand_end, demand_signed
from service.kernel import chain
from service.kernel.ids import uuid7
from service.kernel.signing import kept_keys

STREAM, OTHER, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)
AT = datetime(2026, 1, 5, 1, 0, 0, 123456, tzinfo=UTC)
KEY = hashing_key(b"secret")
COLUMNS = {
    "agreement_id": OTHER,
    "id": UUID(int=9),
    "organization_id": STREAM,
    "actor_id": None,
    "roles": ("viewer",),
    "role": None,
    "subject_type": "user",
    "subject_id": PERSON,
    "action": "deleted",
    "from_state": "draft",
    "to_state": None,
    "reason": "Lain",
    "version": 9,
    "request_id": None,
    "at": AT + timedelta(microseconds=1),
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return kept_keys(tmp_path_factory.mktemp("key") / "audit.key")


def told(seq: int, **values) -> Told:
    """Gives what an entry says, unless a test says otherwise."""
    usual = {
        "stream": STREAM,
        "agreement_id": STREAM,
        "id": uuid7(AT + timedelta(seconds=seq)),
        "organization_id": OTHER,
        "actor_id": PERSON,
        "roles": ("coordinator", "approver"),
        "role": "approver",
        "subject_type": "agreement",
        "subject_id": STREAM,
        "action": "suspend",
        "from_state": "signed",
        "to_state": "suspended",
        "reason": "Menunggu Ibu Maria",
        "version": seq,
        "request_id": "request",
        "at": AT + timedelta(seconds=seq),
    }
    return Told(**usual | values)


def text_of(entry: Told) -> str:
    said = canonical(entry, KEY, changed=("state",), record=keyed(KEY, b"{}").hex())
    return msgspec.json.encode(said).decode()


def linked(entry: Told, *, seq: int, before: str) -> Linked:
    text = text_of(entry)
    link = chain.link(bytes.fromhex(before), text.encode()).hex()
    return Linked(**msgspec.structs.asdict(entry), seq=seq, canonical=text, prev_hash=before, hash=link)


def chained(count: int) -> list[Linked]:
    """Gives a whole chain."""
    entries: list[Linked] = []
    before = beginning(STREAM).hash
    for seq in range(1, count + 1):
        entries.append(linked(told(seq), seq=seq, before=before))
        before = entries[-1].hash
    return entries


def head_of(last: Linked) -> Head:
    return Head(agreement_id=last.agreement_id, seq=last.seq, prev_hash=last.prev_hash, hash=last.hash)


def mark(entry: Linked, keys) -> Mark:
    """Gives a checkpoint that was signed at an entry."""
    unsigned = Mark(stream=STREAM, seq=entry.seq, hash=entry.hash, at=AT, key_id=keys.key_id, signature="")
    signature = keys.sign(rules.signed_text(unsigned)).hex()
    return msgspec.structs.replace(unsigned, signature=signature)


def found(entries, head=None, *, witnessed=None) -> tuple[int, str] | None:
    """Gives where a chain is broken and why; None when it is whole."""
    marks = {} if witnessed is None else {witnessed.seq: witnessed}
    try:
        place = advanced(beginning(STREAM), entries, witnessed=marks, key=KEY)
        demand_end(place, head or head_of(entries[-1]), last=entries[-1], witnessed=marks)
    except Broken as broken:
        return broken.seq, broken.code
    return None


# --------------------------------------------------------------------------------------------- what is whole


def test_a_chain_that_nobody_touched_is_whole(keys):
    entries = chained(5)
    assert found(entries) is None
    assert found(entries, witnessed=mark(entries[2], keys)) is None


def test_a_chain_is_checked_in_pages_as_in_one_piece():
    entries = chained(5)
    place = beginning(STREAM)
    for start in (0, 2, 4):
        place = advanced(place, entries[start : start + 2], witnessed={}, key=KEY)
    demand_end(place, head_of(entries[-1]), last=entries[-1], witnessed={})
    assert place == (STREAM, 5, entries[-1].hash)


def test_every_stream_begins_elsewhere():
    assert chain.genesis(STREAM) != chain.genesis(OTHER)
    with pytest.raises(Broken):
        advanced(beginning(OTHER), chained(1), witnessed={}, key=KEY)


# --------------------------------------------------------------------------------------- what the chain says


def test_the_chain_says_all_that_the_columns_say():
    bound = set(Canonical.__struct_fields__) - {"changed", "record"}
    renamed = {"actor_id": "actor", "subject_id": "subject"}
    assert bound == {renamed.get(name, name) for name in Told.__struct_fields__}
    assert set(COLUMNS) == set(Told.__struct_fields__) - {"stream"}


def test_no_person_and_no_reason_stands_in_the_chain():
    text = text_of(told(1, subject_type="user", subject_id=PERSON))
    assert str(PERSON) not in text
    assert PERSON.hex not in text
    assert "Maria" not in text


def test_a_person_is_another_hash_under_another_secret():
    texts = {canonical(told(1), hashing_key(s), changed=(), record="").actor for s in (b"one", b"two")}
    assert len(texts) == 2


# ------------------------------------------------------------------------------------------------ what is not


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_was_altered_is_found(name, place):
    entries = chained(5)
    entries[place] = msgspec.structs.replace(entries[place], **{name: COLUMNS[name]})
    assert found(entries, head_of(chained(5)[-1])) == (place + 1, "column_altered")


@pytest.mark.parametrize("place", range(5))
def test_an_entry_whose_text_was_altered_is_found(place):
    entries = chained(5)
    other = text_of(told(place + 1, action="deleted"))
    entries[place] = msgspec.structs.replace(entries[place], canonical=other)
    assert found(entries) == (place + 1, "entry_altered")


def test_a_text_that_says_nothing_is_found_though_its_hash_is_right():
    entries = chained(1)
    link = chain.link(bytes.fromhex(entries[0].prev_hash), b"{}").hex()
    entries[0] = msgspec.structs.replace(entries[0], canonical="{}", hash=link)
    assert found(entries) == (1, "entry_altered")


@pytest.mark.parametrize("place", range(4))
def test_an_entry_that_is_gone_is_found(place):
    entries = chained(5)
    del entries[place]
    assert found(entries) == (place + 1, "entry_missing")


def test_a_last_entry_that_is_gone_is_found():
    entries = chained(5)
    assert found(entries[:-1], head_of(entries[-1])) == (5, "entry_missing")


@pytest.mark.parametrize("place", range(4))
def test_entries_that_changed_places_are_found(place):
    entries = chained(5)
    one, two = entries[place : place + 2]
    entries[place : place + 2] = [
        msgspec.structs.replace(two, seq=one.seq),
        msgspec.structs.replace(one, seq=two.seq),
    ]
    assert found(entries) == (place + 1, "link_broken")


def test_an_entry_of_another_stream_does_not_fit():
    entries = chained(2)
    entries[1] = linked(told(2, stream=OTHER), seq=2, before=entries[0].hash)
    entries[1] = msgspec.structs.replace(entries[1], stream=STREAM)
    assert found(entries) == (2, "column_altered")


@pytest.mark.parametrize(
    "values", [{"seq": 4}, {"hash": "00" * 32}, {"prev_hash": "00" * 32}, {"agreement_id": OTHER}]
)
def test_a_head_that_is_not_the_last_entry_is_found(values):
    entries = chained(5)
    head = msgspec.structs.replace(head_of(entries[-1]), **values)
    assert found(entries, head) == (5, "head_altered")


def test_a_stream_without_a_head_is_found():
    with pytest.raises(Broken, match="head_altered"):
        demand_end(beginning(STREAM), None, last=None, witnessed={})


def test_a_chain_that_was_forged_anew_is_found_by_its_witness(keys):
    entries = chained(5)
    forged = [linked(told(1, action="deleted"), seq=1, before=beginning(STREAM).hash)]
    for seq in range(2, 6):
        forged.append(linked(told(seq), seq=seq, before=forged[-1].hash))
    assert found(forged) is None
    assert found(forged, witnessed=mark(entries[2], keys)) == (3, "checkpoint_differs")


def test_a_chain_that_lost_its_tail_is_found_by_its_witness(keys):
    entries = chained(5)
    assert found(entries[:3]) is None
    assert found(entries[:3], witnessed=mark(entries[4], keys)) == (5, "checkpoint_ahead")


# --------------------------------------------------------------------------------------------- who signed it


def test_what_was_signed_is_believed(keys):
    demand_signed(mark(chained(1)[0], keys), keys)


@pytest.mark.parametrize(
    "values",
    [
        {"stream": OTHER},
        {"seq": 2},
        {"hash": "00" * 32},
        {"at": AT + timedelta(microseconds=1)},
        {"key_id": "00" * 8},
        {"signature": "00" * 64},
        {"signature": ""},
    ],
)
def test_what_was_signed_otherwise_is_not_believed(keys, values):
    forged = msgspec.structs.replace(mark(chained(1)[0], keys), **values)
    with pytest.raises(Broken, match="checkpoint_forged"):
        demand_signed(forged, keys)


def test_a_checkpoint_comes_back_as_it_was_told(keys):
    signed = mark(chained(1)[0], keys)
    assert rules.kept(rules.told(signed)) == signed
    assert b'"at":"2026-01-05T01:00:00.123456Z"' in msgspec.json.encode(rules.told(signed))
    assert rules.signed_text(signed).endswith(b" 2026-01-05T01:00:00.123456Z")


@pytest.mark.parametrize("at", [AT, AT.replace(microsecond=0), AT.replace(microsecond=100)])
def test_an_instant_is_signed_as_it_stands_in_a_reply(at):
    assert msgspec.json.encode(at) == f'"{rules.instant(at)}"'.encode()


def test_a_break_is_told_in_both_languages():
    told = Broken(STREAM, -7, code="column_altered", column="reason").render()
    assert (told.seq, told.code) == (0, "column_altered")
    assert "reason" in told.detail.id
    assert "reason" in told.detail.en
