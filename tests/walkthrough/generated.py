"""The client that an integrator generates from the committed document, and calls with its functions alone."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import httpx

from service.kernel.openapi import COMMITTED

PACKAGE = "tenun_client"
_CONFIG = COMMITTED.with_name("python-client.yaml")
_COMMAND = (sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning")


def generate(folder: Path) -> None:
    """Generates the package into a folder; fails for any warning, such as an operation that was left out."""
    done = subprocess.run(
        [*_COMMAND, "--path", COMMITTED, "--config", _CONFIG, "--output-path", folder / PACKAGE],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


class Client(NamedTuple):
    """The generated package, its models, the service that it talks to, and what closes the connections."""

    package: ModuleType
    models: Any
    address: str
    connections: ExitStack

    def anybody(self) -> "Desk":
        """Gives somebody without a token."""
        return self._desk(self.package.Client(base_url=self.address, **_STRICT))

    def signed_in(self, token: str) -> "Desk":
        """Gives somebody who acts by this token."""
        return self._desk(self.package.AuthenticatedClient(base_url=self.address, token=token, **_STRICT))

    def _desk(self, connecting: Any) -> "Desk":
        return Desk(self.connections.enter_context(connecting))


# An answer that the document does not describe is an error, not a None.
_STRICT = {"timeout": httpx.Timeout(60), "raise_on_unexpected_status": True}


class Desk(NamedTuple):
    """Somebody who calls the service; the generated models know every answer to the last field."""

    client: Any

    def ask(self, operation: str, *path: object, **arguments: Any) -> Any:
        """Gives what the function of an operation makes of the answer: `agreements.get_agreement`."""
        function = importlib.import_module(f"{PACKAGE}.api.{operation}").sync_detailed
        answer = function(*path, client=self.client, **arguments)
        assert list(unknown(answer.parsed)) == []
        return answer.parsed

    def move(self, operation: str, record: Any, move: Any) -> Any:
        """Gives what comes of a move of a record in the version that is at hand."""
        return self.ask(operation, record.id, body=move, if_match=f'"{record.version}"')

    def moved(self, operation: str, record: Any, move: Any) -> Any:
        """Gives the record after a move that nothing stops."""
        after = self.move(operation, record, move)
        assert type(after) is type(record), after
        return after


def unknown(parsed: Any) -> Iterator[str]:
    """Yields the fields of an answer that its model does not know, at any depth."""
    if isinstance(parsed, list):
        for each in parsed:
            yield from unknown(each)
    names = [field.name for field in getattr(parsed, "__attrs_attrs__", ())]
    for name in names:
        value = getattr(parsed, name)
        yield from value if name == "additional_properties" else unknown(value)
