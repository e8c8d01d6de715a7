"""One's own page: sessions are listed and ended."""

from __future__ import annotations

from tests.web.conftest import Site


async def test_another_browser_is_signed_out(site: Site) -> None:
    """Each of one's browsers is listed with its name, and ended by a button; others' are not to be seen or ended."""
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    async with site.visitor() as here, site.visitor(User_Agent=agent) as there, site.visitor() as other:
        owner = await site.sign_in(here)
        await site.sign_in(there)
        await site.sign_in(other, (await site.someone_else()).id)
        page = await here.get("/me")
        assert "Firefox on Linux" in page.text
        assert page.text.count("Sign out</button>") == 3
        sessions = await site.store.sessions.of(owner.id)
        end = f"/me/sessions/{next(one.id for one in sessions if 'Firefox' in one.agent)}/end"
        assert (await other.post(end)).status_code == 404
        assert (await there.get("/me")).status_code == 200
        answer = await here.post(end, follow_redirects=True)
        assert "That browser is signed out." in answer.text
        assert (await there.get("/me")).status_code == 401
        assert "signed out." not in (await here.get("/me")).text


async def test_only_admins_are_shown_their_doors(site: Site) -> None:
    """A member's navigation has what a member may open."""
    async with site.visitor() as owner, site.visitor() as member:
        await site.sign_in(owner)
        await site.sign_in(member, (await site.someone_else()).id)
        assert 'href="/providers"' in (await owner.get("/me")).text
        page = (await member.get("/me")).text
        assert 'href="/providers"' not in page
        assert 'href="/try"' in page
