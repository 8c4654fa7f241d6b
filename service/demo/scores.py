"""Scores of regions as they were published: series by period, each observation with its sources.

What the partnership itself produced (auditors trained, procedures written, projects audited) is no score of a
region: it stands as reported values of the work plan.
"""

from typing import Any

from service.demo.case import Case, Observed, source_note
from service.demo.office import Office


async def enter_indicator_series(office: Office) -> None:
    """Begin each series, known by its title among those of its keeper, and say what was published of it."""
    path = "/v1/indicator-series"
    for series in office.case.indicator_series:
        desk = office.desks[series.entered_by]
        keeper = office.ids[office.case.organization_of(series.entered_by)]
        known = {each["title"]: each for each in await desk.all(path, organization_id=keeper)}
        body = office.body(series) | {"note": source_note(series, office.case)}
        found = known.get(series.body["title"]) or await desk.ask(f"POST {path}", body=body)
        if found["version"] == 1:  # Nobody has said anything of it yet.
            items = [_observation(each, office.case) for each in series.observations]
            request = f"PUT {path}/{found['id']}/observations"
            await desk.ask(request, body={"items": items}, version=found["version"])


def _observation(observed: Observed, case: Case) -> dict[str, Any]:
    """Return what is sent of a period: a source has one address, so the further ones stand in the note."""
    first, *further = [case.sources[key] for key in observed.sources]
    also = [f"Juga: {source.cited}: {source.address}" for source in further]
    note = "\n".join((*([observed.body["note"]] if "note" in observed.body else []), *also))
    return {**observed.body, "source": {"title": first.cited, "url": first.url}, "note": note or None}
