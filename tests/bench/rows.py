"""The rows of a benchmark's database, the same at every run."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from schema.vocabulary import ActivityState
from tests.bench.world import (
    AT,
    EXPIRES_AT,
    LARGE,
    MEMBERS,
    ROLES,
    SMALL,
    Noun,
    Size,
    activities_of,
    id_of,
    parties_of,
)

Row = dict[str, Any]

_STATES = (
    *(ActivityState.HELD,) * 9,
    *(ActivityState.REPORTED,) * 5,
    *(ActivityState.VERIFIED,) * 5,
    ActivityState.PLANNED,
)
_KINDS = ("bimtek", "workshop", "coordination_meeting", "training", "socialization")
_EVIDENCE = '[{"url":"https://example.org/hadir.pdf","document_ref":null,"note":"Daftar hadir"}]'
_COUNTS = ("total", "male", "female", "sex_unspecified", "with_disability", "under_30")


def organizations(size: Size) -> Iterator[Row]:
    """Gives the tree of governments and units, then the CSOs."""
    governments = max(4, size.units // 10)
    for number in range(size.organizations):
        name = f"Organisasi {number} untuk tata kelola yang terbuka"
        if number == LARGE:
            kind, parent = "regional_government", None
        elif number == SMALL:
            kind, parent = "cso", None
        elif number < governments:
            kind, parent = "regional_government", LARGE
        elif number < size.units:
            kind, parent = ("regional_unit", "inspectorate")[number % 2], 2 + number % (governments - 2)
        else:
            kind, parent = "cso", None
        yield record(Noun.ORGANIZATION, number) | {
            "name": name,
            "kind": kind,
            "parent_id": None if parent is None else id_of(Noun.ORGANIZATION, parent),
            "region_code": "53.71",
            "time_zone": "Asia/Makassar",
            "search_text": name.casefold(),
        }


def agreements(size: Size) -> Iterator[Row]:
    """Gives the agreements; of those to which `LARGE` is no party itself, every third is a PKS."""
    for number in range(size.agreements):
        pks = number >= size.of_large and number % 3 == 0
        signed = number < size.of_large or number % 20
        start = AT.date() - timedelta(days=200 + number % 900)
        title = f"Kerja sama pengawasan pengadaan dan layanan publik nomor {number}"
        yield record(Noun.AGREEMENT, number) | {
            "kind": "pks" if pks else "mou",
            "scheme": "KSDPK",
            "title": title,
            "objective": "Meningkatkan keterbukaan pengadaan barang dan jasa.",
            "scope": ["Pertukaran data", "Peningkatan kapasitas", "Pengawasan bersama"],
            "parent_id": id_of(Noun.AGREEMENT, number - 2) if pks else None,
            "region_code": "53.71",
            "signed_on": start if signed else None,
            "signed_on_precision": "day" if signed else None,
            "effective_from": start,
            "ends_on": start + timedelta(days=3 * 365),
            "ends_on_is_derived": False,
            "open_ended": False,
            "notice_months": 3,
            "visibility": "public" if number % 10 == 0 else "parties",
            "survives_parent": False,
            "recorded_from_paper": False,
            "document_ref": "Arsip bagian kerja sama, map 12",
            "terms_version": 1,
            "state": "signed" if signed else "in_discussion",
            "created_by_organization_id": id_of(Noun.ORGANIZATION, parties_of(size, number)[1]),
            "search_text": title.casefold(),
        }


def parties(size: Size) -> Iterator[Row]:
    """Gives three parties for each agreement, with document number and signatory."""
    for number in range(size.agreements):
        for position, organization in enumerate(parties_of(size, number), 1):
            paper = f"{number}/{position}/PKS/2025"
            yield {
                "agreement_id": id_of(Noun.AGREEMENT, number),
                "organization_id": id_of(Noun.ORGANIZATION, organization),
                "position": position,
                "label": ("PIHAK KESATU", "PIHAK KEDUA", "PIHAK KETIGA")[position - 1],
                "document_number": paper,
                "document_number_key": paper.casefold(),
                "signatory_name": f"Penanda Tangan {organization}",
                "signatory_title": "Kepala",
                "signatory_signed_on": AT.date() - timedelta(days=200 + number % 900),
                "signatory_signature_kind": "wet",
                "accepted_terms_version": 1,
            }


def activities(size: Size) -> Iterator[Row]:
    """Gives the activities of all agreements."""
    for agreement in range(size.agreements):
        yield from (_activity(size, agreement, number=number) for number in activities_of(size, agreement))


def _activity(size: Size, agreement: int, *, number: int) -> Row:
    first, cso, _ = (id_of(Noun.ORGANIZATION, each) for each in parties_of(size, agreement))
    state = state_of(number)
    start = AT.date() - timedelta(days=(number * 7) % 190)
    reported = state in {ActivityState.REPORTED, ActivityState.VERIFIED}
    return record(Noun.ACTIVITY, number) | {
        "agreement_id": id_of(Noun.AGREEMENT, agreement),
        "organization_id": cso,
        "relation": "related" if number % 25 == 0 else "joint",
        "kind": _KINDS[number % len(_KINDS)],
        "also_kinds": [],
        "title": f"Bimbingan teknis pemantauan pengadaan angkatan {number}",
        "mode": "in_person",
        "starts_on": start,
        "ends_on": start + timedelta(days=1),
        "venue": "Aula kantor inspektorat",
        "region_code": "53.71",
        "topics": ["opentender.net"],
        "outcome": "Peserta mampu membaca paket pengadaan.",
        "mcp_areas": ["pengadaan_barang_jasa"],
        "evidence": _EVIDENCE,
        "state": state.value,
        "reported_by": cso if reported else None,
        "verified_by": first if state is ActivityState.VERIFIED else None,
        **_whole(number, state),
    }


def state_of(number: int) -> ActivityState:
    """Gives the state in which an activity is written."""
    return _STATES[number % len(_STATES)]


def _whole(number: int, state: ActivityState) -> Row:
    counts = _counts(number)
    if state is ActivityState.PLANNED:
        return {"participant_unit": None, "participant_total": None}
    totals = [group["total"] for group in counts]
    return {"participant_unit": "people", "participant_total": None if None in totals else sum(totals)}


def _counts(number: int) -> tuple[Row, Row, Row]:
    """Gives the counts of three groups; what nobody reported is null."""
    men, women = 4 + number % 9, 3 + number % 11
    split = {"total": men + women, "male": men, "female": women, "sex_unspecified": 0}
    return (
        split | {"under_30": number % 3},
        {"total": 5 + number % 20, "female": 2 + number % 3},
        {"total": None if number % 10 == 0 else 3 + number % 7},
    )


def organizers(size: Size) -> Iterator[Row]:
    """Gives the host and the co-organizer of each activity."""
    for agreement in range(size.agreements):
        first, cso, _ = (id_of(Noun.ORGANIZATION, each) for each in parties_of(size, agreement))
        for number in activities_of(size, agreement):
            for position, (organization, role) in enumerate(((cso, "host"), (first, "co_host")), 1):
                yield _child(agreement, number, position=position) | {
                    "organization_id": organization,
                    "role": role,
                }


def participant_groups(size: Size) -> Iterator[Row]:
    """Gives three groups for each activity that took place: two parties and the public."""
    for agreement in range(size.agreements):
        first, cso, _ = (id_of(Noun.ORGANIZATION, each) for each in parties_of(size, agreement))
        names = ((first, None), (cso, None), (None, "Warga"))
        for number in activities_of(size, agreement):
            if state_of(number) is ActivityState.PLANNED:
                continue
            for position, ((organization, label), counts) in enumerate(
                zip(names, _counts(number), strict=True), 1
            ):
                yield _child(agreement, number, position=position) | {
                    "organization_id": organization,
                    "group_label": label,
                    **dict.fromkeys(_COUNTS),
                    **counts,
                }


def _child(agreement: int, activity: int, *, position: int) -> Row:
    return {
        "activity_id": id_of(Noun.ACTIVITY, activity),
        "agreement_id": id_of(Noun.AGREEMENT, agreement),
        "position": position,
    }


def users(_: Size) -> Iterator[Row]:
    """Gives the persons who ask and a colleague of each; no password fits what stands in its place."""
    for member in MEMBERS:
        for user_id in (member.user_id, member.colleague_id):
            name = f"{user_id.hex}@example.org"
            yield record(Noun.USER, member.number) | {
                "id": user_id,
                "email": name,
                "email_key": name,
                "name": name,
                "language": "id",
                "state": "active",
                "password_hash": "none",
                "password_change_required": False,
            }


def memberships(_: Size) -> Iterator[Row]:
    """Gives what the persons may do."""
    persons = [(member, user_id) for member in MEMBERS for user_id in (member.user_id, member.colleague_id)]
    for number, (member, user_id) in enumerate(persons):
        yield record(Noun.MEMBERSHIP, number) | {
            "user_id": user_id,
            "organization_id": member.organization_id,
            "roles": list(ROLES),
        }


def tokens(_: Size) -> Iterator[Row]:
    """Gives their sessions."""
    for member in MEMBERS:
        yield record(Noun.TOKEN, member.number) | {
            "kind": "session",
            "digest": member.digest,
            "user_id": member.user_id,
            "organization_id": member.organization_id,
            "expires_at": EXPIRES_AT,
        }


def record(noun: int, number: int) -> Row:
    """Gives the columns that every record has."""
    return {"id": id_of(noun, number), "version": 1, "created_at": AT, "updated_at": AT}
