"""What is logged of a failure that nobody expected."""

import asyncpg
import pytest

from service.kernel.trace import trace_of

SENT = "maria@example.org"


def fail() -> None:
    try:
        {}[SENT]
    except KeyError as error:
        raise ValueError(SENT) from error


def failed() -> BaseException:
    """Gives an error that another one led to; both tell what was sent."""
    with pytest.raises(ValueError, match=SENT) as raised:
        fail()
    return raised.value


def test_the_classes_and_frames_of_an_error_and_its_cause_are_told_the_cause_first():
    lines = trace_of(failed()).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "builtins.KeyError",
        "builtins.ValueError",
    ]
    assert sum("in fail\n" in f"{line}\n" for line in lines) == 2


def test_what_was_sent_is_not_told():
    assert SENT not in trace_of(failed())


def test_what_an_error_hides_stays_hidden():
    error = failed()
    error.__cause__, error.__suppress_context__ = None, True
    assert "KeyError" not in trace_of(error)


def test_an_error_that_was_raised_from_itself_is_told_once():
    error = failed()
    error.__cause__ = error
    assert trace_of(error).count("builtins.") == 1


async def test_of_the_database_the_names_of_what_it_refused_are_told(connection):
    await connection.execute(
        "CREATE TEMPORARY TABLE person (email text CONSTRAINT no_mail CHECK (email = ''))"
    )
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await connection.execute("INSERT INTO person VALUES ($1)", SENT)
    assert SENT in str(refused.value)
    told = trace_of(refused.value)
    assert told.endswith(
        "asyncpg.exceptions.CheckViolationError (sqlstate 23514, table_name person, constraint_name no_mail)"
    )
    assert SENT not in told
