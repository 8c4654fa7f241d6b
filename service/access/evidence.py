"""Hard errors of evidence, whatever it is shown for. Pure."""

from collections.abc import Collection, Iterable, Iterator

from schema.wire.common import Evidence
from service.kernel.problem import Fault

MOST_EVIDENCE = 50


def evidence_faults(evidence: Iterable[Evidence]) -> Iterator[Fault]:
    """Return a fault for each evidence that says neither where to read it nor where it lies."""
    for position, item in enumerate(evidence):
        if item.url is None and item.document_id is None and item.document_ref is None:
            yield Fault(f"/evidence/{position}", "evidence_empty")


def evidence_length_faults(evidence: Collection[Evidence]) -> Iterator[Fault]:
    """Return a fault when moves have brought more evidence than a reply holds."""
    if len(evidence) > MOST_EVIDENCE:
        yield Fault("/evidence", "too_long", {"limit": MOST_EVIDENCE})
