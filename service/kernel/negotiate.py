"""What the caller accepts: language and media type (RFC 9110 §12.5)."""

from collections.abc import Sequence
from functools import lru_cache

from schema.vocabulary import Language
from service.kernel.problem import Problem

JSON = "application/json"
CSV = "text/csv"


@lru_cache(maxsize=256)
def language_of(header: str | None) -> Language:
    """Return the language an Accept-Language header prefers; Bahasa Indonesia unless English is preferred."""
    ranked = _ranked(header or "")
    for name in ranked:
        if name.split("-")[0] in {"id", "in"}:
            return Language.ID
        if name.split("-")[0] == "en":
            return Language.EN
    return Language.ID


@lru_cache(maxsize=256)
def media_type(header: str | None, offered: tuple[str, ...]) -> str:
    """Return the first offered type that the Accept header prefers.

    Raises `not_acceptable` when it takes none of them.
    """
    if not header:
        return offered[0]
    for accepted in _ranked(header):
        for kind in offered:
            if _matches(accepted, kind):
                return kind
    raise Problem("not_acceptable", offered=", ".join(offered))


def _matches(accepted: str, kind: str) -> bool:
    return accepted in {kind, "*/*", f"{kind.split('/')[0]}/*"}


def _ranked(header: str) -> Sequence[str]:
    """Return the members of a weighted list, best first, without those of weight 0."""
    weighted: list[tuple[float, int, str]] = []
    for order, member in enumerate(header.split(",")[:50]):
        name, *parameters = (part.strip().lower() for part in member.split(";"))
        weight = _weight(parameters)
        if name and weight > 0:
            weighted.append((-weight, order, name))
    return [name for _, _, name in sorted(weighted)]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0
    return 1
