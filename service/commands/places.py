"""Where a command finds the database, the documents and the key of the audit trail."""

import argparse
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from service import settings as configuration
from service.kernel.provision import Addresses, embedded_database
from service.kernel.storage import Storage


@contextmanager
def database(given: argparse.Namespace) -> Generator[Addresses]:
    """Give the addresses of the database: TENUN_DATABASE_URL and so on, else the embedded one's."""
    settings = configuration.load()
    if settings.database_url is not None:
        worker = settings.worker_url
        if worker is None:
            raise configuration.SettingsError("TENUN_DATABASE_URL is set, so TENUN_WORKER_URL must be too.")
        yield Addresses(settings.database_url, worker, settings.owner_url)
        return
    try:
        given.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        sentence = (
            f"Cannot use the folder {given.data_dir}: {error.strerror}. Choose another with --data-dir."
        )
        raise configuration.SettingsError(sentence) from error
    with embedded_database(given.data_dir, bin_dir=programs()) as addresses:
        yield addresses


def storage(given: argparse.Namespace) -> str:
    """Return where documents lie: TENUN_STORAGE_URL, else a folder beside the database."""
    url = configuration.load().storage_url or (given.data_dir.resolve() / "documents").as_uri()
    Storage(url)  # An address that cannot be used is told before anything starts.
    return url


def owner(addresses: Addresses) -> str:
    """Return the address of the role that owns the database, or say that it is needed."""
    if addresses.owner is None:
        raise configuration.SettingsError(
            "This is for the owner of the database: set TENUN_OWNER_URL. (`serve --no-migrate` does without.)"
        )
    return addresses.owner


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs that the operator named."""
    chosen = configuration.load().pg_bin
    return None if chosen is None else Path(chosen)


def audit_key_file(given: argparse.Namespace) -> Path:
    """Return the file of the key that signs the audit trail; it may not be there yet."""
    named = configuration.load().audit_key_file
    return Path(named) if named else (given.data_dir / "audit.key").absolute()
