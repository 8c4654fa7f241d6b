"""Words of activities and who took part in them."""

from enum import StrEnum


class Relation(StrEnum):
    """Whether an activity is part of the partnership or a context event in the same place."""

    JOINT = "joint"
    RELATED = "related"


class ActivityKind(StrEnum):
    """What an activity is."""

    BIMTEK = "bimtek"
    TRAINING = "training"  # pelatihan
    TOT = "tot"
    SOCIALIZATION = "socialization"  # sosialisasi
    WORKSHOP = "workshop"  # lokakarya
    FGD = "fgd"
    AUDIENCE = "audience"  # audiensi
    COORDINATION_MEETING = "coordination_meeting"  # rapat koordinasi
    MONITORING_EVALUATION = "monitoring_evaluation"  # monev
    MENTORING = "mentoring"  # pendampingan
    STUDY = "study"  # kajian
    CAMPAIGN = "campaign"  # kampanye
    PUBLIC_DISCUSSION = "public_discussion"  # diskusi publik
    SIGNING = "signing"  # penandatanganan
    DRAFTING = "drafting"  # penyusunan dokumen
    REPORTING = "reporting"  # pelaporan
    OTHER = "other"


class Mode(StrEnum):
    """How people meet."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class OrganizerRole(StrEnum):
    """What an organization does for an activity."""

    HOST = "host"
    CO_HOST = "co_host"
    SUPPORTER = "supporter"
    FUNDER = "funder"
    SPEAKER = "speaker"
    FACILITATOR = "facilitator"


class ParticipantUnit(StrEnum):
    """What a count counts."""

    PEOPLE = "people"
    ORGANIZATIONS = "organizations"


class ExternalSystem(StrEnum):
    """Systems a record can refer to."""

    OPENTENDER = "opentender"
    SIRUP = "sirup"
    SPSE = "spse"
    OCDS = "ocds"
    MCP = "mcp"
    JAGA = "jaga"
    NEWS = "news"


class ActivityState(StrEnum):
    """What persons decided about an activity."""

    DRAFT = "draft"
    PLANNED = "planned"
    HELD = "held"
    REPORTED = "reported"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


class ActivityAction(StrEnum):
    """Moves of an activity."""

    PLAN = "plan"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    MARK_HELD = "mark_held"
    REPORT = "report"
    VERIFY = "verify"
    RETURN = "return"
    REOPEN = "reopen"
