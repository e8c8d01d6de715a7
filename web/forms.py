"""Forms: what was typed, kept while something is wrong with it, and the sentence at each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.requests import Request

_LONGEST = 20_000  # characters of one field


@dataclass(slots=True)
class Form:
    """The fields of a form by name, as typed but for the space around them; ``wrong`` has a sentence by field."""

    values: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, request: Request) -> Form:
        """Read what was sent; files are not taken, and of a field that came several times the last counts."""
        sent = await request.form()
        texts = {name: value for name, value in sent.multi_items() if not isinstance(value, UploadFile)}
        return cls({name: value.replace("\0", "").strip()[:_LONGEST] for name, value in texts.items()})

    @classmethod
    def given(cls, values: Mapping[str, object]) -> Form:
        """A form that shows what is there already; None is an empty field."""
        return cls({name: "" if value is None else str(value) for name, value in values.items()})

    def __getitem__(self, name: str) -> str:
        """What was typed into a field, "" where nothing was."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """The sentence at a field, "" where it is right."""
        return self.wrong.get(name, "")

    def needs(self, name: str, sentence: str) -> str:
        """A field that must not be empty; where it is, the sentence stands at it."""
        if not self[name]:
            self.wrong[name] = sentence
        return self[name]

    def refuse(self, name: str, sentence: str) -> None:
        """Put a sentence at a field, unless one stands there already."""
        self.wrong.setdefault(name, sentence)

    def without(self, *names: str) -> Form:
        """The same without some fields, for a secret is never sent back to a page."""
        return Form({name: value for name, value in self.values.items() if name not in names}, self.wrong)

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong
