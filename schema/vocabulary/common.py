"""Words that every noun uses: languages, the ledger's nouns and verbs, warnings, kinds of holiday."""

from enum import StrEnum


class Language(StrEnum):
    """Languages of titles and details; Bahasa Indonesia is the default."""

    ID = "id"
    EN = "en"


class TimeZone(StrEnum):
    """The three time zones of Indonesia: WIB, WITA, WIT."""

    JAKARTA = "Asia/Jakarta"
    MAKASSAR = "Asia/Makassar"
    JAYAPURA = "Asia/Jayapura"


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
    INDICATOR_SERIES = "indicator_series"


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
    AREA_OF_OTHER_YEARS = "area_of_other_years"
    BAND_UNKNOWN = "band_unknown"
    BAND_UNCLEAR = "band_unclear"
    PRINTED_LABEL_DIFFERS = "printed_label_differs"
    REQUEST_OVERDUE = "request_overdue"
    REQUEST_DUE_SOON = "request_due_soon"
    CLOCK_PAUSED = "clock_paused"
    CALENDAR_ESTIMATED = "calendar_estimated"
    CONDITIONS_NOT_ACCEPTED = "conditions_not_accepted"
    ACCESS_ENDED = "access_ended"
    DATASET_CLOSED = "dataset_closed"
