"""Tells what a file is, as a program of its own: `python examiner.py < file` prints one line.

The line is a media type, or the code of a refusal and what it allows. It runs within limits that it sets
itself before it looks at anything, knows only the standard library, and never parses XML: of an office file
it unpacks every entry to count it, and looks for words in the list of its content types.
"""

import codecs
import re
import resource
import struct
import sys
import zipfile
import zlib
from typing import BinaryIO

MEMORY_BYTES = 256 * 1024 * 1024
CPU_SECONDS = 10

MOST_ENTRIES = 2_000
MOST_BYTES = 100 * 1024 * 1024
MOST_RATIO = 100

_PIECE = 64 * 1024
_TYPES = "[Content_Types].xml"
_MOST_TYPES = 1024 * 1024
_SIGNATURES = (
    (re.compile(rb"%PDF-[12]\.[0-9]"), "application/pdf"),
    (re.compile(rb"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL), "image/webp"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN = {
    b"spreadsheetml.sheet.main+xml": f"{_OFFICE}spreadsheetml.sheet",
    b"wordprocessingml.document.main+xml": f"{_OFFICE}wordprocessingml.document",
}
_ACTIVE = re.compile(rb"macroenabled|vbaproject|vbadata|activex|macrosheet", re.IGNORECASE)
_HIDING = re.compile(rb"<!|&#", re.IGNORECASE)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
_END_OF_ZIP = b"PK\x05\x06"
_END_BYTES = 22
_COMMENT_BYTES = 65_535


class Refused(Exception):  # noqa: N818 - a verdict, not an error.
    """The file is not taken: a code, and what would be."""


def media_type(file: BinaryIO) -> str:
    """Return what the content is; raise `Refused`."""
    start = file.read(64)
    for signature, found in _SIGNATURES:
        if signature.match(start):
            return found
    if start.startswith(b"PK\x03\x04"):
        return _office(file)
    return _csv(file)


def _csv(file: BinaryIO) -> str:
    """Return the type of a text in UTF-8 that is no markup and no script; the first line is not empty."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    file.seek(0)
    first = True
    while True:
        piece = file.read(_PIECE)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            raise Refused("file_type_unknown") from error
        if (first and not _begins_as_csv(text)) or _NO_TEXT.search(text):
            raise Refused("file_type_unknown")
        if not piece:
            return "text/csv"
        first = False


def _begins_as_csv(text: str) -> bool:
    return not text.lstrip().startswith(("<", "#!", "%!", "{\\rtf")) and bool(text.strip())


def _office(file: BinaryIO) -> str:
    size = file.seek(0, 2)
    _refuse_many(file, size)
    try:
        with zipfile.ZipFile(file) as packed:
            entries = packed.infolist()
            _refuse_names(entries)
            _refuse_much(packed, entries, size=size)
            return _main_type(packed)
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError) as error:
        raise Refused("file_damaged") from error
    except (NotImplementedError, RuntimeError) as error:  # A compression we do not know, or a password.
        raise Refused("file_damaged") from error


def _refuse_many(file: BinaryIO, size: int) -> None:
    """Refuse by the count at the end of the file, before a list of that length is made."""
    file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES))
    tail = file.read()
    place = tail.rfind(_END_OF_ZIP)
    if place < 0 or len(tail) - place < _END_BYTES:
        raise Refused("file_damaged")
    (count, length) = struct.unpack_from("<HI", tail, place + 10)
    # A directory entry has 46 bytes at least: the count may lie, its length may not.
    if count > MOST_ENTRIES or length > MOST_ENTRIES * 1024:
        raise Refused(f"file_unpacks_too_much {MOST_ENTRIES} entries")


def _refuse_names(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Refused(f"file_unpacks_too_much {MOST_ENTRIES} entries")
    names = [entry.filename for entry in entries]
    strange = any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
    if strange or len({name.lower() for name in names}) < len(names) or not entries:
        raise Refused("file_damaged")
    if min(entry.header_offset for entry in entries) != 0:
        raise Refused("file_damaged")  # Something else stands in front of the archive.
    if any(_ACTIVE.search(name.encode()) for name in names):
        raise Refused("file_has_macros")


def _refuse_much(packed: zipfile.ZipFile, entries: list[zipfile.ZipInfo], *, size: int) -> None:
    """Unpack everything, because what a directory says of sizes is only said."""
    total = 0
    for entry in entries:
        with packed.open(entry) as member:
            while piece := member.read(_PIECE):
                total += len(piece)
                if total > MOST_BYTES:
                    raise Refused(f"file_unpacks_too_much {MOST_BYTES // 1024**2} MB")
                if total > MOST_RATIO * size:
                    raise Refused(f"file_unpacks_too_much {MOST_RATIO} : 1")


def _main_type(packed: zipfile.ZipFile) -> str:
    if _TYPES not in packed.namelist():
        raise Refused("file_type_unknown")
    with packed.open(_TYPES) as member:
        types = member.read(_MOST_TYPES + 1)
    if _ACTIVE.search(types):
        raise Refused("file_has_macros")
    found = [media for word, media in _MAIN.items() if word in types]
    if len(found) != 1 or len(types) > _MOST_TYPES or _HIDING.search(types):
        raise Refused("file_type_unknown")
    return found[0]


def main() -> None:
    """Print the verdict on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        verdict = media_type(sys.stdin.buffer)
    except Refused as refusal:
        verdict = str(refusal)
    except (MemoryError, RecursionError):
        verdict = f"file_unpacks_too_much {MEMORY_BYTES // 1024**2} MB"
    sys.stdout.write(verdict)


if __name__ == "__main__":
    main()
