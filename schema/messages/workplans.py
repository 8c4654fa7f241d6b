"""Guards, faults and warnings of the work plan and of reported values."""

from schema.messages.common import Message

_GUARDS: dict[str, Message] = {
    "agreement_not_running": Message(
        "Perjanjian berada dalam fase {phase}; pekerjaan dimulai dalam fase active atau expiring.",
        "The agreement is in phase {phase}; work begins in phase active or expiring.",
    ),
    "lead_only": Message(
        "Butir ini dilaksanakan lembaga {organization_id}; hanya lembaga itu yang dapat melakukannya.",
        "The organization {organization_id} carries this item out; only that one can do this.",
    ),
    "drop_needs_another_party": Message(
        "Lembaga Anda yang mengusulkan penghapusan; pihak lain harus mengukuhkannya.",
        "Your organization proposed to drop it; another party has to confirm.",
    ),
    "drop_needs_another_person": Message(
        "Anda sendiri yang mengusulkan penghapusan atas nama pihak lain; orang lain yang mengukuhkannya.",
        "You proposed to drop it yourself, for another party; another person has to confirm.",
    ),
    "item_has_children": Message(
        "Butir ini menaungi {count} butir lain; hapus atau pindahkan dahulu.",
        "{count} other item(s) serve this one; delete or move them first.",
    ),
    "item_has_activities": Message(
        "Butir ini dirujuk {count} kegiatan; lepaskan dahulu rujukannya.",
        "{count} activities refer to this item; take the reference away first.",
    ),
    "item_has_milestones": Message(
        "Butir ini dirujuk {count} milestone; lepaskan dahulu rujukannya.",
        "{count} milestones refer to this item; take the reference away first.",
    ),
    "item_was_agreed": Message(
        "Butir ini pernah disepakati pada {day}; gunakan drop.",
        "This item was agreed before, on {day}; use drop.",
    ),
    "proposed_by_another": Message(
        "Usulan ini dari lembaga lain ({organization_id}); hanya lembaga itu yang dapat menghapusnya.",
        "This was proposed by another organization ({organization_id}); only that one can delete it.",
    ),
    "item_not_agreed": Message(
        "Butir berstatus {state}; nilai dilaporkan untuk butir yang disepakati dan tidak dihapus.",
        "The item is {state}; values are reported for items that were agreed and not dropped.",
    ),
    "indicator_missing": Message(
        "Butir ini tidak memiliki indikator; isi indicator terlebih dahulu.",
        "This item has no indicator; give it one first.",
    ),
    "period_not_over": Message(
        "Hari akhir periode {day} belum tiba; yang dapat diajukan paling akhir hari ini, {today}.",
        "The last day of the period, {day}, has not come yet; accepted up to today, {today}.",
    ),
}

_FAULTS: dict[str, Message] = {
    "party_unknown": Message(
        "Lembaga {id} bukan pihak dalam perjanjian ini.",
        "The organization {id} is not a party of this agreement.",
    ),
    "parent_not_fitting": Message(
        "Induk {level} harus butir tingkat {expected} dalam perjanjian yang sama.",
        "What an item of level {level} serves must be of level {expected}, in the same agreement.",
    ),
    "outcome_has_no_parent": Message(
        "Hasil (outcome) tidak memiliki induk; kosongkan parent_id.",
        "An outcome serves nothing; leave parent_id out.",
    ),
    "year_after_end": Message(
        "Tahun ke-{year} mulai {start}, setelah perjanjian berakhir pada {end}.",
        "Year {year} begins on {start}, after the agreement has ended on {end}.",
    ),
    "lead_supports": Message(
        "Pelaksana utama tidak disebut lagi sebagai pendukung.",
        "The lead is not named among those who support it.",
    ),
    "measure_too_fine": Message(
        "Nilai {given} memiliki lebih dari tiga desimal.",
        "The value {given} has more than three decimals.",
    ),
    "due_not_later": Message(
        "Hari {day} harus setelah {last}.",
        "The day {day} must lie after {last}.",
    ),
    "value_or_reason": Message(
        "Isi value atau not_available_reason: tepat salah satu.",
        "Give either value or not_available_reason: exactly one of them.",
    ),
    "agreed_is_kept": Message(
        "Yang sedang atau telah dikerjakan tidak diubah; tunda dengan defer bila perlu direncanakan ulang.",
        "What is being carried out or is finished is not edited; put it off by defer to plan it anew.",
    ),
    "not_proposed": Message(
        "Hanya usulan yang dapat dihapus; butir lain dilepas dengan drop.",
        "Only proposals can be deleted; other items are given up by drop.",
    ),
    "submitted_is_kept": Message(
        "Nilai sudah diajukan; dapat diubah setelah pihak lain mengembalikannya dengan return.",
        "The value was submitted; it can be edited once another party sends it back by return.",
    ),
}

_WARNINGS: dict[str, Message] = {
    "agreement_years_unknown": Message(
        "Hari mulai berlaku perjanjian dan induknya belum diketahui, sehingga tahun perjanjian belum"
        " dapat dihitung.",
        "Neither the agreement's effective day nor its parent's is known, so its years cannot be counted.",
    ),
    "lead_unknown": Message(
        "Belum disebut pihak mana yang melaksanakannya; isi lead_organization_id.",
        "Nobody says which party carries it out; give lead_organization_id.",
    ),
    "due_after_agreement": Message(
        "Tenggat {due_on} setelah perjanjian berakhir pada {ends_on}.",
        "The due day {due_on} lies after the end of the agreement on {ends_on}.",
    ),
}

WORKPLAN_TEXTS: dict[str, Message] = {**_GUARDS, **_FAULTS, **_WARNINGS}
