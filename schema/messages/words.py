"""What the words of the vocabulary are called in a text for people."""

from collections.abc import Mapping
from enum import StrEnum

from schema import vocabulary as words
from schema.messages.common import Message

WORDS: Mapping[type[StrEnum], Mapping[str, Message]] = {
    words.AgreementKind: {
        "mou": Message("Kesepakatan Bersama (MoU)", "Memorandum of understanding (MoU)"),
        "pks": Message("Perjanjian Kerja Sama (PKS)", "Cooperation agreement (PKS)"),
        "nota_kesepakatan": Message("Nota Kesepakatan", "Memorandum of agreement (Nota Kesepakatan)"),
    },
    words.AgreementPhase: {
        "preparation": Message("Persiapan", "In preparation"),
        "upcoming": Message("Belum berlaku", "Not in force yet"),
        "active": Message("Berlaku", "In force"),
        "expiring": Message("Segera berakhir", "Ending soon"),
        "expired": Message("Telah berakhir", "Expired"),
        "suspended": Message("Ditangguhkan", "Suspended"),
        "blocked_by_parent": Message("Terhenti karena naskah induk", "Blocked by its parent"),
        "terminated": Message("Diakhiri", "Terminated"),
        "cancelled": Message("Dibatalkan", "Cancelled"),
        "closed": Message("Ditutup", "Closed"),
    },
    words.ActivityKind: {
        "bimtek": Message("Bimbingan teknis", "Technical guidance"),
        "training": Message("Pelatihan", "Training"),
        "tot": Message("Pelatihan pelatih", "Training of trainers"),
        "socialization": Message("Sosialisasi", "Outreach"),
        "workshop": Message("Lokakarya", "Workshop"),
        "fgd": Message("Diskusi kelompok terarah", "Focus group discussion"),
        "audience": Message("Audiensi", "Audience"),
        "coordination_meeting": Message("Rapat koordinasi", "Coordination meeting"),
        "monitoring_evaluation": Message("Pemantauan dan evaluasi", "Monitoring and evaluation"),
        "mentoring": Message("Pendampingan", "Mentoring"),
        "study": Message("Kajian", "Study"),
        "campaign": Message("Kampanye", "Campaign"),
        "public_discussion": Message("Diskusi publik", "Public discussion"),
        "signing": Message("Penandatanganan", "Signing"),
        "drafting": Message("Penyusunan dokumen", "Drafting"),
        "reporting": Message("Pelaporan", "Reporting"),
        "other": Message("Lainnya", "Other"),
    },
    words.ActivityState: {
        "draft": Message("Konsep", "Draft"),
        "planned": Message("Direncanakan", "Planned"),
        "held": Message("Terlaksana", "Held"),
        "reported": Message("Dilaporkan", "Reported"),
        "verified": Message("Diverifikasi", "Verified"),
        "cancelled": Message("Dibatalkan", "Cancelled"),
    },
    words.MilestoneState: {
        "open": Message("Terbuka", "Open"),
        "submitted": Message("Bukti diserahkan", "Evidence submitted"),
        "returned": Message("Dikembalikan", "Returned"),
        "met": Message("Terpenuhi", "Met"),
        "waived": Message("Dibebaskan", "Waived"),
        "cancelled": Message("Dibatalkan", "Cancelled"),
    },
    words.MilestoneHealth: {
        "not_started": Message("Belum mulai", "Not started"),
        "due_soon": Message("Segera jatuh tempo", "Due soon"),
        "at_risk": Message("Berisiko", "At risk"),
        "late": Message("Terlambat", "Late"),
        "met": Message("Terpenuhi", "Met"),
        "met_late": Message("Terpenuhi terlambat", "Met late"),
    },
    words.WorkplanLevel: {
        "outcome": Message("Hasil", "Outcome"),
        "output": Message("Keluaran", "Output"),
        "activity": Message("Kegiatan", "Activity"),
    },
    words.WorkplanState: {
        "proposed": Message("Diusulkan", "Proposed"),
        "agreed": Message("Disepakati", "Agreed"),
        "in_progress": Message("Berjalan", "In progress"),
        "completed": Message("Selesai", "Completed"),
        "verified": Message("Diverifikasi", "Verified"),
        "deferred": Message("Ditunda", "Deferred"),
        "dropped": Message("Dihapus", "Dropped"),
    },
    words.DocumentKind: {
        "signed_agreement": Message("Naskah yang ditandatangani", "Signed agreement"),
        "amendment": Message("Addendum", "Amendment"),
        "power_of_attorney": Message("Surat kuasa", "Power of attorney"),
        "attendance_sheet": Message("Daftar hadir", "Attendance sheet"),
        "photo": Message("Foto", "Photo"),
        "minutes": Message("Notula", "Minutes"),
        "terms_of_reference": Message("Kerangka acuan kerja", "Terms of reference"),
        "material": Message("Bahan paparan", "Material"),
        "report": Message("Laporan", "Report"),
        "evidence": Message("Bukti", "Evidence"),
        "dataset": Message("Data", "Dataset"),
        "other": Message("Lainnya", "Other"),
    },
}
"""A text for every word of these vocabularies."""
