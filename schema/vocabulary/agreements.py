"""Words of agreements and their amendments."""

from enum import StrEnum


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
