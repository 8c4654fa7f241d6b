"""Problems, faults and warnings of indicator series, and of areas that other records name."""

from schema.messages.common import Message, ProblemText

INDICATOR_TEXTS: dict[str, Message] = {
    "area_not_listed": Message(
        "{area} bukan area {instrument} tahun {year}; yang diterima: {expected}.",
        "{area} is no area of {instrument} in {year}; accepted: {expected}.",
    ),
    "score_off_scale": Message(
        "Nilai {given} di luar skala {instrument}, yaitu {expected}.",
        "The score {given} is off the scale of {instrument}, which is {expected}.",
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

INDICATOR_PROBLEMS: dict[str, ProblemText] = {
    "kept_by_another": ProblemText(
        403,
        Message("Dicatat lembaga lain", "Kept by another organization"),
        Message(
            "Deret ini dicatat lembaga lain ({organization_id}); hanya lembaga itu yang mengubahnya.",
            "Another organization ({organization_id}) keeps this series; only that one changes it.",
        ),
        Message(
            "Buat deret lembaga Anda sendiri, atau minta pencatatnya memperbaikinya.",
            "Begin a series of your own organization, or ask the one that keeps it.",
        ),
    ),
    "series_taken": ProblemText(
        409,
        Message("Deret sudah ada", "Series taken"),
        Message(
            "Lembaga Anda sudah mencatat deret dengan instrumen, wilayah dan judul ini.",
            "Your organization keeps a series of this instrument, region and title already.",
        ),
        Message("Pakai deret yang sudah ada.", "Use the series that is there."),
    ),
}
