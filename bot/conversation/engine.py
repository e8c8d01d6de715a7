"""The heart: what lies in the inbox becomes answers, one conversation at a time, on one process at a time.

``receive`` is durable before it returns; everything after it may die at any moment and is taken up again from
the database: see ``answer`` for one reply and ``recovery`` for those that a crash left open.

A process works for the platforms it has surfaces of. What waits or was left open on another platform is parked: it
stays as it is until a process comes that has that platform.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Collection

from bot.conversation.answer import Answer, Parts
from bot.conversation.forking import Forked, Forking, Forks
from bot.conversation.letters import inbox_key, pack, pack_files
from bot.conversation.recovery import recover
from bot.conversation.summarising import Summarised, summarise
from bot.core.background import Background
from bot.core.errors import PlatformError
from bot.core.message import Incoming
from bot.core.place import Place
from bot.core.view import Button, Tone, View
from storage.amending import Offer
from storage.conversations import Claim, Conversation
from storage.errors import ClaimLost, StorageError
from storage.forgetting import Extent
from storage.inbox import NewItem, Received
from storage.posts import NewPost
from storage.replies import Taken

log = logging.getLogger(__name__)

AT_ONCE = 500  # conversations answered at the same time by one process
_LOOK = 1.0  # seconds between two looks at what other processes left or asked
_AGAIN, _LONGEST = 1.0, 60.0  # seconds before a conversation that failed on our side is taken up again
_STOPPING, _STOPS = 0.2, 50  # seconds between two looks whether an answer has ended, and how many
_CHANGED = "The question above reads otherwise now; its answer is to what it said before."


class Engine:
    """Answers every conversation that has something waiting. ``look`` and ``again`` are seconds, as above."""

    def __init__(self, parts: Parts, *, look: float = _LOOK, again: float = _AGAIN) -> None:
        self._parts, self._store = parts, parts.store
        self._every, self._later = look, again
        self._wake = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._answers: dict[int, Answer] = {}  # by conversation
        self._again: dict[int, float] = {}  # conversation: not before this moment of the loop's clock
        self._failures: Counter[int] = Counter()  # by conversation, in a row
        self._forks = Forks(parts)
        self._background = Background("engine")
        self._closing = False
        self.outcomes: Counter[str] = Counter()

    @property
    def growing(self) -> int:
        """Answers at work in this process."""
        return len(self._answers)

    @property
    def resting(self) -> bool:
        """Whether no conversation is in hand here, nor one that failed and is to be taken up again."""
        return not self._tasks and not self._again

    async def receive(self, incoming: Incoming, post: NewPost | None = None) -> Received:
        """Write to the inbox, then wake the workers; once this returns, nothing is lost nor taken twice.

        ``post`` is the platform's own record of the message where we are the platform (the web chat); it is
        written in the same transaction. Raises StorageDown: then nothing was accepted.
        """
        place, author = incoming.place, incoming.author
        person = author.person_id
        if person is None:
            home = str(place.home)
            person = (
                await self._store.people.identify(place.platform, home, author.external_id, author.name)
            ).id
        kind, payload = pack(incoming.what, place)
        item = NewItem(
            key=inbox_key(place, incoming.key),
            place=str(place),
            workspace_id=str(place.home),
            person_id=person,
            author_name=author.name,
            kind=kind,
            payload=payload,
            attachments=pack_files(incoming.what),
            sent_at=incoming.sent_at,
        )
        received = await self._store.inbox.receive(item, post=post)
        self._wake.set()
        return received

    def wake(self) -> None:
        """Look at once: somebody else has put something into the inbox."""
        self._wake.set()

    async def amend(self, place: Place, key: str, text: str, by: str = "") -> bool:
        """A person gave a message another text; false where nothing of that key (as in Incoming) was received.

        What waits is answered as it reads now; an answer that is under way goes on with what it has read, and says so
        at its end. Where the last answer was to this, another one is offered to who changed it (``by``, the platform's
        id), in the background.
        """
        amended = await self._store.inbox.amend(inbox_key(place, key), text)
        if amended is not None and amended.offer is not None:
            self._background.start(self._offer(amended.offer, by), "an offer to answer again")
        return amended is not None

    async def _offer(self, offer: Offer, by: str) -> None:
        place = Place.parse(offer.place)
        if (surface := self._parts.surfaces.get(place.platform)) is None:
            return
        digest = hashlib.sha256(f"{offer.reply_id} {offer.at.isoformat()}".encode()).hexdigest()
        button = Button("Answer again", f"retry #{offer.reply_id}")
        view = View(_CHANGED, buttons=(button,), tone=Tone.NOTICE, private_to=by or None)
        try:
            await self._parts.delivery.send(surface, place, view, f"o{digest[:24]}")
        except PlatformError as error:
            log.info("another answer was not offered at %s: %s", place, error)

    async def withdraw(self, place: Place, key: str) -> bool:
        """A person took a message back; false where nothing of that key (as in Incoming) was received.

        No model reads it any more, and a later delivery of it is not answered. An answer to nothing else is stopped.
        """
        withdrawn = await self._store.inbox.withdraw(inbox_key(place, key))
        if withdrawn is None:
            return False
        answer = self._answers.get(withdrawn.conversation_id)
        if answer is not None and answer.reply_id in withdrawn.stopped:
            answer.stop()
        return True

    async def known(self, place: Place, keys: Collection[str]) -> frozenset[str]:
        """Which of these keys (as in Incoming) something was received under in the place's workspace."""
        found = await self._store.inbox.known([inbox_key(place, key) for key in keys])
        return frozenset(key for key in keys if inbox_key(place, key) in found)

    async def place_of(self, channel: Place, message: str) -> Place | None:
        """Where in a channel a message belongs, named as in ``Said.in_reply_to``; None where it is not known."""
        found = await self._store.places.of_message(str(channel), inbox_key(channel, message), message)
        return None if found is None else Place.parse(found)

    async def fork(self, wanted: Forking) -> Forked:
        """Let a conversation go on elsewhere from one of its messages; see ``Forks.make``."""
        return await self._forks.make(wanted)

    async def named(self, place: Place, named: str) -> int | None:
        """The message of a place that is named as in ``Said.in_reply_to``; None where nothing of that name is known."""
        return await self._store.forks.message(str(place), inbox_key(place, named), named)

    async def stop(self, conversation_id: int) -> int:
        """End the answers growing in a conversation, wherever they are; how many there were."""
        flagged = await self._store.replies.request_stop(conversation_id)
        if (answer := self._answers.get(conversation_id)) is not None:
            answer.stop()
        return flagged

    async def summarise(self, conversation: Conversation, place: Place, person_id: int) -> Summarised:
        """Sum up the oldest part of a conversation; see ``summarising.summarise``."""
        return await summarise(self._parts, conversation, place, person_id)

    async def forget(self, conversation_id: int, by: int, instead: str) -> Extent | None:
        """Stop what is being written and delete a conversation's text (``Forgetting.forget``).

        None, after some seconds, where an answer does not come to its end; then nothing is deleted.
        """
        for _ in range(_STOPS):
            await self.stop(conversation_id)
            extent = await self._store.forgetting.forget(conversation_id, by, instead)
            if extent is not None:
                return extent
            await asyncio.sleep(_STOPPING)
        return None

    async def run(self) -> None:
        """Work until ``close`` (or cancellation)."""
        async with asyncio.TaskGroup() as group:
            while not self._closing:
                self._wake.clear()
                await self._look(group)
                await self._pause()

    async def close(self, grace: float) -> None:
        """Take nothing new, let answers finish for ``grace`` seconds, then seal the rest as interrupted."""
        self._closing = True
        self._wake.set()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=grace)
        for answer in list(self._answers.values()):
            answer.interrupt()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=4)
        for task in self._tasks.values():
            task.cancel()
        await self._background.close()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._every):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _look(self, group: asyncio.TaskGroup) -> None:
        try:
            await self._take_over(group)
            await self._heed_stops()
            for conversation_id in await self._store.inbox.ready(AT_ONCE, self._parts.surfaces):
                self._start(group, conversation_id, frozenset())
        except StorageError as error:
            log.warning("storage is away: %s", error)

    async def _take_over(self, group: asyncio.TaskGroup) -> None:
        """Take up what dead processes left, and what failed here a moment ago."""
        now = asyncio.get_running_loop().time()
        ours = frozenset({self._parts.presence.process})
        for conversation_id in [c for c, moment in self._again.items() if moment <= now]:
            if self._start(group, conversation_id, ours):
                del self._again[conversation_id]
        presence = self._parts.presence
        if presence.dead():
            await presence.look()  # one that came back since our last look keeps what it has begun anew
        if not (dead := presence.dead()):
            return
        orphans = await self._store.inbox.orphans(dead)
        for orphan in orphans:
            if Place.parse(orphan.place).platform in self._parts.surfaces:
                self._start(group, orphan.conversation_id, dead)
        if done := dead - {orphan.process for orphan in orphans}:
            await self._store.ledger.reclaim(done)
            await presence.bury(done)

    async def _heed_stops(self) -> None:
        if not self._answers:
            return
        asked = frozenset(await self._store.replies.stops(self._parts.presence.process))
        for answer in self._answers.values():
            if answer.reply_id in asked:
                answer.stop()

    def _start(self, group: asyncio.TaskGroup, conversation_id: int, dead: frozenset[str]) -> bool:
        if self._closing or conversation_id in self._tasks or len(self._tasks) >= AT_ONCE:
            return False
        if conversation_id in self._again and not dead:
            return False
        task = group.create_task(self._work(conversation_id, dead), name=f"conversation {conversation_id}")
        self._tasks[conversation_id] = task
        task.add_done_callback(lambda _: self._done(conversation_id))
        return True

    def _done(self, conversation_id: int) -> None:
        del self._tasks[conversation_id]
        self._wake.set()

    async def _work(self, conversation_id: int, dead: frozenset[str]) -> None:
        """Answer all that waits in one conversation; what fails on our side is taken up again later."""
        try:
            claim = await self._store.conversations.claim(conversation_id, self._parts.presence.process, dead)
            if claim is not None:
                await self._answer_all(claim)
                await self._store.conversations.release(claim)
            self._failures.pop(conversation_id, None)
        except ClaimLost:
            log.warning("conversation %s was taken over by another process", conversation_id)
        except Exception:
            # The reply stays open in the database; the next look recovers it as it would after a crash.
            log.exception("conversation %s failed and is taken up again", conversation_id)
            self._failures[conversation_id] += 1
            pause = min(_LONGEST, self._later * 2 ** min(self._failures[conversation_id] - 1, 10))
            self._again[conversation_id] = asyncio.get_running_loop().time() + pause

    async def _answer_all(self, claim: Claim) -> None:
        for row in await self._store.replies.open_of(claim.conversation_id):
            taken = await recover(self._parts, claim, row)
            if taken is not None:
                await self._answer(claim, taken)
        while not self._closing and (taken := await self._store.replies.take(claim)) is not None:
            await self._answer(claim, taken)

    async def _answer(self, claim: Claim, taken: Taken) -> None:
        answer = Answer(self._parts, claim, taken)
        self._answers[claim.conversation_id] = answer
        try:
            self.outcomes[await answer.run()] += 1
        finally:
            del self._answers[claim.conversation_id]
