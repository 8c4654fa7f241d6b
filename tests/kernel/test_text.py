"""Folded forms of text: equal where people see no difference."""

import pytest

from service.kernel.text import containing, folded, scripts, squeezed


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Kota Kupang", "kota kupang"),
        ("  KOTA \t\n KUPANG ", "kota kupang"),
        ("Kafé", "kafe"),
        ("Kafe\u0301", "kafe"),
        ("\uff2b\uff35\uff30\uff21\uff2e\uff27", "kupang"),
        ("Straße", "strasse"),
        ("\ufb01le №1", "file no1"),
        ("İstanbul", "istanbul"),
        ("", ""),
    ],
)
def test_folded_text_has_no_case_accents_or_double_spaces(text, form):
    assert folded(text) == form


@pytest.mark.parametrize("text", ["Kafé", "Straße", "İ", "Ǆ", "\u03aa\u0301", "\u1e9e ﬀ", "ﷺ"])
def test_folding_twice_changes_nothing_more(text):
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    "number", ["415.4/12/KB/2022", "415.4 / 12 / kb / 2022", "\u00a0415.4/12/\uff2bB/2022\n"]
)
def test_document_numbers_differ_by_more_than_case_and_white_space(number):
    assert squeezed(number) == "415.4/12/kb/2022"


def test_accents_make_another_document_number():
    assert squeezed("É1") != squeezed("E1")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Kupang", "%kupang%"),
        ("100%", "%100\\%%"),
        ("a_b", "%a\\_b%"),
        ("a\\b", "%a\\\\b%"),
        ("\uff05", "%\\%%"),
    ],
)
def test_what_is_looked_for_is_no_pattern(text, pattern):
    assert containing(text) == pattern


def test_the_scripts_of_a_text_are_those_of_its_letters():
    assert scripts("Kupang 2022 – “NTT”") == {"LATIN"}
    assert scripts("\u041a\u0443\u043f\u0430\u043dg") == {"CYRILLIC", "LATIN"}
    assert scripts("2022 …") == frozenset()
