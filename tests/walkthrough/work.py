"""What the three organizations plan, do and promise under an agreement."""

from datetime import date
from typing import Any

from tests.documents.files import CSV
from tests.walkthrough.agreements import FIRST_DAY
from tests.walkthrough.cast import Cast
from tests.walkthrough.documents import stored

_ITEM = "workplan_items.transition_workplan_item"
_ACTIVITY = "activities.transition_activity"
_MILESTONE = "milestones.transition_milestone"


def agreed_line(cast: Cast, pact: Any) -> Any:
    """Gives a line of the work plan for year 1 that the inspectorate agreed to."""
    models = cast.models
    body = models.CreateWorkplanItem(
        agreement_id=pact.id,
        agreement_year=1,
        level="activity",
        title="Bimtek penggunaan opentender.net",
        lead_organization_id=cast.appek_id,
        indicator=models.Indicator(name="Auditor terlatih", unit="people", baseline=0, target=30),
    )
    line = cast.appek.ask("workplan_items.create_workplan_item", body=body)
    assert isinstance(line, models.WorkplanItem), line
    assert line.starts_on == FIRST_DAY
    return cast.inspectorate.moved(_ITEM, line, models.AgreeItem(action="agree"))


def reported_bimtek(cast: Cast, line: Any) -> Any:
    """Gives the bimtek of 2 September 2022 with 30 + 4 + 3 participants, reported with its sheet."""
    models = cast.models
    counts = {cast.inspectorate_id: 30, cast.appek_id: 4, cast.icw_id: 3}
    groups = [models.ParticipantGroup(organization_id=each, total=total) for each, total in counts.items()]
    body = models.CreateActivity(
        agreement_id=line.agreement_id,
        workplan_item_id=line.id,
        kind="bimtek",
        title="Bimtek penggunaan opentender.net",
        mode="in_person",
        starts_on=date(2022, 9, 2),
        venue="Kristal Hotel, Kupang",
        state="held",
        participants=models.Participants(unit="people", total=37, groups=groups),
        client_ref="generated-000123",
    )
    bimtek = cast.appek.ask("activities.create_activity", body=body)
    assert isinstance(bimtek, models.Activity), bimtek
    about = {"kind": "attendance_sheet", "subject_type": "activity", "subject_id": bimtek.id}
    sheet = stored(cast, cast.appek, content=CSV, file_name="Daftar hadir.csv", **about)
    evidence = [models.Evidence(document_id=sheet.id)]
    return cast.appek.moved(_ACTIVITY, bimtek, models.Report(action="report", evidence=evidence))


def verified(cast: Cast, activity: Any) -> Any:
    """Gives an activity that the inspectorate has verified."""
    return cast.reviewer.moved(_ACTIVITY, activity, cast.models.Verify(action="verify"))


def milestone_met(cast: Cast, pact: Any) -> Any:
    """Gives a milestone that the inspectorate promised and reached, as Bengkel APPeK confirms."""
    models = cast.models
    body = models.CreateMilestone(
        agreement_id=pact.id,
        title="Survei SPI 2023 selesai",
        due_on=date(2023, 6, 30),
        owner_organization_id=cast.inspectorate_id,
    )
    milestone = cast.inspectorate.ask("milestones.create_milestone", body=body)
    assert isinstance(milestone, models.Milestone), milestone
    evidence = [models.Evidence(url="https://example.org/spi-2023")]
    submission = models.SubmitMilestone(action="submit", achieved_on=date(2023, 6, 20), evidence=evidence)
    milestone = cast.inspectorate.moved(_MILESTONE, milestone, submission)
    return cast.appek.moved(_MILESTONE, milestone, models.VerifyMilestone(action="verify"))
