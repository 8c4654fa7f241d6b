"""Guards, faults and warnings of activities."""

from schema.messages.common import Message

_GUARDS: dict[str, Message] = {
    "agreement_not_in_force": Message(
        "Perjanjian berada dalam fase {phase}. Rencana diterima dalam fase upcoming, active atau expiring;"
        " kegiatan yang sudah berlangsung diterima bila perjanjiannya telah ditandatangani, belum closed, dan"
        " semua hari kegiatan mendahului penangguhan atau pengakhiran.",
        "The agreement is in phase {phase}. Plans are accepted in phase upcoming, active or expiring;"
        " activities that took place are accepted when it was signed, is not closed, and all their days lie"
        " before any suspension or termination.",
    ),
    "days_not_before_block": Message(
        "Hari terakhir kegiatan, {ends_on}, harus mendahului {blocked_from}, hari perjanjian atau induknya"
        " mulai ditangguhkan atau diakhiri.",
        "The last day of the activity, {ends_on}, must lie before {blocked_from}, the day from which the"
        " agreement or its parent is suspended or terminated.",
    ),
    "venue_required": Message(
        "Kegiatan dengan cara {mode} perlu tempat; isi venue.",
        "An activity held {mode} needs a place; give venue.",
    ),
    "online_url_required": Message(
        "Kegiatan dengan cara {mode} perlu tautan; isi online_url.",
        "An activity held {mode} needs a link; give online_url.",
    ),
    "host_required": Message(
        "Belum ada tuan rumah; sebutkan sekurang-kurangnya satu lembaga dengan peran host dalam organizers.",
        "Nobody hosts it yet; name at least one organization in organizers with the role host.",
    ),
    "day_in_future": Message(
        "Hari {day} belum tiba; yang diterima paling akhir hari ini, {today}.",
        "The day {day} has not come yet; accepted up to today, {today}.",
    ),
    "evidence_required": Message(
        "Belum ada bukti; isi evidence dengan sedikitnya satu url, document_id atau document_ref.",
        "There is no evidence yet; give at least one url, document_id or document_ref in evidence.",
    ),
    "same_party": Message(
        "Lembaga Anda sendiri yang mengajukan ini; pihak lain yang memutuskan atau mengembalikannya.",
        "Your own organization put this forward; another party decides on it or returns it.",
    ),
    "same_person": Message(
        "Anda sendiri yang mengajukan ini untuk pihak lain; orang lain yang memutuskannya.",
        "You put this forward yourself for another party; another person decides on it.",
    ),
}

_FAULTS: dict[str, Message] = {
    "evidence_empty": Message(
        "Bukti ini tidak menunjuk apa pun; isi url, document_id atau document_ref.",
        "This evidence points to nothing; give url, document_id or document_ref.",
    ),
    "rescheduled_too_often": Message(
        "Jadwal sudah dipindah {limit} kali, batas terbanyak; batalkan dan buat rencana baru.",
        "It was rescheduled {limit} times, the most there is room for; cancel it and make a new plan.",
    ),
    "groups_do_not_sum": Message(
        "Jumlah {name} semua kelompok {sum}, sedangkan secara keseluruhan {given}; keduanya harus sama.",
        "The groups have {sum} in {name} together and the whole has {given}; they must be equal.",
    ),
    "groups_exceed_whole": Message(
        "Jumlah {name} kelompok yang diketahui {sum}, melebihi keseluruhan {given}; paling banyak sama.",
        "The known groups have {sum} in {name} together, more than the whole, {given}; at most the same.",
    ),
    "sexes_do_not_sum": Message(
        "male + female + sex_unspecified berjumlah {sum}; harus sama dengan total {total}.",
        "male + female + sex_unspecified make {sum}; they must equal the total, {total}.",
    ),
    "sexes_exceed_total": Message(
        "male, female dan sex_unspecified yang diisi berjumlah {sum}; paling banyak total {total}.",
        "The given ones of male, female and sex_unspecified make {sum}; at most the total, {total}.",
    ),
    "split_exceeds_total": Message(
        "{name} bernilai {given}; paling banyak total {total}.",
        "{name} is {given}; at most the total, {total}.",
    ),
    "organization_or_label": Message(
        "Kelompok peserta diberi organization_id atau group_label: tepat salah satu.",
        "A group of participants has either organization_id or group_label: exactly one of them.",
    ),
    "participants_before_held": Message(
        "Kegiatan masih berstatus {state}; peserta dicatat setelah kegiatannya berlangsung (held, reported).",
        "The activity is still {state}; participants are recorded once it took place (held, reported).",
    ),
    "use_reschedule": Message(
        "Hari kegiatan yang sudah direncanakan dipindah lewat tindakan reschedule, dengan alasan.",
        "The days of a plan are moved by the action reschedule, with a reason.",
    ),
    "return_first": Message(
        "Laporan sudah diajukan; setelah pihak lain mengembalikannya dengan return, catatan dapat diubah.",
        "It was reported; once another party sends it back by return, it can be edited.",
    ),
    "reopen_first": Message(
        "Laporan sudah diverifikasi; dapat diubah setelah approver membukanya dengan reopen dan pihak lain"
        " mengembalikannya dengan return.",
        "It was verified; it can be edited once an approver opens it by reopen and another party sends it"
        " back by return.",
    ),
    "cancelled_is_final": Message(
        "Kegiatan yang dibatalkan tidak diubah lagi; buat kegiatan baru.",
        "A cancelled activity is not edited any more; make a new one.",
    ),
    "not_a_draft": Message(
        "Hanya draf yang dapat dihapus; rencana dibatalkan dengan cancel, kegiatan yang sudah berlangsung"
        " tetap tersimpan.",
        "Only drafts can be deleted; a plan is given up by cancel, and what took place is kept.",
    ),
    "logged_by_another": Message(
        "Draf ini dicatat lembaga lain ({organization_id}); hanya lembaga itu yang dapat menghapusnya.",
        "This draft was logged by another organization ({organization_id}); only that one can delete it.",
    ),
}

_WARNINGS: dict[str, Message] = {
    "outside_agreement_dates": Message(
        "Hari kegiatan ({starts_on} s.d. {ends_on}) tidak seluruhnya berada dalam masa perjanjian"
        " ({first} s.d. {last}).",
        "The days of the activity ({starts_on} to {ends_on}) do not all lie within those of the agreement"
        " ({first} to {last}).",
    ),
    "counts_unknown": Message(
        "Jumlah orang yang hadir belum dilaporkan; isi participants bila diketahui.",
        "Nobody reported how many people came; give participants when it is known.",
    ),
    "counts_without_sex_split": Message(
        "Hadir {total} orang tanpa rincian laki-laki dan perempuan; isi male dan female bila diketahui.",
        "{total} people came, without a split by sex; give male and female when they are known.",
    ),
}

ACTIVITY_TEXTS: dict[str, Message] = {**_GUARDS, **_FAULTS, **_WARNINGS}
