"""Identifiers: UUIDv7 of the instant they were made at."""

from datetime import UTC, datetime, timedelta

from service.kernel.ids import uuid7

AT = datetime(2026, 3, 1, 1, 2, 3, 456000, UTC)


def test_an_id_is_a_uuid_of_version_7():
    made = uuid7(AT)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_an_id_begins_with_its_millisecond():
    assert uuid7(AT).int >> 80 == int(AT.timestamp() * 1000)


def test_later_ids_sort_behind_earlier_ones():
    made = [uuid7(AT + timedelta(milliseconds=step)) for step in range(1000)]
    assert made == sorted(made)


def test_ids_of_one_millisecond_differ_in_every_random_bit():
    made = [uuid7(AT).int for _ in range(2000)]
    assert len(set(made)) == 2000
    varying = 0
    for each in made:
        varying |= each ^ made[0]
    assert varying.bit_count() == 74
