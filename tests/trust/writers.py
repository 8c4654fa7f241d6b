"""Clients that write until they are answered, and what must be true of whatever they wrote.

Every write has an Idempotency-Key. Every second one has a client_ref as well; the others have nothing but
their key that could stop a second activity.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple

import asyncpg
import httpx

from tests.activities import counted
from tests.partners import EVERYTHING, held, id_of, mou
from tests.trust.served import Served

Rows = Callable[..., list[asyncpg.Record]]
"""Gives the rows of a statement with its arguments, past every rule of the service."""

ACTIVITIES, AGREEMENTS = "/v1/activities", "/v1/agreements"
PASSWORD = "kopi susu di Oesapa"
CLIENTS = 4
SENT_AGAIN = 0.1  # The share of acknowledged writes that are repeated all the same.
FIRST_DAY = date(2022, 8, 15)
REPORTED = {"state": "reported", "evidence": [{"url": "https://example.org/daftar-hadir"}]}
ONCE = {
    "activities": "SELECT title FROM activity",
    "audit entries": "SELECT subject_id FROM audit_entry WHERE subject_type = 'activity'",
    "events": "SELECT subject_id FROM outbox_event WHERE subject_type = 'activity'",
    "keys": "SELECT key FROM idempotency_key",
}
GAPS = """
SELECT stream FROM audit_head AS head LEFT JOIN audit_entry AS entry USING (stream) GROUP BY stream, head.seq
HAVING (coalesce(min(entry.seq), 0), max(entry.seq), count(entry)) IS DISTINCT FROM (1, head.seq, head.seq)
"""


class Member(NamedTuple):
    """Somebody with every role of a party to the agreement at this path."""

    headers: dict[str, str]
    organization_id: str
    agreement: str


def make_member(served: Served) -> Member:
    """Makes two organizations with an agreement in force, and somebody who may write for one of them."""
    administrator = {"authorization": f"Bearer {served.bootstrap()['token']}"}
    with httpx.Client(base_url=served.address, timeout=30) as client:

        def create(path: str, headers: dict[str, str], **body: Any) -> Any:
            made = client.post(path, json=body, headers=headers)
            assert made.status_code == 201, made.text
            return made.json()

        ids = [
            create("/v1/organizations", administrator, name=name, kind="cso")["id"]
            for name in ("Bengkel APPeK", "ICW")
        ]
        person = {"email": "maria@example.org", "password": PASSWORD}
        membership = {"organization_id": ids[0], "roles": EVERYTHING}
        kept = {"name": "Maria", "memberships": [membership], "password_change_required": False}
        create("/v1/users", administrator, **person, **kept)
        headers = {"authorization": f"Bearer {create('/v1/sessions', {}, **person)['token']}"}
        sides = [{"organization_id": each, "position": place} for place, each in enumerate(ids, 1)]
        pact = create(AGREEMENTS, headers, **mou() | {"parties": sides, "recorded_from_paper": True})
    return Member(headers, ids[0], f"{AGREEMENTS}/{pact['id']}")


def activity(member: Member, number: int, **more: Any) -> dict[str, Any]:
    """Gives the body of an activity that took place, some of whose participants are known by sex."""
    own, others = random.randrange(50), random.randrange(50)
    groups = [
        {"organization_id": member.organization_id, "total": own, "female": random.choice([None, own // 2])},
        {"group_label": "Warga", "total": others},
    ]
    values: dict[str, Any] = {
        "title": f"Kegiatan {number}",
        "kind": random.choice(["bimtek", "fgd", "workshop"]),
        "starts_on": str(FIRST_DAY + timedelta(days=random.randrange(700))),
        "participants": {"total": own + others, "groups": groups},
    }
    known = {"client_ref": f"phone-{number}"} if number % 2 else {}
    return held(member.agreement, **values, **known, **random.choice([{}, REPORTED]), **more)


class Writers:
    """Clients that send writes until each is acknowledged; `heard` counts what they were answered."""

    def __init__(self, *, address: str, headers: dict[str, str], deadline: float) -> None:
        """Remember whom they ask and until when."""
        self.acknowledged: dict[str, str] = {}
        self.heard: Counter[str] = Counter()
        self.headers = headers
        self._address = address
        self._deadline = deadline
        self._over = threading.Event()

    @contextmanager
    def writing(self, bodies: list[dict[str, Any]]) -> Generator[None]:
        """Writes the bodies meanwhile; at the end of the context each that was begun is acknowledged."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            tasks = [pool.submit(self._write, bodies[start::CLIENTS]) for start in range(CLIENTS)]
            try:
                yield
                for task in tasks:
                    task.result()
            finally:
                self._over.set()

    def wait_for(self, moment: int) -> None:
        """Waits until so many writes are acknowledged, and a little more, so that one is on its way."""
        while len(self.acknowledged) < moment:
            assert time.monotonic() < self._deadline, f"{len(self.acknowledged)} of {moment} acknowledged"
            assert not self._over.is_set(), "a writer ended early"
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.02))

    def begin_no_more(self) -> None:
        """Lets the writes that are on their way be the last."""
        assert not self._over.is_set(), "a writer ended early"
        self._over.set()

    def _write(self, bodies: list[dict[str, Any]]) -> None:
        """Writes these activities one after the other; the key of each is its title."""
        try:
            with httpx.Client(base_url=self._address, headers=self.headers, timeout=10) as client:
                for body in bodies:
                    if self._over.is_set():
                        return
                    self._write_one(client, body)
        except BaseException:
            self._over.set()
            raise

    def _write_one(self, client: httpx.Client, body: dict[str, Any]) -> None:
        first = self._until_acknowledged(client, body)
        self.acknowledged[body["title"]] = first.json()["id"]
        if random.random() < SENT_AGAIN:
            again = self._until_acknowledged(client, body)
            assert again.text == first.text
            # A client_ref is answered before the key, with the record as it is.
            assert "client_ref" in body or again.headers["idempotency-replayed"] == "true"

    def _until_acknowledged(self, client: httpx.Client, body: dict[str, Any]) -> httpx.Response:
        while True:
            answer = self._sent(client, body)
            if answer is not None and answer.status_code == 201:
                return answer
            assert time.monotonic() < self._deadline, f"not acknowledged in time: {body['title']}"
            time.sleep(random.uniform(0.01, 0.1))

    def _sent(self, client: httpx.Client, body: dict[str, Any]) -> httpx.Response | None:
        """Gives the answer, or None where the connection broke; only what invites a repeat may be no 201."""
        try:
            answer = client.post(ACTIVITIES, json=body, headers={"idempotency-key": body["title"]})
        except httpx.TransportError as error:
            self.heard[type(error).__name__] += 1
            return None
        replayed = " again" if "idempotency-replayed" in answer.headers else ""
        self.heard[f"{answer.status_code}{replayed}"] += 1
        in_progress = answer.status_code == 409 and answer.json()["code"] == "request_in_progress"
        assert answer.status_code in {201, 503} or in_progress, answer.text
        return answer


class Kept(NamedTuple):
    """What is there after the writers are done: every row by kind, and what the API lists."""

    rows: dict[str, Counter[str]]
    items: list[Any]

    def lost(self, acknowledged: dict[str, str]) -> int:
        """Gives how many acknowledged writes are not there."""
        return len(acknowledged.items() - {(item["title"], item["id"]) for item in self.items})

    @property
    def duplicated(self) -> dict[str, int]:
        return {name: count.total() - len(count) for name, count in self.rows.items()}

    @property
    def written(self) -> dict[str, int]:
        return {name: len(count) for name, count in self.rows.items()}


def kept(member: Member, *, address: str, rows: Rows) -> Kept:
    """Looks at everything, past the service and through it.

    Whatever is there must be true: no audit stream has a gap, and tallies say what the activities say.
    """
    with httpx.Client(base_url=address, headers=member.headers) as client:
        items = list(_listed(client, f"{ACTIVITIES}?agreement_id={id_of(member.agreement)}&limit=200"))
    assert_tallies_are_true(member, items, rows=rows)
    assert rows(GAPS) == []
    return Kept({name: Counter(row[0] for row in rows(statement)) for name, statement in ONCE.items()}, items)


def _listed(client: httpx.Client, path: str) -> Generator[Any]:
    """Gives every item of a list."""
    address: str | None = path
    while address is not None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        yield from answer.json()["items"]
        address = answer.links["next"]["url"] if "next" in answer.links else None


def assert_tallies_are_true(member: Member, items: list[Any], *, rows: Rows) -> None:
    """Compares what is stored beside the agreement with what its activities say."""
    agreement = id_of(member.agreement)
    tallies = {tuple(row)[:4]: row["activities"] for row in rows(counted.TALLIES, agreement)}
    assert tallies == counted.activities(items, FIRST_DAY)
    attended = {tuple(row)[:3]: list(row)[3:] for row in rows(counted.ATTENDANCE, agreement)}
    assert attended == counted.attendance(items)


def assert_happened_once(found: Kept, acknowledged: dict[str, str]) -> None:
    """Fails unless what was acknowledged is there, and each left one entry, one event and one key."""
    assert found.lost(acknowledged) == 0
    assert found.duplicated == dict.fromkeys(ONCE, 0)
    assert found.written == dict.fromkeys(ONCE, len(acknowledged))
