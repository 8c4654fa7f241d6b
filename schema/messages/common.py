"""The shape of a text in two languages."""

from typing import NamedTuple

from schema.vocabulary import Language


class Message(NamedTuple):
    """A template in Bahasa Indonesia and in English; `{name}` is filled from the occurrence."""

    id: str
    en: str

    def fill(self, language: Language, values: dict[str, object]) -> str:
        """Return the text in one language with its values; a value may itself be a text in two languages."""
        template = self.id if language is Language.ID else self.en
        if not values:
            return template
        return template.format(**{name: _said(value, language) for name, value in values.items()})


def _said(value: object, language: Language) -> object:
    return value.fill(language, {}) if isinstance(value, Message) else value


class ProblemText(NamedTuple):
    """What a problem code means: HTTP status, title, detail of an occurrence, and what to do about it."""

    status: int
    title: Message
    detail: Message
    advice: Message
