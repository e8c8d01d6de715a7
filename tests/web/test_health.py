"""What machines that watch are told."""

from __future__ import annotations

from tests.web.conftest import Site


async def test_alive(site: Site) -> None:
    """Liveness is JSON and needs no session."""
    async with site.visitor() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_ready_while_every_part_is(site: Site) -> None:
    """Readiness has one status per part; one that fails makes it 503."""
    async with site.visitor() as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ok", "parts": {"database": "ok"}})
        site.health["engine"] = "restarting"
        waiting = await client.get("/readyz")
        assert waiting.status_code == 503
        assert waiting.json()["parts"] == {"database": "ok", "engine": "restarting"}


async def test_figures_are_for_this_machine(site: Site) -> None:
    """A scraper on the same machine needs no session."""
    async with site.visitor() as client:
        answer = await client.get("/metrics")
    assert answer.text == "switchboard_up 1\n"
    assert answer.headers["content-type"].startswith("text/plain")


async def test_figures_are_not_for_those_behind_a_proxy_here(site: Site) -> None:
    """Neither a proxy on this machine nor a foreign name that leads here opens them to the world."""
    async with site.visitor() as client:
        for headers in ({"X-Forwarded-For": "192.0.2.7"}, {"Forwarded": "for=x"}, {"Host": "evil.test"}):
            assert (await client.get("/metrics", headers=headers)).status_code == 403


async def test_figures_are_for_owners_from_anywhere(site: Site) -> None:
    """An owner's session opens them, another person's does not."""
    async with site.visitor(X_Forwarded_For="192.0.2.7") as client:
        await site.sign_in(client)
        assert (await client.get("/metrics")).status_code == 200
        someone = await site.someone_else()
        await site.sign_in(client, someone.id)
        assert (await client.get("/metrics")).status_code == 403
