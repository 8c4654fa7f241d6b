"""What the tests that ask the service about work plans share."""

import pytest

from tests.partners import in_force, mou


@pytest.fixture
async def pact(api, partners) -> str:
    """Gives the path of an agreement in force between ICW, the city and Bengkel APPeK."""
    return await in_force(api, partners.icw, mou(partners.icw, partners.city, partners.appek))
