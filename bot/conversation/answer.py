"""One question being answered: from the moment it is taken until everything about it is sealed."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar, assert_never

from bot.calls.call import Attempt, Call, Caller, CallResult, Order
from bot.calls.order import AGAIN, Fitted
from bot.calls.refusals import BudgetSpent
from bot.conversation import agents, context
from bot.conversation.chains import Chain, Chains
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.ending import Made, amended, ended, reason, refused, running, unsaid
from bot.conversation.fetching import LIMIT, Fetching
from bot.conversation.insist import PATIENCE, insist
from bot.conversation.letters import Ended
from bot.conversation.material import Material, gathered
from bot.conversation.presence import Presence
from bot.conversation.purse import Purse, purse_of
from bot.conversation.reading import Reading
from bot.conversation.receipts import shown_name
from bot.conversation.reply import Journal, Reply
from bot.conversation.settings import Choice, Settings
from bot.conversation.shortage import short_of
from bot.core.errors import BadInput, PlatformError, ProviderError, SwitchboardError
from bot.core.place import Place
from bot.core.provider import Citation, ModelId, Reasoning, Text, ToolCall
from bot.core.surface import Surface
from bot.knowledge.reading import Reader
from bot.providers.registry import Registry
from storage.agents import Agent
from storage.conversations import Attachment, Claim, Conversation
from storage.errors import StorageError
from storage.replies import ReplyRow, Taken
from storage.store import Store

T = TypeVar("T")

log = logging.getLogger(__name__)

_NOTE_EVERY = 0.5  # seconds between two figures of the running cost


@dataclass(frozen=True, slots=True)
class Parts:
    """What answering takes; the root makes it once.

    ``patience``: seconds that a write waits for the database; ``fetching``: seconds that promised files may take.
    """

    store: Store
    registry: Registry
    caller: Caller
    delivery: Delivery
    settings: Settings
    presence: Presence
    surfaces: Mapping[str, Surface]
    patience: float = PATIENCE
    fetching: float = LIMIT
    reader: Reader = field(default_factory=Reader)

    async def insist(self, write: Callable[[], Awaitable[T]]) -> T:
        """Make a write that is harmless to repeat, also where the database is away for a moment."""
        return await insist(write, self.patience)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one answer is made from."""

    conversation: Conversation
    choice: Choice
    agent: Agent | None
    chain: Chain
    material: Material
    registry: Registry
    contexts: dict[ModelId, context.Context] = field(default_factory=dict)

    @property
    def system(self) -> str:
        """What the model is told beside the conversation."""
        return agents.system_text(self.agent, self.conversation)

    def context_of(self, model: ModelId) -> context.Context:
        """What a model reads: all that its window holds. Raises NotConfigured."""
        if model not in self.contexts:
            self.contexts[model] = self.material.fitted(self.registry, self.system, model)
        return self.contexts[model]

    def fit(self, model: ModelId) -> Fitted:
        """The same, as the call takes it."""
        made = self.context_of(model)
        return Fitted(made.messages, made.tokens)


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


def _asked(material: Material) -> list[str]:
    return [message.text for message in context.asked(material.branch)]


class _TakenBack(BadInput):
    """The question is gone."""

    say = "That message was taken back, so there is nothing to answer any more."


class Answer:
    """Runs one reply. ``stop`` and ``interrupt`` may come at any moment, from any task of this loop."""

    def __init__(self, parts: Parts, claim: Claim, taken: Taken) -> None:
        self._parts, self._claim, self._taken = parts, claim, taken
        self.reply_id = taken.reply.id
        self._call: Call | None = None
        self._fetching: asyncio.Future[None] | None = None
        self._read_as: list[str] | None = None  # what was asked, as the model got it
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
        if self._fetching is not None:
            self._fetching.cancel()

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
            made = await self._stream(await self._plan(row), reply)
            gone = made.outcome == "stopped" and not reply.text and await self._withdrawn(row)
            if gone:
                return replace(made, notice="", footer="", buttons=())
            return amended(made) if await self._amended(row) else made
        except _TakenBack as error:
            again = any(item.kind == "again" for item in self._taken.items)
            return refused(row.id, error) if again else unsaid()
        except BudgetSpent as error:
            log.info("reply %s: %s", row.id, error)
            return await self._short(row, error)
        except SwitchboardError as error:
            log.info("reply %s: %s", row.id, error)
            return refused(row.id, error)

    async def _short(self, row: ReplyRow, error: BudgetSpent) -> Ended:
        home = str(Place.parse(row.place).home)
        return await self._parts.insist(lambda: short_of(self._parts.store, self._taken, home, error))

    def _say(self, status: str) -> None:
        """Show a status without waiting for it: it is never on the way of the model's call."""
        place = Place.parse(self._taken.reply.place)
        task = asyncio.ensure_future(self._parts.surfaces[place.platform].status(place, status))
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)

    async def _plan(self, row: ReplyRow) -> Plan:
        conversation = await self._parts.store.conversations.get(self._claim.conversation_id)
        agent = await self._parts.settings.agent(conversation)
        choice = await self._choose(row, conversation, agent)
        chains = Chains(self._parts.store, self._parts.registry)
        chain = await chains.behind(choice, Place.parse(row.place), self._taken.person_id)
        material = await self._material(row)
        self._read_as = _asked(material)
        plan = Plan(conversation, choice, agent, chain, material, self._parts.registry)
        plan.context_of(choice.model)  # raises where the model is not set up, before anything begins
        return plan

    async def _withdrawn(self, row: ReplyRow) -> bool:
        return (await gathered(self._parts.store, row)).withdrawn

    async def _amended(self, row: ReplyRow) -> bool:
        """Whether what was asked reads otherwise by now than when it was read."""
        store = self._parts.store
        if await self._parts.insist(lambda: store.replies.amended(row.id)) == row.amended:
            return False
        material = await self._parts.insist(lambda: gathered(store, row))
        return self._read_as is not None and _asked(material) != self._read_as

    async def _material(self, row: ReplyRow) -> Material:
        """What is to be answered, its promised files fetched and its documents read. Raises _TakenBack."""
        material = await gathered(self._parts.store, row)
        if (waiting := material.waiting()) and not self._broken_by:
            await self._read(Place.parse(row.place), waiting)
            material = await gathered(self._parts.store, row)
        if material.withdrawn:
            raise _TakenBack
        return material

    async def _read(self, place: Place, waiting: Mapping[int, Sequence[Attachment]]) -> None:
        """Fetch and read files until all is here, the time is over, or somebody wants the answer to end."""
        files = [file for some in waiting.values() for file in some]
        told = shown_name(files[0].name) if len(files) == 1 else f"{len(files)} files"
        self._say(f"Reading {told}…")
        task = self._fetching = asyncio.ensure_future(self._fetched_and_read(place, list(waiting)))
        try:
            await asyncio.wait({task})
        finally:
            self._fetching = None
            task.cancel()
        if not task.cancelled():
            task.result()

    async def _fetched_and_read(self, place: Place, message_ids: Sequence[int]) -> None:
        parts = self._parts
        promised = await parts.store.files.promised(message_ids)
        fetching = Fetching(parts.store.files, parts.insist, parts.fetching)
        await fetching.fetch(parts.surfaces[place.platform], place, promised)
        await Reading(parts.store.files, parts.reader, parts.insist).read(message_ids)

    async def _choose(self, row: ReplyRow, conversation: Conversation, agent: Agent | None) -> Choice:
        if self._taken.model_override:
            return Choice(ModelId.parse(self._taken.model_override), "chosen for this answer", "answer")
        settings, person = self._parts.settings, self._taken.person_id
        choice = await settings.choose(Place.parse(row.place), person, conversation, agent)
        await settings.used(person, choice.model)
        return choice

    def _order(self, plan: Plan) -> Order:
        row = self._taken.reply
        return Order(
            person_id=self._taken.person_id,
            workspace_id=plan.conversation.workspace_id,
            place=Place.parse(row.place),
            models=(plan.choice.model, *plan.chain.models),
            messages=(),
            system=plan.system,
            parameters=agents.parameters(plan.agent),
            conversation_id=plan.conversation.id,
            question_id=row.question_id,
            reply_id=row.id,
            why=AGAIN if any(item.kind == "again" for item in self._taken.items) else "chosen",
            first_attempt=row.attempt,
            fit=plan.fit,
            warn=not self._taken.anyway,
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
            self.reply_id,
            reply.text,
            plan.choice,
            plan.contexts.get(call.result.model) or plan.context_of(plan.choice.model),
            call.result,
            failure,
            tuple(sources),
            plan.chain,
            "" if plan.agent is None else agents.called(plan.agent),
        )
        return ended(replace(made, purse=await self._purse(plan, call.result)))

    async def _purse(self, plan: Plan, result: CallResult) -> Purse:
        """What the footer says of money beyond this answer; no answer fails over it."""
        place = Place.parse(self._taken.reply.place)
        try:
            wanted = await self._parts.settings.shows_left(place)
            return await purse_of(self._parts.store, plan.conversation, result, left=wanted)
        except StorageError as error:
            log.warning("reply %s: the footer says less: %s", self.reply_id, error)
            return Purse()

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
                reason=reason(plan.choice, plan.chain, attempt.instead),
                reservation_id=attempt.reservation_id,
                attempt=attempt.number,
            )
        )
        last = attempt.instead[-1] if attempt.instead else None
        why = f"{last.model} {last.error.brief}; " if last is not None else ""
        self._say(f"{why}{attempt.model} is thinking…")
