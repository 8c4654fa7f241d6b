"""Cursors: they go on where a list stopped, and belong to one list, organization and installation."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from service.kernel.cursor import read, sign
from service.kernel.problem import Problem

SECRET = b"s" * 32
SCOPE = b"list_activities|organization|kind=bimtek"
POSITION = (date(2026, 3, 1), UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
KIND = tuple[date, UUID]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def refused(cursor: str, *, scope: bytes = SCOPE, secret: bytes = SECRET) -> bool:
    """Tells whether a cursor is refused in the one way there is."""
    try:
        read(cursor, KIND, scope=scope, secret=secret)
    except Problem as problem:
        return [(fault.pointer, fault.code) for fault in problem.faults] == [("?cursor", "cursor_invalid")]
    return False


@pytest.mark.parametrize(
    ("position", "kind"),
    [
        (POSITION, KIND),
        (("inspektorat “kota” kupang", POSITION[1]), tuple[str, UUID]),
        ((datetime(2026, 3, 1, 1, 2, 3, 456789, UTC), POSITION[1]), tuple[datetime, UUID]),
        ((POSITION[1],), tuple[UUID]),
    ],
)
def test_a_cursor_holds_its_position(position, kind):
    assert read(sign(position, scope=SCOPE, secret=SECRET), kind, scope=SCOPE, secret=SECRET) == position


def test_a_cursor_fits_a_url_as_it_is():
    assert set(sign(POSITION, scope=SCOPE, secret=SECRET)) <= set(ALPHABET)


def test_every_changed_character_is_refused():
    cursor = sign(POSITION, scope=SCOPE, secret=SECRET)
    changed = [
        f"{cursor[:place]}{letter}{cursor[place + 1 :]}"
        for place in range(len(cursor))
        for letter in ALPHABET
        if letter != cursor[place]
    ]
    assert len(changed) == len(cursor) * 63
    assert all(refused(each) for each in changed)


def test_every_shortened_and_lengthened_cursor_is_refused():
    cursor = sign(POSITION, scope=SCOPE, secret=SECRET)
    longer = [f"{cursor}{more}" for more in ("A", "=", "==", "AAAA", " ", "\n", "é", "\ud800", ".")]
    assert all(refused(each) for each in (*(cursor[:end] for end in range(len(cursor))), *longer))


@pytest.mark.parametrize("text", ["", "=", "a", "====", "ÿ", "\x00", "A" * 2000, "null", "/+/+"])
def test_what_nobody_signed_is_refused(text):
    assert refused(text)


@pytest.mark.parametrize(
    "scope",
    [
        b"",
        b"list_agreements|organization|kind=bimtek",
        b"list_activities|another|kind=bimtek",
        b"list_activities|organization|",
        SCOPE + b"\0",
    ],
)
def test_a_cursor_of_another_list_is_refused(scope):
    assert refused(sign(POSITION, scope=SCOPE, secret=SECRET), scope=scope)


def test_a_cursor_of_another_installation_is_refused():
    assert refused(sign(POSITION, scope=SCOPE, secret=b"t" * 32))
