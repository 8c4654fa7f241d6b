"""The service as an operator runs it, over HTTP on loopback, for both walkthroughs."""

from collections.abc import Generator
from typing import NamedTuple

import pytest

from tests.trust.served import Served


class Service(NamedTuple):
    """Where a service answers, and the token of its first administrator."""

    address: str
    token: str


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    """Gives a running service with nothing but its first administrator."""
    served = Served(tmp_path_factory.mktemp("walkthrough") / "tenun")
    try:
        yield _started(served)
    finally:
        served.end()


def _started(served: Served) -> Service:
    """Starts it on a PostgreSQL of its own, even where the environment names another one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TENUN_DATABASE_URL", raising=False)
        patch.setenv("TENUN_ACCESS_LOG", "false")
        served.start()
        return Service(served.address, served.bootstrap()["token"])
