"""Examples of the service's own operations, the directory and the audit trail."""

from schema.vocabulary import Permission, Role
from tests.actors import Actor
from tests.partners import id_of
from tests.trust.example import OK, Example, for_all, plain
from tests.trust.world import Ask, Standing, World

ORGANIZATIONS = "/v1/organizations"
_WORKING_DAYS = "/v1/meta/working-days?from=2025-03-17&days=10"


async def _organization(world: World, _by: Actor) -> Ask:
    return Ask("GET", f"{ORGANIZATIONS}/{world.own.organization_id}")


async def _edited(world: World, _by: Actor) -> Ask:
    path = f"{ORGANIZATIONS}/{world.own.organization_id}"
    return Ask("PATCH", path, {"short_name": "APPeK"}, await world.version(path, world.own))


def _own_organization(role: Role, standing: Standing) -> str:
    own = role is Role.PLATFORM_ADMIN or standing is Standing.OWN
    return OK if own else f"permission_missing {Permission.ORGANIZATION_CREATE}"


async def _trail(world: World, _by: Actor) -> Ask:
    return Ask("GET", f"/v1/audit-entries?agreement_id={id_of(world.base)}&limit=200")


async def _chain(world: World, _by: Actor) -> Ask:
    return Ask("GET", f"/v1/audit-entries/verify?agreement_id={id_of(world.base)}")


EXAMPLES = {
    "get_health": Example(plain("GET", "/healthz"), for_all),
    "get_readiness": Example(plain("GET", "/readyz"), for_all),
    "get_metrics": Example(plain("GET", "/metrics"), for_all),
    "get_openapi": Example(plain("GET", "/openapi.json"), for_all),
    "get_reference": Example(plain("GET", "/docs"), for_all),
    "get_reference_asset": Example(plain("GET", "/docs/assets/swagger-ui.css"), for_all),
    "get_problem": Example(plain("GET", "/problems/not_found"), for_all),
    "get_state_machines": Example(plain("GET", "/v1/meta/state-machines"), for_all),
    "get_vocabulary": Example(plain("GET", "/v1/meta/vocabulary"), for_all),
    "get_permissions": Example(plain("GET", "/v1/meta/permissions"), for_all),
    "get_working_days": Example(plain("GET", _WORKING_DAYS), for_all),
    "get_audit_key": Example(plain("GET", "/v1/meta/audit-key"), for_all),
    "list_organizations": Example(plain("GET", f"{ORGANIZATIONS}?limit=200"), for_all),
    "get_organization": Example(_organization, for_all),
    "create_organization": Example(
        plain("POST", ORGANIZATIONS, {"name": "Dinas Kesehatan", "kind": "regional_unit"}), for_all
    ),
    "update_organization": Example(_edited, _own_organization),
    "list_audit_entries": Example(plain("GET", "/v1/audit-entries?limit=200"), for_all),
    "list_audit_entries: of an agreement": Example(_trail, for_all),
    "get_audit_verification": Example(plain("GET", "/v1/audit-entries/verify"), for_all),
    "get_audit_verification: of an agreement": Example(_chain, for_all),
}
