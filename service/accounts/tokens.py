"""Tokens: 256 random bits behind a prefix that says what they open; only their SHA-256 is kept."""

import secrets
from typing import NamedTuple

from service.access.authenticate import token_digest

_BYTES = 32


class Token(NamedTuple):
    """A new token: its text is shown once, its digest kept."""

    text: str
    digest: bytes


def new_session_token() -> Token:
    """Return a token of a session."""
    return _new("tnn_s_")


def new_key_token() -> Token:
    """Return a token of an API key."""
    return _new("tnn_k_")


def new_invitation_token() -> Token:
    """Return a one-time token that sets a first password."""
    return _new("tnn_i_")


def _new(prefix: str) -> Token:
    text = prefix + secrets.token_urlsafe(_BYTES)
    return Token(text, token_digest(text))
