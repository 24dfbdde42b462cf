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


class Argument(NamedTuple):
    """An argument that a sentence is about, without a value: ``tick_size``, ``--tick-size``."""

    name: str


class Wording:
    """How a front end names the arguments of public verbs; this one as Python does."""

    def subject(self, name: str) -> str:
        """An argument that a sentence is about: ``tick_size``."""
        return name

    def mention(self, keyword: Keyword) -> str:
        """An argument to pass or leave out: ``symbol=...``, ``venue='bybit-spot'``."""
        return f"{keyword.name}=..." if keyword.value is None else f"{keyword.name}={keyword.value!r}"

    def spell(self, text: str) -> str:
        """A text in this wording: of a `Sentence` its arguments, any other as it is."""
        return "".join(map(self._part, text.parts)) if isinstance(text, Sentence) else text

    def _part(self, part: Part) -> str:
        if isinstance(part, Keyword):
            return self.mention(part)
        return self.subject(part.name) if isinstance(part, Argument) else part


PYTHON = Wording()
Part = str | Keyword | Argument


class Sentence(str):
    """Text made of strings, keywords and arguments; as a string it is what Python users read."""

    parts: tuple[Part, ...]

    def __new__(cls, *parts: Part) -> Sentence:
        flat: list[Part] = []
        for part in parts:
            flat += part.parts if isinstance(part, Sentence) else [part]
        made = super().__new__(cls, "".join(map(PYTHON._part, flat)))
        made.parts = tuple(flat)
        return made
