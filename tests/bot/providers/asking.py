"""A short way to ask a provider, and to look at what it answered."""

from __future__ import annotations

from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass, field, replace

from bot.core.errors import ProviderError
from bot.core.message import Role
from bot.core.provider import (
    ChatMessage,
    ChatRequest,
    Finished,
    Listed,
    Parameters,
    Provider,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    Usage,
)
from bot.providers.catalog import CATALOG, ProviderRow, Quirks

OPENAI = CATALOG[0]


def own_row(url: str) -> ProviderRow:
    """OpenAI's row, quirks included, at another address."""
    return replace(OPENAI, base_url=url)


def plain_row(url: str) -> ProviderRow:
    """The row of any compatible server put in OpenAI's place."""
    return replace(OPENAI, base_url=url, quirks=Quirks())


def request(*said: str, model: str = "gpt-6-luna", system: str = "", **parameters: object) -> ChatRequest:
    """Turns of one person, with the demo's or the fake's answers left out."""
    turns = tuple(ChatMessage(Role.USER, text) for text in said or ("Hello",))
    return ChatRequest(model, turns, system, Parameters(**parameters))  # type: ignore[arg-type]


@dataclass(slots=True)
class Heard:
    """All events of one answer, and the error it ended in."""

    events: list[ProviderEvent] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Text))

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Reasoning))

    @property
    def usage(self) -> Usage | None:
        found = [event for event in self.events if isinstance(event, Usage)]
        assert len(found) <= 1
        return found[0] if found else None

    @property
    def calls(self) -> list[ToolCall]:
        return [event for event in self.events if isinstance(event, ToolCall)]

    @property
    def finish(self) -> str | None:
        last = self.events[-1] if self.events else None
        assert not any(isinstance(event, Finished) for event in self.events[:-1])
        return last.reason.value if isinstance(last, Finished) else None


async def hear(events: AsyncIterable[ProviderEvent]) -> Heard:
    """Read an answer to its end, good or bad."""
    heard = Heard()
    try:
        async for event in events:
            heard.events.append(event)
    except ProviderError as error:
        heard.error = error
    return heard


async def ask(provider: Provider, *said: str, model: str = "gpt-6-luna", **more: object) -> Heard:
    """Ask, and read the answer to its end."""
    return await hear(provider.chat(request(*said, model=model, **more)))  # type: ignore[arg-type]


def ids(listed: Sequence[Listed]) -> tuple[str, ...]:
    """The ids of a list of models."""
    return tuple(each.id for each in listed)
