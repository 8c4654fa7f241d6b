"""What the caller accepts: language and media type (RFC 9110 §12.5)."""

from collections.abc import Mapping
from functools import lru_cache

from schema.vocabulary import Language
from service.kernel.problem import Problem

JSON = "application/json"
CSV = "text/csv"


Weight = tuple[float, int]
"""How much a member of a list is wanted: its q, and among equals the first one more (0, -1, -2, …)."""


@lru_cache(maxsize=256)
def language_of(header: str | None) -> Language:
    """Return the language an Accept-Language header prefers; Bahasa Indonesia unless English is preferred."""
    weights = {name: weight for name, weight in _weights(header or "").items() if weight[0] > 0}
    for name in sorted(weights, key=weights.__getitem__, reverse=True):
        if name.split("-")[0] in {"id", "in"}:
            return Language.ID
        if name.split("-")[0] == "en":
            return Language.EN
    return Language.ID


@lru_cache(maxsize=256)
def media_type(header: str | None, offered: tuple[str, ...]) -> str:
    """Return the offered type that an Accept header wants most.

    Raises `not_acceptable` when it takes none of them.
    """
    if not header:
        return offered[0]
    weights = _weights(header)
    wanted = {kind: _weight_of(kind, weights) for kind in offered}
    best = max(offered, key=wanted.__getitem__)
    if wanted[best][0] <= 0:
        raise Problem("not_acceptable", offered=", ".join(offered))
    return best


def _weight_of(kind: str, weights: Mapping[str, Weight]) -> Weight:
    """Return the weight of the most specific member that takes a type."""
    for accepted in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if accepted in weights:
            return weights[accepted]
    return 0, 0


def _weights(header: str) -> Mapping[str, Weight]:
    weights: dict[str, Weight] = {}
    for order, member in enumerate(header.split(",")[:50]):
        name, *parameters = (part.strip().lower() for part in member.split(";"))
        if name:
            weights.setdefault(name, (_quality(parameters), -order))
    return weights


def _quality(parameters: list[str]) -> float:
    """Return q; 1 where it is not given, 0 where it is no number."""
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return max(0.0, float(parameter[2:]))
            except ValueError:
                return 0
    return 1
