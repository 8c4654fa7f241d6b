"""What was agreed and planned: amendments, the work plan with its reported values, milestones."""

from service.demo.case import Planned
from service.demo.office import Office


async def enter_amendments(office: Office) -> None:
    """Propose each amendment, known by its title, and carry it to where it came."""
    for amendment in office.case.amendments:
        path = f"/v1/agreements/{office.ids[amendment.agreement]}/amendments"
        known = await office.known((amendment,), path, by="title")
        found = await office.entered(amendment, path, known=known.get(amendment.body["title"]))
        await office.lived(amendment, f"{path}/{found['sequence']}", found=found)


async def enter_workplan(office: Office) -> None:
    """Propose each item, known by its code, and carry it to where it came, with its values."""
    path = "/v1/workplan-items"
    known = await office.known(office.case.workplan, path, by="code")
    for item in office.case.workplan:
        found = await office.entered(item, path, known=known.get(item.body["code"]))
        await office.lived(item, f"{path}/{found['id']}", found=found)
        await _enter_actuals(office, item, path=f"{path}/{found['id']}/actuals")


async def _enter_actuals(office: Office, item: Planned, *, path: str) -> None:
    """Report each value, known by the first day of its period; another party approves it."""
    known = await office.known(item.actuals, path, by="starts_on")
    for actual in item.actuals:
        found = await office.entered(actual, path, known=known.get(actual.body["starts_on"]))
        await office.lived(actual, f"{path}/{found['id']}", found=found)


async def enter_milestones(office: Office) -> None:
    """Promise each milestone, known by its client_ref; what was reached is verified by another party."""
    path = "/v1/milestones"
    known = await office.known(office.case.milestones, path, by="client_ref")
    for milestone in office.case.milestones:
        found = await office.entered(milestone, path, known=known.get(milestone.body["client_ref"]))
        await office.lived(milestone, f"{path}/{found['id']}", found=found)
