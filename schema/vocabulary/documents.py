"""Words of documents."""

from enum import StrEnum


class DocumentKind(StrEnum):
    """What a stored document is."""

    SIGNED_AGREEMENT = "signed_agreement"  # naskah yang ditandatangani
    AMENDMENT = "amendment"  # addendum
    POWER_OF_ATTORNEY = "power_of_attorney"  # surat kuasa
    ATTENDANCE_SHEET = "attendance_sheet"  # daftar hadir
    PHOTO = "photo"
    MINUTES = "minutes"  # notula
    TERMS_OF_REFERENCE = "terms_of_reference"  # kerangka acuan kerja
    MATERIAL = "material"  # bahan paparan
    REPORT = "report"  # laporan
    EVIDENCE = "evidence"  # bukti
    DATASET = "dataset"
    OTHER = "other"


class DocumentSubject(StrEnum):
    """Kinds of record that a document can belong to."""

    AGREEMENT = "agreement"
    ACTIVITY = "activity"


class MediaType(StrEnum):
    """What a stored file may be, told by its content."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    CSV = "text/csv"
