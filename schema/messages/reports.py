"""Texts of the report of an agreement."""

from schema.messages.common import Message

MONTHS: tuple[Message, ...] = (
    Message("Januari", "January"),
    Message("Februari", "February"),
    Message("Maret", "March"),
    Message("April", "April"),
    Message("Mei", "May"),
    Message("Juni", "June"),
    Message("Juli", "July"),
    Message("Agustus", "August"),
    Message("September", "September"),
    Message("Oktober", "October"),
    Message("November", "November"),
    Message("Desember", "December"),
)

_WHOLE: dict[str, Message] = {
    "title": Message("Laporan Pelaksanaan Kerja Sama", "Report on the Implementation of the Cooperation"),
    "period": Message("Periode", "Period"),
    "period_all": Message("seluruh masa kerja sama sampai {as_of}", "the whole cooperation until {as_of}"),
    "period_from": Message("sejak {first} sampai {as_of}", "from {first} until {as_of}"),
    "period_to": Message("sampai dengan {last}", "until {last}"),
    "period_both": Message("{first} s.d. {last}", "{first} to {last}"),
    "as_of": Message("Keadaan per {as_of}", "As of {as_of}"),
    "not_reported": Message("tidak dilaporkan", "not reported"),
    "unknown": Message("tidak diketahui", "unknown"),
    "none": Message("Tidak ada dalam periode ini.", "None in this period."),
    "more": Message("Masih ada {count} baris lagi yang tidak dimuat.", "{count} more rows are left out."),
    "closing": Message(
        "Disusun dari catatan bersama para pihak di Tenun. Yang tidak dilaporkan bukan nol: tidak seorang"
        " pun mencatatnya.",
        "Made from the record that the parties share in Tenun. What is not reported is not zero: nobody"
        " recorded it.",
    ),
    "page_of": Message("Halaman {page} dari {pages}", "Page {page} of {pages}"),
}

_AGREEMENT: dict[str, Message] = {
    "agreement": Message("Kerja sama", "The cooperation"),
    "kind": Message("Jenis naskah", "Kind of paper"),
    "agreement_title": Message("Judul", "Title"),
    "printed_title": Message("Judul pada naskah atau berita", "Title on paper or in the press"),
    "parent": Message("Naskah induk", "Made under"),
    "signed": Message("Ditandatangani", "Signed"),
    "signed_not_after": Message("paling lambat {day}", "by {day} at the latest"),
    "in_force": Message("Masa berlaku", "In force"),
    "span": Message("{first} s.d. {last}", "{first} to {last}"),
    "open_ended": Message("tanpa batas akhir", "no end"),
    "phase": Message("Keadaan", "Standing"),
    "region": Message("Kode wilayah", "Region code"),
    "objective": Message("Tujuan", "Objective"),
    "parties": Message("Para pihak", "Parties"),
    "party": Message("Pihak", "Party"),
    "organization": Message("Lembaga", "Organization"),
    "document_number": Message("Nomor naskah", "Document number"),
    "signatory": Message("Penanda tangan", "Signatory"),
    "power_of_attorney": Message("surat kuasa: {reference}", "power of attorney: {reference}"),
    "amendments": Message("Addendum", "Amendments"),
    "number": Message("Nomor", "Number"),
    "scope": Message("Ruang lingkup", "Scope"),
    "scope_none": Message("Ruang lingkup tidak dicatat.", "No scope is recorded."),
}

_ACTIVITIES: dict[str, Message] = {
    "activities": Message("Pelaksanaan kegiatan", "Activities"),
    "activities_told": Message(
        "{total} kegiatan tercatat, {held} di antaranya telah dilaksanakan.",
        "{total} activities are recorded, {held} of which took place.",
    ),
    "by_year": Message("Kegiatan menurut tahun kerja sama", "Activities by agreement year"),
    "by_kind": Message("Kegiatan menurut jenis", "Activities by kind"),
    "by_state": Message("Kegiatan menurut keadaan", "Activities by state"),
    "year": Message("Tahun ke-{year}", "Year {year}"),
    "year_unknown": Message("Tahun tidak diketahui", "Year unknown"),
    "agreement_year": Message("Tahun", "Year"),
    "activity_kind": Message("Jenis", "Kind"),
    "state": Message("Keadaan", "State"),
    "count": Message("Jumlah", "Count"),
    "held": Message("Daftar kegiatan yang dilaksanakan", "Activities that took place"),
    "date": Message("Tanggal", "Date"),
    "activity": Message("Kegiatan", "Activity"),
    "participants": Message("Peserta", "Participants"),
    "evidence": Message("Bukti dan tautan", "Evidence and links"),
    "links_more": Message("dan {count} lagi", "and {count} more"),
    "evidence_document": Message("dokumen tersimpan", "stored document"),
}

_ATTENDANCE: dict[str, Message] = {
    "attendance": Message("Kehadiran", "Attendance"),
    "attendance_told": Message("Kehadiran yang diketahui: {total}.", "Known attendances: {total}."),
    "attendance_unknown": Message(
        "Untuk {count} kegiatan, jumlah peserta tidak dilaporkan.",
        "For {count} activities nobody reported how many people came.",
    ),
    "by_sex": Message("Kehadiran menurut jenis kelamin", "Attendance by sex"),
    "sex": Message("Jenis kelamin", "Sex"),
    "male": Message("Laki-laki", "Male"),
    "female": Message("Perempuan", "Female"),
    "sex_unspecified": Message("Tidak dirinci", "Not specified"),
    "by_organization": Message("Kehadiran menurut lembaga", "Attendance by organization"),
    "total": Message("Jumlah", "Total"),
}

_RESULTS: dict[str, Message] = {
    "workplan": Message("Rencana kerja dan hasil", "Work plan and results"),
    "workplan_by_year": Message("Rencana kerja menurut tahun", "Work plan by year"),
    "items": Message("Butir", "Items"),
    "completed": Message("Selesai", "Completed"),
    "verified": Message("Diverifikasi", "Verified"),
    "late": Message("Terlambat", "Late"),
    "results": Message("Hasil, keluaran dan kegiatan", "Outcomes, outputs and activity lines"),
    "code": Message("Kode", "Code"),
    "result": Message("Uraian", "Item"),
    "due": Message("Tenggat", "Due"),
    "indicator": Message("Indikator", "Indicator"),
    "target": Message("Target", "Target"),
    "achieved": Message("Capaian", "Achieved"),
    "late_mark": Message("{state}, terlambat", "{state}, late"),
    "milestones": Message("Milestone", "Milestones"),
    "by_health": Message("Milestone menurut keadaan", "Milestones by health"),
    "promises": Message("Daftar milestone", "List of milestones"),
    "milestone": Message("Milestone", "Milestone"),
    "owner": Message("Pemilik", "Owner"),
    "documents": Message("Dokumentasi", "Documentation"),
    "file": Message("Berkas", "File"),
    "hard_copy": Message("Naskah asli", "Paper copy"),
    "chart_told": Message("Diagram batang: {values}.", "Bar chart: {values}."),
}

_REQUESTS: dict[str, Message] = {
    "data_requests": Message("Permohonan data", "Data requests"),
    "requests_told": Message(
        "Permohonan data yang diterima: {received}. Belum diputus: {open}, di antaranya melewati tenggat:"
        " {overdue}.",
        "Data requests received: {received}. Not decided yet: {open}, of which overdue: {overdue}.",
    ),
    "requests_took": Message(
        "Hari kerja sampai putusan – median: {median}; persentil ke-90: {p90}.",
        "Working days to a decision – median: {median}; 90th percentile: {p90}.",
    ),
    "by_decision": Message("Permohonan data menurut putusan", "Data requests by decision"),
    "decision": Message("Putusan", "Decision"),
    "undecided": Message("Belum diputus", "Not decided yet"),
    "asked": Message("Daftar permohonan data", "List of data requests"),
    "request": Message("Permohonan", "Request"),
    "requester": Message("Pemohon", "Requester"),
    "received": Message("Diterima", "Received"),
    "overdue_mark": Message("{state}, melewati tenggat", "{state}, overdue"),
}

REPORT_TEXTS: dict[str, Message] = {
    **_WHOLE,
    **_AGREEMENT,
    **_ACTIVITIES,
    **_ATTENDANCE,
    **_RESULTS,
    **_REQUESTS,
}
