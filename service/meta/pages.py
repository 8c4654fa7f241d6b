"""Pages for people: the reference of the API, and what a problem means; all they need comes from here."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from schema.vocabulary import Language
from schema.wire.common import BothLanguages
from schema.wire.meta import Explanation
from service.kernel.http import Answer
from service.kernel.problem import Problem

_STATIC = Path(__file__).parent / "static"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain"}
_ASSETS = {file.name: file for file in _STATIC.iterdir() if file.suffix in _KINDS}
ASSET_TYPES = tuple(_KINDS.values())

# Pictures may stand in the style sheet itself, as those of Swagger UI do; everything else is a file of ours.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def answer(page: str, language: Language) -> Answer:
    """Return the answer that sends a page, forbidding it to load anything from elsewhere."""
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", language.value.encode()),
        (b"cache-control", b"public, no-cache"),
        (b"vary", b"Accept, Accept-Language"),
        (b"content-security-policy", _POLICY.encode()),
        (b"referrer-policy", b"no-referrer"),
    ]
    return Answer(200, headers, body=page.encode())


def asset(name: str) -> Answer:
    """Return the answer that sends a file of the pages, or raise `not_found`."""
    file = _ASSETS.get(name)
    if file is None:
        raise Problem("not_found")
    headers = [
        (b"content-type", f"{_KINDS[file.suffix]}; charset=utf-8".encode()),
        (b"cache-control", b"public, no-cache"),
    ]
    return Answer(200, headers, body=_bytes(file))


@cache
def _bytes(file: Path) -> bytes:
    return file.read_bytes()


def reference(language: Language) -> str:
    """Return the reference page; its scripts fill it from /openapi.json."""
    return _page("reference.html").substitute(language=language.value)


def problem(explained: Explanation, language: Language) -> str:
    """Return the page of a problem code, the caller's language first; it needs no script."""
    order = sorted(Language, key=lambda each: each is not language)
    return _page("problem.html").substitute(
        language=language.value,
        code=escape(explained.code),
        status=explained.status,
        title=escape(_in(language, explained.title)),
        sections="\n".join(_section(explained, each) for each in order),
    )


def _section(explained: Explanation, language: Language) -> str:
    words = _HEADINGS[language]
    return _page("section.html").substitute(
        language=language.value,
        title=escape(_in(language, explained.title)),
        detail=escape(_in(language, explained.detail)),
        advice=escape(_in(language, explained.advice)),
        meaning=words[0],
        action=words[1],
    )


_HEADINGS = {Language.ID: ("Artinya", "Yang perlu dilakukan"), Language.EN: ("What it means", "What to do")}


def _in(language: Language, texts: BothLanguages) -> str:
    return texts.id if language is Language.ID else texts.en


@cache
def _page(name: str) -> Template:
    return Template((_STATIC / name).read_text(encoding="utf-8"))
