"""Closed vocabularies: every word that stands in a column, a reply, an event or an error code.

The names are the English terms of the domain; the comment beside a value gives the Indonesian term where it
is not obvious. Adding a value is an additive change of the API; renaming or removing one is a breaking one.
"""

from enum import StrEnum


class Language(StrEnum):
    """Languages of titles and details; Bahasa Indonesia is the default."""

    ID = "id"
    EN = "en"


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


class TimeZone(StrEnum):
    """The three time zones of Indonesia: WIB, WITA, WIT."""

    JAKARTA = "Asia/Jakarta"
    MAKASSAR = "Asia/Makassar"
    JAYAPURA = "Asia/Jayapura"


class Role(StrEnum):
    """What a member may do in one organization."""

    VIEWER = "viewer"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    ORG_ADMIN = "org_admin"
    AUDITOR = "auditor"
    PLATFORM_ADMIN = "platform_admin"


class Permission(StrEnum):
    """What an operation or an action needs; `service.access.policy` says which role gives it."""

    SELF = "self"
    META_READ = "meta.read"
    ORGANIZATION_READ = "organization.read"
    ORGANIZATION_CREATE = "organization.create"
    ORGANIZATION_EDIT = "organization.edit"
    USER_MANAGE = "user.manage"
    API_KEY_MANAGE = "api_key.manage"
    AGREEMENT_READ = "agreement.read"
    AGREEMENT_EDIT = "agreement.edit"
    AGREEMENT_ACCEPT = "agreement.accept"
    AGREEMENT_DECIDE = "agreement.decide"
    AGREEMENT_CANCEL = "agreement.cancel"
    ACTIVITY_READ = "activity.read"
    ACTIVITY_EDIT = "activity.edit"
    ACTIVITY_VERIFY = "activity.verify"
    ACTIVITY_REOPEN = "activity.reopen"
    MILESTONE_READ = "milestone.read"
    MILESTONE_EDIT = "milestone.edit"
    MILESTONE_VERIFY = "milestone.verify"
    MILESTONE_WAIVE = "milestone.waive"
    WORKPLAN_READ = "workplan.read"
    WORKPLAN_EDIT = "workplan.edit"
    WORKPLAN_VERIFY = "workplan.verify"
    DOCUMENT_READ = "document.read"
    DOCUMENT_EDIT = "document.edit"
    DATASET_READ = "dataset.read"
    DATASET_EDIT = "dataset.edit"
    DATA_REQUEST_READ = "data_request.read"
    DATA_REQUEST_ASK = "data_request.ask"
    DATA_REQUEST_HANDLE = "data_request.handle"
    DATA_REQUEST_DECIDE = "data_request.decide"
    AUDIT_READ = "audit.read"


class TokenKind(StrEnum):
    """A session ends after 12 hours; an API key lives until its expiry, one year at most."""

    SESSION = "session"
    API_KEY = "api_key"


class Noun(StrEnum):
    """Kinds of record that are written to the ledger."""

    ORGANIZATION = "organization"
    USER = "user"
    MEMBERSHIP = "membership"
    SESSION = "session"
    API_KEY = "api_key"
    AGREEMENT = "agreement"
    AMENDMENT = "amendment"
    ACTIVITY = "activity"
    MILESTONE = "milestone"
    MILESTONE_SERIES = "milestone_series"
    WORKPLAN_ITEM = "workplan_item"
    ACTUAL = "actual"
    DOCUMENT = "document"
    DATASET = "dataset"
    DATA_REQUEST = "data_request"
    OBJECTION = "objection"


class Verb(StrEnum):
    """What can happen to a record besides the actions of its state machine."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    AMENDED = "amended"
    REVOKED = "revoked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word, not a password.
    DUE_DAY_MOVED = "due_day_moved"  # The holidays were corrected.


class HolidayKind(StrEnum):
    """Why offices are shut on a day."""

    PUBLIC = "public"  # libur nasional
    JOINT_LEAVE = "joint_leave"  # cuti bersama


class AgreementKind(StrEnum):
    """What the paper is."""

    MOU = "mou"  # Kesepakatan Bersama
    PKS = "pks"  # Perjanjian Kerja Sama
    NOTA_KESEPAKATAN = "nota_kesepakatan"


class Scheme(StrEnum):
    """Who cooperates with whom, in the terms of PP 28/2018."""

    KSDD = "KSDD"  # region with region
    KSDPK = "KSDPK"  # region with third party
    SINERGI = "sinergi"  # region with central body
    KSDPL = "KSDPL"  # foreign regional government
    KSDLL = "KSDLL"  # foreign institution


class Precision(StrEnum):
    """How well a day is known."""

    DAY = "day"
    MONTH = "month"
    NOT_AFTER = "not_after"
    UNKNOWN = "unknown"


class Visibility(StrEnum):
    """Who may read an agreement: its parties and those above them, or every token."""

    PARTIES = "parties"
    PUBLIC = "public"


class SignatureKind(StrEnum):
    """How a signatory signed."""

    WET = "wet"  # tanda tangan basah
    ELECTRONIC = "electronic"  # tanda tangan elektronik


class AgreementState(StrEnum):
    """What persons decided about an agreement; what the calendar decides is its phase."""

    DRAFT = "draft"
    IN_DISCUSSION = "in_discussion"
    READY_TO_SIGN = "ready_to_sign"
    SIGNED = "signed"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class AgreementAction(StrEnum):
    """Moves of an agreement."""

    OPEN_DISCUSSION = "open_discussion"
    SEND_BACK = "send_back"
    ACCEPT = "accept"
    UNLOCK = "unlock"
    REGISTER_SIGNING = "register_signing"
    SUSPEND = "suspend"
    LIFT_SUSPENSION = "lift_suspension"
    TERMINATE = "terminate"
    CANCEL = "cancel"
    CLOSE = "close"


class AgreementPhase(StrEnum):
    """Where an agreement stands today: derived from its state, its dates and its parent when it is read."""

    PREPARATION = "preparation"
    UPCOMING = "upcoming"
    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    BLOCKED_BY_PARENT = "blocked_by_parent"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class DateSource(StrEnum):
    """Where a day that years are counted from comes from."""

    OWN = "own"
    PARENT = "parent"
    UNKNOWN = "unknown"


class AccessReason(StrEnum):
    """Why an organization may see an agreement."""

    PARTY = "party"
    CREATOR = "creator"
    ABOVE = "above"  # an organization below it in the tree is a party
    CHILD = "child"  # it sees an agreement made under this one


class AmendmentKind(StrEnum):
    """What an amendment (addendum) does to its agreement."""

    EXTENSION = "extension"  # perpanjangan
    SCOPE = "scope"  # ruang lingkup
    PARTIES = "parties"
    SIGNATORY = "signatory"  # penanda tangan
    CORRECTION = "correction"  # pembetulan
    OTHER = "other"


class AmendmentState(StrEnum):
    """What persons decided about an amendment; signed, it is part of its agreement."""

    IN_DISCUSSION = "in_discussion"
    READY_TO_SIGN = "ready_to_sign"
    SIGNED = "signed"
    CANCELLED = "cancelled"


class AmendmentAction(StrEnum):
    """Moves of an amendment."""

    ACCEPT = "accept"
    UNLOCK = "unlock"
    REGISTER_SIGNING = "register_signing"
    CANCEL = "cancel"


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


class MilestoneState(StrEnum):
    """What persons decided about a milestone; what the calendar decides is its health."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    MET = "met"
    WAIVED = "waived"
    CANCELLED = "cancelled"


class MilestoneAction(StrEnum):
    """Moves of a milestone."""

    SUBMIT = "submit"
    VERIFY = "verify"
    RETURN = "return"
    REPLAN = "replan"
    WAIVE = "waive"
    CANCEL = "cancel"


class MilestoneHealth(StrEnum):
    """How a milestone stands today, derived from its state and its days; none once waived or cancelled."""

    NOT_STARTED = "not_started"
    DUE_SOON = "due_soon"
    AT_RISK = "at_risk"
    LATE = "late"
    MET = "met"
    MET_LATE = "met_late"


class WorkplanLevel(StrEnum):
    """Where an item stands in the tree: an output serves an outcome, an activity line an output."""

    OUTCOME = "outcome"  # hasil
    OUTPUT = "output"  # keluaran
    ACTIVITY = "activity"  # kegiatan dalam rencana kerja


class WorkplanState(StrEnum):
    """What persons decided about an item of the work plan."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    VERIFIED = "verified"
    DEFERRED = "deferred"
    DROPPED = "dropped"


class WorkplanAction(StrEnum):
    """Moves of an item of the work plan."""

    AGREE = "agree"
    START = "start"
    COMPLETE = "complete"
    VERIFY = "verify"
    RETURN = "return"
    DEFER = "defer"
    RESUME = "resume"
    DROP = "drop"


class WorkplanHealth(StrEnum):
    """Where an item stands against its due day: derived when it is read."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    LATE = "late"
    DONE = "done"


class ProgressSource(StrEnum):
    """What the progress of an item is derived from: the first of these that says anything."""

    STATE = "state"
    INDICATOR = "indicator"
    CHILDREN = "children"
    ACTIVITIES = "activities"


class Accumulation(StrEnum):
    """How the values of an indicator add up: each is what came in addition, or where it stands by then."""

    INCREMENTAL = "incremental"
    CUMULATIVE = "cumulative"


class ActualState(StrEnum):
    """What persons decided about a reported value."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


class ActualAction(StrEnum):
    """Moves of a reported value."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"


class DocumentKind(StrEnum):
    """What a stored document is."""

    SIGNED_AGREEMENT = "signed_agreement"  # naskah yang ditandatangani
    AMENDMENT = "amendment"  # addendum
    POWER_OF_ATTORNEY = "power_of_attorney"  # surat kuasa
    ATTENDANCE_SHEET = "attendance_sheet"  # daftar hadir
    PHOTO = "photo"
    MINUTES = "minutes"  # notula
    TERMS_OF_REFERENCE = "terms_of_reference"  # kerangka acuan kerja
    MATERIAL = "material"  # bahan paparan
    REPORT = "report"  # laporan
    EVIDENCE = "evidence"  # bukti
    DATASET = "dataset"
    OTHER = "other"


class DocumentSubject(StrEnum):
    """Kinds of record that a document can belong to."""

    AGREEMENT = "agreement"
    ACTIVITY = "activity"


class MediaType(StrEnum):
    """What a stored file may be, told by its content."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    CSV = "text/csv"


class Classification(StrEnum):
    """Who may get a dataset: anybody, whoever is granted it, nobody."""

    OPEN = "open"  # terbuka
    RESTRICTED = "restricted"  # terbatas
    CLOSED = "closed"  # dikecualikan


class Frequency(StrEnum):
    """How often a dataset is renewed."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"  # triwulanan
    SEMIANNUAL = "semiannual"
    YEARLY = "yearly"
    IRREGULAR = "irregular"  # sewaktu-waktu


class Lane(StrEnum):
    """On what a data request rests: an agreement, or the law (UU KIP 14/2008)."""

    PKS = "pks"
    PPID = "ppid"


class DataRequestState(StrEnum):
    """What persons decided about a data request."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    NEEDS_CLARIFICATION = "needs_clarification"
    AWAITING_DECISION = "awaiting_decision"
    GRANTED = "granted"
    GRANTED_IN_PART = "granted_in_part"
    REFUSED = "refused"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"
    REVOKED = "revoked"
    CLOSED = "closed"


class DataRequestAction(StrEnum):
    """Moves of a data request."""

    SUBMIT = "submit"
    TAKE = "take"
    ASSIGN = "assign"
    ASK = "ask"
    ANSWER = "answer"
    TRANSFER = "transfer"
    RECOMMEND = "recommend"
    EXTEND = "extend"
    SEND_BACK = "send_back"
    GRANT = "grant"
    GRANT_IN_PART = "grant_in_part"
    REFUSE = "refuse"
    ACCEPT_CONDITIONS = "accept_conditions"
    DELIVER = "deliver"
    ACKNOWLEDGE = "acknowledge"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"
    CLOSE = "close"


class Recommended(StrEnum):
    """What a reviewer recommends to the approver."""

    GRANT = "grant"
    GRANT_IN_PART = "grant_in_part"
    REFUSE = "refuse"


class Decision(StrEnum):
    """What an approver decided; it stays when the request goes on."""

    GRANTED = "granted"
    GRANTED_IN_PART = "granted_in_part"
    REFUSED = "refused"


class RefusalReason(StrEnum):
    """Why data is not given: an exception of UU KIP article 17, or there is nothing to give."""

    KIP_17_A = "kip_17_a"  # law enforcement
    KIP_17_B = "kip_17_b"  # intellectual property, unfair competition
    KIP_17_C = "kip_17_c"  # defence and security
    KIP_17_D = "kip_17_d"  # natural wealth
    KIP_17_E = "kip_17_e"  # national economic resilience
    KIP_17_F = "kip_17_f"  # foreign relations
    KIP_17_G = "kip_17_g"  # authentic deeds and last wills
    KIP_17_H = "kip_17_h"  # personal secrets
    KIP_17_I = "kip_17_i"  # memoranda that are confidential by nature
    KIP_17_J = "kip_17_j"  # what another law forbids to disclose
    NOT_HELD = "not_held"  # tidak dikuasai
    NOT_IN_SCOPE = "not_in_scope"  # di luar ruang lingkup


class Channel(StrEnum):
    """How data was delivered."""

    DOWNLOAD = "download"
    API = "api"
    EMAIL = "email"
    PHYSICAL = "physical"


class ObjectionGround(StrEnum):
    """What an objection is against (UU KIP article 35)."""

    REFUSED = "refused"
    GRANTED_IN_PART = "granted_in_part"
    OVERDUE = "overdue"


class ObjectionState(StrEnum):
    """What persons decided about an objection."""

    LODGED = "lodged"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class ObjectionAction(StrEnum):
    """Moves of an objection."""

    UPHOLD = "uphold"
    DISMISS = "dismiss"
    WITHDRAW = "withdraw"


class RequestRole(StrEnum):
    """Which side of a data request an organization is on."""

    REQUESTER = "requester"
    HOLDER = "holder"


class WarningCode(StrEnum):
    """Facts worth a second look that do not stop anybody."""

    PKS_WITHOUT_PARENT = "pks_without_parent"
    PKS_LONGER_THAN_PARENT = "pks_longer_than_parent"
    PKS_BEFORE_PARENT = "pks_before_parent"
    LONGER_THAN_FIVE_YEARS = "longer_than_five_years"
    NO_POWER_OF_ATTORNEY = "no_power_of_attorney"
    NOTICE_DAY_PASSED = "notice_day_passed"
    REGION_CODE_UNKNOWN = "region_code_unknown"
    SIGNING_DAY_UNKNOWN = "signing_day_unknown"
    EFFECTIVE_DAY_UNKNOWN = "effective_day_unknown"
    END_DAY_UNKNOWN = "end_day_unknown"
    SECOND_PARTY_UNKNOWN = "second_party_unknown"
    DOCUMENT_NUMBER_UNKNOWN = "document_number_unknown"
    SIGNATORY_UNKNOWN = "signatory_unknown"
    DOCUMENT_NOT_STORED = "document_not_stored"
    OUTSIDE_AGREEMENT_DATES = "outside_agreement_dates"
    DUE_OUTSIDE_AGREEMENT = "due_outside_agreement"
    COUNTS_UNKNOWN = "counts_unknown"
    COUNTS_WITHOUT_SEX_SPLIT = "counts_without_sex_split"
    AGREEMENT_YEARS_UNKNOWN = "agreement_years_unknown"
    LEAD_UNKNOWN = "lead_unknown"
    DUE_AFTER_AGREEMENT = "due_after_agreement"
    REQUEST_OVERDUE = "request_overdue"
    REQUEST_DUE_SOON = "request_due_soon"
    CLOCK_PAUSED = "clock_paused"
    CALENDAR_ESTIMATED = "calendar_estimated"
    CONDITIONS_NOT_ACCEPTED = "conditions_not_accepted"
    ACCESS_ENDED = "access_ended"
    DATASET_CLOSED = "dataset_closed"


class AccountState(StrEnum):
    """Whether a user may sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"
