"""What people said is kept once, in order, whatever happens next."""

import asyncio
from pathlib import Path

from storage.inbox import NewAttachment
from storage.posts import NewPost
from storage.store import Store
from tests.storage.given import PLACE, again, answered, claimed, outcomes, program, said


async def test_first_item_opens_a_conversation(store: Store) -> None:
    """The first thing said at a place opens a conversation there, titled by its first line."""
    received = await store.inbox.receive(said("  What is  a\tswitchboard?\nTell me."))
    assert received.fresh
    conversation = await store.conversations.get(received.conversation_id)
    assert (conversation.title, conversation.place) == ("What is a switchboard?", PLACE)
    assert (conversation.workspace_id, conversation.person_id) == ("slack:T1", 7)
    assert await store.conversations.current(PLACE) == conversation


async def test_long_first_line_is_cut(store: Store) -> None:
    """A title is at most eighty characters and says that it goes on."""
    received = await store.inbox.receive(said("word " * 40))
    title = (await store.conversations.get(received.conversation_id)).title
    assert len(title) <= 80
    assert title.endswith("word…")


async def test_file_that_comes_alone_gives_its_name(store: Store) -> None:
    """What comes without words is titled by its file."""
    received = await store.inbox.receive(said("", files=(NewAttachment("plan.txt", "text/plain", b"1"),)))
    assert (await store.conversations.get(received.conversation_id)).title == "plan.txt"


async def test_repeated_key_is_one_item(store: Store) -> None:
    """A repeated delivery writes nothing and gets the first one's ids."""
    first = await store.inbox.receive(said("Hello"))
    second = await store.inbox.receive(said("Hello", place="slack:T1/C2"))
    assert (second.fresh, second.inbox_id, second.conversation_id) == (
        False,
        first.inbox_id,
        first.conversation_id,
    )
    assert [item.id for item in await store.inbox.waiting(first.conversation_id)] == [first.inbox_id]
    assert await store.conversations.current("slack:T1/C2") is None


async def test_what_was_received_is_known_by_its_key(store: Store) -> None:
    """Of any keys those are told apart that something came under."""
    first, second = said("Hello"), said("Hello again", key="another")
    await store.inbox.receive(first)
    await store.inbox.receive(second)
    assert await store.inbox.known([first.key, "unheard of", second.key]) == {first.key, second.key}
    assert await store.inbox.known([]) == frozenset()


async def test_repeats_at_the_same_moment_are_one_item(store: Store) -> None:
    """Of thirty deliveries at once one is fresh, and all agree on the ids."""
    received = await asyncio.gather(*(store.inbox.receive(said()) for _ in range(30)))
    assert sum(one.fresh for one in received) == 1
    assert len({(one.inbox_id, one.conversation_id) for one in received}) == 1


async def test_different_items_at_the_same_moment_share_the_conversation(store: Store) -> None:
    """Items that reach a new place at once do not open two conversations."""
    received = await asyncio.gather(*(store.inbox.receive(said(key=str(n))) for n in range(20)))
    assert len({one.conversation_id for one in received}) == 1
    assert all(one.fresh for one in received)


async def test_processes_receive_each_item_once(store: Store, database_url: str, tmp_path: Path) -> None:
    """Three processes that are sent the same forty items keep each once between them."""
    printed = await outcomes("receive", 3, database_url, str(tmp_path / "data"), "40")
    assert sorted(int(n) for text in printed for n in text.split()) == list(range(40))
    [conversation_id] = await store.inbox.ready(10, ["slack"])
    assert len(await store.inbox.waiting(conversation_id)) == 40


async def test_files_lie_beside_their_item(store: Store) -> None:
    """Attachments are kept with the item; the inbox lists them without their bytes."""
    files = (NewAttachment("a.png", "image/png", b"\x89PNG"), NewAttachment("b.txt", "text/plain", b"text"))
    received = await store.inbox.receive(said(files=files))
    [item] = await store.inbox.waiting(received.conversation_id)
    assert [(f.name, f.media_type, f.size) for f in item.attachments] == [
        ("a.png", "image/png", 4),
        ("b.txt", "text/plain", 4),
    ]


async def test_post_is_written_with_its_item(store: Store) -> None:
    """The web chat's own record comes in the same transaction, and only once."""
    post = NewPost("web:main/1/t", '{"text": "Hi"}', "mine", 1)
    for _ in range(2):
        await store.inbox.receive(said(place="web:main/1/t"), post)
    [kept] = await store.posts.since("web:main/1/t", 0, 10)
    assert (kept.view, kept.key, kept.author_person_id) == (post.view, "mine", 1)


async def test_post_that_stands_already_does_not_lose_the_item(store: Store) -> None:
    """A post whose key is taken is left as it is; the item is kept all the same."""
    place = "web:main/1/t"
    await store.posts.insert(place, "old", "mine")
    assert (await store.inbox.receive(said(place=place), NewPost(place, "new", "mine"))).fresh
    assert [post.view for post in await store.posts.since(place, 0, 10)] == ["old"]


async def test_ready_names_unclaimed_conversations(store: Store) -> None:
    """What waits is ready, the longest waiting first, until somebody claims it."""
    first = await store.inbox.receive(said(key="1", place="slack:T1/C1"))
    second = await store.inbox.receive(said(key="2", place="slack:T1/C2"))
    assert await store.inbox.ready(10, ["slack"]) == [first.conversation_id, second.conversation_id]
    assert await store.inbox.ready(1, ["slack"]) == [first.conversation_id]
    claim = await store.conversations.claim(first.conversation_id, "here")
    assert claim is not None
    assert await store.inbox.ready(10, ["slack"]) == [second.conversation_id]
    assert await store.replies.take(claim) is not None
    await store.conversations.release(claim)
    assert await store.inbox.ready(10, ["slack"]) == [second.conversation_id]


async def test_ready_keeps_to_the_platforms_named(store: Store) -> None:
    """What waits on another platform is not ready."""
    here = await store.inbox.receive(said(place="slack:T1/C1"))
    there = await store.inbox.receive(said(place="discord:G1/C1"))
    assert await store.inbox.ready(10, ["discord"]) == [there.conversation_id]
    assert await store.inbox.ready(10, ["discord", "slack"]) == [here.conversation_id, there.conversation_id]
    assert await store.inbox.ready(10, []) == []


async def test_who_says_something_hears_whether_somebody_is_answering(store: Store) -> None:
    """A conversation that is owned is busy, for a repeat too."""
    assert not (await store.inbox.receive(said())).busy
    await claimed(store, said(key="2"))
    assert (await store.inbox.receive(said(key="3"))).busy
    assert (await store.inbox.receive(said(key="3"))).busy


async def test_orphans_are_what_dead_processes_left(store: Store) -> None:
    """Both what a dead process owned and what it left open are orphans; what the living own is not."""
    owned = await claimed(store, said(place="slack:T1/C1"), process="dead")
    await claimed(store, said(key="2", place="slack:T1/C2"), process="alive")
    left = await claimed(store, said(key="3", place="slack:T1/C3"), process="dead")
    await store.replies.take(left)
    await store.conversations.release(left)
    assert [one.conversation_id for one in await store.inbox.orphans({"dead"})] == [
        owned.conversation_id,
        left.conversation_id,
    ]
    assert {(one.place, one.process) for one in await store.inbox.orphans({"dead"})} == {
        ("slack:T1/C1", "dead"),
        ("slack:T1/C3", "dead"),
    }
    assert await store.inbox.orphans(()) == []


async def test_retry_goes_to_the_conversation_of_its_reply(store: Store) -> None:
    """After /new a retry of an older reply still reaches that reply's conversation; another place's cannot."""
    claim = await claimed(store)
    done = await answered(store, claim, said(key="2"), "Answer")
    fresh = await store.conversations.start_new(PLACE)
    received = await store.inbox.receive(again("3", reply_id=done.reply.id))
    assert received.conversation_id == claim.conversation_id
    elsewhere = await store.inbox.receive(again("4", place="slack:T1/C9", reply_id=done.reply.id))
    assert elsewhere.conversation_id not in (claim.conversation_id, fresh.id)
    assert (await store.inbox.receive(again("5"))).conversation_id == fresh.id


async def test_what_no_database_keeps_is_replaced(store: Store) -> None:
    """A NUL or half a surrogate pair in a text does not make it undeliverable."""
    received = await store.inbox.receive(said("a\x00b\ud800c"))
    claim = await store.conversations.claim(received.conversation_id, "here")
    assert claim is not None
    found = await store.replies.take(claim)
    assert found is not None
    [message] = await store.conversations.branch(found.question_id)
    assert message.text == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


async def test_nothing_that_returned_is_lost_by_a_kill(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """A process is killed at a random moment; every item whose receive had returned is there."""
    place = "slack:T1/C7"
    process = await program("write_without_end", database_url, str(tmp_path / "data"), place)
    assert process.stdout is not None
    seen = [await process.stdout.readline() for _ in range(50)]
    process.kill()
    seen += (await process.stdout.read()).splitlines()
    await process.wait()
    conversation = await store.conversations.current(place)
    assert conversation is not None
    kept = {item.key for item in await store.inbox.waiting(conversation.id)}
    assert {f"slack:T1#{int(line)}" for line in seen if line.strip()} <= kept
    assert len(await store.posts.since(place, 0, 100_000)) == len(kept)
