"""Texts of single faults of input; guards and warnings of a noun stand in its own file."""

from schema.messages.common import Message

FAULTS: dict[str, Message] = {
    "required": Message("Wajib diisi: {expected}.", "Required: {expected}."),
    "unknown_field": Message("Isian {name} tidak dikenal.", "The field {name} is not known."),
    "unknown_parameter": Message("Parameter {name} tidak dikenal.", "The parameter {name} is not known."),
    "repeated_parameter": Message(
        "Parameter {name} hanya boleh sekali.", "The parameter {name} may be given once only."
    ),
    "wrong_type": Message("Nilai {given} bukan {expected}.", "The value {given} is not {expected}."),
    "not_allowed": Message(
        "Nilai {given} tidak dikenal; yang diterima: {expected}.",
        "The value {given} is not known; accepted: {expected}.",
    ),
    "too_long": Message("Terlalu panjang; paling banyak {limit}.", "Too long; at most {limit}."),
    "too_short": Message("Terlalu pendek; paling sedikit {limit}.", "Too short; at least {limit}."),
    "out_of_range": Message(
        "Nilai {given} di luar batas {expected}.", "The value {given} is outside {expected}."
    ),
    "bad_format": Message(
        "Nilai {given} tidak sesuai bentuk {expected}.",
        "The value {given} does not have the form {expected}.",
    ),
    "control_character": Message(
        "Teks memuat karakter kendali; hanya baris baru dan tab yang boleh.",
        "The text has a control character; only line feed and tab are allowed.",
    ),
    "cursor_invalid": Message(
        "Cursor tidak sah untuk daftar dan saringan ini; mulai dari halaman pertama.",
        "The cursor is not valid for this list and these filters; start from the first page.",
    ),
    "end_before_start": Message(
        "Hari akhir {end} mendahului hari awal {start}.",
        "The last day {end} is before the first day {start}.",
    ),
    "organization_unknown": Message(
        "Lembaga {id} tidak ada dalam direktori.", "The organization {id} is not in the directory."
    ),
    "reference_unknown": Message(
        "Menunjuk ke catatan yang tidak ada.", "Refers to a record that does not exist."
    ),
    "idempotency_key_invalid": Message(
        "Idempotency-Key terdiri dari 1–255 karakter ASCII yang tercetak.",
        "An Idempotency-Key has 1–255 printable ASCII characters.",
    ),
    "if_match_invalid": Message(
        'If-Match {given} tidak sah; kirim ETag catatan, misalnya "7".',
        'If-Match {given} is not valid; send the ETag of the record, such as "7".',
    ),
    "user_unknown": Message("Pengguna {id} tidak ada.", "The user {id} does not exist."),
    "repeated": Message("{given} disebut lebih dari sekali.", "{given} is given more than once."),
    "scripts_mixed": Message(
        "Nama mencampur aksara ({scripts}); tulis dalam satu aksara.",
        "The name mixes scripts ({scripts}); write it in one.",
    ),
    "password_too_long": Message("Kata sandi paling panjang 128 byte.", "A password has at most 128 bytes."),
    "password_wrong": Message("Kata sandi sekarang salah.", "The current password is wrong."),
    "token_invalid": Message(
        "Undangan tidak sah, sudah dipakai atau kedaluwarsa.",
        "The invitation is not valid, already used or expired.",
    ),
    "expiry_too_far": Message(
        "Kunci berlaku dari besok sampai paling lama {limit}.",
        "A key lasts from tomorrow to {limit} at most.",
    ),
    "organization_required": Message(
        "Sebutkan organization_id: Anda anggota beberapa lembaga ({ids}).",
        "Give organization_id: you are a member of several organizations ({ids}).",
    ),
}
