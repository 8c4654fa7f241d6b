"""The moves of a data request, and objections with theirs."""

from typing import Annotated

from msgspec import Meta

from schema.vocabulary import Channel, ObjectionGround, ObjectionState, Recommended, RefusalReason
from schema.wire.common import Count, Day, Id, Input, Line, Reason, ReasonedRecord, Reply, Text, Url
from schema.wire.data_requests import Bytes, Conditions, Format, Sha256

Assessment = Annotated[Text, Meta(description="What it means for the persons it tells of (UU PDP 27/2022).")]


class Submit(Input, frozen=True, kw_only=True, tag_field="action", tag="submit"):
    """Hand it in: the number is given and the clock starts."""


class Take(Input, frozen=True, kw_only=True, tag_field="action", tag="take"):
    """Begin to handle it."""


class Assign(Input, frozen=True, kw_only=True, tag_field="action", tag="assign"):
    """Hand it to a reviewer of the holder."""

    assignee_id: Annotated[Id, Meta(description="A reviewer of the holder.")]


class Ask(Input, frozen=True, kw_only=True, tag_field="action", tag="ask"):
    """Ask the requester; the clock stands still until the answer."""

    question: Annotated[Text, Meta(description="What must be known.")]


class Answer(Input, frozen=True, kw_only=True, tag_field="action", tag="answer"):
    """Answer the holder; the clock goes on."""

    answer: Annotated[Text, Meta(description="The answer.")]


class Transfer(Input, frozen=True, kw_only=True, tag_field="action", tag="transfer"):
    """Name the body that holds the data instead."""

    to_body: Annotated[Line, Meta(description="Body that holds it.", examples=["Dinas PUPR Kota Kupang"])]


class Recommend(Input, frozen=True, kw_only=True, tag_field="action", tag="recommend"):
    """Put a recommendation before the approver."""

    recommendation: Annotated[Recommended, Meta(description="What to decide.")]
    note: Annotated[Text | None, Meta(description="Why.")] = None
    conditions: Annotated[Conditions | None, Meta(description="Conditions to set.")] = None
    personal_data_assessment: Annotated[
        Assessment | None, Meta(description="Needed when the data tells of persons.")
    ] = None


class Extend(Input, frozen=True, kw_only=True, tag_field="action", tag="extend"):
    """Take more working days, once, before the due day has passed."""

    reason: Reason


class SendRequestBack(Input, frozen=True, kw_only=True, tag_field="action", tag="send_back"):
    """Send it back to the reviewer."""

    reason: Reason


class Grant(Input, frozen=True, kw_only=True, tag_field="action", tag="grant"):
    """Give all that was asked for."""

    conditions: Annotated[Conditions | None, Meta(description="Conditions to accept first.")] = None
    access_ends_on: Annotated[
        Day | None, Meta(description="Last day of access; the end of the agreement if absent.")
    ] = None


class GrantInPart(Input, frozen=True, kw_only=True, tag_field="action", tag="grant_in_part"):
    """Give a part, and say what is left out and why."""

    left_out: Annotated[Text, Meta(description="What is left out.", examples=["Nama penyedia perorangan"])]
    reason_code: Annotated[RefusalReason, Meta(description="Why.")]
    reason: Reason
    consequence_test_ref: Annotated[Line | None, Meta(description="Where the consequence test lies.")] = None
    conditions: Annotated[Conditions | None, Meta(description="Conditions to accept first.")] = None
    access_ends_on: Annotated[
        Day | None, Meta(description="Last day of access; the end of the agreement if absent.")
    ] = None


class Refuse(Input, frozen=True, kw_only=True, tag_field="action", tag="refuse"):
    """Give nothing, and say why."""

    reason_code: Annotated[RefusalReason, Meta(description="Why.")]
    reason: Reason
    consequence_test_ref: Annotated[
        Line | None, Meta(description="Where the consequence test lies; needed for UU KIP article 17.")
    ] = None


class AcceptConditions(Input, frozen=True, kw_only=True, tag_field="action", tag="accept_conditions"):
    """Accept the conditions of the grant."""


class Deliver(Input, frozen=True, kw_only=True, tag_field="action", tag="deliver"):
    """Hand data over, by a link or as a document; what was handed over stays on record."""

    url: Annotated[Url | None, Meta(description="Where the requester gets it.")] = None
    document_id: Annotated[
        Id | None,
        Meta(
            description="A document that the holder stored under the agreement; the requester reads it"
            " until access ends or is revoked. Its bytes and SHA-256 are taken over."
        ),
    ] = None
    channel: Annotated[Channel, Meta(description="How it is handed over.")] = Channel.DOWNLOAD
    format: Annotated[Format | None, Meta(description="Format.")] = None
    rows: Annotated[Count | None, Meta(description="Rows; null when nobody counted.")] = None
    byte_size: Annotated[Bytes | None, Meta(description="Size in bytes.")] = None
    sha256: Annotated[Sha256 | None, Meta(description="SHA-256 of the bytes.")] = None
    note: Annotated[Line | None, Meta(description="What is in it.")] = None
    complete: Annotated[bool, Meta(description="Whether this completes what was granted.")] = False


class Acknowledge(Input, frozen=True, kw_only=True, tag_field="action", tag="acknowledge"):
    """Confirm that a delivery has arrived."""

    delivery_id: Annotated[Id, Meta(description="The delivery.")]


class Revoke(Input, frozen=True, kw_only=True, tag_field="action", tag="revoke"):
    """Take access back; links are no longer shown."""

    reason: Reason


class WithdrawRequest(Input, frozen=True, kw_only=True, tag_field="action", tag="withdraw"):
    """Give the request up before it is decided."""


class CloseRequest(Input, frozen=True, kw_only=True, tag_field="action", tag="close"):
    """Say that nothing more is needed."""


DataRequestMove = (
    Submit
    | Take
    | Assign
    | Ask
    | Answer
    | Transfer
    | Recommend
    | Extend
    | SendRequestBack
    | Grant
    | GrantInPart
    | Refuse
    | AcceptConditions
    | Deliver
    | Acknowledge
    | Revoke
    | WithdrawRequest
    | CloseRequest
)


class CreateObjection(Input, frozen=True, kw_only=True):
    """An objection to a refusal, to what was left out, or to silence."""

    reason: Reason


class Objection(ReasonedRecord, frozen=True, kw_only=True):
    """An objection with its own clock; neither reviewer nor decider of the request decides it."""

    data_request_id: Annotated[Id, Meta(description="The data request.")]
    agreement_id: Annotated[Id | None, Meta(description="Agreement of the request; null in lane `ppid`.")]
    ground: Annotated[ObjectionGround, Meta(description="What it is against.")]
    reason: Reason
    state: Annotated[ObjectionState, Meta(description="What persons decided.")]
    received_on: Annotated[Day, Meta(description="Day of receipt, in the holder's time zone.")]
    due_on: Annotated[Day, Meta(description="Last day to decide on.")]
    overdue: Annotated[bool, Meta(description="Whether that day has passed without a decision.")]
    answer: Annotated[Text | None, Meta(description="What the holder answers.")]
    decided_on: Annotated[Day | None, Meta(description="Day of the decision.")]
    decided_by: Annotated[Id | None, Meta(description="Person who decided.")]


class ObjectionList(Reply, frozen=True, kw_only=True):
    """The objections to a data request."""

    items: Annotated[tuple[Objection, ...], Meta(max_length=200, description="Oldest first.")]


class Uphold(Input, frozen=True, kw_only=True, tag_field="action", tag="uphold"):
    """Say that the objection is right, and what follows."""

    answer: Annotated[Text, Meta(description="What will be done.")]


class Dismiss(Input, frozen=True, kw_only=True, tag_field="action", tag="dismiss"):
    """Say that the objection is wrong, and why."""

    answer: Annotated[Text, Meta(description="Why.")]


class WithdrawObjection(Input, frozen=True, kw_only=True, tag_field="action", tag="withdraw"):
    """Give the objection up."""


ObjectionMove = Uphold | Dismiss | WithdrawObjection
