"""Sentences that name arguments of public verbs, so that each front end spells these in its own way.

A message that says ``Pass symbol=...`` helps in Python; on the command line the same is ``--symbol``, in an
app a field. A `Sentence` is the text as Python spells it, and keeps its parts for who spells them otherwise.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Keyword(NamedTuple):
    """An argument that a sentence mentions, with the value to give it, if the sentence says one."""

    name: str
    value: Any = None


class Wording:
    """How a front end names the arguments of public verbs; this one as Python does."""

    def subject(self, name: str) -> str:
        """An argument that a sentence is about: ``tick_size``."""
        return name

    def mention(self, keyword: Keyword) -> str:
        """An argument to pass or leave out: ``symbol=...``, ``venue='bybit-spot'``."""
        return f"{keyword.name}=..." if keyword.value is None else f"{keyword.name}={keyword.value!r}"

    def spell(self, text: str) -> str:
        """A text in this wording: of a `Sentence` its keywords, any other as it is."""
        parts = text.parts if isinstance(text, Sentence) else (text,)
        return "".join(part if isinstance(part, str) else self.mention(part) for part in parts)


PYTHON = Wording()


class Sentence(str):
    """Text made of strings and keywords; as a string it is what Python users read."""

    parts: tuple[str | Keyword, ...]

    def __new__(cls, *parts: str | Keyword) -> Sentence:
        flat: list[str | Keyword] = []
        for part in parts:
            flat += part.parts if isinstance(part, Sentence) else [part]
        text = "".join(part if isinstance(part, str) else PYTHON.mention(part) for part in flat)
        made = super().__new__(cls, text)
        made.parts = tuple(flat)
        return made
