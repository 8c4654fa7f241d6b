"""The invented people of the demo: their passwords, and the ready tokens that are printed."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable

from service.demo.load import DemoToken

_LOOK = (
    ("Rencana kerja / work plan", "VIEWER", "/v1/workplan-items"),
    ("Capaian / milestones", "VIEWER", "/v1/milestones"),
    ("Permohonan lewat tenggat / overdue requests", "REVIEWER", "/v1/data-requests?role=holder&overdue=true"),
    ("Skor daerah / scores of regions", "VIEWER", "/v1/indicator-series"),
)
"""Where to look first: what, as whom, at which path."""


def password_from(secret: bytes) -> Callable[[str], str]:
    """Return the password of an e-mail: the same at every start of one installation, unknown elsewhere."""

    def password(email: str) -> str:
        return urlsafe_b64encode(hmac.digest(secret, f"demo:{email}".encode(), hashlib.sha256)).decode()[:32]

    return password


def told(tokens: Iterable[DemoToken], address: str) -> str:
    """Return what the demo prints: the reference page, a line to paste per role, and where to look."""
    lines = [f"Reference page: {address}/docs", f"export TENUN={address}"]
    lines += [
        f"export {token.role.upper()}={token.token}  # {token.organization}, {token.email}"
        for token in tokens
    ]
    lines += [
        f'# {what}: curl -H "Authorization: Bearer ${role}" "$TENUN{path}"' for what, role, path in _LOOK
    ]
    return "\n".join(lines)
