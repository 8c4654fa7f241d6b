"""How the whole API behaves, in the words of its document."""

TITLE = "Tenun"

SUMMARY = (
    "A shared record of cooperation agreements between governments and the organizations that work with them."
)

DESCRIPTION = """\
Tenun ("weave") keeps what partners agreed, planned and did together, and who came: memoranda of
understanding (MoU), cooperation agreements (PKS), work plans, activities and milestones. Organizations that
need not trust each other keep one record here, so every change names who made it, for which organization and
in which role, and whoever reports a thing is never the one who verifies it.

## Tokens

Send `Authorization: Bearer …` with a session token (`POST /v1/sessions`) or an API key (`POST
/v1/api-keys`). A token acts for exactly one organization. What your organization may not know exists is
answered with 404, like what does not exist; what it sees but may not change with 403, which names the
missing permission.

## Problems

Whatever is not a success is a problem (RFC 9457, `application/problem+json`) with a stable `code`. `errors`
holds **all** faults at once, each with a JSON Pointer into the body, or `?name` for a parameter. `type` is
the address of a page that says what it means and what to do, such as
[/problems/validation_failed](/problems/validation_failed). Nothing is ignored or clamped: an unknown field
or parameter, a repeated parameter and a value out of range are refused with 400. An unknown path is 404, a
method that a path does not have 405 with `Allow`.

## Languages

`title` and `detail` of problems, warnings and actions are in Bahasa Indonesia, or in English when
`Accept-Language` prefers it. Codes, states and names of fields never change.

## Reading

Lists answer `{"items": […], "next_cursor": …}`: pass `next_cursor` on as `cursor`, or follow the `Link`
header, until it is null. The order holds while records are added. A cursor belongs to its list and filters.
`count=true` adds the total. Every list is also CSV with `Accept: text/csv`. Parameters that take several
values are repeated and mean *any of them*. `HEAD` works wherever `GET` does.

## Changing

Every record has a `version`, which its `ETag` begins with. A change of an existing record must send that
`ETag` (or the version alone, `"7"`) as `If-Match`: without it 428, and 412 when somebody else was faster.
`If-None-Match` answers 304 as long as nothing the reply depends on has changed. `PATCH` merges: what is
absent stays, `null` clears.

## Repeating

Send an `Idempotency-Key` of your own (1 to 255 printable characters) with a `POST`: if the connection
breaks, the same request with the same key has its effect once and gets the same answer, with
`Idempotency-Replayed: true`, for 30 days. Another request under the same key is refused with 422.

## Moves

What has a lifecycle carries its `state`, `warnings`, and `actions`: what you may do now, and what stops it.
A move is `POST …/transitions` with one of these actions; `GET` on the same path is the history. The tables
of all moves stand at [/v1/meta/state-machines](/v1/meta/state-machines).

## Words

Ids are UUIDv7. `…_on` is a calendar date from 1945-01-01 to 2199-12-31, `…_at` an instant in UTC (RFC
3339). `null` means that nobody knows: a count that was not reported is never 0. All fields of a record are
always present. Every answer has an `X-Request-Id`, your own if you send one of 8 to 64 letters, digits,
dots, dashes or underscores, and `Server-Timing`.
"""

TAGS: dict[str, str] = {
    "agreements": "MoU, PKS and Nota Kesepakatan with their parties, from draft to closing.",
    "amendments": "Numbered changes of a signed agreement, proposed by a party, accepted and signed by all.",
    "activities": "What was planned and held together: trainings, meetings, monitoring, and who came.",
    "workplan-items": "The work plan: outcomes, outputs and activity lines, with values of indicators.",
    "milestones": "Dated promises with evidence that another party verifies, one by one or as a series.",
    "documents": "Files about agreements and activities: signed papers, attendance sheets, photos, reports.",
    "datasets": "The catalogue: what a holder can share, and with whom.",
    "data-requests": "One organization asks another for data: clock, decision, deliveries, objections.",
    "indicator-series": "Scores of regions by period, such as SPI and MCP, with their sources and bands.",
    "organizations": "The directory: government units, civil-society organizations, NGOs, in a tree.",
    "sessions": "Signing in and out.",
    "me": "Who the token acts for.",
    "invitations": "The first password of an invited person.",
    "users": "Persons who can act for organizations.",
    "memberships": "The roles a person has in an organization.",
    "api-keys": "Tokens for programs.",
    "audit": "Who did what, when and in which role, in a chain that shows every later alteration.",
    "meta": "Tables the service works by: state machines, vocabularies, permissions, working days.",
    "service": "Whether the service works, and its documents. No token is needed.",
}
"""What each group of operations is about, in the order of the document."""

BEARER = "An opaque token: `tnn_s_…` of a session, or `tnn_k_…` of an API key."

PARAMETERS: dict[str, dict[str, object]] = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "Language of titles, details and warnings: `id`, the default, or `en`.",
        "schema": {"type": "string", "examples": ["en"]},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A text of your own that makes repeating this request safe for 30 days.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "pattern": "^[ -~]+$",
            "examples": ["c0a1f2d4-8f0e-4d7c-9a51-7f8b2f6f1c11"],
        },
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The `ETag` of the record as you know it, or its version alone in quotes.",
        "schema": {
            "type": "string",
            "pattern": '^"[1-9][0-9]{0,9}(-[0-9a-f]{8})?"$',
            "examples": ['"7"'],
        },
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "description": "One range of bytes: 206 with these alone. Several at once are answered as none.",
        "schema": {"type": "string", "examples": ["bytes=0-1023"]},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An `ETag` you have already: 304 while it still holds.",
        "schema": {"type": "string", "examples": ['"7-3f2a91c0"']},
    },
}
"""Headers that requests may carry."""

HEADERS: dict[str, dict[str, object]] = {
    "Accept-Ranges": {
        "description": "That parts of the content can be asked for.",
        "schema": {"type": "string", "const": "bytes"},
    },
    "Content-Disposition": {
        "description": "`attachment` with the name of the file (RFC 6266).",
        "schema": {"type": "string", "examples": ['attachment; filename="laporan.pdf"']},
    },
    "Content-Range": {
        "description": "Which bytes of how many.",
        "schema": {"type": "string", "examples": ["bytes 0-1023/48213"]},
    },
    "Content-Language": {
        "description": "Language of the texts.",
        "schema": {"type": "string", "enum": ["id", "en"]},
    },
    "ETag": {
        "description": "Changes whenever the answer does; for a record it begins with its version.",
        "schema": {"type": "string", "examples": ['"7-3f2a91c0"']},
    },
    "Idempotency-Replayed": {
        "description": "`true` when this is the first answer again, else absent.",
        "schema": {"type": "string", "const": "true"},
    },
    "Link": {
        "description": 'Address of the next page, with `rel="next"`; absent on the last.',
        "schema": {"type": "string", "examples": ['</v1/organizations?limit=50&cursor=…>; rel="next"']},
    },
    "Location": {
        "description": "Address of the new record.",
        "schema": {
            "type": "string",
            "format": "uri-reference",
            "examples": ["/v1/organizations/01890a5d-ac96-774b-bcce-b302099a8057"],
        },
    },
    "Retry-After": {
        "description": "Seconds to wait before repeating the request.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Server-Timing": {
        "description": "Milliseconds spent in all and in the database.",
        "schema": {"type": "string", "examples": ["app;dur=2.1, db;dur=1.4"]},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate (RFC 6750).",
        "schema": {"type": "string", "examples": ['Bearer realm="tenun"']},
    },
    "X-Request-Id": {
        "description": "Names this exchange; mention it when you report a problem.",
        "schema": {"type": "string", "examples": ["01890a5d-ac96-774b-bcce-b302099a8057"]},
    },
}
"""Headers that answers may carry."""

STATUSES: dict[int, str] = {
    400: "The request cannot be read, or inputs need correction.",
    401: "No token, or one that is not valid.",
    403: "You may see it, but not do this.",
    404: "It does not exist, or you may not see it.",
    406: "None of the formats that `Accept` names is available.",
    408: "The body did not arrive in time.",
    409: "The state of the record, or another record, forbids it.",
    412: "The record has changed since you read it.",
    413: "The body is too large.",
    415: "The body is not plain JSON in UTF-8, or not a form where one is wanted.",
    416: "The content ends before the range that was asked for.",
    422: "The `Idempotency-Key` was used for another request, or the file's content is refused.",
    428: "`If-Match` is missing.",
    429: "Too many attempts.",
    503: "The service is busy or cannot reach its database; repeat the request.",
}
"""What each status of a problem means in general."""
