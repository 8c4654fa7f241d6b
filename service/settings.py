"""Environment → one frozen struct, validated once. `tenun settings` prints every name, value and default."""

import os
import re
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

PREFIX = "TENUN_"

Positive = Annotated[int, Meta(ge=1, le=1_000_000)]
Days = Annotated[int, Meta(ge=1, le=366)]


class SettingsError(Exception):
    """A setting has a value that cannot be used; says which one and what would be accepted."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may set; the name in the environment is TENUN_ and the field in capitals."""

    database_url: Annotated[
        str | None,
        Meta(
            description="PostgreSQL ≥ 15, as role tenun_app; hosts may be several. Unset: the embedded one."
        ),
    ] = None
    worker_url: Annotated[
        str | None,
        Meta(description="The same database as role tenun_worker, for work in the background."),
    ] = None
    owner_url: Annotated[
        str | None, Meta(description="The same database as the role that owns it, for migrations alone.")
    ] = None
    audit_key_file: Annotated[
        str | None,
        Meta(description="PEM file of the key that signs the audit trail, the same for all copies."),
    ] = None
    pg_bin: Annotated[
        str | None, Meta(description="Folder of PostgreSQL programs, for the embedded database and backups.")
    ] = None
    storage_url: Annotated[
        str | None,
        Meta(
            description="Where documents lie: file:///folder, or s3://bucket/prefix with the usual AWS_"
            " variables. Unset: the folder documents in the data directory."
        ),
    ] = None
    document_quota: Annotated[Positive, Meta(description="MB of documents an organization may store.")] = (
        10_240
    )
    pool_size: Annotated[Positive, Meta(description="Database connections of one worker process.")] = 10
    request_limit: Annotated[
        Positive, Meta(description="Requests one worker runs at once; more get 503.")
    ] = 200
    body_seconds: Annotated[
        Positive, Meta(description="Seconds in which a body must arrive, and one more for each 64 kB of it.")
    ] = 30
    sign_in_limit: Annotated[
        Positive, Meta(description="Failed sign-ins a quarter of an hour, per account and per address.")
    ] = 10
    request_policy: Annotated[
        str, Meta(min_length=1, max_length=60, description="Name of the deadlines of data requests below.")
    ] = "uu_kip_14_2008"
    answer_days: Annotated[Days, Meta(description="Working days to decide a data request in.")] = 10
    extension_days: Annotated[Days, Meta(description="Working days that one extension adds.")] = 7
    objection_days: Annotated[Days, Meta(description="Working days to lodge an objection in.")] = 30
    objection_answer_days: Annotated[Days, Meta(description="Working days to decide an objection in.")] = 30
    due_soon_days: Annotated[Days, Meta(description="Days before the due day that count as soon.")] = 3
    access_log: Annotated[
        bool, Meta(description="One JSON line a request on standard error, without personal data.")
    ] = True


def load(environment: dict[str, str] | None = None) -> Settings:
    """Return the settings of an environment, of this process's by default.

    Raises `SettingsError` for an unknown TENUN_ name or a value that cannot be used.
    """
    source = dict(os.environ) if environment is None else environment
    given = {name[len(PREFIX) :].lower(): text for name, text in source.items() if name.startswith(PREFIX)}
    unknown = sorted(given.keys() - set(Settings.__struct_fields__))
    if unknown:
        names = ", ".join(f"{PREFIX}{name.upper()}" for name in unknown)
        raise SettingsError(f"Unknown setting {names}; `tenun settings` lists all.")
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting cannot be used: {error}; `tenun settings` lists all.") from error


def default_data_dir() -> Path:
    """Return the folder of the embedded database when none is named."""
    if os.geteuid() == 0:
        return Path("/var/lib/tenun")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "tenun"


def hand_on(**values: str) -> None:
    """Put settings into the environment of the worker processes."""
    os.environ.update({f"{PREFIX}{name.upper()}": value for name, value in values.items()})


def environment(**values: str) -> dict[str, str]:
    """Return the environment of this process with more in it, for a program that it starts."""
    return {**os.environ, **values}


def described(settings: Settings) -> list[str]:
    """Return a line per setting: name, value, default, meaning; the password of an address is left out."""
    fields = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    lines: list[str] = []
    for name, field in fields.items():
        value = _shown(getattr(settings, name))
        lines.append(
            f"{PREFIX}{name.upper()}={value}  (default {_shown(field.get('default'))}) {field['description']}"
        )
    return lines


def _shown(value: object) -> str:
    if value is None:
        return "unset"
    return re.sub(r"(?<=:)[^:@/]+(?=@)", "…", str(value)) if isinstance(value, str) else str(value).lower()
