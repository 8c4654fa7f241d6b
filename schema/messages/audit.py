"""What is wrong with a chain of audit entries, in both languages."""

from schema.messages.common import Message

AUDIT_TEXTS: dict[str, Message] = {
    "entry_missing": Message("Catatan {seq} tidak ada.", "Entry {seq} is missing."),
    "link_broken": Message(
        "Catatan {seq} tidak menyambung catatan sebelumnya.",
        "Entry {seq} does not follow the entry before it.",
    ),
    "entry_altered": Message(
        "Isi catatan {seq} tidak cocok dengan hash-nya.", "The text of entry {seq} does not match its hash."
    ),
    "entry_unreadable": Message("Catatan {seq} tidak dapat dibaca.", "Entry {seq} cannot be read."),
    "column_altered": Message(
        "Kolom {column} pada catatan {seq} tidak cocok dengan isinya yang berantai.",
        "The column {column} of entry {seq} does not match its chained text.",
    ),
    "head_altered": Message(
        "Kepala rantai tidak cocok dengan catatan terakhir, {seq}.",
        "The head of the chain does not match its last entry, {seq}.",
    ),
    "checkpoint_ahead": Message(
        "Titik periksa menyaksikan catatan {seq}, yang tidak ada.",
        "A checkpoint witnesses entry {seq}, which is not there.",
    ),
    "checkpoint_differs": Message(
        "Titik periksa menyaksikan isi lain untuk catatan {seq}.",
        "A checkpoint witnesses another text of entry {seq}.",
    ),
    "checkpoint_forged": Message(
        "Tanda tangan titik periksa pada catatan {seq} tidak sah, atau kuncinya tidak dikenal: {key_id}.",
        "The signature of the checkpoint at entry {seq} is not valid, or its key is not known: {key_id}.",
    ),
}
