"""How a report says days, numbers and words of the vocabulary in one language. Pure."""

from datetime import date
from enum import StrEnum

import msgspec

from schema.messages.reports import MONTHS, REPORT_TEXTS
from schema.messages.words import WORDS
from schema.vocabulary import Language
from schema.wire.report import ReportPeriod


class Wording(msgspec.Struct, frozen=True):
    """The words of a language."""

    language: Language

    def say(self, code: str, **values: object) -> str:
        """Return a text of the report."""
        return REPORT_TEXTS[code].fill(self.language, values)

    def word(self, value: StrEnum) -> str:
        """Return what a word of the vocabulary is called."""
        return WORDS[type(value)][value.value].fill(self.language, {})

    def day(self, day: date | None) -> str:
        """Return a day in full; one that nobody knows is said to be unknown."""
        return self.say("unknown") if day is None else f"{day.day} {self.month(day)}"

    def month(self, day: date) -> str:
        """Return a month with its year."""
        return f"{MONTHS[day.month - 1].fill(self.language, {})} {day.year}"

    def days(self, first: date, last: date) -> str:
        """Return one day, or the first and the last of several."""
        if first == last:
            return self.day(first)
        return self.say("span", first=self.day(first), last=self.day(last))

    def count(self, count: int | None) -> str:
        """Return a count; one that nobody reported is no zero."""
        return self.say("not_reported") if count is None else self.number(count)

    def figure(self, figure: float | None) -> str:
        """Return a figure; one that nothing tells is unknown."""
        return self.say("unknown") if figure is None else self.number(figure)

    def number(self, number: float) -> str:
        """Return a number with its thousands and decimals as the language writes them."""
        text = f"{number:,.3f}".rstrip("0").rstrip(".")
        if self.language is Language.ID:
            return text.translate(str.maketrans(",.", ".,"))
        return text

    def period(self, period: ReportPeriod, as_of: date) -> str:
        """Return which days a report is about."""
        bounds = {
            "first": period.first and self.day(period.first),
            "last": period.last and self.day(period.last),
        }
        code = {
            (False, False): "period_all",
            (True, False): "period_from",
            (False, True): "period_to",
            (True, True): "period_both",
        }[period.first is not None, period.last is not None]
        return self.say(code, **bounds, as_of=self.day(as_of))
