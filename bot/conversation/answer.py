"""One question being answered: from the moment it is taken until everything about it is sealed."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar, assert_never

from bot.calls.call import Attempt, Call, Caller, Order
from bot.conversation import context
from bot.conversation.delivery import Delivery
from bot.conversation.ending import Made, ended, refused, running
from bot.conversation.insist import PATIENCE, insist
from bot.conversation.letters import Ended
from bot.conversation.presence import Presence
from bot.conversation.reply import Journal, Reply
from bot.conversation.settings import Choice, Settings
from bot.core.errors import PlatformError, ProviderError, SwitchboardError
from bot.core.message import Attachment
from bot.core.place import Place
from bot.core.provider import Citation, ModelId, Reasoning, Text, ToolCall
from bot.core.surface import Surface
from bot.providers.registry import Registry
from storage.conversations import Claim, Conversation
from storage.errors import StorageError
from storage.replies import ReplyRow, Taken
from storage.store import Store

T = TypeVar("T")

log = logging.getLogger(__name__)

_NOTE_EVERY = 0.5  # seconds between two figures of the running cost


@dataclass(frozen=True, slots=True)
class Parts:
    """What answering takes; the root makes it once. ``patience``: seconds that a write waits for the database."""

    store: Store
    registry: Registry
    caller: Caller
    delivery: Delivery
    settings: Settings
    presence: Presence
    surfaces: Mapping[str, Surface]
    patience: float = PATIENCE

    async def insist(self, write: Callable[[], Awaitable[T]]) -> T:
        """Make a write that is harmless to repeat, also where the database is away for a moment."""
        return await insist(write, self.patience)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one answer is made from."""

    conversation: Conversation
    choice: Choice
    context: context.Context


def journal(parts: Parts, claim: Claim, reply_id: int) -> Journal:
    """The reply's writes, each under the claim's fence and harmless to repeat."""
    replies = parts.store.replies

    async def write(text: str, shown: int) -> bool:
        return await parts.insist(lambda: replies.journal(claim, reply_id, text, shown, phase="growing"))

    async def intend_page(number: int, key: str, start: int, text: str, shown: int) -> bool:
        return await parts.insist(
            lambda: replies.intend_page(claim, reply_id, number, key, start, text, shown)
        )

    async def page_sent(key: str, message_id: str) -> None:
        await parts.insist(lambda: replies.page_sent(claim, key, message_id))

    async def page_sealed(key: str) -> None:
        await parts.insist(lambda: replies.page_sealed(claim, key))

    return Journal(write, intend_page, page_sent, page_sealed)


def open_reply(parts: Parts, claim: Claim, row: ReplyRow) -> Reply:
    """The growing message of a reply row, with the pages it already has."""
    place = Place.parse(row.place)
    return Reply(
        journal(parts, claim, row.id),
        parts.delivery,
        parts.surfaces[place.platform],
        place,
        new_key=new_key,
        text=row.text,
        shown=row.shown,
        pages=row.pages,
    )


def new_key() -> str:
    """An id of ours that a platform message carries: 24 characters, as Discord's nonce takes 25."""
    return secrets.token_hex(12)


async def close(parts: Parts, claim: Claim, reply: Reply, reply_id: int, ended: Ended) -> None:
    """Journal the end, show the last text, seal everything in one transaction. Raises storage's errors."""
    replies = parts.store.replies
    if isinstance(reply.failure, StorageError):
        raise reply.failure  # the journal could not keep up, so nobody may hold the answer for ended
    await parts.insist(lambda: replies.end(claim, reply_id, reply.text, ended.to_json(), ended.outcome))
    try:
        await reply.finish(footer=ended.footer, buttons=ended.buttons, notice=ended.notice, tone=ended.tone)
    except PlatformError as error:
        log.warning("reply %s could not be shown: %s", reply_id, error)
    message = replace(ended.message, text=reply.text)
    await parts.insist(lambda: replies.seal(claim, reply_id, message=message, settlement=ended.settlement))


async def fitted_context(
    parts: Parts, row: ReplyRow, conversation: Conversation, model_id: ModelId
) -> context.Context:
    """What a model reads to write this reply. Raises NotConfigured."""
    model = parts.registry.model(model_id)
    branch = await parts.store.conversations.branch(row.parent_id)
    files = await parts.store.conversations.attachments([message.id for message in branch])
    return context.build(
        branch,
        {key: [Attachment(f.name, f.media_type, f.data) for f in some] for key, some in files.items()},
        window=model.window,
        max_output=model.max_output,
        vision=model.vision,
        system=conversation.system or "",
        go_on=row.parent_id != row.question_id,
    )


class Answer:
    """Runs one reply. ``stop`` and ``interrupt`` may come at any moment, from any task of this loop."""

    def __init__(self, parts: Parts, claim: Claim, taken: Taken) -> None:
        self._parts, self._claim, self._taken = parts, claim, taken
        self.reply_id = taken.reply.id
        self._call: Call | None = None
        self._broken_by = ""  # "stopped" or "interrupted" once somebody asked for it
        self._saying: set[asyncio.Future[None]] = set()  # the loop itself would not keep them

    def stop(self) -> None:
        """A person wants it to end."""
        self._break("stopped")

    def interrupt(self) -> None:
        """The process has to end."""
        self._break("interrupted")

    def _enough(self, reply: Reply) -> None:
        """The reply wants no more text: nothing can be shown any more, or somebody asked another process to stop."""
        self._break("stopped" if reply.failure is None else "interrupted")

    def _break(self, outcome: str) -> None:
        self._broken_by = self._broken_by or outcome
        if self._call is not None:
            self._call.stop(self._broken_by)

    async def run(self) -> str:
        """Answer and seal; returns the outcome.

        Raises storage's errors; the reply then stays open and is recovered.
        """
        row = self._taken.reply
        if row.stop_requested:
            self.stop()
        reply = open_reply(self._parts, self._claim, row)
        reply.on_stop = partial(self._enough, reply)
        try:
            made = await self._made(row, reply)
            await close(self._parts, self._claim, reply, row.id, made)
            return made.outcome
        finally:
            reply.abandon()
            self._say("")

    async def _made(self, row: ReplyRow, reply: Reply) -> Ended:
        try:
            return await self._stream(await self._plan(row), reply)
        except SwitchboardError as error:
            log.info("reply %s: %s", row.id, error)
            return refused(row.id, error)

    def _say(self, status: str) -> None:
        """Show a status without waiting for it: it is never on the way of the model's call."""
        place = Place.parse(self._taken.reply.place)
        task = asyncio.ensure_future(self._parts.surfaces[place.platform].status(place, status))
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)

    async def _plan(self, row: ReplyRow) -> Plan:
        conversation = await self._parts.store.conversations.get(self._claim.conversation_id)
        choice = await self._choose(row, conversation)
        fitted = await fitted_context(self._parts, row, conversation, choice.model)
        return Plan(conversation, choice, fitted)

    async def _choose(self, row: ReplyRow, conversation: Conversation) -> Choice:
        if self._taken.model_override:
            return Choice(ModelId.parse(self._taken.model_override), "chosen for this answer", "answer")
        return await self._parts.settings.choose(Place.parse(row.place), self._taken.person_id, conversation)

    def _order(self, plan: Plan) -> Order:
        row = self._taken.reply
        return Order(
            person_id=self._taken.person_id,
            workspace_id=plan.conversation.workspace_id,
            place=Place.parse(row.place),
            models=(plan.choice.model,),
            messages=plan.context.messages,
            system=plan.conversation.system or "",
            conversation_id=plan.conversation.id,
            question_id=row.question_id,
            reply_id=row.id,
            why="retry" if any(item.kind == "again" for item in self._taken.items) else "chosen",
            first_attempt=row.attempt,
            input_tokens=plan.context.tokens,
        )

    async def _stream(self, plan: Plan, reply: Reply) -> Ended:
        failure: ProviderError | None = None
        sources: list[Citation] = []
        async with self._parts.caller.open(self._order(plan)) as call:
            self._call = call
            if self._broken_by:
                call.stop(self._broken_by)
            try:
                await self._drink(call, plan, reply, sources)
            except ProviderError as error:
                failure = error  # the call has logged it
            finally:
                self._call = None
        made = Made(
            self.reply_id, reply.text, plan.choice, plan.context, call.result, failure, tuple(sources)
        )
        return ended(made)

    async def _drink(self, call: Call, plan: Plan, reply: Reply, sources: list[Citation]) -> None:
        """Move every event of the call into the reply. Quick: this runs once per chunk."""
        noted = 0.0
        async for event in call:
            match event:
                case Text(text):
                    reply.feed(text)
                    if (now := time.monotonic()) - noted > _NOTE_EVERY:
                        noted = now
                        reply.note(running(call))
                case Reasoning():
                    if not reply.text and not noted:
                        noted = time.monotonic()
                        self._say(f"{call.model} is thinking it through…")
                case Attempt():
                    await self._begin(event, plan)
                case Citation():
                    sources.append(event)
                case ToolCall():
                    pass  # no tools are offered yet; a model that asks for one all the same is not obeyed
                case _:
                    assert_never(event)

    async def _begin(self, attempt: Attempt, plan: Plan) -> None:
        """Note what is at work before the request leaves, so that a crash knows whom to bill."""
        await self._parts.insist(
            lambda: self._parts.store.replies.begin(
                self._claim,
                self.reply_id,
                model=str(attempt.model),
                reason=plan.choice.reason,
                reservation_id=attempt.reservation_id,
                attempt=attempt.number,
            )
        )
        self._say(f"{attempt.model} is thinking…")
