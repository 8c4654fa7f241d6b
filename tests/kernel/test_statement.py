"""Statements: compiled once, and what does not fit fails at import instead of in production."""

from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Integer, Text, Uuid, bindparam, func, literal_column, select, text

from schema.tables.organizations import organization
from service.kernel.database import one, only, recorder, rows
from service.kernel.statement import (
    Statement,
    document,
    json_list,
    json_one,
    json_values,
    param,
)
from tests import make


class Named(msgspec.Struct, frozen=True):
    id: UUID
    name: str


class Sought(msgspec.Struct, frozen=True):
    name: str
    row_limit: int


class Nothing(msgspec.Struct, frozen=True):
    pass


class Family(msgspec.Struct, frozen=True):
    children: tuple[Named, ...]
    names: tuple[str, ...]
    first: Named | None


NAMED = select(organization.c.id, organization.c.name)
BY_NAME = NAMED.where(organization.c.name >= param("name", Text())).order_by(organization.c.name)
LIMITED = BY_NAME.limit(param("row_limit", Integer()))


def test_arguments_follow_the_order_of_the_text():
    statement = Statement("limited", document(Named, LIMITED), params=Sought, row=Named)
    assert statement.sql.index("$1") < statement.sql.index("$2")
    assert statement.arguments(Sought("Kupang", 5)) == ["Kupang", 5]


def test_a_bind_that_no_field_fills_is_refused():
    with pytest.raises(TypeError, match=r"limited.*row_limit"):
        Statement("limited", document(Named, LIMITED), params=Nothing, row=Named)


def test_a_field_that_no_bind_uses_is_refused():
    with pytest.raises(TypeError, match=r"by_name.*row_limit"):
        Statement("by_name", document(Named, BY_NAME), params=Sought, row=Named)


def test_a_variant_may_leave_optional_fields_unused():
    statement = Statement(
        "by_name", document(Named, BY_NAME), params=Sought, row=Named, optional=frozenset({"row_limit"})
    )
    assert statement.arguments(Sought("Kupang", 5)) == ["Kupang"]


def test_a_bind_without_a_type_is_refused():
    with pytest.raises(TypeError, match="untyped"):
        Statement("untyped", select(bindparam("name", required=True)), params=Nothing, row=Named)


def test_a_list_that_grows_the_text_is_refused():
    grown = NAMED.where(organization.c.kind.in_(["cso", "donor"]))
    with pytest.raises(TypeError, match="expanding"):
        Statement("grown", document(Named, grown), params=Nothing, row=Named)


@pytest.mark.parametrize(
    "columns", [select(organization.c.id), NAMED.add_columns(organization.c.kind), select(text("1 AS one"))]
)
def test_columns_that_are_not_the_fields_of_the_struct_are_refused(columns):
    with pytest.raises((TypeError, AttributeError)):
        document(Named, columns)
    with pytest.raises((TypeError, AttributeError)):
        json_list(Named, columns, name="children")
    with pytest.raises((TypeError, AttributeError)):
        json_one(Named, columns, name="first")


def family(name: str) -> Statement[Nothing, Family]:
    """Gives the statement of all organizations of a name, as a list, as values and as the first one."""
    mine = NAMED.where(organization.c.name == literal_column(f"'{name}'")).order_by(organization.c.id)
    whole = select(
        json_list(Named, mine, name="children"),
        json_values(mine.with_only_columns(organization.c.name), name="names"),
        json_one(Named, mine.limit(literal_column("1")), name="first"),
    )
    return Statement("family", document(Family, whole), params=Nothing, row=Family)


async def test_a_row_is_one_document_of_its_struct(connection):
    ids = [await make.organization(connection, name="Kupang") for _ in range(2)]
    kupang = tuple(Named(each, "Kupang") for each in ids)
    assert await only(connection, family("Kupang"), params=Nothing()) == Family(
        kupang, ("Kupang", "Kupang"), kupang[0]
    )
    assert await only(connection, family("Maros"), params=Nothing()) == Family((), (), None)


async def test_rows_are_read_all_or_the_first_of_them(connection):
    for name in ("a", "b", "c"):
        await make.organization(connection, name=name)
    statement = Statement("limited", document(Named, LIMITED), params=Sought, row=Named)
    assert [row.name for row in await rows(connection, statement, params=Sought("b", 5))] == ["b", "c"]
    assert (await only(connection, statement, params=Sought("b", 5))).name == "b"
    assert await one(connection, statement, params=Sought("d", 5)) is None
    with pytest.raises(RuntimeError, match="limited"):
        await only(connection, statement, params=Sought("d", 5))


async def test_values_arrive_as_values_whatever_they_look_like(connection):
    class Echo(msgspec.Struct):
        echo: str

    class Said(msgspec.Struct):
        said: str

    echo = select(func.concat(param("said", Text()), literal_column("''")).label("echo"))
    statement = Statement("echo", document(Echo, echo), params=Said, row=Echo)
    for said in ("'; DROP TABLE organization; --", "$1", "%s", ":said", "\\", "{}", '"', "\u2028"):
        assert (await only(connection, statement, params=Said(said))).echo == said


async def test_a_test_can_count_the_statements(connection):
    statement = family("Kupang")
    seen: list[str] = []
    reset = recorder.set(seen)
    await rows(connection, statement, params=Nothing())
    await only(connection, statement, params=Nothing())
    recorder.reset(reset)
    await rows(connection, statement, params=Nothing())
    assert seen == ["family", "family"]


def test_the_id_of_an_uuid_bind_is_typed():
    by_id = NAMED.where(organization.c.id == param("name", Uuid()))
    statement = Statement(
        "by_id", document(Named, by_id), params=Sought, row=Named, optional=frozenset({"row_limit"})
    )
    assert "$1::UUID" in statement.sql
