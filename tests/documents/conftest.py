"""What the tests of documents share."""

import pytest

from tests.partners import in_force, mou


@pytest.fixture
async def pact(api, partners) -> str:
    """Gives the path of an MoU in force between the city, the ICW and the APPeK."""
    return await in_force(api, partners.icw, mou(partners.city, partners.icw, partners.appek))
