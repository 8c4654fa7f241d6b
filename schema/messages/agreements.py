"""Guards, faults and warnings of agreements."""

from schema.messages.common import Message

_GUARDS: dict[str, Message] = {
    "two_parties_needed": Message(
        "Perjanjian perlu paling sedikit dua pihak; sekarang ada {count}. Tambahkan pihak yang lain.",
        "An agreement needs two parties or more; it has {count}. Add the other party.",
    ),
    "already_accepted": Message(
        "Lembaga Anda sudah menyetujui ketentuan versi {terms_version}; tunggu pihak yang lain.",
        "Your organization has accepted version {terms_version} of the terms; wait for the other parties.",
    ),
    "scope_empty": Message(
        "Ruang lingkup masih kosong; isi scope dengan sedikitnya satu butir.",
        "The scope is empty; give scope at least one item.",
    ),
    "end_not_after_start": Message(
        "Hari akhir {end} harus sesudah hari mulai {start}.",
        "The last day {end} must be after the first day {start}.",
    ),
    "outlives_parent": Message(
        "PKS berlaku melewati akhir MoU induknya ({parent_end}). "
        "Majukan ends_on ke hari itu atau sebelumnya, atau nyatakan survives_parent: true.",
        "The PKS runs past the end of its MoU ({parent_end}). End it by then, or say survives_parent: true.",
    ),
    "precedes_parent": Message(
        "PKS berlaku sebelum MoU induknya mulai ({parent_start}). "
        "Undurkan effective_from ke hari itu atau sesudahnya, atau nyatakan survives_parent: true.",
        "The PKS runs before its MoU begins ({parent_start}). "
        "Start it then or later, or say survives_parent: true.",
    ),
    "end_needed": Message(
        "Hari akhir belum diketahui. Buka dengan unlock, lalu isi ends_on, "
        "atau effective_from dan duration_years, atau open_ended: true.",
        "The last day is not known. Unlock it, then give ends_on, or effective_from and duration_years, "
        "or open_ended: true.",
    ),
    "signature_missing": Message(
        "Tanda tangan {party} belum ada; setiap pihak perlu satu.",
        "The signature of {party} is missing; every party needs one.",
    ),
    "signature_repeated": Message(
        "Lembaga {organization} disebut lebih dari sekali; setiap pihak cukup satu tanda tangan.",
        "The organization {organization} is given more than once; every party signs once.",
    ),
    "signature_of_no_party": Message(
        "Lembaga {organization} bukan pihak dalam perjanjian ini.",
        "The organization {organization} is not a party to this agreement.",
    ),
    "signing_day_in_future": Message(
        "Hari penandatanganan {day} belum tiba; paling lambat hari ini, {today}.",
        "The signing day {day} has not come yet; it can be today, {today}, at the latest.",
    ),
    "signed_document_needed": Message(
        "Naskah yang ditandatangani belum disebut; isi document_id, atau document_ref dengan tempatnya.",
        "The signed document is not named; give document_id, or say in document_ref where it lies.",
    ),
    "suspended_by_another": Message(
        "Hanya pihak yang menangguhkan, yaitu {party}, yang dapat mencabut penangguhan.",
        "Only the party that suspended it, {party}, can lift the suspension.",
    ),
    "termination_document_needed": Message(
        "Surat pengakhiran belum disebut; isi document_id, atau document_ref dengan tempatnya.",
        "The notice of termination is not named; give document_id, or say in document_ref where it lies.",
    ),
    "terminates_before_start": Message(
        "Hari pengakhiran {day} mendahului {start}, hari perjanjian ditandatangani atau mulai berlaku; "
        "pilih hari itu atau sesudahnya.",
        "The termination day {day} is before {start}, when it was signed or took effect; "
        "choose that day or later.",
    ),
    "agreement_not_open": Message(
        "Perjanjian berada dalam fase {phase}, sehingga tindakan ini tidak mungkin.",
        "The agreement is in phase {phase}, so this cannot be done.",
    ),
    "not_expired": Message(
        "Perjanjian belum berakhir (hari akhir {end}, hari ini {today}). "
        "Tunggu sampai hari akhir lewat, atau akhiri lebih awal dengan terminate.",
        "The agreement has not expired (last day {end}, today {today}). "
        "Wait until its last day has passed, or end it early with terminate.",
    ),
    "needs_another_party": Message(
        "Lembaga Anda yang mengusulkan penutupan; pihak lain harus mengukuhkannya.",
        "Your organization proposed to close it; another party has to confirm.",
    ),
    "needs_another_person": Message(
        "Anda sendiri yang mengusulkan penutupan atas nama pihak lain; orang lain yang harus mengukuhkannya.",
        "You proposed to close it yourself, for another party; another person has to confirm.",
    ),
    "data_undelivered": Message(
        "Masih ada {count} permohonan data yang dikabulkan tetapi belum selesai diserahkan; serahkan atau"
        " cabut dahulu.",
        "{count} data request(s) were granted and not delivered in full; deliver or revoke them first.",
    ),
    "final_report_needed": Message(
        "Laporan akhir belum disebut; isi document_id, atau document_ref dengan tempatnya.",
        "The final report is not named; give document_id, or say in document_ref where it lies.",
    ),
}

_FAULTS: dict[str, Message] = {
    "own_organization_missing": Message(
        "Sertakan lembaga Anda ({organization}) atau lembaga di bawahnya sebagai pihak, "
        "atau sebut parent_id yang pihaknya lembaga Anda.",
        "Name your organization ({organization}), or one below it, as a party, "
        "or a parent_id to which your organization is a party.",
    ),
    "position_taken": Message(
        "Urutan {position} sudah ditempati {party}; pilih urutan lain.",
        "Position {position} is taken by {party}; choose another.",
    ),
    "last_party": Message(
        "Pihak terakhir tidak dapat dikeluarkan; tambahkan pihak lain dahulu, atau hapus draf ini.",
        "The last party cannot be removed; add another one first, or delete the draft.",
    ),
    "party_stays": Message(
        "{party} sudah menandatangani, jadi tetap menjadi pihak.", "{party} has signed and remains a party."
    ),
    "agreement_unknown": Message(
        "Perjanjian {id} tidak ada, atau Anda tidak dapat melihatnya.",
        "The agreement {id} does not exist, or you may not see it.",
    ),
    "parent_not_allowed": Message(
        "Hanya pks yang mempunyai induk; {kind} tidak. Kosongkan parent_id.",
        "Only a pks has a parent; {kind} has none. Leave out parent_id.",
    ),
    "parent_not_mou": Message(
        "Induk PKS harus perjanjian berjenis mou; yang disebut berjenis {kind}.",
        "The parent of a PKS must be of kind mou; the one named is of kind {kind}.",
    ),
    "renews_itself": Message(
        "Perjanjian tidak dapat melanjutkan dirinya sendiri; sebut perjanjian sebelumnya.",
        "An agreement cannot renew itself; name the one before it.",
    ),
    "only_from_paper": Message(
        "Isian ini hanya untuk catatan masa lalu (recorded_from_paper: true); "
        "selain itu penandatanganan dicatat dengan register_signing.",
        "This field is for records of the past only (recorded_from_paper: true); "
        "otherwise signing is registered with register_signing.",
    ),
    "signing_day_needed": Message(
        "Ketepatan {precision} memerlukan {field}; isi {field}, atau ubah signed_on_precision.",
        "The precision {precision} needs {field}; give {field}, or change signed_on_precision.",
    ),
    "signing_day_excluded": Message(
        "Ketepatan {precision} tidak memakai {field}; kosongkan {field}, atau ubah signed_on_precision.",
        "The precision {precision} has no {field}; leave out {field}, or change signed_on_precision.",
    ),
    "open_and_ending": Message(
        "open_ended berarti tanpa akhir; kosongkan {field}, atau nyatakan open_ended: false.",
        "open_ended means without end; leave out {field}, or say open_ended: false.",
    ),
    "end_out_of_calendar": Message(
        "{years} tahun sejak {start} melewati 2199-12-31; kurangi duration_years.",
        "{years} years from {start} go beyond 2199-12-31; lower duration_years.",
    ),
    "duration_disagrees": Message(
        "{years} tahun sejak {start} berakhir pada {derived}, bukan {end}; kirim salah satu saja.",
        "{years} years from {start} end on {derived}, not on {end}; send only one of the two.",
    ),
    "unlock_first": Message(
        "Semua pihak sudah menyetujui ketentuan ini. Buka dahulu dengan tindakan unlock, lalu ubah.",
        "All parties have accepted these terms. Open them first with the action unlock, then edit.",
    ),
    "signed_terms_stay": Message(
        "{field} adalah bagian dari perjanjian yang sudah ditandatangani; "
        "yang masih dapat diubah: visibility, source_note, notice_months.",
        "{field} is part of a signed agreement; "
        "what may still change: visibility, source_note, notice_months.",
    ),
    "cancelled_stays": Message(
        "Perjanjian ini sudah dibatalkan; buat perjanjian baru.",
        "This agreement was cancelled; create a new one.",
    ),
    "only_drafts_are_deleted": Message(
        "Hanya draf yang dapat dihapus; sebelum ditandatangani, gunakan tindakan cancel.",
        "Only a draft can be deleted; before it is signed, use the action cancel.",
    ),
}

_WARNINGS: dict[str, Message] = {
    "pks_without_parent": Message("PKS ini tidak menyebut MoU induknya.", "This PKS names no parent MoU."),
    "pks_longer_than_parent": Message(
        "PKS ini berlaku melewati akhir MoU induknya ({parent_end}).",
        "This PKS runs past the end of its MoU ({parent_end}).",
    ),
    "pks_before_parent": Message(
        "PKS ini berlaku sebelum MoU induknya mulai ({parent_start}).",
        "This PKS runs before its MoU begins ({parent_start}).",
    ),
    "longer_than_five_years": Message(
        "Jangka waktunya lebih dari lima tahun.", "It lasts longer than five years."
    ),
    "no_power_of_attorney": Message(
        "{signatory} menandatangani sebagai kepala perangkat daerah tanpa surat kuasa yang tercatat.",
        "{signatory} signs as head of a government unit without a power of attorney on record.",
    ),
    "notice_day_passed": Message(
        "Hari pemberitahuan ({notice_on}) sudah lewat; perjanjian berakhir pada {ends_on}.",
        "The notice day ({notice_on}) has passed; the agreement ends on {ends_on}.",
    ),
    "region_code_unknown": Message(
        "Kode wilayah {code} tidak dimulai dengan kode provinsi Kemendagri.",
        "The region code {code} does not begin with a Kemendagri code of a province.",
    ),
    "signing_day_unknown": Message(
        "Hari penandatanganan tidak diketahui.", "The day of signing is not known."
    ),
    "effective_day_unknown": Message(
        "Hari mulai berlaku tidak diketahui.", "The first day in force is not known."
    ),
    "end_day_unknown": Message(
        "Hari akhir tidak diketahui, dan tidak dinyatakan tanpa akhir.",
        "The last day is not known, and it is not said to be open-ended.",
    ),
    "document_not_stored": Message(
        "Naskah yang ditandatangani tidak tersimpan di sini.", "The signed document is not stored here."
    ),
    "second_party_unknown": Message(
        "Baru satu pihak yang tercatat; pihak lainnya belum diketahui.",
        "Only one party is on record; the other is not known.",
    ),
    "document_number_unknown": Message(
        "Nomor naskah {party} tidak diketahui.", "The document number of {party} is not known."
    ),
    "signatory_unknown": Message(
        "Penanda tangan {party} tidak diketahui.", "The signatory of {party} is not known."
    ),
}

AGREEMENT_TEXTS: dict[str, Message] = {**_GUARDS, **_FAULTS, **_WARNINGS}
