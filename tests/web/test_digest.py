"""The page of the digests: setting one, what is wrong said at its field, and whose business a channel is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import httpx

from bot.commands.digest import NOW, Wish
from bot.core.place import Place
from bot.workbench.schedule import SETTING, Schedule, newest_ever
from storage.people import Person
from tests.web.conftest import Site
from tests.web.test_usage import DOLLAR, used

WORKSPACE = "slack:T1"
CHANNEL = f"{WORKSPACE}/C1"
AT = {"workspace": WORKSPACE, "channel": CHANNEL}
GOOD = {
    "every": "week",
    "weekday": "4",
    "at": "17:30",
    "about": "channel",
    "part-models": "yes",
    "names": "yes",
}


async def admin(site: Site) -> Person:
    """An admin of the workspace, who has entered it."""
    grace = await site.store.people.identify("slack", WORKSPACE, "U9", "Grace")
    await site.store.people.grant(grace.id, "admin", WORKSPACE)
    return grace


async def kept(site: Site) -> dict[str, Schedule]:
    """The digests that are set, by scope."""
    found = await site.store.settings.of_key(SETTING)
    return {scope: Schedule.from_json(setting.value) for scope, setting in found.items()}


async def posted(client: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    """Send the form of the channel."""
    return await client.post("/digest", params=AT, data=form, follow_redirects=True)


async def test_a_digest_is_set_shown_and_turned_off(site: Site) -> None:
    """What is chosen is kept and said; the page then shows it beside how the next one would read."""
    async with site.visitor() as client:
        await site.sign_in(client, (await admin(site)).id)
        page = await posted(client, GOOD)
        assert page.status_code == 200
        assert "A digest comes there every Friday at 17:30." in page.text
        assert "How it would read now" in page.text
        (found,) = (await kept(site)).values()
        assert (found.weekday, found.hour, found.minute, found.about) == (4, 17, 30, "channel")
        assert (found.parts, found.names) == (("models",), True)
        page = await client.post("/digest/off", params=AT, follow_redirects=True)
        assert "No digest comes there any more." in page.text
        assert await kept(site) == {}


async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(site: Site) -> None:
    """A time that is none keeps the other fields as they were typed, and changes nothing."""
    async with site.visitor() as client:
        await site.sign_in(client, (await admin(site)).id)
        for field, value, said in (
            ("at", "25:00", "Write a time of the day"),
            ("at", "noon", "Write a time of the day"),
            ("every", "hour", "Choose how often."),
            ("weekday", "9", "Choose a day of the week."),
            ("about", "them", "Choose whose use it tells of."),
        ):
            page = await posted(client, GOOD | {field: value})
            assert page.status_code == 422
            assert said in page.text
            assert 'name="part-models" value="yes" checked' in page.text
    assert await kept(site) == {}


async def test_a_channel_is_its_own_workspaces_business(site: Site) -> None:
    """Neither seen nor set through another workspace's page, nor by who is no admin there."""
    elsewhere = {"workspace": WORKSPACE, "channel": "slack:T2/C1"}
    async with site.visitor() as client:
        await site.sign_in(client, (await admin(site)).id)
        for channel in (elsewhere["channel"], "nonsense", WORKSPACE):
            at = elsewhere | {"channel": channel}
            assert (await client.get("/digest", params=at)).status_code == 404
            assert (await client.post("/digest", params=at, data=GOOD)).status_code == 404
            assert (await client.post("/digest/send", params=at)).status_code == 404
        strange = {"workspace": "slack:T2", "channel": "slack:T2/C1"}
        assert (await client.post("/digest", params=strange, data=GOOD)).status_code in {403, 404}
    assert await kept(site) == {}


async def test_the_words_of_a_channel_stay_there(site: Site) -> None:
    """An admin need not be a member of it: of what others said the page tells figures."""
    grace, daily = await admin(site), Schedule(datetime.now(UTC), every="day", hour=0)
    await site.store.settings.set(f"place:{CHANNEL}", SETTING, daily.to_json(), None)
    yesterday = datetime.combine(datetime.now(UTC).date(), time(), UTC) - timedelta(hours=12)
    bob = await site.store.people.identify("slack", WORKSPACE, "U2", "Bob")
    for person, title in ((bob, "May we fire Grace?"), (grace, "How is bread made?")):
        place = f"{CHANNEL}/{person.id}.1"
        made = await site.store.conversations.start_new(place, person.id)
        await site.store.conversations.rename(made.id, title)
        await used(site.store, person.id, DOLLAR, place=place, at=yesterday, conversation_id=made.id)
    async with site.visitor() as client:
        for who in (grace.id, None):
            await site.sign_in(client, who)
            page = (await client.get("/digest", params=AT)).text
            assert "May we fire Grace?" not in page
            assert "a thread of others" in page
            assert ("How is bread made?" in page) is (who == grace.id)
    slot = newest_ever(daily, "UTC", datetime.now(UTC))
    sent = await site.services.commands.tools.digests.view(Place.parse(CHANNEL), daily, slot.at, slot.day)
    assert "May we fire Grace?" in sent.text, "where they were said they are told"


async def test_one_is_sent_now(site: Site) -> None:
    """The wish is a task, which says who wished it; what the page shows does not change."""
    async with site.visitor() as client:
        grace = await admin(site)
        await site.sign_in(client, grace.id)
        page = await client.post("/digest/send", params=AT, follow_redirects=True)
    assert "The digest is on its way to that channel; what becomes of it stands below." in page.text
    (task,) = await site.store.tasks.newest(NOW)
    assert Wish.from_json(task.payload).place == CHANNEL
