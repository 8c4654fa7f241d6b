"""Words of datasets, data requests and objections."""

from enum import StrEnum


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


UNDECIDED = (
    DataRequestState.SUBMITTED,
    DataRequestState.UNDER_REVIEW,
    DataRequestState.NEEDS_CLARIFICATION,
    DataRequestState.AWAITING_DECISION,
)
"""States in which a decision is still owed."""


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
