"""Problems, guards, faults and warnings of data requests, objections and the catalogue."""

from schema.messages.common import Message, ProblemText

_GUARDS: dict[str, Message] = {
    "request_agreement_not_active": Message(
        "Perjanjian yang menjadi dasar berada dalam fase {phase}; permohonan diajukan selama fasenya active"
        " atau expiring.",
        "Its agreement is in phase {phase}; a request is handed in while it is active or expiring.",
    ),
    "request_agreement_over": Message(
        "Perjanjian yang menjadi dasar berada dalam fase {phase}; akses berakhir bersamanya.",
        "Its agreement is in phase {phase}; access ends with it.",
    ),
    "data_not_named": Message(
        "Data yang diminta belum disebut; isi dataset_id atau fields.",
        "The data is not named yet; give dataset_id or fields.",
    ),
    "period_needed": Message(
        "Kurun waktu data belum diisi; isi period.", "The time the data is of is missing; give period."
    ),
    "legal_basis_needed": Message(
        "Dasar permohonan belum diisi; isi legal_basis.",
        "What the request rests on is missing; give legal_basis.",
    ),
    "own_request": Message(
        "Anda sendiri menyusun atau mengajukan permohonan ini; orang lain yang menangani dan memutusnya.",
        "You wrote this request or handed it in yourself; another person handles and decides it.",
    ),
    "own_recommendation": Message(
        "Anda pernah memberi rekomendasi atas permohonan ini; orang lain yang memutusnya.",
        "You recommended on this request; another person decides it.",
    ),
    "own_decision": Message(
        "Anda menangani atau memutus permohonan ini; orang lain yang memutus keberatannya.",
        "You handled or decided this request; another person decides the objection.",
    ),
    "session_required": Message(
        "Keputusan diambil orang yang masuk dengan kata sandinya, bukan lewat kunci API.",
        "A decision is taken by a person who signed in, not by an API key.",
    ),
    "assignee_no_reviewer": Message(
        "Pengguna {id} bukan reviewer aktif pada lembaga pemegang data.",
        "The user {id} is no active reviewer of the holder.",
    ),
    "assignee_asked": Message(
        "Pengguna {id} sendiri yang menyusun atau mengajukan permohonan ini; tugaskan orang lain.",
        "The user {id} wrote this request or handed it in; assign somebody else.",
    ),
    "assigned_to_another": Message(
        "Permohonan ini ditangani orang lain; ambil alih dahulu dengan assign.",
        "Somebody else handles this request; take it over by assign first.",
    ),
    "assessment_needed": Message(
        "Datanya memuat data pribadi; isi personal_data_assessment.",
        "The data tells of persons; give personal_data_assessment.",
    ),
    "extended_already": Message(
        "Batas waktu sudah diperpanjang pada {day}; perpanjangan hanya sekali.",
        "It was extended on {day} already; it can be extended once.",
    ),
    "due_day_passed": Message(
        "Batas waktu {due_on} sudah lewat (hari ini {today}); perpanjangan dilakukan sebelum lewat.",
        "The due day {due_on} has passed (today is {today}); it is extended before that.",
    ),
    "access_end_passed": Message(
        "Akhir akses {end} sudah lewat; paling cepat hari ini, {today}.",
        "The end of access {end} has passed; at the earliest today, {today}.",
    ),
    "access_outlives_agreement": Message(
        "Akhir akses {end} melewati akhir perjanjian {agreement_end}.",
        "The end of access {end} lies after the end of the agreement, {agreement_end}.",
    ),
    "consequence_test_needed": Message(
        "Alasan {code} (pengecualian UU KIP Pasal 17) memerlukan uji konsekuensi; isi consequence_test_ref.",
        "The reason {code} (an exception of UU KIP article 17) needs a consequence test; give"
        " consequence_test_ref.",
    ),
    "no_conditions": Message("Tidak ada syarat yang perlu disetujui.", "There are no conditions to accept."),
    "conditions_accepted": Message(
        "Syarat sudah disetujui pada {day}.", "The conditions were accepted on {day} already."
    ),
    "conditions_not_accepted": Message(
        "Pemohon belum menyetujui syaratnya; data diserahkan setelah disetujui dengan accept_conditions.",
        "The requester has not accepted the conditions; data is delivered after accept_conditions.",
    ),
    "access_ended": Message(
        "Akses sudah berakhir (hari terakhir: {end}).", "Access has ended (its last day: {end})."
    ),
    "nothing_to_acknowledge": Message(
        "Tidak ada penyerahan yang menunggu konfirmasi.", "No delivery waits to be acknowledged."
    ),
    "delivery_unknown": Message(
        "Permohonan ini tidak memiliki penyerahan {id}.", "This request has no delivery {id}."
    ),
    "acknowledged_already": Message(
        "Penyerahan ini sudah dikonfirmasi.", "This delivery was acknowledged already."
    ),
    "nothing_to_object_to": Message(
        "Keberatan diajukan atas permohonan yang ditolak, dikabulkan sebagian, atau lewat batas waktu; status"
        " permohonan ini {state}.",
        "An objection is lodged to a request that was refused, granted in part or is overdue; this one is"
        " {state}.",
    ),
    "objection_too_late": Message(
        "Batas waktu keberatan adalah {last}; hari ini {today}.",
        "The last day to lodge an objection was {last}; today is {today}.",
    ),
}

_FAULTS: dict[str, Message] = {
    "request_submitted": Message(
        "Permohonan sudah diajukan; hanya draf yang dapat diubah. Tarik kembali dengan withdraw, lalu buat"
        " permohonan baru.",
        "It was handed in; only drafts are edited. Withdraw it and make a new one.",
    ),
    "lane_needs_agreement": Message(
        "Jalur pks memerlukan agreement_id; tanpa perjanjian, pakai jalur ppid.",
        "Lane pks needs agreement_id; without an agreement, use lane ppid.",
    ),
    "lane_without_agreement": Message(
        "Jalur ppid bersandar pada undang-undang; kosongkan agreement_id, atau pakai jalur pks.",
        "Lane ppid rests on the law; leave agreement_id out, or use lane pks.",
    ),
    "holder_is_requester": Message(
        "Lembaga tidak meminta data kepada dirinya sendiri; sebutkan pemegang data yang lain.",
        "An organization does not ask itself; name another holder.",
    ),
    "holder_no_party": Message(
        "Lembaga {id} bukan pihak perjanjian ini; pada jalur pks pemegang data adalah salah satu pihak.",
        "The organization {id} is no party of this agreement; in lane pks the holder is one of the parties.",
    ),
    "delivery_unclear": Message(
        "Penyerahan berupa tautan atau dokumen; isi salah satu dari url dan document_id.",
        "A delivery is a link or a document; give one of url and document_id.",
    ),
    "document_not_of_holder": Message(
        "Pemegang data tidak menyimpan dokumen {id} pada perjanjian permohonan ini.",
        "The holder stored no document {id} under the agreement of this request.",
    ),
    "differs_from_document": Message(
        "Dikirim {given}, tetapi dokumennya {expected}; kosongkan, nilainya diambil dari dokumen.",
        "{given} was sent, but the document has {expected}; leave it out, it is taken from the document.",
    ),
    "dataset_unknown": Message(
        "Katalog pemegang data tidak memuat dataset {id}.", "The holder's catalogue has no dataset {id}."
    ),
}

_WARNINGS: dict[str, Message] = {
    "request_overdue": Message(
        "Batas waktu {due_on} sudah lewat tanpa keputusan; pemohon dapat mengajukan keberatan.",
        "The due day {due_on} has passed without a decision; the requester can lodge an objection.",
    ),
    "request_due_soon": Message(
        "Batas waktu {due_on} sudah dekat (hari ini {today}).",
        "The due day {due_on} is near (today is {today}).",
    ),
    "clock_paused": Message(
        "Jam berhenti sampai pemohon menjawab.", "The clock stands still until the requester answers."
    ),
    "calendar_estimated": Message(
        "Batas waktu menyentuh tahun yang hari liburnya belum semua ditetapkan; tanggalnya dapat bergeser.",
        "The due day touches a year whose holidays are not all decreed; it may move.",
    ),
    "dataset_closed": Message(
        "Dataset ini tercatat dikecualikan (closed) dalam katalog pemegangnya.",
        "The holder's catalogue classifies this dataset as closed.",
    ),
}

DATA_REQUEST_TEXTS: dict[str, Message] = {**_GUARDS, **_FAULTS, **_WARNINGS}

DATA_REQUEST_PROBLEMS: dict[str, ProblemText] = {
    "not_the_requester": ProblemText(
        403,
        Message("Bukan pemohon", "Not the requester"),
        Message(
            "Tindakan ini milik lembaga yang mengajukan permohonan.",
            "This action belongs to the organization that asks for the data.",
        ),
        Message("Minta pemohon melakukannya.", "Ask the requester to do it."),
    ),
    "not_the_holder": ProblemText(
        403,
        Message("Bukan pemegang data", "Not the holder"),
        Message(
            "Tindakan ini milik lembaga yang memegang data dan memutus permohonan.",
            "This action belongs to the organization that holds the data and decides.",
        ),
        Message("Minta pemegang data melakukannya.", "Ask the holder to do it."),
    ),
    "own_request": ProblemText(
        403,
        Message("Permohonan Anda sendiri", "Your own request"),
        Message(
            "Tindakan {action} harus dilakukan orang lain: Anda sendiri yang menyusun atau mengajukannya,"
            " atas nama lembaga mana pun.",
            "The action {action} belongs to another person: you wrote or handed it in yourself, whatever"
            " organization you acted for.",
        ),
        Message(
            "Minta orang lain; siapa yang meminta tidak memutus.",
            "Ask another person; whoever asks does not decide.",
        ),
    ),
    "own_recommendation": ProblemText(
        403,
        Message("Rekomendasi Anda sendiri", "Your own recommendation"),
        Message(
            "Tindakan {action} harus dilakukan orang lain: Anda pernah merekomendasikannya.",
            "The action {action} belongs to another person: you have recommended on it.",
        ),
        Message(
            "Minta approver lain; siapa yang merekomendasikan tidak memutus.",
            "Ask another approver; whoever recommends does not decide.",
        ),
    ),
    "own_decision": ProblemText(
        403,
        Message("Keputusan Anda sendiri", "Your own decision"),
        Message(
            "Tindakan {action} harus dilakukan orang lain: Anda menangani atau memutus permohonannya.",
            "The action {action} belongs to another person: you handled or decided the request.",
        ),
        Message("Minta approver lain yang belum terlibat.", "Ask another approver who was not involved."),
    ),
    "session_required": ProblemText(
        403,
        Message("Perlu masuk sendiri", "A session is required"),
        Message(
            "Tindakan {action} dilakukan orang yang masuk dengan kata sandinya, bukan lewat kunci API.",
            "The action {action} is taken by a person who signed in, not by an API key.",
        ),
        Message("Masuk lewat POST /v1/sessions.", "Sign in at POST /v1/sessions."),
    ),
    "objection_open": ProblemText(
        409,
        Message("Masih ada keberatan", "An objection is open"),
        Message(
            "Permohonan ini masih memiliki keberatan yang belum diputus.",
            "This request has an objection that is not decided yet.",
        ),
        Message(
            "Tunggu putusannya, atau tarik kembali dahulu.", "Wait for its decision, or withdraw it first."
        ),
    ),
}
