"""Three organizations and their people, who call the service through the generated client."""

from typing import Any, NamedTuple
from uuid import UUID

from tests.walkthrough.generated import Client, Desk

_PASSWORD = "kopi susu di Oesapa"


class Cast(NamedTuple):
    """A coordinator of each organization, and the reviewer and the approver of the inspectorate."""

    models: Any
    inspectorate_id: UUID
    appek_id: UUID
    icw_id: UUID
    inspectorate: Desk
    appek: Desk
    icw: Desk
    reviewer: Desk
    approver: Desk


def make_cast(client: Client, token: str) -> Cast:
    """Lets the administrator with this token make all of them, and signs everybody in."""
    platform = _Platform(client, client.signed_in(token))
    inspectorate = platform.organization("Inspektorat Kota Kupang", "inspectorate")
    appek = platform.organization("Bengkel APPeK", "cso")
    icw = platform.organization("Indonesia Corruption Watch", "cso")
    return Cast(
        models=client.models,
        inspectorate_id=inspectorate,
        appek_id=appek,
        icw_id=icw,
        inspectorate=platform.person(inspectorate, "coordinator"),
        appek=platform.person(appek, "coordinator"),
        icw=platform.person(icw, "coordinator"),
        reviewer=platform.person(inspectorate, "reviewer"),
        approver=platform.person(inspectorate, "approver", "auditor"),
    )


class _Platform(NamedTuple):
    client: Client
    desk: Desk

    def organization(self, name: str, kind: str) -> UUID:
        """Gives the id of a new organization."""
        models = self.client.models
        body = models.CreateOrganization(name=name, kind=kind, region_code="53.71", time_zone="Asia/Makassar")
        made = self.desk.ask("organizations.create_organization", body=body)
        assert isinstance(made, models.Organization), made
        return made.id

    def person(self, organization_id: UUID, *roles: str) -> Desk:
        """Invites a person, who chooses a password and signs in."""
        models, email = self.client.models, f"{roles[0]}.{organization_id}@example.org"
        membership = models.MembershipInput(organization_id=organization_id, roles=list(roles))
        body = models.CreateUser(email=email, name=f"Contoh {roles[0]}", memberships=[membership])
        invited = self.desk.ask("users.create_user", body=body)
        assert isinstance(invited, models.CreatedUser), invited
        nobody = self.client.anybody()
        chosen = models.AcceptInvitation(token=invited.invitation_token, password=_PASSWORD)
        assert nobody.ask("invitations.accept_invitation", body=chosen) is None
        entry = models.CreateSession(email=email, password=_PASSWORD)
        session = nobody.ask("sessions.create_session", body=entry)
        assert isinstance(session, models.Session), session
        assert session.roles == list(roles)
        return self.client.signed_in(session.token)
