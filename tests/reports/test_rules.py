import re
from datetime import date

import msgspec
import pytest

from schema import vocabulary
from schema.messages.common import Message
from schema.messages.reports import MONTHS, REPORT_TEXTS
from schema.messages.words import WORDS
from schema.vocabulary import Language
from schema.wire.report import ReportedRequest, ReportPeriod, ReportQuery
from service.access.tallies import NOBODY
from service.kernel.period import FIRST_DAY, LAST_DAY
from service.kernel.problem import Problem
from service.reports import rows
from service.reports.blocks import Column, Paper, Piece, Points, Table, cell, unturned
from service.reports.charts import Bar, bars, length
from service.reports.page import page_of, policy
from service.reports.rules import days_of, period_of
from service.reports.setting import chart, table
from service.reports.wording import Wording

ID, EN = Wording(Language.ID), Wording(Language.EN)
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
HOSTILE = "<b onclick='x'>&\"</b>"


def paper(*blocks) -> Paper:
    """Gives a report of these blocks."""
    return Paper(
        language="id",
        title="Laporan",
        subject=HOSTILE,
        period="Periode",
        as_of="Keadaan",
        on="2026-06-30",
        blocks=blocks,
        closing="Selesai",
        page_of="{page}",
    )


# ---------------------------------------------------------------------------------------------------- period


def test_a_period_may_be_one_day_or_have_no_bounds():
    assert period_of(ReportQuery(first=FIRST, last=FIRST)) == ReportPeriod(first=FIRST, last=FIRST)
    assert period_of(ReportQuery()) == ReportPeriod(first=None, last=None)


def test_a_period_does_not_end_before_it_starts():
    with pytest.raises(Problem) as caught:
        period_of(ReportQuery(first=LAST, last=FIRST))
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [("?to", "end_before_start")]


def test_a_bound_that_is_not_given_is_that_of_the_calendar():
    assert days_of(ReportPeriod(first=None, last=LAST)) == (FIRST_DAY, LAST)
    assert days_of(ReportPeriod(first=FIRST, last=None)) == (FIRST, LAST_DAY)


# --------------------------------------------------------------------------------------------------- wording


@pytest.mark.parametrize(
    ("number", "indonesian", "english"),
    [
        (0, "0", "0"),
        (37, "37", "37"),
        (1234567, "1.234.567", "1,234,567"),
        (12.5, "12,5", "12.5"),
        (-0.125, "-0,125", "-0.125"),
        (1e15, "1.000.000.000.000.000", "1,000,000,000,000,000"),
    ],
)
def test_numbers_are_written_as_each_language_does(number, indonesian, english):
    assert (ID.number(number), EN.number(number)) == (indonesian, english)


def test_a_count_nobody_reported_is_no_zero():
    assert (ID.count(None), EN.count(None), ID.count(0)) == ("tidak dilaporkan", "not reported", "0")


def test_days_are_written_in_full():
    assert ID.days(date(2022, 8, 15), date(2022, 8, 15)) == "15 Agustus 2022"
    assert EN.days(date(2022, 8, 15), date(2022, 9, 2)) == "15 August 2022 to 2 September 2022"
    assert (ID.day(None), EN.day(None)) == ("tidak diketahui", "unknown")


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (None, None, "seluruh masa kerja sama sampai 30 Juni 2026"),
        (FIRST, None, "sejak 1 Januari 2026 sampai 30 Juni 2026"),
        (None, FIRST, "sampai dengan 1 Januari 2026"),
        (FIRST, LAST, "1 Januari 2026 s.d. 30 Juni 2026"),
    ],
)
def test_a_period_is_told_by_the_bounds_it_has(first, last, said):
    assert ID.period(ReportPeriod(first=first, last=last), LAST) == said


def test_every_word_of_a_vocabulary_has_a_text_in_both_languages():
    for kind, texts in WORDS.items():
        assert set(texts) == {word.value for word in kind}, kind
    told = [*REPORT_TEXTS.values(), *MONTHS, *(text for texts in WORDS.values() for text in texts.values())]
    assert all(isinstance(text, Message) and text.id.strip() and text.en.strip() for text in told)
    assert len(MONTHS) == 12
    assert vocabulary.ActivityKind in WORDS


def test_both_languages_of_a_text_tell_the_same_values():
    for code, text in REPORT_TEXTS.items():
        assert sorted(re.findall(r"{\w+}", text.id)) == sorted(re.findall(r"{\w+}", text.en)), code


# ---------------------------------------------------------------------------------------------------- charts


def test_the_greatest_bar_has_all_the_room_and_the_others_their_share():
    assert [length(value, 40, room=144) for value in (40, 20, 10)] == [144, 72, 36]


@pytest.mark.parametrize(("value", "greatest"), [(None, 40), (0, 40), (0, 0), (None, 0)])
def test_what_is_unknown_or_nothing_has_no_bar(value, greatest):
    assert length(value, greatest, room=100) == 0


def test_what_is_little_is_still_seen():
    assert length(1, 1_000_000, room=100) == 2


def test_the_longest_bar_leaves_room_for_a_long_value():
    svg = bars([Bar("x", 10**15, "1.000.000.000.000.000")], title="T", told="X", key="k")
    wide = int(re.findall(r'<rect x="160" y="\d+" width="(\d+)"', svg)[0])
    assert 40 <= wide <= 200 - 21 * 7


def test_a_chart_names_itself_and_every_bar_with_its_value():
    svg = bars([Bar("A & B", 3, "3"), Bar("C", None, "tidak ada")], title="<T>", told="X", key="k")
    assert 'aria-labelledby="k-title k-told"' in svg
    assert '<title id="k-title">&lt;T&gt;</title>' in svg
    assert all(f">{said}</text>" in svg for said in ("A &amp; B", "3", "C", "tidak ada"))
    assert svg.count("<rect") == 1


def test_counts_without_anything_to_draw_are_a_table_alone():
    assert isinstance(chart(ID, "by_sex", name="sex", rows=[("Laki-laki", None)]), Table)


# ---------------------------------------------------------------------------------------------------- tables


def test_a_table_without_rows_says_so_and_a_cut_one_how_much_is_left():
    empty = table(ID, "by_sex", shares={"sex": 1}, rows=[])
    cut = table(ID, "by_sex", shares={"sex": 1}, rows=[(cell("x"),)], left_out=1200)
    assert empty.note == "Tidak ada dalam periode ini."
    assert cut.note == "Masih ada 1.200 baris lagi yang tidak dimuat."


@pytest.mark.parametrize(
    ("state", "decision", "overdue", "told"),
    [
        ("submitted", None, True, ("Diajukan, melewati tenggat",)),
        ("needs_clarification", None, False, ("Menunggu penjelasan",)),
        ("refused", "refused", False, ("Ditolak", "30 Juni 2026")),
        ("fulfilled", "granted_in_part", False, ("Dipenuhi", "Dikabulkan sebagian", "30 Juni 2026")),
    ],
)
def test_a_data_request_tells_where_it_stands_and_its_decision_once(state, decision, overdue, told):
    asked = ReportedRequest(
        id=NOBODY,
        number="PD-2026-000001",
        title="RUP",
        requester_organization_id=NOBODY,
        holder_organization_id=NOBODY,
        received_on=FIRST,
        due_on=None,
        state=vocabulary.DataRequestState(state),
        overdue=overdue,
        decision=decision and vocabulary.Decision(decision),
        decided_on=decision and LAST,
    )
    cells = rows.request(asked, ID, names={NOBODY: "ICW"})
    assert cells == (
        cell("RUP", "PD-2026-000001"),
        cell("ICW"),
        cell("1 Januari 2026"),
        cell("–"),
        cell(*told),
    )


# ------------------------------------------------------------------------------------------------------ page


def test_a_page_escapes_every_text_it_is_given():
    columns = (Column(HOSTILE, 1, number=False),)
    piece = Piece(HOSTILE, f"https://example.org/{HOSTILE}")
    page = page_of(paper(Points((HOSTILE,)), Table(HOSTILE, columns, (((piece,),),), HOSTILE)))
    assert "<b onclick" not in page
    assert page.count("&lt;b onclick=&#x27;x&#x27;&gt;&amp;&quot;&lt;/b&gt;") == 9


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "HTTP", ""])
def test_only_an_address_of_the_web_becomes_a_link(url):
    page = page_of(paper(Table(None, (Column("x", 1, number=False),), (((Piece("y", url),),),), None)))
    assert "<a " not in page


def test_the_policy_allows_the_style_of_the_page_alone():
    assert re.search(r"style-src 'sha256-[\w+/]{43}='", policy())
    assert "default-src 'none'" in policy()


def test_letters_keep_their_direction_and_nothing_turns_others():
    assert unturned("a\u202eb\u2066c\u2069 \u05d0\u0645") == "abc \u05d0\u0645"


def test_blocks_travel_to_the_typesetter_by_their_names():
    document = msgspec.json.decode(msgspec.json.encode(paper(Points(("x",)))))
    assert document["blocks"] == [{"type": "points", "items": ["x"]}]
