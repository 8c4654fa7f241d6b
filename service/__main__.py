"""The command line `tenun`: an error is a sentence and what to do; exit codes and `--json` serve scripts."""

import argparse
import asyncio
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import asyncpg

from schema.vocabulary import HolidayKind, Language
from service import settings as configuration
from service.commands import copies, places
from service.commands.exits import BROKEN, FAILED, OK
from service.kernel import instants
from service.kernel.embedded import EmbeddedError, find_binaries
from service.kernel.migrate import MigrationError, migrate
from service.kernel.problem import Problem
from service.kernel.programs import BackupError
from service.kernel.provision import Addresses
from service.kernel.rights import RightsError, refuse_mighty
from service.kernel.serving import PortError
from service.kernel.storage import StorageError

if TYPE_CHECKING:
    from service.demo.load import DemoToken

_SAID = (
    configuration.SettingsError,
    BackupError,
    EmbeddedError,
    MigrationError,
    PortError,
    RightsError,
    StorageError,
)
"""Errors that are a sentence and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 could not, 2 wrong arguments, 3 broken record."""
    signal.signal(signal.SIGTERM, _terminated)
    parser = _parser()
    given, given.rest = parser.parse_known_args(arguments)
    if given.rest and given.command is not _psql:
        parser.error(f"unknown arguments: {' '.join(given.rest)}")
    try:
        return int(given.command(given) or OK)
    except Problem as problem:
        return _failed("; ".join(fault.detail(Language.EN) for fault in problem.faults) or problem.code)
    except _SAID as error:
        return _failed(str(error))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return _failed(f"{error}. Is the database of TENUN_DATABASE_URL running, and may this user use it?")
    except KeyboardInterrupt:
        return FAILED


def _failed(sentence: str) -> int:
    print(f"tenun: {sentence}", file=sys.stderr, flush=True)
    return FAILED


def _terminated(signum: int, _: object) -> NoReturn:
    """Leave by an exception, so that a database we started is stopped."""
    sys.exit(128 + signum)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tenun", description="The record of a partnership, as a REST API.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serving(_command(commands.add_parser, _demo, text="serve with the Kupang case loaded"), port=8000)
    served = _serving(_command(commands.add_parser, _serve, text="serve the API"), port=8000)
    served.add_argument("--workers", type=int, default=1, help="worker processes (default 1)")
    served.add_argument("--no-migrate", action="store_true", help="do not touch the schema")
    bootstrap = _command(commands.add_parser, _bootstrap, text="make the first platform administrator")
    bootstrap.add_argument("--email", required=True)
    bootstrap.add_argument("--json", action="store_true", help="print one JSON object")
    _command(commands.add_parser, _migrate, text="bring the schema up to date")
    _command(commands.add_parser, _settings, text="print every setting")
    document = _command(commands.add_parser, _openapi, text="write the OpenAPI document")
    document.add_argument("--check", action="store_true", help="only say whether it is current")
    audit = commands.add_parser("audit", help="what concerns the audit trail").add_subparsers(
        required=True, metavar="COMMAND"
    )
    verify = _command(audit.add_parser, _verify, text="check that nobody altered the audit trail")
    verify.add_argument("--json", action="store_true", help="print one JSON object")
    verify.add_argument("--checkpoint", type=Path, metavar="FILE", help="checkpoints that were kept outside")
    _correcting(_command(commands.add_parser, _holidays, text="correct a holiday, and what is due by it"))
    for run, text in (
        (copies.backup, "write a backup into a new folder"),
        (copies.restore, "make a backup a database"),
    ):
        copied = _command(commands.add_parser, run, text=text)
        copied.add_argument("directory", type=Path, metavar="DIR", help="folder of the backup")
        copied.add_argument("--json", action="store_true", help="print one JSON object")
    _command(commands.add_parser, _psql, text="open psql on the database; further arguments are psql's")
    return parser


def _command(
    add: Callable[..., argparse.ArgumentParser],
    run: Callable[[argparse.Namespace], int | None],
    *,
    text: str,
) -> argparse.ArgumentParser:
    parser = add(run.__name__.lstrip("_"), help=text, description=run.__doc__)
    parser.set_defaults(command=run)
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=configuration.default_data_dir(),
        help="folder of the embedded database",
    )
    return parser


def _correcting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("day", nargs="?", type=date.fromisoformat, metavar="DAY", help="such as 2026-05-15")
    parser.add_argument("--kind", type=HolidayKind, default=HolidayKind.PUBLIC, help="public or joint_leave")
    parser.add_argument("--name", help="name of the holiday; left out, the day is none")
    parser.add_argument("--source", default="tenun holidays", help="where it is decreed")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _serving(parser: argparse.ArgumentParser, *, port: int) -> argparse.ArgumentParser:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help=f"0 picks a free one (default {port})")
    return parser


def _migrated(addresses: Addresses) -> None:
    """Bring the schema up to date, as its owner."""
    asyncio.run(migrate(places.owner(addresses)))


def _serve(given: argparse.Namespace) -> None:
    """Serve on the embedded PostgreSQL under --data-dir, or on TENUN_DATABASE_URL; migrates first."""
    from service.kernel import serving  # noqa: PLC0415 - Granian is not needed by the other commands.

    port = serving.reserved(given.host, given.port)
    with places.database(given) as addresses:
        if not given.no_migrate:
            _migrated(addresses)
        for address in (addresses.app, addresses.worker):
            asyncio.run(refuse_mighty(address))
        configuration.hand_on(
            database_url=addresses.app,
            worker_url=addresses.worker,
            audit_key_file=str(_audit_key(given)),
            storage_url=places.storage(given),
        )
        serving.serve(host=given.host, port=port, workers=given.workers, ready=_say_ready)


def _audit_key(given: argparse.Namespace) -> Path:
    """Return the file of the key that signs the audit trail, and make it at the first start."""
    from service.kernel.signing import kept_keys  # noqa: PLC0415 - most commands sign nothing.

    file = places.audit_key_file(given)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept_keys(file)
    return file


def _say_ready(address: str) -> None:
    print(f"Tenun is ready on {address}", flush=True)


def _demo(given: argparse.Namespace) -> int:
    """Serve the Kupang case; print the reference page and a token per role. Repeating changes nothing."""
    from service.demo.desk import LoadError  # noqa: PLC0415 - only the demo loads it.
    from service.demo.inside import StartError  # noqa: PLC0415 - as above.
    from service.demo.people import told  # noqa: PLC0415 - as above.
    from service.kernel import serving  # noqa: PLC0415 - as in `serve`.

    try:
        port = serving.reserved(given.host, given.port)
    except PortError:
        port = serving.reserved(given.host, 0)
    with places.database(given) as addresses:
        _migrated(addresses)
        configuration.hand_on(
            database_url=addresses.app,
            worker_url=addresses.worker,
            audit_key_file=str(_audit_key(given)),
            storage_url=places.storage(given),
            access_log="false",
        )
        try:
            tokens = asyncio.run(_entered(addresses.app))
        except (LoadError, StartError) as error:
            return _failed(f"the case was not loaded: {error}. Remove {given.data_dir} to start afresh.")

        def announced(address: str) -> None:
            print(told(tokens, address), flush=True)
            _say_ready(address)

        serving.serve(host=given.host, port=port, workers=1, ready=announced)
    return OK


async def _entered(dsn: str) -> "tuple[DemoToken, ...]":
    """Enter the case into a service of this process, before anybody is served; return the ready tokens.

    It alone goes by the clock of the story: who is served afterwards is served by the machine's.
    """
    from service.accounts.bootstrap import bootstrap, installation_secret  # noqa: PLC0415 - as in `bootstrap`.
    from service.app import application  # noqa: PLC0415 - it imports every slice.
    from service.demo.clock import Clock  # noqa: PLC0415 - only the demo loads it.
    from service.demo.inside import inside  # noqa: PLC0415 - as above.
    from service.demo.load import enter  # noqa: PLC0415 - as above.
    from service.demo.people import password_from  # noqa: PLC0415 - as above.

    made = await bootstrap(dsn, "pengelola@example.org", now=instants.now())
    password = password_from(await installation_secret(dsn))
    clock = Clock(instants.now)
    async with inside(application(configuration.load(), clock=clock)) as send:
        return await enter(send, clock=clock, admin_token=made.token, password=password)


def _bootstrap(given: argparse.Namespace) -> None:
    """Make the first platform administrator and print a one-day key; a second run prints a new one."""
    from service.accounts.bootstrap import bootstrap  # noqa: PLC0415 - it compiles statements at import.

    with places.database(given) as addresses:
        _migrated(addresses)
        made = asyncio.run(bootstrap(addresses.app, given.email, now=instants.now()))
    if given.json:
        ids = {"user_id": str(made.user_id), "organization_id": str(made.organization_id)}
        print(json.dumps({"token": made.token, **ids}))
    else:
        print(f"Platform administrator {given.email}, token for one day:\n{made.token}")


def _migrate(given: argparse.Namespace) -> None:
    """Bring the schema of the database to this version."""
    with places.database(given) as addresses:
        _migrated(addresses)
    print("The schema is current.")


def _settings(_: argparse.Namespace) -> None:
    """Print every setting: its name in the environment, its value, its default and what it does."""
    for line in configuration.described(configuration.load()):
        print(line)


def _openapi(given: argparse.Namespace) -> int:
    """Write openapi/openapi.json, or with --check say whether it is current (exit 1 when not)."""
    from service.app import OPERATIONS  # noqa: PLC0415 - it imports every slice.
    from service.kernel import openapi  # noqa: PLC0415 - as above.

    if not given.check:
        openapi.write(OPERATIONS)
        return OK
    if openapi.is_current(OPERATIONS):
        return OK
    print("tenun: openapi/openapi.json is not current; run `tenun openapi` and commit it.", file=sys.stderr)
    return FAILED


def _verify(given: argparse.Namespace) -> int:
    """Check every chain of audit entries: exit 0 when whole, 3 when broken, else it was not checked."""
    from service.audit import witness  # noqa: PLC0415 - it compiles statements at import.
    from service.kernel.signing import read_keys  # noqa: PLC0415 - as above.

    keys = read_keys(places.audit_key_file(given))
    checkpoints = () if given.checkpoint is None else witness.read_checkpoints(given.checkpoint)
    with places.database(given) as addresses:
        found = asyncio.run(witness.verify_everything(addresses.worker, keys, checkpoints=checkpoints))
    print(witness.as_json(found) if given.json else witness.as_sentence(found))
    return OK if found.whole else BROKEN


def _holidays(given: argparse.Namespace) -> None:
    """Make DAY a holiday or a working day, then move each due day that the holidays put elsewhere.

    Of a day and kind the last correction counts. Without DAY only due days move: after an interrupted run, or
    with newer holidays.
    """
    from service.data_requests import correcting  # noqa: PLC0415 - as in `bootstrap`.

    with places.database(given) as addresses:
        named = {"kind": given.kind, "name": given.name, "source": given.source}
        moved = asyncio.run(correcting.correct(places.owner(addresses), given.day, **named))
    print(json.dumps({"moved": moved}) if given.json else f"Due days moved: {moved}.")


def _psql(given: argparse.Namespace) -> int:
    """Open psql on the database as its owner, past row security; further arguments are psql's."""
    programs = find_binaries(places.programs())
    psql = shutil.which("psql", path=str(programs)) or shutil.which("psql")
    if psql is None:
        print("tenun: psql is not installed; install PostgreSQL's client programs.", file=sys.stderr)
        return FAILED
    with places.database(given) as addresses:
        return subprocess.run([psql, addresses.owner or addresses.app, *given.rest], check=False).returncode  # noqa: S603 - the user's own arguments.


if __name__ == "__main__":
    sys.exit(main())
