"""The bugs. Each names what it replaces (found exactly once in its file), and the tests that must catch it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug: in ``file`` the text ``old`` becomes ``new``; ``tests`` are what pytest is given."""

    name: str
    file: str
    old: str
    new: str
    tests: str


DIALOGUES = "tests/dialogues/"

BUGS = (
    Bug(
        "the last edit is dropped",
        "bot/conversation/reply.py",
        "        if self._ending is not None:\n            return verb, Rank.LAST\n",
        "        if self._ending is not None and verb is Verb.EDIT and self._done is not None:\n"
        "            self._done.done() or self._done.set_result(None)\n"
        "            return None\n"
        "        if self._ending is not None:\n            return verb, Rank.LAST\n",
        DIALOGUES + "test_talk.py",
    ),
    Bug(
        "the settlement is skipped",
        "bot/conversation/answer.py",
        "settlement=ended.settlement)",
        "settlement=None)",
        DIALOGUES + "test_talk.py",
    ),
    Bug(
        "a message is acknowledged before it is written",
        "bot/conversation/engine.py",
        "        received = await self._store.inbox.receive(item, post=post)\n",
        "        asyncio.ensure_future(self._store.inbox.receive(item, post=post))\n"
        "        received = Received(0, 0, fresh=True)\n",
        DIALOGUES + "test_crashes.py",
    ),
    Bug(
        "the journal ignores the fence",
        "storage/replies.py",
        ' WHERE id = ? AND fence = ? AND state = \'open\'"\n    " RETURNING stop_requested"',
        ' WHERE id = ? AND fence >= ? AND state = \'open\'"\n    " RETURNING stop_requested"',
        "tests/storage/test_replies.py",
    ),
    Bug(
        "a claim does not move the fence",
        "storage/conversations.py",
        "SET owner = ?, fence = fence + 1",
        "SET owner = ?, fence = fence",
        DIALOGUES + "test_processes.py",
    ),
    Bug(
        "stale text is sent again after a 429",
        "bot/conversation/reply.py",
        "        view, end, more = self._render(text)\n",
        '        view, end, more = self.__dict__.pop("_stale", None) or self._render(text)\n'
        '        self.__dict__["_stale"] = (view, end, more)\n',
        DIALOGUES + "test_platform_faults.py tests/bot/conversation/test_delivery_order.py",
    ),
    Bug(
        "a message is posted again without looking for it",
        "bot/conversation/errand.py",
        "        if self.unsure:\n            found",
        "        if False:\n            found",
        DIALOGUES + "test_platform_faults.py",
    ),
    Bug(
        "a redelivered message is answered again",
        "bot/conversation/engine.py",
        'key=f"{place.home}#{incoming.key}"',
        'key=f"{place.home}#{incoming.key}#{asyncio.get_running_loop().time()}"',
        DIALOGUES + "test_talk.py",
    ),
    Bug(
        "a reservation is not given back when nothing was asked",
        "bot/calls/call.py",
        "await unbroken(self._books.write(running.reservation_id))",
        "pass",
        "tests/bot/calls/test_ends.py",
    ),
    Bug(
        "a reservation whose answer was lost stays held",
        "bot/calls/books.py",
        "            self._owed.append(key)\n            raise",
        "            raise",
        DIALOGUES + "test_database_faults.py",
    ),
    Bug(
        "a stream without its end mark counts as complete",
        "bot/providers/wires/openai/chunks.py",
        '            raise self._error(Cut, "the stream ended without a finish reason")',
        '            self._finish = "stop"',
        DIALOGUES + "test_provider_faults.py",
    ),
    Bug(
        "an answer that had begun is asked for again",
        "bot/providers/resilience.py",
        "pause = None if watch.begun else patience.pause(failure)",
        "pause = patience.pause(failure)",
        DIALOGUES + "test_provider_faults.py",
    ),
    Bug(
        "a stop waits for the provider's next word",
        "bot/calls/call.py",
        "        self._stopper.stop()\n",
        "",
        DIALOGUES + "test_stop.py",
    ),
    Bug(
        "a stop does not close the provider's stream",
        "bot/net/http.py",
        "            await response.aclose()",
        '            globals().setdefault("OPEN", []).append(response)',
        DIALOGUES + "test_stop.py",
    ),
    Bug(
        "an unknown price is 0",
        "bot/providers/prices.py",
        '        return Priced(None, "unknown")',
        '        return Priced(0, "unknown")',
        DIALOGUES + "test_models.py",
    ),
    Bug(
        "half an answer is read back as the whole",
        "bot/conversation/context.py",
        'return ChatMessage(role, f"{text}\\n\\n{mark}" if mark else text)',
        "return ChatMessage(role, text)",
        DIALOGUES + "test_branches.py",
    ),
    Bug(
        "the next page does not open the fence again",
        "bot/conversation/pages.py",
        "        if fence is not None:\n",
        "        if fence is not None and opening is None:\n",
        "tests/bot/conversation/test_pages.py::test_code_goes_on_in_a_fence_of_its_own",
    ),
    Bug(
        "a budget is looked at but not held",
        "storage/holding.py",
        "NOT b.hard OR budget_periods.spent + budget_periods.reserved + ? <= b.amount",
        "NOT b.hard OR ? >= 0",
        DIALOGUES + "test_models.py tests/storage/test_ledger_races.py",
    ),
    Bug(
        "a crash while an answer grows answers it again",
        "bot/conversation/recovery.py",
        '    if row.phase == "growing":',
        '    if row.phase == "nothing":',
        DIALOGUES + "test_crashes.py",
    ),
    Bug(
        "a late journal write shortens an answer that had ended",
        "storage/replies.py",
        "text = CASE WHEN phase = 'ended' THEN text ELSE ? END",
        "text = ?",
        DIALOGUES + "test_crashes.py",
    ),
    Bug(
        "what a crash cut short is not billed",
        "bot/conversation/recovery.py",
        "    owed = await _owed(parts, row)\n",
        "    owed = None\n",
        DIALOGUES + "test_crashes.py",
    ),
    Bug(
        "an answer that had ended is not completed after a crash",
        "bot/conversation/recovery.py",
        '    if row.phase == "ended" and row.ended is not None:',
        '    if row.phase == "ended" and row.ended is None:',
        DIALOGUES + "test_crashes.py",
    ),
    Bug(
        "interim texts ignore the last texts that are owed",
        "bot/conversation/pacing.py",
        "    demand, free = budget.demand, budget.free(now) - 1\n",
        "    return True\n    demand, free = budget.demand, budget.free(now) - 1\n",
        "tests/bot/conversation/test_delivery.py",
    ),
    Bug(
        "who was suspended takes the others for dead",
        "bot/conversation/presence.py",
        "                seen.since += deaf\n",
        "                pass\n",
        "tests/bot/conversation/test_presence.py",
    ),
    Bug(
        "the check of where a request comes from is off",
        "web/csrf.py",
        "            if not is_same_origin(headers, self._public_url):",
        "            if False:",
        "tests/web/test_access.py tests/web/test_security.py",
    ),
    Bug(
        "session tokens stand in the clear",
        "storage/sessions.py",
        '    return hashlib.sha256(token.encode(errors="replace")).hexdigest()',
        "    return token",
        "tests/storage/test_people.py",
    ),
)
