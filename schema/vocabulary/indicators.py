"""Words of indicator series: what scores a region, what a score is called, and what is scored."""

from enum import StrEnum


class Instrument(StrEnum):
    """National programmes that score a region, and whatever else is measured by period."""

    SPI = "spi"  # Survei Penilaian Integritas
    MCP = "mcp"  # Monitoring Center for Prevention; from 2025 on MCSP
    PMPRB = "pmprb"  # Penilaian Mandiri Pelaksanaan Reformasi Birokrasi
    TEPRA = "tepra"  # Tim Evaluasi dan Pengawasan Realisasi Anggaran
    OTHER = "other"


class IndicatorBand(StrEnum):
    """What a score is called in its year; which scores, the scale of that year says."""

    RENTAN = "rentan"
    WASPADA = "waspada"
    TERJAGA = "terjaga"
    MERAH = "merah"
    KUNING = "kuning"
    BIRU = "biru"
    HIJAU = "hijau"


class McpArea(StrEnum):
    """Areas that MCP/MCSP scores; which of them a year has, the list of that year says."""

    PERENCANAAN_DAN_PENGANGGARAN_APBD = "perencanaan_dan_penganggaran_apbd"
    PENGADAAN_BARANG_JASA = "pengadaan_barang_jasa"
    PERIZINAN_PTSP = "perizinan_ptsp"
    KAPABILITAS_APIP = "kapabilitas_apip"
    MANAJEMEN_ASN = "manajemen_asn"
    OPTIMALISASI_PENDAPATAN_DAERAH = "optimalisasi_pendapatan_daerah"
    MANAJEMEN_ASET_DAERAH = "manajemen_aset_daerah"
    TATA_KELOLA_DANA_DESA = "tata_kelola_dana_desa"
    PERENCANAAN = "perencanaan"
    PENGANGGARAN = "penganggaran"
    PELAYANAN_PUBLIK = "pelayanan_publik"
    PENGAWASAN_APIP = "pengawasan_apip"
    PENGELOLAAN_BMD = "pengelolaan_bmd"
    OPTIMALISASI_PAJAK_DAERAH = "optimalisasi_pajak_daerah"
