"""The problem codes of more nouns than one: their status, and their texts in both languages."""

from schema.messages.common import Message, ProblemText

COMMON_PROBLEMS: dict[str, ProblemText] = {
    "malformed_request": ProblemText(
        400,
        Message("Permintaan tidak dapat dibaca", "The request cannot be read"),
        Message("Permintaan tidak dapat dibaca: {why}.", "The request cannot be read: {why}."),
        Message("Kirim JSON UTF-8 yang sah.", "Send valid UTF-8 JSON."),
    ),
    "validation_failed": ProblemText(
        400,
        Message("Isian tidak sah", "Invalid input"),
        Message(
            "Ada {count} isian yang perlu diperbaiki; lihat errors.",
            "{count} input(s) need correction; see errors.",
        ),
        Message(
            "Perbaiki setiap isian yang disebut dalam errors, lalu kirim ulang.",
            "Correct each input named in errors, then send it again.",
        ),
    ),
    "authentication_required": ProblemText(
        401,
        Message("Perlu masuk", "Authentication required"),
        Message(
            "Sertakan header Authorization: Bearer dengan token yang masih berlaku.",
            "Send an Authorization: Bearer header with a valid token.",
        ),
        Message(
            "Masuk lewat POST /v1/sessions, atau pakai kunci API yang belum kedaluwarsa atau dicabut.",
            "Sign in at POST /v1/sessions, or use an API key that is neither expired nor revoked.",
        ),
    ),
    "sign_in_failed": ProblemText(
        401,
        Message("Gagal masuk", "Sign-in failed"),
        Message(
            "E-mail atau kata sandi salah, atau akun tidak aktif di lembaga itu.",
            "The e-mail or password is wrong, or the account is not active in that organization.",
        ),
        Message("Periksa e-mail dan kata sandi.", "Check the e-mail and the password."),
    ),
    "permission_missing": ProblemText(
        403,
        Message("Tidak berwenang", "Not permitted"),
        Message(
            "Peran Anda tidak memberi izin {permission}.",
            "Your roles do not give the permission {permission}.",
        ),
        Message(
            "Minta admin lembaga Anda memberi peran yang sesuai.",
            "Ask your organization's administrator for a role that has it.",
        ),
    ),
    "not_a_party": ProblemText(
        403,
        Message("Bukan pihak", "Not a party"),
        Message(
            "Lembaga Anda dapat melihat, tetapi bukan pihak dalam perjanjian ini, "
            "sehingga tidak dapat bertindak.",
            "Your organization can see this agreement but is not a party to it, so it cannot act.",
        ),
        Message("Hanya pihak sendiri yang bertindak.", "Only a party acts for itself."),
    ),
    "same_party": ProblemText(
        403,
        Message("Perlu pihak lain", "Another party is needed"),
        Message(
            "Tindakan {action} harus dilakukan pihak lain: lembaga Anda sendiri yang mengajukannya.",
            "The action {action} belongs to another party: your own organization put this forward.",
        ),
        Message(
            "Minta pihak lain melakukannya; yang mengajukan tidak memeriksanya sendiri.",
            "Ask another party; whoever puts something forward does not decide on it.",
        ),
    ),
    "same_person": ProblemText(
        403,
        Message("Perlu orang lain", "Another person is needed"),
        Message(
            "Tindakan {action} harus dilakukan orang lain: Anda sendiri yang mengajukannya untuk pihak lain.",
            "The action {action} belongs to another person: you put this forward yourself for another party.",
        ),
        Message(
            "Minta orang lain dari pihak lain; yang mengajukan tidak memeriksanya sendiri.",
            "Ask another person of another party; whoever puts something forward does not decide on it.",
        ),
    ),
    "password_change_required": ProblemText(
        403,
        Message("Ganti kata sandi dahulu", "Change the password first"),
        Message(
            "Kata sandi pertama Anda dibuat orang lain; gantilah dahulu.",
            "Your first password was set by somebody else; change it first.",
        ),
        Message("Kirim POST /v1/me/password.", "Send POST /v1/me/password."),
    ),
    "role_not_grantable": ProblemText(
        403,
        Message("Peran tidak dapat diberikan", "Role cannot be given"),
        Message("Anda tidak dapat memberi peran {roles}.", "You cannot give the role(s) {roles}."),
        Message(
            "Peran diberikan admin lembaga itu sendiri; kunci API tidak pernah approver.",
            "Roles are given by the organization's own administrator; an API key is never approver.",
        ),
    ),
    "not_found": ProblemText(
        404,
        Message("Tidak ditemukan", "Not found"),
        Message("Tidak ada, atau Anda tidak dapat melihatnya.", "It does not exist, or you may not see it."),
        Message("Periksa alamat atau id.", "Check the address or id."),
    ),
    "method_not_allowed": ProblemText(
        405,
        Message("Metode tidak didukung", "Method not allowed"),
        Message("Metode {method} tidak didukung di sini.", "The method {method} is not supported here."),
        Message("Lihat header Allow.", "See the Allow header."),
    ),
    "not_acceptable": ProblemText(
        406,
        Message("Format tidak tersedia", "Format not available"),
        Message("Tersedia: {offered}.", "Available: {offered}."),
        Message("Ubah header Accept.", "Change the Accept header."),
    ),
    "pdf_not_installed": ProblemText(
        406,
        Message("PDF tidak tersedia di server ini", "PDF is not available on this server"),
        Message(
            "Server ini dipasang tanpa penata PDF; mintalah pengelolanya memasang paket tambahan tenun[pdf],"
            " atau ambil laporan sebagai text/html atau application/json.",
            "This server was set up without its typesetter for PDF; ask whoever runs it to install the extra"
            " tenun[pdf], or take the report as text/html or application/json.",
        ),
        Message(
            "Kirim Accept: text/html lalu cetak halamannya, atau pasang tenun[pdf] dan mulai ulang layanan.",
            "Send Accept: text/html and print the page, or install tenun[pdf] and restart the service.",
        ),
    ),
    "body_too_slow": ProblemText(
        408,
        Message("Isi terlalu lambat", "Body too slow"),
        Message(
            "Isi belum lengkap setelah {seconds} detik.", "The body was not whole after {seconds} seconds."
        ),
        Message(
            "Ulangi permintaan yang sama, atau kirim dalam beberapa bagian.",
            "Repeat the same request, or send it in parts.",
        ),
    ),
    "transition_not_allowed": ProblemText(
        409,
        Message("Tindakan tidak mungkin dalam status ini", "Action not possible in this state"),
        Message(
            "Tindakan {action} tidak mungkin dalam status {state}.",
            "The action {action} is not possible in the state {state}.",
        ),
        Message(
            "Lihat actions pada catatan untuk tindakan yang mungkin.",
            "See actions on the record for what is possible.",
        ),
    ),
    "guards_not_met": ProblemText(
        409,
        Message("Syarat belum terpenuhi", "Guards not met"),
        Message(
            "{count} syarat untuk {action} belum terpenuhi; lihat errors.",
            "{count} guard(s) of {action} are not met; see errors.",
        ),
        Message("Penuhi semua syarat dalam errors.", "Meet all guards in errors."),
    ),
    "state_forbids_edit": ProblemText(
        409,
        Message("Tidak dapat diubah dalam status ini", "Cannot be edited in this state"),
        Message("Status {state} tidak mengizinkan perubahan ini.", "The state {state} forbids this change."),
        Message(
            "Gunakan tindakan yang sesuai, misalnya membuka kembali.",
            "Use a suitable action, such as reopening it.",
        ),
    ),
    "document_number_taken": ProblemText(
        409,
        Message("Nomor naskah sudah dipakai", "Document number taken"),
        Message(
            "Satu lembaga tidak memakai nomor naskah yang sama dua kali.",
            "An organization does not use the same document number twice.",
        ),
        Message(
            "Periksa nomor naskah; huruf besar dan spasi tidak membedakan.",
            "Check the number; case and white space make no difference.",
        ),
    ),
    "amendment_open": ProblemText(
        409,
        Message("Addendum lain masih terbuka", "Another amendment is open"),
        Message(
            "Addendum nomor {sequence} dari perjanjian ini belum ditandatangani atau dibatalkan.",
            "Amendment {sequence} of this agreement is neither signed nor cancelled.",
        ),
        Message(
            "Tanda tangani atau batalkan dahulu yang terbuka, atau masukkan usulan ke dalamnya.",
            "Sign or cancel the open one first, or edit the proposal into it.",
        ),
    ),
    "client_ref_taken": ProblemText(
        409,
        Message("client_ref sudah dipakai", "client_ref taken"),
        Message(
            "client_ref {client_ref} sudah dipakai untuk catatan lain ({id}).",
            "client_ref {client_ref} was already used for another record ({id}).",
        ),
        Message("Pakai client_ref baru.", "Use a new client_ref."),
    ),
    "email_taken": ProblemText(
        409,
        Message("E-mail sudah terdaftar", "E-mail taken"),
        Message("E-mail itu sudah milik pengguna lain.", "That e-mail already belongs to another user."),
        Message("Tambahkan keanggotaan pada pengguna itu.", "Add a membership to that user."),
    ),
    "membership_taken": ProblemText(
        409,
        Message("Sudah menjadi anggota", "Already a member"),
        Message(
            "Pengguna itu sudah anggota lembaga itu.", "That user is already a member of that organization."
        ),
        Message("Ubah peran keanggotaan yang ada.", "Change the roles of the membership."),
    ),
    "last_administrator": ProblemText(
        409,
        Message("Admin terakhir", "Last administrator"),
        Message("Lembaga harus tetap memiliki satu org_admin.", "The organization must keep one org_admin."),
        Message("Angkat admin lain dahulu.", "Appoint another administrator first."),
    ),
    "tree_cycle": ProblemText(
        409,
        Message("Susunan lembaga melingkar", "Cycle in the tree"),
        Message(
            "Lembaga tidak dapat berada di atas dirinya sendiri.",
            "An organization cannot stand above itself.",
        ),
        Message("Pilih induk yang lain.", "Choose another parent."),
    ),
    "record_in_use": ProblemText(
        409,
        Message("Catatan masih dirujuk", "Record in use"),
        Message(
            "Catatan lain merujuk catatan ini, sehingga tidak dapat dihapus.",
            "Other records refer to this one, so it cannot be deleted.",
        ),
        Message(
            "Hapus dahulu catatan yang merujuknya, atau batalkan catatan ini.",
            "Delete what refers to it first, or cancel it instead.",
        ),
    ),
    "period_taken": ProblemText(
        409,
        Message("Periode sudah dilaporkan", "Period taken"),
        Message(
            "Periode ini beririsan dengan periode lain dari indikator yang sama.",
            "This period shares days with another one of the same indicator.",
        ),
        Message(
            "Perbaiki nilai yang ada, atau beri periode yang tidak beririsan.",
            "Correct the value that is there, or give a period that shares no day with it.",
        ),
    ),
    "participants_do_not_sum": ProblemText(
        409,
        Message("Jumlah peserta tidak cocok", "Participants do not sum"),
        Message("Jumlah kelompok tidak sama dengan total.", "The groups do not sum to the total."),
        Message("Periksa total dan kelompok.", "Check total and groups."),
    ),
    "document_quota_exceeded": ProblemText(
        409,
        Message("Kuota dokumen habis", "Document quota exceeded"),
        Message(
            "Berkas ini melampaui kuota penyimpanan lembaga Anda.",
            "With this file your organization would exceed its storage quota.",
        ),
        Message(
            "Hapus dokumen yang tidak dipakai, atau minta pengelola menaikkan kuota.",
            "Delete documents that nothing uses, or ask the operator for a larger quota.",
        ),
    ),
    "request_in_progress": ProblemText(
        409,
        Message("Permintaan sama sedang diproses", "The same request is running"),
        Message(
            "Permintaan dengan Idempotency-Key ini masih diproses.",
            "A request with this Idempotency-Key is still running.",
        ),
        Message("Ulangi sebentar lagi dengan kunci yang sama.", "Repeat soon with the same key."),
    ),
    "stale_version": ProblemText(
        412,
        Message("Versi sudah berubah", "Stale version"),
        Message(
            "Catatan sudah berversi {current}; If-Match menyebut {given}.",
            "The record is at version {current}; If-Match names {given}.",
        ),
        Message("Baca ulang, lalu ulangi dengan ETag baru.", "Read it again and retry with the new ETag."),
    ),
    "body_too_large": ProblemText(
        413,
        Message("Isi terlalu besar", "Body too large"),
        Message("Paling besar {limit} byte.", "At most {limit} bytes."),
        Message("Kirim dalam beberapa bagian.", "Send it in parts."),
    ),
    "unsupported_media_type": ProblemText(
        415,
        Message("Jenis isi tidak didukung", "Unsupported media type"),
        Message("Kirim {expected}.", "Send {expected}."),
        Message(
            "Sertakan Content-Type yang benar, tanpa Content-Encoding.",
            "Send the right Content-Type and no Content-Encoding.",
        ),
    ),
    "range_not_satisfiable": ProblemText(
        416,
        Message("Rentang di luar isi", "Range not satisfiable"),
        Message("Isi hanya {size} byte.", "The content has {size} bytes only."),
        Message("Minta rentang di dalam isi.", "Ask for a range inside the content."),
    ),
    "file_refused": ProblemText(
        422,
        Message("Berkas ditolak", "File refused"),
        Message("Berkas tidak dapat disimpan; lihat errors.", "The file cannot be stored; see errors."),
        Message(
            "Kirim PDF, PNG, JPEG, WebP, XLSX, DOCX tanpa makro, atau CSV UTF-8, paling besar 25 MB.",
            "Send PDF, PNG, JPEG, WebP, XLSX, DOCX without macros, or CSV in UTF-8, of 25 MB at most.",
        ),
    ),
    "idempotency_key_reused": ProblemText(
        422,
        Message("Idempotency-Key dipakai ulang", "Idempotency-Key reused"),
        Message("Kunci ini sudah dipakai untuk permintaan lain.", "This key was used for another request."),
        Message("Pakai kunci baru untuk permintaan baru.", "Use a new key for a new request."),
    ),
    "if_match_required": ProblemText(
        428,
        Message("Perlu If-Match", "If-Match required"),
        Message(
            "Perubahan perlu header If-Match dengan ETag catatan.",
            "A change needs an If-Match header with the record's ETag.",
        ),
        Message("Baca catatannya dan kirim ETag-nya.", "Read the record and send its ETag."),
    ),
    "too_many_requests": ProblemText(
        429,
        Message("Terlalu banyak percobaan", "Too many attempts"),
        Message("Coba lagi setelah {seconds} detik.", "Try again after {seconds} seconds."),
        Message("Tunggu selama Retry-After.", "Wait for Retry-After."),
    ),
    "internal_error": ProblemText(
        500,
        Message("Kesalahan pada layanan", "Error of the service"),
        Message(
            "Terjadi kesalahan yang tidak terduga; sebutkan instance saat melapor.",
            "An unexpected error occurred; name the instance when you report it.",
        ),
        Message("Laporkan kepada pengelola.", "Report it to the operator."),
    ),
    "not_ready": ProblemText(
        503,
        Message("Belum siap", "Not ready"),
        Message(
            "Basis data pada revisi {current}; versi ini memerlukan {needed}.",
            "The database is at revision {current}; this version needs {needed}.",
        ),
        Message("Jalankan tenun migrate.", "Run tenun migrate."),
    ),
    "unavailable": ProblemText(
        503,
        Message("Layanan sedang sibuk", "Service busy"),
        Message("Coba lagi setelah {seconds} detik.", "Try again after {seconds} seconds."),
        Message(
            "Ulangi permintaan yang sama dengan Idempotency-Key yang sama.",
            "Repeat the same request with the same Idempotency-Key.",
        ),
    ),
}
