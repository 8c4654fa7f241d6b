"""What the pages of a PDF say, read by the character maps of its fonts, as a reader copies it."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)\sendobj", re.DOTALL)
_FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
_PART = rb"(?:\\.|[^\\()])*"
_STRING = re.compile(
    rb"/(f\d+) [\d.]+ Tf|\((" + _PART + rb"(?:\(" + _PART + rb"\)" + _PART + rb")*)\)|(\bET\b)", re.DOTALL
)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_MAPPED = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_UNSEEN = str.maketrans("", "", "\u200b")


def text_of(pdf: bytes) -> str:
    """Gives the text of all pages; a space parts what was set apart."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = [body for body in objects.values() if b"/Type/Page/" in body]
    return " ".join(_page(objects, page) for page in pages).translate(_UNSEEN)


def count_of_pages(pdf: bytes) -> int:
    """Gives how many pages there are."""
    return sum(b"/Type/Page/" in body for _, body in _OBJECT.findall(pdf))


def _page(objects: dict[int, bytes], page: bytes) -> str:
    fonts = {
        name: _characters(objects, objects[int(number)])
        for name, number in _FONT.findall(objects[_named(b"Resources", page)])
    }
    said, font = [], {}
    for name, shown, ended in _STRING.findall(_unpacked(objects[_named(b"Contents", page)])):
        if name:
            font = fonts[name]
        elif ended:
            said.append(" ")
        else:
            codes = _ESCAPED.sub(_letter, shown)
            said += [font.get(codes[at : at + 2], "") for at in range(0, len(codes), 2)]
    return "".join(said)


def _characters(objects: dict[int, bytes], font: bytes) -> dict[bytes, str]:
    mapped = _MAPPED.findall(_unpacked(objects[_named(b"ToUnicode", font)]))
    return {
        bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in mapped
    }


def _named(name: bytes, body: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % name, body)
    assert found is not None, name
    return int(found[1])


def _unpacked(body: bytes) -> bytes:
    return zlib.decompress(body.partition(b"stream\n")[2].removesuffix(b"endstream").removesuffix(b"\n"))


def _letter(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    return bytes([int(escaped, 8)]) if escaped.isdigit() else _LETTERS.get(escaped, escaped)
