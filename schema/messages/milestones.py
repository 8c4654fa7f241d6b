"""Guards, faults and warnings of milestones and their series."""

from schema.messages.common import Message

_GUARDS: dict[str, Message] = {
    "owner_submits": Message(
        "Hanya pemilik milestone ini, {owner}, yang dapat menyerahkan bukti.",
        "Only the owner of this milestone, {owner}, can submit evidence.",
    ),
    "cancel_needs_another_party": Message(
        "Lembaga Anda yang mengusulkan pembatalan; pihak lain harus mengukuhkannya.",
        "Your organization proposed to cancel it; another party has to confirm.",
    ),
    "cancel_needs_another_person": Message(
        "Anda sendiri yang mengusulkan pembatalan atas nama pihak lain; orang lain yang mengukuhkannya.",
        "You proposed to cancel it yourself, for another party; another person has to confirm.",
    ),
    "milestones_open": Message(
        "Masih ada milestone yang terbuka; penuhi, bebaskan atau batalkan semuanya dahulu.",
        "There are open milestones; meet, waive or cancel all of them first.",
    ),
}

_FAULTS: dict[str, Message] = {
    "owner_no_party": Message(
        "Pemilik harus salah satu pihak dalam perjanjian; {owner} bukan pihak.",
        "The owner must be a party to the agreement; {owner} is none.",
    ),
    "milestone_submitted": Message(
        "Bukti sudah diserahkan; setelah pihak lain mengembalikannya dengan return, milestone dapat diubah.",
        "Evidence was submitted; once another party sends it back by return, the milestone can be edited.",
    ),
    "milestone_is_final": Message(
        "Milestone ini sudah selesai dan tidak diubah lagi; buat milestone baru.",
        "This milestone is finished and not edited any more; make a new one.",
    ),
    "rule_part_unknown": Message(
        "Bagian {given} tidak dikenal atau nilainya tidak sah; yang diterima: {expected}.",
        "The part {given} is not known or its value is not valid; accepted: {expected}.",
    ),
    "rule_parts_together": Message(
        "{given} tidak boleh bersama dalam satu aturan; kirim salah satu.",
        "{given} must not stand together in a rule; send one of them.",
    ),
    "rule_skips_months": Message(
        "Tidak setiap bulan aturan ini mempunyai tanggal {day}; pilih yang lain (-1 ialah hari terakhir).",
        "Not every month of this rule has a day {day}; choose another (BYMONTHDAY=-1 is the last day).",
    ),
    "series_endless": Message(
        "Hari akhir perjanjian tidak diketahui; batasi aturannya dengan COUNT atau UNTIL.",
        "The last day of the agreement is not known; bound the rule by COUNT or UNTIL.",
    ),
    "series_too_long": Message(
        "Deret ini menghasilkan lebih dari {limit} milestone; perjarang atau perpendek aturannya.",
        "The series makes more than {limit} milestones; make its rule sparser or shorter.",
    ),
    "series_empty": Message(
        "Aturan ini tidak menghasilkan satu hari pun dari {start} sampai {end}.",
        "The rule gives no day from {start} to {end}.",
    ),
}

_WARNINGS: dict[str, Message] = {
    "due_outside_agreement": Message(
        "Tenggat {due_on} berada di luar masa perjanjian ({first} s.d. {last}).",
        "The due day {due_on} lies outside the days of the agreement ({first} to {last}).",
    ),
}

MILESTONE_TEXTS: dict[str, Message] = {**_GUARDS, **_FAULTS, **_WARNINGS}
