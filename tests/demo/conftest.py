"""The Kupang case, loaded once for a file of tests."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from service.demo.load import DemoToken
from tests.demo.given import Running, service


class Loaded(msgspec.Struct, frozen=True):
    """A service with the case in it, and the ready tokens by role."""

    service: Running
    tokens: dict[str, DemoToken]

    async def read(self, path: str) -> Any:
        """Gives what a viewer of Bengkel APPeK reads."""
        return await self.service.read(self.tokens["viewer"].token, path)

    async def items(self, path: str) -> list[dict[str, Any]]:
        """Gives the items of a list, as a viewer of Bengkel APPeK reads them."""
        found = await self.read(path)
        assert found["next_cursor"] is None
        return found["items"]


@pytest.fixture(scope="module")
async def loaded(anyio_backend, new_database) -> AsyncGenerator[Loaded]:
    """Gives a service with the case loaded once."""
    async with service(new_database) as kupang_service:
        tokens = await kupang_service.load()
        yield Loaded(kupang_service, {token.role: token for token in tokens})
