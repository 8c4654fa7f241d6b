"""What the caller accepts: the best of what is offered, whatever the header looks like."""

import pytest

from schema.vocabulary import Language
from service.kernel.negotiate import CSV, JSON, language_of, media_type
from service.kernel.problem import Problem

BOTH = (JSON, CSV)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.ID),
        ("", Language.ID),
        ("en", Language.EN),
        ("EN-us", Language.EN),
        ("id", Language.ID),
        ("in-ID", Language.ID),
        ("fr, en;q=0.5", Language.EN),
        ("en;q=0.4, id;q=0.5", Language.ID),
        ("id;q=0.4, en;q=0.5", Language.EN),
        ("id;q=0, en;q=0.1", Language.EN),
        ("en;q=0", Language.ID),
        ("*", Language.ID),
        ("fr", Language.ID),
        ("english", Language.ID),
        ("en;q=abc", Language.ID),
        ("en;q=nan", Language.ID),
        (";;,,;q=1,", Language.ID),
        ("en;level=1;q=0.5, id;q=0.4", Language.EN),
        ("," * 10_000 + "en", Language.ID),
    ],
)
def test_bahasa_indonesia_is_spoken_unless_english_is_preferred(header, language):
    assert language_of(header) is language


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("Application/JSON; charset=utf-8", JSON),
        ("text/csv", CSV),
        ("text/*", CSV),
        ("text/csv, application/json", CSV),
        ("text/csv;q=0.4, application/json;q=0.5", JSON),
        ("application/json;q=0.4, text/csv;q=0.5", CSV),
        ("text/html, */*;q=0.1", JSON),
        ("text/csv;q=0, */*", JSON),
    ],
)
def test_the_best_of_the_offered_types_is_chosen(header, chosen):
    assert media_type(header, BOTH) == chosen


@pytest.mark.parametrize(
    "header", ["text/html", "image/*", "application/json;q=0", "*/*;q=0", "json", "*", ",", "text/csv;q=x"]
)
def test_who_takes_none_of_the_offered_types_is_told_them(header):
    with pytest.raises(Problem) as caught:
        media_type(header, BOTH)
    assert caught.value.code == "not_acceptable"
    assert caught.value.values["offered"] == "application/json, text/csv"


@pytest.mark.parametrize("header", ["application/json;q=0, */*", "*/*, application/json;q=0"])
def test_a_type_of_weight_zero_is_not_chosen_by_a_wildcard(header):
    assert media_type(header, BOTH) == CSV
