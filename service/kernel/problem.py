"""Expected failure: a problem with a stable code, told in the caller's language at the edge (RFC 9457)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schema.messages import PROBLEMS, TEXTS
from schema.vocabulary import Language
from schema.wire import common as wire


class Fault(NamedTuple):
    """One thing that is wrong: where (JSON Pointer, `?name` for a parameter), which code, which values."""

    pointer: str
    code: str
    values: Mapping[str, object] = {}

    def detail(self, language: Language) -> str:
        """Return the text in one language."""
        return TEXTS[self.code].fill(language, dict(self.values))

    def render(self, language: Language) -> wire.Fault:
        """Return the fault as it stands in `errors[]`."""
        return wire.Fault(pointer=self.pointer, code=self.code, detail=self.detail(language))

    def warning(self, language: Language) -> wire.Warning:
        """Return the same as a fact worth a second look, which stops nobody."""
        return wire.Warning(pointer=self.pointer, code=self.code, detail=self.detail(language))


class Problem(Exception):
    """A failure the caller can understand; raise it, the edge renders it."""

    def __init__(
        self,
        code: str,
        *,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        """Name the problem code, all its faults and the values of its texts."""
        super().__init__(code)
        self.code = code
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.values = values

    @property
    def status(self) -> int:
        """HTTP status of the code."""
        return PROBLEMS[self.code].status

    def render(self, language: Language, instance: str) -> wire.Problem:
        """Return the body in one language; `instance` is the request id."""
        text = PROBLEMS[self.code]
        values = {"count": len(self.faults), **self.values}
        return wire.Problem(
            type=f"/problems/{self.code}",
            title=text.title.fill(language, {}),
            status=text.status,
            detail=text.detail.fill(language, values),
            code=self.code,
            instance=instance,
            errors=tuple(fault.render(language) for fault in self.faults),
        )


def refuse(faults: Iterable[Fault]) -> None:
    """Raise `validation_failed` with all faults, if there is any."""
    found = tuple(faults)
    if found:
        raise Problem("validation_failed", faults=found)


def unavailable() -> Problem:
    """Return 503: nothing is known to be wrong with the request, repeat it."""
    return Problem("unavailable", headers={"retry-after": "1"}, seconds=1)
