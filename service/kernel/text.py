"""Folded forms of text: what search and uniqueness compare."""

import unicodedata


def folded(text: str) -> str:
    """Return text without case, accents and double spaces (NFKC, casefold, no combining marks)."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(kept.split())


def squeezed(text: str) -> str:
    """Return text without case and any white space (NFKC, casefold): how document numbers are compared."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def containing(text: str) -> str:
    """Return a LIKE pattern for folded text that has this text somewhere."""
    escaped = folded(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def scripts(text: str) -> frozenset[str]:
    """Return the scripts of the letters of a text, such as LATIN."""
    return frozenset(unicodedata.name(letter, "UNKNOWN").split()[0] for letter in text if letter.isalpha())
