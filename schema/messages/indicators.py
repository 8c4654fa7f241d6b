"""Faults and warnings of indicator series, and of areas that other records name."""

from schema.messages.common import Message

INDICATOR_TEXTS: dict[str, Message] = {
    "area_not_listed": Message(
        "{area} bukan area {instrument} tahun {year}; yang diterima: {expected}.",
        "{area} is no area of {instrument} in {year}; accepted: {expected}.",
    ),
    "area_of_other_years": Message(
        "Area MCP {areas} tidak ada dalam daftar tahun {year}.",
        "The MCP areas {areas} do not stand in the list of {year}.",
    ),
    "band_unknown": Message(
        "Rentang kategori {instrument} untuk tahun {year} tidak diketahui, sehingga band dikosongkan.",
        "The bands of {instrument} for {year} are not known, so no band is given.",
    ),
    "band_unclear": Message(
        "Nilai {value} terletak di batas kategori menurut sumbernya ({bands}), sehingga band dikosongkan.",
        "The value {value} lies where the source lets bands meet ({bands}), so no band is given.",
    ),
    "printed_label_differs": Message(
        "Sumber menyebut {label}, sedangkan nilainya termasuk {band} menurut rentang tahun itu.",
        "The source says {label}, while the value is {band} by the bands of that year.",
    ),
}
