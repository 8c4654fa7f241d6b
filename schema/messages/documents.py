"""What is wrong with a file, and who may delete it."""

from schema.messages.common import Message

DOCUMENT_TEXTS: dict[str, Message] = {
    "subject_unknown": Message(
        "Tidak ada {subject} {id} yang dapat Anda lihat.", "There is no {subject} {id} that you can see."
    ),
    "stored_by_another": Message(
        "Hanya lembaga yang menyimpannya ({organization_id}) yang dapat menghapusnya.",
        "Only the organization that stored it ({organization_id}) can delete it.",
    ),
    "file_empty": Message("Berkas kosong.", "The file is empty."),
    "file_name_unsafe": Message(
        "Nama berkas {given} memuat {found}; kirim nama tanpa jalur dan tanpa karakter tak terlihat.",
        "The file name {given} has {found}; send a name without a path and without invisible characters.",
    ),
    "file_name_too_long": Message(
        "Nama berkas paling panjang {limit} karakter.", "A file name has at most {limit} characters."
    ),
    "file_type_unknown": Message(
        "Isi berkas bukan salah satu dari: {expected}.", "The content is none of: {expected}."
    ),
    "file_type_differs": Message(
        "Isi berkas adalah {found}, tetapi dinyatakan sebagai {said}.",
        "The content is {found}, but it says that it is {said}.",
    ),
    "file_has_macros": Message(
        "Berkas memuat makro atau kendali aktif; simpan tanpa makro.",
        "The file has macros or active controls; save it without them.",
    ),
    "file_damaged": Message(
        "Berkas rusak atau terenkripsi, sehingga isinya tidak dapat diperiksa.",
        "The file is damaged or encrypted, so its content cannot be checked.",
    ),
    "file_unpacks_too_much": Message(
        "Isi berkas melebihi batas: {limit}.", "What the file unpacks to exceeds the limit: {limit}."
    ),
}
