"""A form with one file (RFC 7578), read piece by piece: fields in memory, the file to the disk and hashed.

The parser is `multipart` in strict mode; what it does not know is which fields there may be, and how often.
"""

import hashlib
import re
import tempfile
import unicodedata
from collections.abc import AsyncIterable, Generator
from contextlib import contextmanager, suppress
from typing import IO, TypeVar

import msgspec
from multipart import (  # pyright: ignore[reportMissingTypeStubs]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from service.kernel.http import Receive, Scope, chunks_of, content_type, refuse_encoded
from service.kernel.inspection import Json, faults_of, why
from service.kernel.problem import Fault, Problem, unavailable

T = TypeVar("T", bound=msgspec.Struct)

OVERHEAD = 64 * 1024
"""What a form may have besides its file."""

FILE = "file"
_MOST_PARTS = 20
_HEADERS, _HEADER_BYTES = 4, 2048
_BOUNDARY = re.compile(r'boundary=(?:"([^"\\]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was sent; `said` is the media type its part names. It is gone when it is closed."""

    name: str
    said: str | None
    size: int
    sha256: str
    file: IO[bytes]


class _Reading:
    """What was received so far."""

    def __init__(self, limit: int) -> None:
        self.fields: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.upload: Upload | None = None
        self._limit = limit
        self._text = bytearray()
        self._size = 0
        self._name, self._filename = "", ""
        self._said: str | None = None
        self._file: IO[bytes] | None = None
        self._hash = hashlib.sha256()

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """Take the beginning of a part, a piece of it, or its end."""
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        else:
            self._add(event)

    def close(self) -> None:
        """Forget the file."""
        for file in (self._file, self.upload and self.upload.file):
            if file is not None:
                with suppress(OSError):  # What is left of it to write is not wanted.
                    file.close()

    def _begin(self, segment: MultipartSegment) -> None:
        self._name, self._filename = segment.name or "", segment.filename or ""
        self._said, self._size = segment.content_type, 0
        self._text.clear()
        if segment.filename is not None and self._name == FILE and self.upload is None:
            self._hash = hashlib.sha256()
            with _disk():
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the request holds it no more.

    def _add(self, piece: bytes | bytearray) -> None:
        limit = OVERHEAD if self._file is None else self._limit
        self._size += len(piece)
        if self._size > limit:
            raise Problem("body_too_large", limit=limit)
        if self._file is None:
            self._text += piece
        else:
            self._hash.update(piece)
            with _disk():
                self._file.write(piece)

    def _end(self) -> None:
        if self._file is not None:
            self._keep(self._file)
        elif self._name in self.fields or (self._name == FILE and self.upload is not None):
            self.faults.append(Fault(f"/{self._name[:60]}", "repeated", {"given": self._name[:60]}))
        else:
            self.fields[self._name] = _text(bytes(self._text))

    def _keep(self, file: IO[bytes]) -> None:
        with _disk():
            file.flush()
        self.upload = Upload(
            name=unicodedata.normalize("NFC", self._filename),
            said=self._said,
            size=self._size,
            sha256=self._hash.hexdigest(),
            file=file,
        )
        self._file = None


@contextmanager
def _disk() -> Generator[None]:
    """Tell a disk that takes nothing more as a service that is not available."""
    try:
        yield
    except OSError as error:
        raise unavailable() from error


async def received(scope: Scope, receive: Receive, *, kind: type[T], limit: int) -> tuple[T, Upload, bytes]:
    """Return the fields of a form as a struct, its file, and what makes another form the same one.

    `limit` is that of the file. Raises `unsupported_media_type`, `body_too_large`, `malformed_request`, or
    `validation_failed` with all faults.
    """
    parser = PushMultipartParser(
        _boundary(scope),
        max_header_size=_HEADER_BYTES,
        max_header_count=_HEADERS,
        max_segment_count=_MOST_PARTS,
        strict=True,
    )
    reading = _Reading(limit)
    try:
        await _read(reading, parser, chunks=chunks_of(scope, receive, limit=limit + OVERHEAD))
        return _understood(reading, kind)
    except BaseException:
        reading.close()
        raise


async def _read(reading: _Reading, parser: PushMultipartParser, *, chunks: AsyncIterable[bytes]) -> None:
    try:
        async for chunk in chunks:
            for event in parser.parse(chunk) if chunk else ():
                reading.take(event)
        parser.close()
    except MultipartError as error:
        raise Problem("malformed_request", why=why(error)) from error


def _boundary(scope: Scope) -> str:
    name, parameters = content_type(scope)
    found = _BOUNDARY.search(parameters)
    if name != "multipart/form-data" or found is None:
        raise Problem("unsupported_media_type", expected="Content-Type: multipart/form-data; boundary=…")
    refuse_encoded(scope)
    return found.group(1) or found.group(2)


def _text(raw: bytes) -> str:
    try:
        return unicodedata.normalize("NFC", raw.decode())
    except UnicodeDecodeError as error:
        raise Problem("malformed_request", why=why(error)) from error


def _understood(reading: _Reading, kind: type[T]) -> tuple[T, Upload, bytes]:
    faults = [*reading.faults, *_controls(reading.fields)]
    upload = reading.upload
    fields: dict[str, Json] = {**reading.fields}
    if upload is None:
        faults.append(Fault(f"/{FILE}", "required", {"expected": "filename=…"}))
        fields.pop(FILE, None)
    try:
        value = msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        faults = [*faults_of(fields, kind, error=error), *faults]
        raise Problem("validation_failed", faults=faults) from error
    if faults or upload is None:
        raise Problem("validation_failed", faults=faults)
    return value, upload, msgspec.json.encode((sorted(fields.items()), upload.name, upload.sha256))


def _controls(fields: dict[str, str]) -> list[Fault]:
    return [
        Fault(f"/{name[:60]}", "control_character") for name, text in fields.items() if _CONTROL.search(text)
    ]
