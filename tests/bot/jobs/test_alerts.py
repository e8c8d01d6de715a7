"""Alerts by mail and webhook, against servers that are strict; and what they are written for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.presence import Presence
from bot.jobs.alerts import Alerts
from bot.jobs.hooks import Hooks
from bot.jobs.sender import MOST, Rooms, Sender
from bot.jobs.watch import Watch, failing, is_unusual
from bot.net.guard import Guard
from bot.net.http import Http
from bot.net.mail import Mailer, MailSettings, Security
from bot.workbench.alerting import ALERT, SETTING, Route
from storage.health import Vitals
from storage.ledger import Charge, NewEntry, Settlement
from storage.notices import NewNotice
from storage.store import Store
from storage.webhooks import NewWebhook
from tests.fakes.mail import MailServer, certificate
from tests.fakes.receiver import Receiver
from tests.storage.given import said

NOTICE = NewNotice("budget", "budget:1:80", "80 % of the budget is spent: €…", "workspace", "room:town")
DOLLAR = 1_000_000_000


class Post:
    """What sends alerts in one process, its clock in the test's hands."""

    def __init__(self, store: Store, mailer: Mailer | None = None) -> None:
        self.store, self.late = store, timedelta()
        self.near, self.outside = Http(), Http(guard=Guard())
        rooms = Rooms(Delivery(), MappingProxyType({}))
        hooks = Hooks(store, self.near, self.outside)
        self.alerts = Alerts(store, rooms, hooks, lambda _: True, mailer)
        presence = Presence(store, "p1", slots=dict, alone=True)
        self.sender = Sender(store, presence, lambda: datetime.now(UTC) + self.late)
        self.sender.learn({ALERT: self.alerts.send})

    async def round(self) -> None:
        await self.alerts.enter()
        await self.sender.sweep()
        await self.sender.rest()

    async def close(self) -> None:
        await self.near.aclose()
        await self.outside.aclose()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver
        assert not receiver.mistakes


async def test_a_channel_is_told_of_by_its_name(store: Store, receiver: Receiver) -> None:
    """Who is alerted reads what people call the channel; where nobody knows, its id stays."""
    await store.webhooks.add(NewWebhook("ops", receiver.url, receiver.secret, private=True))
    await store.workspaces.note_names("room:town/c1", "general")
    for place in ("room:town/c1", "room:town/c2"):
        said = f"80 % of the budget of the channel {place} for 2026-11 is spent: $4.00 of $5.00."
        await store.notices.add(NewNotice("budget", f"budget:{place}", said, "channel", place))
    post = Post(store)
    await post.round()
    await post.close()
    texts = sorted(each["text"] for each in receiver.told)
    assert [text.partition(" for ")[0].rpartition(" ")[2] for text in texts] == ["#general", "room:town/c2"]


async def mailed(store: Store, server: MailServer, settings: MailSettings, trust: object = None) -> None:
    """Set mail as where alerts go, and send one."""
    route = Route(mail=("ops@example.com",))
    await store.settings.set("place:room:town", SETTING, route.to_json(), None)
    await store.notices.add(NOTICE)
    post = Post(store, Mailer(settings, trust))  # type: ignore[arg-type]
    await post.round()
    if not server.received:
        post.late = timedelta(minutes=2)
        await post.round()
    await post.close()


async def test_mail_goes_by_starttls(store: Store, tmp_path: Path) -> None:
    """It is encrypted before the password is said; once, though two look, and tried again where the server is busy."""
    pem, trust = certificate(tmp_path)
    async with MailServer(pem, "pass word") as server:
        server.answers = ["451 later"]
        settings = MailSettings(
            "localhost", server.port, Security.STARTTLS, "Bot <bot@example.com>", "ann", "pass word"
        )
        await mailed(store, server, settings, trust)
        await mailed(store, server, settings, trust)
        [mail] = server.received
        assert (mail["To"], mail["From"]) == ("ops@example.com", "Bot <bot@example.com>")
        assert mail["Subject"] == "Switchboard: a budget"
        assert mail.get_content().strip() == NOTICE.text
        assert not server.mistakes
        [row] = await store.sendings.latest(["mail:ops@example.com"])
        assert (row.state, row.attempts, row.said) == ("sent", 2, "the mail server took it")


async def test_a_server_without_encryption_gets_nothing(store: Store) -> None:
    """Neither password nor text, where the settings ask for encryption."""
    async with MailServer() as server:
        settings = MailSettings(
            "localhost", server.port, Security.STARTTLS, "bot@example.com", "ann", "secret"
        )
        await mailed(store, server, settings)
        assert server.received == []
        [row] = await store.sendings.latest(["mail:ops@example.com"])
        assert (row.state, row.said) == ("due", "the mail server cannot be used: SMTPNotSupportedError")


async def test_a_webhook_is_told_with_a_signature(store: Store, receiver: Receiver) -> None:
    """The same words, in any letters, once; a failure is tried again later, with the same id."""
    receiver.secret = "whsec_1"
    await store.webhooks.add(NewWebhook("ops", receiver.url, "whsec_1", private=True))
    await store.notices.add(NOTICE)
    receiver.answers = [500]
    post = Post(store)
    await post.round()
    assert receiver.asked == 1
    await post.round()
    assert receiver.asked == 1
    post.late = timedelta(minutes=2)
    await post.round()
    await post.round()
    [told] = receiver.told
    assert (told["event"], told["kind"], told["text"], told["attempt"]) == ("alert", "budget", NOTICE.text, 2)
    [row] = await store.sendings.latest([f"webhook:{1}"])
    assert (row.state, row.said, told["id"]) == ("sent", "answered 204", f"alert-{row.id}")
    await post.close()


async def test_a_webhook_that_stays_away_is_given_up(store: Store, receiver: Receiver) -> None:
    """After a bounded number of attempts, or at once where the address says that it is gone."""
    receiver.secret = "whsec_1"
    hook = await store.webhooks.add(NewWebhook("ops", receiver.url, "whsec_1", private=True))
    await store.notices.add(NOTICE)
    receiver.answers = [503] * (MOST + 2)
    post = Post(store)
    for _ in range(MOST + 2):
        post.late += timedelta(days=1)
        await post.round()
    assert receiver.asked == MOST
    receiver.answers = [410]
    await store.notices.add(NewNotice("key", "key:1", "rejected"))
    await post.round()
    gone, failed = await store.sendings.latest([hook.target])
    assert (gone.state, gone.attempts, gone.said) == ("failed", 1, "answered 410")
    assert (failed.state, failed.attempts, failed.said) == ("failed", MOST, "answered 503")
    await post.close()


async def test_a_private_address_is_not_told(store: Store, receiver: Receiver) -> None:
    """Nobody reaches the machine next door by entering a webhook, unless that was allowed for it."""
    await store.webhooks.add(NewWebhook("ops", receiver.url, "whsec_1"))
    await store.notices.add(NOTICE)
    post = Post(store)
    await post.round()
    assert receiver.asked == 0
    [row] = await store.sendings.latest(["webhook:1"])
    assert row.state == "failed"
    assert row.said.startswith("not a public address: 127.0.0.1")
    await post.close()


def vitals(status: str, kind: str, since: datetime) -> Vitals:
    return Vitals(status, since, since, kind, "Check the key.")


def test_what_fails_is_told_with_patience() -> None:
    """A rejected key at once, another failure after ten minutes; the notice has the same key in every process."""
    now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert failing("openai", "Work", vitals("available", "", now), now) is None
    key = failing("openai", "Work", vitals("failing", "auth", now), now)
    assert key is not None
    assert (key.kind, key.text) == (
        "key",
        "openai (Work) does not accept its key since 09:00 UTC. Check the key.",
    )
    overloaded = vitals("failing", "overloaded", now)
    assert failing("openai", "Work", overloaded, now + timedelta(minutes=9)) is None
    later = failing("openai", "Work", overloaded, now + timedelta(minutes=10))
    assert later is not None
    assert later == failing("openai", "Work", overloaded, now + timedelta(minutes=30))
    assert later.kind == "failing"


@pytest.mark.parametrize(
    ("cost", "past", "unusual"),
    [
        (10 * DOLLAR, [DOLLAR] * 5, True),
        (10 * DOLLAR, [DOLLAR] * 4, False),  # nobody knows yet what is usual
        (DOLLAR - 1, [1] * 20, False),  # too little to wake anybody
        (10 * DOLLAR, [DOLLAR] * 10 + [11 * DOLLAR], False),  # it was more before
        (3 * DOLLAR, [DOLLAR] * 5, False),
        (3 * DOLLAR + 1, [DOLLAR] * 5, True),
    ],
)
def test_what_is_unusual(cost: int, past: list[int], *, unusual: bool) -> None:
    """Against the person's own days: more than three times their mean, more than each, and a dollar at least."""
    assert is_unusual(cost, past) is unusual


async def test_unusual_spending_is_noticed_once(store: Store) -> None:
    """Today's cost is told with the days before it; a price that nobody knows is told when it is used."""
    await store.inbox.receive(said(place="room:town/square/t"))
    now = datetime.now(UTC).replace(hour=12)
    ann = await store.people.identify("room", "room:town", "ann", "Ann")
    costs = [(days, DOLLAR) for days in range(1, 7)] + [(0, 12 * DOLLAR), (0, None)]
    for days, cost in costs:
        at = now - timedelta(days=days)
        entry = NewEntry(at, "room:town", "room:town/square", ann.id, "openai", "gpt-4.1", cost=cost)
        charge = Charge("room:town", entry.place, ann.id, "openai", "", at)
        await store.ledger.settle(Settlement(await store.ledger.reserve(charge, 0, "p1"), entry))
    for _ in range(2):
        await Watch(store, list, lambda: now).look()
    told = {one.kind: one.text for one in await store.notices.undelivered() if one.kind != "budget"}
    assert told["spending"] == (
        "Ann has spent $12 today. That is unusual: of the last 28 days 6 had any use,"
        " with $1 on the mean and $1 at most."
    )
    assert told["unpriced"].startswith("openai/gpt-4.1 was used and its price is not known")
    assert len(told) == 2
