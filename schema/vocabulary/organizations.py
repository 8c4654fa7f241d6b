"""Words of organizations."""

from enum import StrEnum


class OrganizationKind(StrEnum):
    """What an organization is."""

    REGIONAL_GOVERNMENT = "regional_government"  # pemerintah daerah
    REGIONAL_UNIT = "regional_unit"  # perangkat daerah
    INSPECTORATE = "inspectorate"  # inspektorat (APIP)
    MINISTRY_UNIT = "ministry_unit"
    STATE_AGENCY = "state_agency"  # lembaga negara
    VERTICAL_AGENCY = "vertical_agency"  # instansi vertikal
    CSO = "cso"
    PROFESSIONAL_ASSOCIATION = "professional_association"
    UNIVERSITY = "university"
    PRIVATE = "private"
    DONOR = "donor"
