"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta

import httpx

from tests.web.conftest import Site, listen, serving
from web.services import Services


async def test_a_link_signs_in_once(site: Site) -> None:
    """The page of a link has a button; its POST leads to the chat; a second use is refused."""
    token = await site.store.sessions.link(None, timedelta(hours=1))
    async with site.visitor() as client:
        shown = await client.get(f"/sign-in/{token}")
        assert shown.status_code == 200
        assert '<form method="post">' in shown.text
        used = await client.post(f"/sign-in/{token}")
        assert (used.status_code, used.headers["location"]) == (303, "/")
        assert (await client.get("/try")).status_code == 200
    async with site.visitor() as other:
        again = await other.post(f"/sign-in/{token}")
        assert again.status_code == 403
        assert "This link does not work" in again.text
        assert not other.cookies


async def test_looking_at_a_link_does_not_use_it_up(site: Site) -> None:
    """Previews and mail scanners fetch links; they must not spend them."""
    token = await site.store.sessions.link(None, timedelta(hours=1))
    async with site.visitor() as client:
        for _ in range(3):
            await client.get(f"/sign-in/{token}")
        assert (await client.post(f"/sign-in/{token}")).status_code == 303


async def test_an_expired_link_says_how_to_get_a_new_one(site: Site) -> None:
    """Whatever is wrong with a link, the page says what to do."""
    token = await site.store.sessions.link(None, timedelta(seconds=-1))
    async with site.visitor() as client:
        refused = await client.post(f"/sign-in/{token}")
        assert refused.status_code == 403
        assert "start Switchboard again" in refused.text


async def test_guessing_is_limited(site: Site) -> None:
    """After ten wrong links from one address even a right one has to wait."""
    token = await site.store.sessions.link(None, timedelta(hours=1))
    async with site.visitor() as client:
        for number in range(10):
            assert (await client.post(f"/sign-in/wrong-{number}")).status_code == 403
        blocked = await client.post(f"/sign-in/{token}")
        assert blocked.status_code == 429
        assert "Wait ten minutes" in blocked.text


async def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    """A copied cookie is worth nothing after signing out."""
    async with site.visitor() as client:
        await site.sign_in(client)
        copied = client.cookies["switchboard"]
        left = await client.post("/sign-out")
        assert (left.status_code, left.headers["location"]) == (303, "/")
        assert "switchboard" not in client.cookies
    async with site.visitor(Cookie=f"switchboard={copied}") as thief:
        assert (await thief.get("/try")).status_code == 401


async def test_signing_in_again_ends_the_session_before(site: Site) -> None:
    """A browser has one session."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        before = client.cookies["switchboard"]
        await site.sign_in(client, person.id)
        assert await site.store.sessions.person(before) is None


async def test_strangers_are_told_about_the_printed_link(site: Site) -> None:
    """The front door says in words how to get in."""
    async with site.visitor() as client:
        page = await client.get("/")
        assert page.status_code == 401
        assert "printed a sign-in link" in page.text


async def test_the_front_door_leads_on(site: Site) -> None:
    """Who is signed in goes straight to the chat, an owner to the start while there is something to do there."""
    async with site.visitor() as owner, site.visitor() as member:
        await site.sign_in(owner)
        await site.sign_in(member, (await site.someone_else()).id)
        assert (await owner.get("/")).headers["location"] == "/start"
        assert (await member.get("/")).headers["location"] == "/try"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    """Over plain HTTP: HttpOnly, SameSite=Lax, for the whole site."""
    token = await site.store.sessions.link(None, timedelta(hours=1))
    async with site.visitor() as client:
        cookie = (await client.post(f"/sign-in/{token}")).headers["set-cookie"]
    assert cookie.startswith("switchboard=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


async def test_behind_https_the_cookie_is_bound_to_the_host(site: Site) -> None:
    """The prefix __Host- keeps subdomains from planting a session."""
    services = Services(
        **{name: getattr(site.services, name) for name in Services.__slots__ if name != "public_url"},
        public_url="https://chat.test",
    )
    listener = listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    token = await site.store.sessions.link(None, timedelta(hours=1))
    async with serving(services, listener), httpx.AsyncClient(base_url=url) as client:
        answer = await client.post(f"/sign-in/{token}", headers={"Origin": "https://chat.test"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-switchboard=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_behind_https_nobody_else_makes_the_site_say_something(site: Site) -> None:
    """What was just done is said by a cookie that no subdomain and nobody on the line can plant."""
    services = Services(
        **{name: getattr(site.services, name) for name in Services.__slots__ if name != "public_url"},
        public_url="https://chat.test",
    )
    listener = listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with site.visitor() as client:
        await site.sign_in(client)
        signed_in = {"Cookie": f"__Host-switchboard={client.cookies['switchboard']}"}
    async with serving(services, listener), httpx.AsyncClient(base_url=url) as client:
        headers = signed_in | {"Origin": "https://chat.test"}
        answer = await client.post("/defaults/follow?workspace=", headers=headers)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-said=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        told = cookie.partition(";")[0].partition("=")[2]
        for name, is_said in (("__Host-said", True), ("said", False)):
            both = {"Cookie": f"{signed_in['Cookie']}; {name}={told}"}
            page = await client.get("/defaults?workspace=", headers=both)
            assert ("It holds from the next message on." in page.text) is is_said


async def test_who_comes_back_stays_signed_in(site: Site) -> None:
    """A visit extends the session, and with it the cookie that names it."""
    token = await site.store.sessions.link(None, timedelta(hours=1))
    async with site.visitor() as client:
        await client.post(f"/sign-in/{token}")
        before = client.cookies["switchboard"]
        shown = await client.get("/try")
        assert shown.cookies["switchboard"] == before
        assert "max-age=2592000" in shown.headers["set-cookie"].lower()
