"""Guards and faults of amendments; those of the agreement itself are told in its own words."""

from schema.messages.common import Message

AMENDMENT_TEXTS: dict[str, Message] = {
    "agreement_not_signed": Message(
        "Perjanjian berstatus {state}; hanya perjanjian berstatus signed yang dapat diubah dengan addendum. "
        "Sebelum ditandatangani, ubah perjanjian itu sendiri; cabut penangguhan dengan lift_suspension.",
        "The agreement is {state}; only a signed agreement is amended. "
        "Before it is signed, edit the agreement itself; end a suspension with lift_suspension.",
    ),
    "agreement_terms_moved": Message(
        "Ketentuan perjanjian sudah berubah dari versi {base} ke versi {current} sejak usulan ini ditulis. "
        "Lihat lagi dengan PATCH (boleh tanpa isian), lalu semua pihak menyetujui kembali.",
        "The terms of the agreement went from version {base} to {current} since this was written. "
        "Look at it again with PATCH (which may be empty), then all parties accept anew.",
    ),
    "amendment_accepted": Message(
        "Lembaga Anda sudah menyetujui usulan ini; tunggu pihak yang lain.",
        "Your organization has accepted this proposal; wait for the other parties.",
    ),
    "accepted_for_another": Message(
        "Anda sendiri sudah menyetujui usulan ini atas nama pihak lain; orang lain yang harus menyetujuinya.",
        "You accepted this proposal yourself, for another party; another person has to accept.",
    ),
    "signed_before_agreement": Message(
        "Hari penandatanganan {day} mendahului perjanjian yang diubah, yang ditandatangani pada {agreement}.",
        "The signing day {day} is before that of the agreement it changes, {agreement}.",
    ),
    "amendment_document_needed": Message(
        "Naskah addendum yang ditandatangani belum disebut; "
        "isi document_id, atau document_ref dengan tempatnya.",
        "The signed amendment is not named; give document_id, or say in document_ref where it lies.",
    ),
    "nothing_proposed": Message(
        "Usulan ini tidak mengubah apa pun; isi changes dengan yang akan berbeda.",
        "This proposal changes nothing; give changes what is to be different.",
    ),
    "kind_without_change": Message(
        "Tidak ada perubahan yang merupakan {kind}; keluarkan dari kinds atau lengkapi changes.",
        "No change is of the kind {kind}; take it out of kinds, or complete changes.",
    ),
    "change_without_kind": Message(
        "Perubahan ini tidak tercakup oleh kinds; tambahkan {expected}.",
        "This change is not covered by kinds; add {expected}.",
    ),
    "number_stays": Message(
        "Nomor naskah {number} sudah ditulis pihak itu dan tidak diganti; kosongkan document_number.",
        "The party wrote the document number {number}, which is never rewritten; leave out document_number.",
    ),
    "amendment_decided": Message(
        "Addendum ini sudah diputuskan; usulkan addendum baru.",
        "This amendment is decided; propose a new one.",
    ),
    "amendment_unlock_first": Message(
        "Semua pihak sudah menyetujui usulan ini. Buka dahulu dengan tindakan unlock, lalu ubah.",
        "All parties have accepted this proposal. Open it first with the action unlock, then edit.",
    ),
}
