"""Files as people send them, and as nobody should: each the smallest that is what it says."""

import io
import zipfile
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20) + b"\xff\xd9"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L" + bytes(14)
CSV = b"nama,jumlah\nKelurahan Oebobo,30\n"

_OFFICE = "application/vnd.openxmlformats-officedocument."
_TYPES = '<Types><Override PartName="/{part}" ContentType="{kind}"/>{more}</Types>'


def packed(entries: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Gives an archive of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def types(kind: str, more: str = "") -> dict[str, bytes]:
    """Gives the list of content types with a main part of this kind."""
    return {"[Content_Types].xml": _TYPES.format(part="main.xml", kind=_OFFICE + kind, more=more).encode()}


SHEET, TEXT = types("spreadsheetml.sheet.main+xml"), types("wordprocessingml.document.main+xml")
XLSX = packed({**SHEET, "xl/workbook.xml": b"<workbook/>"})
DOCX = packed({**TEXT, "word/document.xml": b"<document/>"})

GOOD: dict[str, tuple[str, bytes]] = {
    "surat.pdf": ("application/pdf", PDF),
    "foto.png": ("image/png", PNG),
    "foto.JPG": ("image/jpeg", JPEG),
    "foto.jpeg": ("image/jpeg", JPEG),
    "foto.webp": ("image/webp", WEBP),
    "data.xlsx": (f"{_OFFICE}spreadsheetml.sheet", XLSX),
    "notula.docx": (f"{_OFFICE}wordprocessingml.document", DOCX),
    "data.csv": ("text/csv", CSV),
    "data bom.csv": ("text/csv", b"\xef\xbb\xbf" + CSV),
}
"""Names of files, what they are, and their bytes."""

_ZEROS = bytes(20 * 1024 * 1024)
BOMB = packed({**SHEET, "xl/sheet.xml": _ZEROS})
"""A thousand times as much as it looks."""

LONG_BOMB = packed({**SHEET, **{f"xl/{n}.bin": _ZEROS for n in range(6)}, "noise": bytes(range(256)) * 8192})
CROWD = packed({**SHEET, **{f"xl/{number}": b"" for number in range(2001)}})
MACROS = packed({**TEXT, "word/vbaProject.bin": b"x"})
MACRO_TYPE = packed(
    {**types("x", more='<Default ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>')}
)
HIDDEN_MACRO = packed(
    {**types("wordprocessingml.document.main+xml", more='<Default ContentType="&#118;baProject"/>')}
)
ENTITIES = packed({"[Content_Types].xml": b"<!DOCTYPE x>" + TEXT["[Content_Types].xml"]})
SLIP = packed({**TEXT, "../../etc/passwd": b"x"})
PLAIN_ZIP = packed({"a.txt": b"a"})
LYING_COUNT = CROWD[:-14] + b"\x01\x00\x01\x00" + CROWD[-10:]
CUT = XLSX[: len(XLSX) // 2]
PREFIXED = b"PK\x03\x04" + bytes(100) + XLSX

BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("surat.pdf", b"", "file_empty"),
    "an executable": ("surat.pdf", b"MZ\x90\x00" + bytes(60), "file_type_unknown"),
    "a web page": ("data.csv", b"<html><script>alert(1)</script>", "file_type_unknown"),
    "a drawing that runs": ("foto.png", b"<svg onload='alert(1)'/>", "file_type_unknown"),
    "a script": ("data.csv", b"#!/bin/sh\nrm -rf /\n", "file_type_unknown"),
    "another code page": ("data.csv", "kota,é\n".encode("latin-1"), "file_type_unknown"),
    "sixteen bits": ("data.csv", "a,b\n".encode("utf-16"), "file_type_unknown"),
    "a picture named a paper": ("surat.pdf", PNG, "file_type_differs"),
    "a paper named a program": ("surat.pdf.exe", PDF, "file_type_differs"),
    "a sheet named a text": ("notula.docx", XLSX, "file_type_differs"),
    "no suffix": ("surat", PDF, "file_type_differs"),
    "any archive": ("data.xlsx", PLAIN_ZIP, "file_type_unknown"),
    "a bomb": ("data.xlsx", BOMB, "file_unpacks_too_much"),
    "a long bomb": ("data.xlsx", LONG_BOMB, "file_unpacks_too_much"),
    "a crowd": ("data.xlsx", CROWD, "file_unpacks_too_much"),
    "a crowd that lies": ("data.xlsx", LYING_COUNT, "file_unpacks_too_much"),
    "macros": ("notula.docx", MACROS, "file_has_macros"),
    "a type with macros": ("notula.docx", MACRO_TYPE, "file_has_macros"),
    "macros in disguise": ("notula.docx", HIDDEN_MACRO, "file_type_unknown"),
    "entities": ("notula.docx", ENTITIES, "file_type_unknown"),
    "a way out": ("notula.docx", SLIP, "file_damaged"),
    "half an archive": ("data.xlsx", CUT, "file_damaged"),
    "an archive behind something": ("data.xlsx", PREFIXED, "file_damaged"),
    "a path": ("../../etc/surat.pdf", PDF, "file_name_unsafe"),
    "a path of Windows": ("Surat\\surat.pdf", PDF, "file_name_unsafe"),
    "a name turned round": ("surat\u202efdp.exe.pdf", PDF, "file_name_unsafe"),
    "a name with nothing in it": ("surat\u200b.pdf", PDF, "file_name_unsafe"),
    "a name with a new line": ("surat\n.pdf", PDF, "file_name_unsafe"),
    "a name too long": ("a" * 197 + ".pdf", PDF, "file_name_too_long"),
}
"""Names of files, their bytes, and why they are refused."""
