"""What was measured, as a table in Markdown: only ratios inside one run of the benchmark say something."""

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from statistics import median
from typing import NamedTuple

from tests.bench.measure import Run

_MUST: dict[tuple[str, str, float], float] = {
    ("R1", "bare", 1): 0.60,
    ("R2", "bare", 1): 0.80,
    ("R3", "bare", 1): 3,
    ("R3", "bare", 10): 15,
    ("W1", "bare", 1): 1.0,
    ("R1", "orm", 1): 4,
    ("R2", "orm", 1): 5,
    ("W1", "orm", 1): 3,
}
_KEPT = {"R2": 0.85, "R3": 0.85, "R4": 0.85, "R4Q": 0.85}
_COLUMNS = (
    "case",
    "scale",
    "server",
    "ratio (min–max)",
    "must",
    "by CPU",
    "req/s",
    "p50 ms",
    "p99 ms",
    "app µs",
    "pg µs",
    "failures",
)


class Ratio(NamedTuple):
    """The service's rate divided by another's, of all rounds."""

    middle: float
    least: float
    most: float


def table(runs: dict[str, list[Run]]) -> str:
    """Gives the table of all cases."""
    lines = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    for case, of_case in runs.items():
        lines += _lines(case, of_case)
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _lines(case: str, runs: Sequence[Run]) -> Iterator[str]:
    scales = sorted({run.scale for run in runs})
    for scale in scales:
        names = dict.fromkeys(run.name for run in runs if run.scale == scale)
        service = _of(runs, "product", scale)
        for name in names:
            other = _of(runs, name, scale)
            yield _line(case, other, against=service, must=_MUST.get((case, name, scale)))
    if len(scales) > 1:
        first, last = (_of(runs, "product", scale) for scale in (scales[0], scales[-1]))
        kept, must = ratio(last, first), _KEPT.get(case)
        named = (case, f"×{scales[-1]:g} / ×{scales[0]:g}", "product", _shown(kept), _told(must))
        yield _row([*named, *[""] * (len(_COLUMNS) - len(named))])


def _of(runs: Iterable[Run], name: str, scale: float) -> list[Run]:
    return sorted((run for run in runs if (run.name, run.scale) == (name, scale)), key=lambda run: run.round)


def ratio(ours: Sequence[Run], theirs: Sequence[Run]) -> Ratio:
    """Gives how many times as fast the first is, round by round; a round without an answer is infinite."""
    of_rounds = [
        mine.rate / other.rate if other.rate else inf for mine, other in zip(ours, theirs, strict=True)
    ]
    return Ratio(median(of_rounds), min(of_rounds), max(of_rounds))


def _line(case: str, runs: Sequence[Run], *, against: Sequence[Run], must: float | None) -> str:
    name, scale = runs[0].name, runs[0].scale
    itself = name == "product"
    cells = [
        case,
        f"×{scale:g}",
        name,
        "" if itself else _shown(ratio(against, runs)),
        _told(must),
        "" if itself else f"{_processor(runs) / _processor(against):.2f}",
        f"{median(run.rate for run in runs):.0f}",
        f"{median(run.result.p50 for run in runs):.1f}",
        f"{median(run.result.p99 for run in runs):.1f}",
        f"{median(run.app_us for run in runs):.0f}",
        f"{median(run.postgres_us for run in runs):.0f}",
        str(sum(run.result.failures for run in runs)),
    ]
    return _row(cells)


def _shown(found: Ratio) -> str:
    return f"**{found.middle:.2f}** ({found.least:.2f}–{found.most:.2f})"


def _told(must: float | None) -> str:
    return "" if must is None else f"{must:g}"


def _processor(runs: Sequence[Run]) -> float:
    """Gives µs per request of the app and PostgreSQL together."""
    return median(run.app_us + run.postgres_us for run in runs)
