"""For admins: what holds where nobody chose, at every level; agents; which models may be used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from urllib.parse import quote

import httpx

from bot.calls import access
from bot.calls.access import ALLOWED, DENIED, EXEMPT, LOCAL_ONLY
from bot.core.place import Place
from bot.core.provider import ModelId
from storage.people import Person
from tests.web.conftest import Site

MINE, THEIRS = "slack:T1", "slack:T2"
CHANNEL = "slack:T1/C1"


async def workspaces(site: Site) -> None:
    """Something was said in two workspaces, in one of them in a channel and in a direct message."""
    for place in (f"{CHANNEL}/1700.1", "slack:T1/D9/1700.2", f"{THEIRS}/C7/1700.3"):
        await site.store.conversations.start_new(place, None)


@asynccontextmanager
async def an_admin(site: Site) -> AsyncIterator[tuple[httpx.AsyncClient, Person]]:
    """Somebody who administers the first of the two, and nothing else."""
    await workspaces(site)
    person = await site.store.people.identify("slack", MINE, "U1", "Ada")
    await site.store.people.grant(person.id, "admin", MINE)
    async with site.visitor() as client:
        await site.sign_in(client, person.id)
        yield client, person


async def value(site: Site, scope: str, key: str) -> object:
    """What stands at a scope, None where nothing does."""
    found = await site.store.settings.get_many([scope], key)
    return found[scope].value if scope in found else None


def at(path: str, workspace: str = MINE, channel: str = "") -> str:
    """The address of a page about a level."""
    return f"{path}?workspace={quote(workspace)}" + (f"&channel={quote(channel)}" if channel else "")


async def test_the_nearest_level_decides_and_says_who_set_it(site: Site) -> None:
    """A channel's model comes before the workspace's and the installation's; the page shows all, and who set them."""
    async with an_admin(site) as (client, person), site.visitor() as owner:
        await site.sign_in(owner)
        await owner.post("/defaults/model?workspace=", data={"model": "demo/thorough"})
        await client.post(at("/defaults/model"), data={"model": "demo/story"})
        page = (await client.get(at("/defaults", channel=CHANNEL))).text
        assert "<b>demo/story</b> answers here: the workspace&#39;s default" in page
        said = await client.post(
            at("/defaults/model", channel=CHANNEL), data={"model": "quick"}, follow_redirects=True
        )
        assert "<b>demo/quick</b> answers here: the channel&#39;s default" in said.text
        assert said.text.count(">Ada</td>") == 2
        assert ">Owner</td>" in said.text
        choice = await site.services.commands.tools.settings.choose(Place.parse(CHANNEL), None)
        assert str(choice.model) == "demo/quick"
        listed = (await client.get(at("/defaults"))).text
        assert ">C1</span></a>" in listed
        assert "D9" not in listed, "a direct message is its person's own"
        await client.post(at("/defaults/model", channel=CHANNEL), data={"model": ""})
    assert await value(site, f"place:{CHANNEL}", "model") is None
    last = (await site.store.audit.latest(1))[0]
    assert (last.person_id, last.action, last.before) == (person.id, "clear", '"demo/quick"')


WRONG = (
    ("model", {"model": "nonsense-9"}, "nonsense-9"),
    ("model", {"model": "openai/gpt-4.1"}, "OpenAI"),
    ("chain", {"stands": "these", "models": ""}, "Name the models"),
    ("chain", {"stands": "these", "models": "demo/quick, nonsense-9"}, "nonsense-9"),
    ("follow", {"follow": "sometimes"}, "Choose one of these."),
    ("requests", {"workspace": "-3"}, "A whole number from 0 to 100,000"),
    ("clock", {"time_zone": "Mars/Base", "first_weekday": "0"}, "There is no time zone “Mars/Base”"),
    ("clock", {"time_zone": "UTC", "first_weekday": "9"}, "Choose a day."),
    ("access/pattern", {"act": "deny", "pattern": "nobody/*"}, "There is no provider “nobody”"),
    ("access/find", {"channel": "slack:T2/C7"}, "That is no channel of this workspace"),
    ("access/find", {"who": "Nobody Here"}, "I know nobody called “Nobody Here”"),
    ("access/exempt", {"act": "exempt", "who": "Nobody Here"}, "I know nobody called “Nobody Here”"),
    ("access/exempt", {"act": "exempt", "who": "admins"}, "There is no rule yet"),
)


async def test_what_is_wrong_is_said_at_its_field(site: Site) -> None:
    """The page comes back with a sentence and with what was typed, and nothing was changed."""
    kept = ("model", "models", "time_zone", "pattern", "who")
    async with an_admin(site) as (client, _):
        before = await site.store.audit.latest(1)
        for path, sent, sentence in WRONG:
            answer = await client.post(at(f"/defaults/{path}"), data=sent)
            assert answer.status_code == 422, (path, sent)
            assert sentence in unescape(answer.text)
            assert answer.text.count('aria-invalid="true"') == 1
            typed = [text for name, text in sent.items() if name in kept]
            assert all(f'value="{text}"' in answer.text for text in typed)
        assert await site.store.audit.latest(1) == before


async def test_a_workspace_of_others_stays_closed(site: Site) -> None:
    """An admin of one workspace can neither see nor change another one, its channels and agents, nor all of them."""
    async with an_admin(site) as (client, person):
        theirs = await site.store.agents.put(
            THEIRS, "spy", (await site.store.agents.all(""))[0].persona, None
        )
        everybodys = (await site.store.agents.all(""))[0]
        before = await site.store.audit.latest(1)
        for workspace in (THEIRS, ""):
            for path in ("", "/agents", "/agents/new", "/access"):
                assert (await client.get(at(f"/defaults{path}", workspace))).status_code == 403
            for path, sent in (
                ("model", {"model": "demo/story"}),
                ("chain", {"stands": "off"}),
                ("follow", {"follow": "mentions"}),
                ("requests", {"workspace": "5"}),
                ("clock", {"time_zone": "UTC", "first_weekday": "1"}),
                ("channel", {"id": "C7"}),
                ("access/pattern", {"act": "deny", "pattern": "demo"}),
                ("access/find", {"who": "Ada"}),
                ("access/local", {"local": "on"}),
                ("access/exempt", {"act": "exempt", "who": "admins"}),
                ("access/reset", {}),
                ("agents/new", {"name": "x", "instructions": "y"}),
                (f"agents/{theirs.id}", {"name": "x", "instructions": "y"}),
                (f"agents/{theirs.id}/remove", {}),
            ):
                assert (await client.post(at(f"/defaults/{path}", workspace), data=sent)).status_code == 403
        for channel in (f"{THEIRS}/C7", f"{CHANNEL}/1700.1", MINE, "slack:"):
            answer = await client.post(at("/defaults/model", channel=channel), data={"model": "demo/story"})
            assert answer.status_code == 404, channel
        assert (await client.get(at(f"/defaults/agents/{theirs.id}"))).status_code == 404
        assert (await client.post(at(f"/defaults/agents/{theirs.id}/remove"))).status_code == 404
        assert (await client.post(at(f"/defaults/agents/{everybodys.id}/remove"))).status_code == 403
        assert await site.store.audit.latest(1) == before
        page = (await client.get("/defaults")).text
        assert "<code>demo/quick</code>" in page, "without a workspace the page is about their own"
        assert THEIRS not in page
        await site.store.people.revoke(person.id, "admin", MINE)
        assert (await client.get("/defaults")).status_code == 403


async def test_chain_follow_requests_and_clock_are_kept_as_the_bot_reads_them(site: Site) -> None:
    """Each form writes what chat's commands write, and empty it takes that back."""
    async with an_admin(site) as (client, person):
        scope = f"place:{MINE}"
        await client.post(at("/defaults/chain"), data={"stands": "these", "models": "story, demo/quick"})
        assert await value(site, scope, "chain") == ["demo/story", "demo/quick"]
        await client.post(at("/defaults/chain"), data={"stands": "off", "models": "ignored"})
        assert await value(site, scope, "chain") == []
        await client.post(at("/defaults/follow", channel=CHANNEL), data={"follow": "mentions"})
        assert not await site.services.commands.tools.settings.follows(Place.parse(CHANNEL))
        assert "only mentions" in (await client.get(at("/defaults"))).text
        await client.post(at("/defaults/requests"), data={"workspace": "1,200"})
        assert await value(site, scope, "requests_per_minute") == 1200
        await client.post(at("/defaults/requests"), data={"workspace": "unlimited"})
        assert 'value="unlimited"' in (await client.get(at("/defaults"))).text
        await client.post(at("/defaults/requests"), data={"workspace": ""})
        assert await value(site, scope, "requests_per_minute") is None
        sent = {"time_zone": "Europe/Berlin", "first_weekday": "6"}
        answer = await client.post(at("/defaults/clock"), data=sent, follow_redirects=True)
        assert "midnight in Europe/Berlin, weeks on Sunday" in answer.text
        found = await site.store.workspaces.get(MINE)
        assert found is not None
        assert (found.time_zone, found.first_weekday) == ("Europe/Berlin", 6)
        assert (await site.store.audit.latest(1))[0].action == "set clock"
    async with site.visitor() as owner:
        await site.sign_in(owner)
        await owner.post("/defaults/requests?workspace=", data={"person": "7", "workspace": ""})
        await owner.post("/defaults/requests/person", data={"who": "ada", "number": "3"})
        assert '<td>Ada</td><td class="number">3</td>' in (await owner.get("/defaults")).text
        wrong = await owner.post("/defaults/requests/person", data={"who": "Nobody", "number": "3"})
        assert "Nobody is called “Nobody”." in wrong.text
        assert list(await site.store.settings.of_people("requests_per_minute")) == [person.id]
        await owner.post("/defaults/requests/person", data={"who": "Ada", "number": ""})
    assert await site.store.settings.of_people("requests_per_minute") == {}
    assert await value(site, "installation", "requests_per_minute") == {"person": 7}


async def test_a_channel_is_opened_by_its_id(site: Site) -> None:
    """What nobody has written in yet can be set too."""
    async with an_admin(site) as (client, _):
        answer = await client.post(at("/defaults/channel"), data={"id": "C555"}, follow_redirects=True)
        assert ">C555</span></b>" in answer.text
        assert (await client.post(at("/defaults/channel"), data={"id": "slack:T2/C7"})).status_code == 422


async def test_rules_hold_as_if_said_in_chat(site: Site) -> None:
    """Patterns, local models, exemptions; a forbidden model cannot be the default; one button takes all back."""
    async with an_admin(site) as (client, person):
        scope = f"place:{MINE}"
        await client.post(at("/defaults/access/pattern"), data={"act": "allow", "pattern": "demo"})
        await client.post(at("/defaults/access/pattern"), data={"act": "deny", "pattern": "demo/story"})
        assert await value(site, scope, ALLOWED) == ["demo/*"]
        assert await value(site, scope, DENIED) == ["demo/story"]
        page = (await client.get(at("/defaults/access", channel=CHANNEL))).text
        assert "In this workspace:" in page, "a channel shows what wider levels say"
        assert "Of 3 models that are set up, <b>2</b>" in page
        refused = await client.post(at("/defaults/model", channel=CHANNEL), data={"model": "demo/story"})
        assert refused.status_code == 422
        assert "demo/story may not be used in this workspace" in refused.text
        await client.post(at("/defaults/access/exempt"), data={"act": "exempt", "who": "Ada"})
        await client.post(at("/defaults/access/exempt"), data={"act": "exempt", "who": "admins"})
        assert await value(site, scope, EXEMPT) == [person.id, "admins"]
        await client.post(at("/defaults/access/exempt"), data={"act": "bind", "who": str(person.id)})
        assert await value(site, scope, EXEMPT) == ["admins"]
        await client.post(at("/defaults/access/local"), data={"local": "on"})
        assert await value(site, scope, LOCAL_ONLY) is True
        await client.post(at("/defaults/access/pattern"), data={"act": "lift", "pattern": "demo/*"})
        assert await value(site, scope, ALLOWED) is None
        await client.post(at("/defaults/access/reset"))
        page = (await client.get(at("/defaults/access"))).text
        assert "No models are named" in page


async def test_several_patterns_are_ruled_on_at_once_or_not_at_all(site: Site) -> None:
    """With commas, spaces or lines between them; where one is wrong none is taken."""
    async with an_admin(site) as (client, _):
        scope = f"place:{MINE}"
        wrong = await client.post(
            at("/defaults/access/pattern"), data={"act": "deny", "pattern": "demo/story, nobody/*"}
        )
        assert wrong.status_code == 422
        assert await value(site, scope, DENIED) is None
        sent = {"act": "deny", "pattern": "demo/story, openai\ndemo/thorough demo/story"}
        said = await client.post(at("/defaults/access/pattern"), data=sent, follow_redirects=True)
        assert "demo/story, openai/*, demo/thorough may not be used." in said.text
        assert await value(site, scope, DENIED) == ["demo/story", "openai/*", "demo/thorough"]
        await client.post(
            at("/defaults/access/pattern"), data={"act": "allow", "pattern": "openai, demo/story"}
        )
        assert await value(site, scope, ALLOWED) == ["openai/*", "demo/story"]
        assert await value(site, scope, DENIED) == ["demo/thorough"]


async def test_a_person_has_rules_of_their_own(site: Site) -> None:
    """Found by name, they hold wherever the person asks; the page counts what is left for them."""
    async with an_admin(site) as (client, _):
        bob = await site.store.people.identify("slack", MINE, "U2", "Bob")
        found = await client.post(at("/defaults/access/find"), data={"who": "bob"}, follow_redirects=True)
        assert "Rules of this person" in found.text
        assert "For whom they do not hold" not in found.text
        path = f"{at('/defaults/access/pattern')}&person={bob.id}"
        said = await client.post(path, data={"act": "deny", "pattern": "demo/story"}, follow_redirects=True)
        assert "<b>2</b> may be used by Bob in this workspace." in said.text
        assert await value(site, f"person:{bob.id}", DENIED) == ["demo/story"]
        listed = (await client.get(at("/defaults/access"))).text
        assert f"person={bob.id}" in listed
        assert ">Bob</a>" in listed
        channel = await client.post(
            at("/defaults/access/find"), data={"channel": "C555"}, follow_redirects=True
        )
        assert ">C555</span></b>" in channel.text
        await client.post(at("/defaults/access/local", channel=CHANNEL), data={"local": "on"})
        assert "channel" in (await client.get(at("/defaults/access"))).text.split("narrower")[1]
        stranger = await site.store.people.identify("slack", THEIRS, "U7", "Eve")
        for person in (str(stranger.id), "999999", "x", "9" * 30):
            assert (await client.get(f"{at('/defaults/access')}&person={person}")).status_code == 404
            answer = await client.post(
                f"{at('/defaults/access/local')}&person={person}", data={"local": "on"}
            )
            assert answer.status_code == 404
        assert (await client.get(f"{at('/defaults')}&person={bob.id}")).status_code == 404
        rules = await access.rules(site.store, Place.parse(f"{THEIRS}/C7"), bob.id)
        assert not access.permitted(rules, ModelId("demo", "story"))
    async with site.visitor() as owner:
        await site.sign_in(owner)
        everywhere = f"/defaults/access?workspace=&person={bob.id}"
        assert (
            "<b>2</b> may be used by Bob, as far as no workspace says more."
            in (await owner.get(everywhere)).text
        )
        await owner.post(f"/defaults/access/reset?workspace=&person={bob.id}")
    assert await value(site, f"person:{bob.id}", DENIED) is None


async def test_the_list_to_choose_from_has_what_may_be_used_there(site: Site) -> None:
    """For a default only what the rules allow; for rules everything, and all of a provider at once."""
    async with an_admin(site) as (client, _):
        await client.post(at("/defaults/access/pattern"), data={"act": "deny", "pattern": "demo/story"})
        allowed = (await client.get(at("/defaults/models"))).text
        assert 'data-model="demo/quick"' in allowed
        assert 'data-model="demo/story"' not in allowed
        patterns = (await client.get(f"{at('/defaults/models')}&patterns=yes")).text
        assert 'data-model="demo/*"' in patterns
        assert 'data-model="demo/story"' in patterns
        assert (await client.get(at("/defaults/models", THEIRS))).status_code == 403


async def test_an_agent_is_made_changed_renamed_and_removed(site: Site) -> None:
    """What is wrong stands at its field; the shared ones are copied; a name is given once."""
    async with an_admin(site) as (client, person):
        bad = {
            "name": "two words",
            "instructions": "",
            "temperature": "hot",
            "model": "auto:best",
            "max-output": "x",
        }
        answer = await client.post(at("/defaults/agents/new"), data=bad)
        assert answer.status_code == 422
        assert answer.text.count('aria-invalid="true"') == 5
        assert 'value="two words"' in answer.text
        sent = {
            "name": "pirate",
            "icon": "🏴",
            "instructions": "You answer like a pirate.",
            "model": "auto:cheap",
            "temperature": "0.8",
            "effort": "low",
            "max-output": "1,500",
        }
        answer = await client.post(at("/defaults/agents/new"), data=sent, follow_redirects=True)
        assert "pirate can be chosen with /agent pirate." in answer.text
        assert (await client.post(at("/defaults/agents/new"), data=sent)).status_code == 422
        by_name = {agent.name: agent for agent in await site.store.agents.all(MINE)}
        made, general = by_name["pirate"], by_name["general"]
        assert (made.model, made.temperature, made.effort, made.max_output) == (
            "auto:cheap",
            0.8,
            "low",
            1500,
        )
        assert made.created_by == person.id
        clash = await client.post(at(f"/defaults/agents/{made.id}"), data=sent | {"name": "General"})
        assert clash.status_code == (422 if general.workspace_id == MINE else 303)
        changed = {"name": "captain", "instructions": "Ahoy."}
        answer = await client.post(at(f"/defaults/agents/{made.id}"), data=changed, follow_redirects=True)
        assert "captain is changed" in answer.text
        renamed = await site.store.agents.get(made.id)
        assert renamed is not None
        assert (renamed.name, renamed.temperature, renamed.model, renamed.icon) == ("captain", None, None, "")
        await client.post(
            at(f"/defaults/agents/{general.id}"), data={"name": "general", "instructions": "Ours."}
        )
        mine = {agent.name: agent for agent in await site.store.agents.all(MINE)}
        assert mine["general"].instructions == "Ours."
        assert (await site.store.agents.all(THEIRS))[1].instructions == general.instructions
        await client.post(at(f"/defaults/agents/{made.id}/remove"))
        assert await site.store.agents.get(made.id) is None


async def test_the_list_of_models_marks_the_one_that_answers(site: Site) -> None:
    """The chat's head and list know the model of the thread, and leave out what may not be used."""
    async with site.visitor() as client:
        await site.sign_in(client)
        await client.post("/defaults/model?workspace=web:main", data={"model": "demo/story"})
        await client.post(
            "/defaults/access/pattern?workspace=web:main", data={"act": "deny", "pattern": "demo/quick"}
        )
        page = (await client.get("/try")).text
        assert '<span id="model-name">demo/story</span>' in page
        assert 'href="/defaults"' in page
        listed = (await client.get("/try/abcdefgh12345678/models")).text
    assert 'data-model="demo/quick"' not in listed
    assert listed.count("data-current") == 1
    assert "32k tokens, sees images, free · stays here · answers now" in listed
