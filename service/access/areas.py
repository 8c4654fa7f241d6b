"""MCP areas that a record names: none twice, and a second look at those of other years. Pure."""

from collections.abc import Iterator, Sequence

from schema.vocabulary import McpArea, WarningCode
from service.kernel.problem import Fault
from service.kernel.scales import of_other_years


def area_faults(areas: Sequence[McpArea]) -> Iterator[Fault]:
    """Return a fault for each area that is named again."""
    for position, area in enumerate(areas):
        if area in areas[:position]:
            yield Fault(f"/mcp_areas/{position}", "repeated", {"given": area})


def area_doubts(areas: Sequence[McpArea], year: int) -> Iterator[Fault]:
    """Return a doubt when some of the areas stand in the lists of other years alone.

    No more than a doubt: a day that moves over New Year would make it an error of what nobody touched.
    """
    others = tuple(of_other_years(areas, year))
    if others:
        yield Fault("/mcp_areas", WarningCode.AREA_OF_OTHER_YEARS, {"areas": ", ".join(others), "year": year})
