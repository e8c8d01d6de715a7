"""Pictures in the web chat: beneath the words, for the eyes of whoever may see the thread."""

from __future__ import annotations

from bot.core.view import Picture, View
from tests.contracts.surfaces import KEY, PNG
from tests.web.conftest import Site
from web.chat import place_of

THREAD = "abcdefgh12345678"
VIEW = View("Last week", picture=Picture(PNG, 'Bar chart: "$3" in all.', "spending.png"))


async def test_a_picture_stands_beneath_the_words(site: Site) -> None:
    """With its own words; the browser keeps it, for it never changes."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        post_id = await site.post(person, THREAD, VIEW, KEY)
        page = (await client.get(f"/try/{THREAD}")).text
        address = f"/try/{THREAD}/pictures/{post_id}"
        assert f'<img src="{address}" alt="Bar chart: &#34;$3&#34; in all."' in page
        answer = await client.get(address)
        assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
        assert "private" in answer.headers["cache-control"]


async def test_a_picture_is_for_whoever_may_see_the_thread(site: Site) -> None:
    """Others are told that there is none, as who is not signed in is told nothing at all."""
    someone = await site.someone_else()
    post_id = await site.post(someone, THREAD, VIEW, KEY)
    address = f"/try/{THREAD}/pictures/{post_id}"
    async with site.visitor() as client:
        assert (await client.get(address)).status_code != 200
        await site.sign_in(client)
        for path in (address, f"/try/{THREAD}/pictures/{2**70}", f"/try/{THREAD}/pictures/x"):
            assert (await client.get(path)).status_code == 404


async def test_an_edit_leaves_the_picture(site: Site) -> None:
    """What is said with it may change."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        post_id = await site.post(person, THREAD, VIEW, KEY)
        await site.surface.edit(place_of(person.id, THREAD), post_id, View("Last week, again"))
        page = (await client.get(f"/try/{THREAD}")).text
    assert "Last week, again" in page
    assert f"/pictures/{post_id}" in page
