"""What ``/model`` holds for: each level is shown, chosen by who may, and taken back."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.command import Answer, Asked
from bot.core.view import Tone
from tests.bot.commands.conftest import Thread

LUNA = "openai/gpt-6-luna"
SCOPES = ("installation", "workspace", "me", "channel", "thread")
LEVELS = ("installation", "workspace", "person", "channel", "thread")


async def heard(thread: Thread, line: str, asked: Asked | None = None) -> Answer:
    """What is said of it."""
    answer = await thread.desk.run(asked or replace(thread.asked(), shared=True), line)
    assert answer is not None
    return answer


def outside(thread: Thread) -> Asked:
    """The person asks in a channel whose threads are the conversations."""
    place = replace(thread.place, thread="")
    return replace(thread.asked(), place=place, in_conversation=False, shared=True)


async def test_every_level_is_chosen_shown_and_taken_back(thread: Thread) -> None:
    """From the widest to the nearest each decides once it is set; taken back, the next wider one does again."""
    await thread.store.people.grant(thread.person_id, "owner")
    for scope, level, model in zip(
        SCOPES, LEVELS, ("quick", "story", "thorough", "quick", "story"), strict=True
    ):
        said = (await heard(thread, f"/model demo/{model} scope:{scope}")).view
        assert said.tone is Tone.NOTICE, said.text
        choice = await thread.desk.chosen(thread.asked())
        assert (str(choice.model), choice.level) == (f"demo/{model}", level)
    shown = (await heard(thread, "/model levels")).view.text
    assert shown.startswith("**demo/story** answers: set in this thread.")
    assert shown.count("set by Ada on ") == len(SCOPES)
    assert "- **this thread: `demo/story`, set by Ada on " in shown
    assert "\n- its agent: nothing\n" in shown
    assert "\n- you: `demo/thorough`, set by Ada" in shown
    assert f"\n- else: `{LUNA}`" in shown
    for scope, left in zip(reversed(SCOPES), [*reversed(LEVELS[:-1]), "default"], strict=True):
        await heard(thread, f"/model default scope:{scope}")
        assert (await thread.desk.chosen(thread.asked())).level == left


async def test_what_holds_for_others_needs_who_may(thread: Thread) -> None:
    """A member chooses for a thread and for themself; the refusal names who can do more."""
    grace = await thread.store.people.identify("web", "web:main", "grace", "Grace")
    await thread.store.people.grant(grace.id, "admin", "web:main")
    for scope, who in (("channel", "(Grace)"), ("workspace", "(Grace)"), ("installation", "owner")):
        refused = (await heard(thread, f"/model demo/quick scope:{scope}")).view
        assert refused.tone is Tone.ERROR
        assert who in refused.text
        assert "nothing was changed" in refused.text
    for scope in ("thread", "me", "next"):
        assert (await heard(thread, f"/model demo/quick scope:{scope}")).view.tone is Tone.NOTICE
    alone = replace(outside(thread), shared=False)
    assert (await heard(thread, "/model demo/quick scope:channel", alone)).view.tone is Tone.NOTICE


async def test_an_admin_of_the_platform_may_choose_for_the_channel(thread: Thread) -> None:
    """Nobody has to be named first."""

    async def yes() -> bool:
        return True

    asked = replace(outside(thread), platform_admin=yes)
    assert (await heard(thread, "/model demo/quick scope:channel", asked)).refresh
    refused = await heard(thread, "/model demo/quick scope:installation", asked)
    assert refused.view.tone is Tone.ERROR


async def test_in_a_channel_it_asks_what_it_holds_for(thread: Thread) -> None:
    """Three buttons carry the commands, the words stand there too, and nothing is changed."""
    for typed, meant in (("demo/quick", "demo/quick"), ("default", "default")):
        answer = await heard(thread, f"/model {typed}", outside(thread))
        assert [button.command for button in answer.view.buttons] == [
            f"model {meant} scope:channel",
            f"model {meant} scope:me",
            f"model {meant} scope:next",
        ]
        assert f"`/model {meant} scope:channel`" in answer.view.text
        assert not answer.refresh
    assert (await heard(thread, "/model quick scope:thread", outside(thread))).view.tone is Tone.ERROR


async def test_the_next_thread_gets_it_once(thread: Thread) -> None:
    """The next that this person starts in this channel; nobody else's, and not the one after it."""
    store = thread.store.conversations
    grace = await thread.store.people.identify("web", "web:main", "grace", "Grace")
    await heard(thread, "/model story scope:next", outside(thread))
    await store.start_new("web:main/general/t7", grace.id)
    await store.start_new("web:main/other/t8", thread.person_id)
    first = await store.start_new("web:main/general/t9", thread.person_id)
    second = await store.start_new("web:main/general/t10", thread.person_id)
    assert (first.current_model, second.current_model) == ("demo/story", None)
    assert [row.action for row in await thread.store.audit.latest(2)] == ["use up", "set"]


async def test_a_choice_for_oneself_is_not_told_to_all(thread: Thread) -> None:
    """In a shared place; where nobody else is, the place looks different."""
    assert not (await heard(thread, "/model quick scope:me")).refresh
    assert (await heard(thread, "/model story scope:me", thread.asked())).refresh


async def test_what_one_used_last_is_ones_own_default_on_request(thread: Thread) -> None:
    """It follows every switch, and ends by the same word."""
    said = (await heard(thread, "/model last")).view.text
    assert f"just now **{LUNA}**" in said
    assert (await thread.desk.chosen(thread.asked())).reason == "the one you used last, as you wished"
    await heard(thread, "/model quick")
    elsewhere = replace(thread.asked(), place=replace(thread.place, thread="t2"))
    assert str((await thread.desk.chosen(elsewhere)).model) == "demo/quick"
    assert (
        "- **you: what you used last, `demo/quick`, set by Ada"
        in (await heard(thread, "/model levels", elsewhere)).view.text
    )
    await heard(thread, "/model last")
    assert (await thread.desk.chosen(elsewhere)).level == "default"


async def test_a_scope_is_written_before_or_behind_the_name(thread: Thread) -> None:
    """And one that there is not names those that there are."""
    assert "your own default" in await thread.say("/model scope:me quick")
    assert "your own default" in await thread.say("/model story SCOPE:Me")
    refused = await thread.error("/model quick scope:chanel")
    assert refused == "There is no scope “chanel”. Nearest: `channel`."


async def test_a_switch_says_what_it_costs_to_read_all_again(thread: Thread) -> None:
    """Tokens by the input's price, before and after."""
    await thread.talk("What is far?", "word " * 40_000)
    said = await thread.say("/model openai/gpt-6.1-sol")
    assert "Each message sends what was said so far again, about " in said
    assert "(before: $0.00" in said
    assert "free (before: $0." in await thread.say("/model thorough")
