"""What the tests of the schema share."""

import pytest

from tests.contract.schemas import dump


@pytest.fixture(scope="module")
async def migrated(pg_bin, cluster, template) -> list[str]:
    """Gives the dump of a migrated database."""
    return await dump(pg_bin, cluster.dsn(template))
