"""The demo: different for what is asked, the same every time, and honest."""

from __future__ import annotations

import re

import pytest

from bot.conversation.context import GO_ON
from bot.core.errors import ModelMissing, TimedOut
from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Citation, Reasoning, Text
from bot.providers.resilience import Deadlines, Resilient
from bot.providers.tokens import estimate
from bot.providers.wires.demo import Demo
from tests.bot.providers.asking import ask, hear, ids, request

DEMO = Demo(speed=0)


class Sleeper:
    """Sleeps at once, and keeps how long it was to be."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.naps.append(seconds)


async def say(*said: str, model: str = "quick") -> str:
    heard = await ask(DEMO, *said, model=model)
    assert heard.error is None
    return heard.text


def conversation(*turns: str, model: str = "quick") -> ChatRequest:
    """A conversation of person and demo by turns, the person first."""
    roles = (Role.USER, Role.ASSISTANT)
    return ChatRequest(model, tuple(ChatMessage(roles[at % 2], text) for at, text in enumerate(turns)))


@pytest.mark.parametrize("greeting", ["", "hi", "Hello!", "help", "Who are you?", "what can I try?"])
async def test_it_says_what_can_be_tried(greeting: str) -> None:
    """Greeted or asked for help it is honest about itself and lists what there is."""
    text = await say(greeting)
    assert "not a language model" in text
    assert "`fail rate`" in text
    assert "demo/thorough" in text


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("Show me some code", r"```python\n(?:.*\n)+?```"),
        ("a table please", r"\| way \| minutes \|.*\n\|:--\|--:"),
        ("make a list", r"1\. \*\*Saturday\*\*\n   - Market.*\n     - bread"),
        ("markdown", r"# Everything at once"),
        ("repeat: Zwölf Boxkämpfer", r"^Zwölf Boxkämpfer$"),
        ("count to 3", r"^1\. one\n2\. two\n3\. three$"),
        ("count to 30", r"30\. 30$"),
        ("What is the airspeed of a swallow?", r"^You asked, in 7 words:\n\n> What is"),
        ("Cheese", r"^You said, in 1 word:"),
        ("what did I say first?", r"^This is the first thing"),
        ("do you remember?", r"nothing yet"),
    ],
)
async def test_it_answers_what_is_asked(asked: str, shown: str) -> None:
    """Each of its forms can be called up, and comes out the same again."""
    text = await say(asked)
    assert re.search(shown, text)
    assert text == await say(asked)


async def test_it_remembers() -> None:
    """What was said before can be asked for, and shows in plain answers."""
    said = ("I like cheese", "and wine")
    assert await say(*said, "what did I say first?") == "The first thing you said was:\n\n> I like cheese"
    assert await say(*said, "What did I just ask before?") == "Just before this you said:\n\n> and wine"
    assert "1. I like cheese\n2. and wine" in await say(*said, "summarize, please")
    assert "you have said 1 thing to me" in await say("one", "what do you remember?")
    assert "turn 3 of our conversation; it began with “I like cheese”" in await say(*said, "bread")


async def test_answers_differ() -> None:
    """Different questions get different answers."""
    assert len({await say(f"question {number}") for number in range(10)}) == 10


async def test_long_answers_are_long() -> None:
    """A story runs over several pages and as many words as are asked for, with a table in its midst."""
    story = await say("tell me a long story")
    assert len(story) > 6_000
    assert "\n## 2." in story
    assert "| name | lamps |" in story
    assert 3_000 < len((await say("write 3000 words")).split()) < 3_600
    assert len(await say("anything", model="story")) > 6_000


async def test_the_thorough_one_thinks_first() -> None:
    """Reasoning comes before the answer, is not part of it, and counts as output."""
    heard = await ask(DEMO, "Cheese", model="thorough")
    kinds = [type(event) for event in heard.events]
    assert kinds.index(Text) == kinds.count(Reasoning) > 20
    assert "Cheese" in heard.reasoning
    assert "A second look" in heard.text
    assert heard.usage is not None
    assert heard.usage.reasoning == estimate(heard.reasoning)
    assert heard.usage.output == estimate(heard.text) + heard.usage.reasoning
    assert (await ask(DEMO, "think about cheese", model="quick")).reasoning


async def test_sources_are_cited() -> None:
    """Citations are events of their own."""
    heard = await ask(DEMO, "cite your sources", model="quick")
    assert [event.title for event in heard.events if isinstance(event, Citation)] == [
        "Roman aqueduct",
        "Pont du Gard",
    ]


async def test__attachments_are_described() -> None:
    """A script cannot look, but it can tell what came."""
    files = (Attachment("a.png", "image/png", b"x" * 2048), Attachment("b.txt", "text/plain", b"hi"))
    turn = ChatMessage(Role.USER, "what is this?", files)
    text = (await hear(DEMO.chat(ChatRequest("quick", (turn,))))).text
    assert "| a.png | image/png | 2,048 bytes |" in text
    assert "cannot look at pictures" in text
    assert "> what is this?" in text
    bare = (await hear(DEMO.chat(ChatRequest("quick", (ChatMessage(Role.USER, "", files[1:]),))))).text
    assert "pictures" not in bare


async def test_it_writes_at_a_human_speed() -> None:
    """Small pieces, 60 to 80 tokens a second, a short pause first."""
    sleeper = Sleeper()
    heard = await ask(Demo(sleep=sleeper), "a long story", model="quick")
    seconds = sum(sleeper.naps[1:])
    assert 0.1 < sleeper.naps[0] < 0.5
    assert 60 < len(heard.text) / 4.5 / seconds < 80
    assert max(sleeper.naps) < 0.5


async def test_a_start_may_be_slow() -> None:
    """As slow as it is asked to be."""
    for text, seconds in (("slow start", 5), ("start slowly, 8 s", 8), ("slow 9999", 120)):
        sleeper = Sleeper()
        assert "slow start" in (await ask(Demo(speed=0, sleep=sleeper), text, model="quick")).text
        assert sleeper.naps == [seconds]


async def test_a_hang_is_ended_by_our_deadlines() -> None:
    """Before the first word or in the middle, silence becomes TimedOut with what came before it."""
    patient = Resilient("demo", DEMO, Deadlines(first=0.2, idle=0.2))
    heard = await ask(patient, "fail hang", model="quick")
    assert (type(heard.error), heard.text) == (TimedOut, "")
    heard = await ask(patient, "hang in the middle", model="quick")
    assert (type(heard.error), len(heard.text.split())) == (TimedOut, 20)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fail server after 7 words", 7),
        ("Please fail with a server after 3.", 3),
        ("Ana: fail server in the middle", 20),
        ("cut", 20),
        ("cut after 5 words", 5),
        ("fail server", 0),
        ("fail rate on demo/quick", 0),
    ],
)
async def test_failures_come_when_they_are_ordered(text: str, words: int) -> None:
    """At once or after so many words, whoever says it."""
    heard = await ask(DEMO, text, model="quick")
    assert heard.error is not None
    assert len(heard.text.split()) == words
    assert heard.finish is None


@pytest.mark.parametrize(
    "text", ["fail rate on thorough", "do not fail me", "the model is in a server", "cut the cake"]
)
async def test_nothing_fails_unordered(text: str) -> None:
    """An order is for one model where it says so, and a sentence with its words is no order."""
    assert (await ask(DEMO, text, model="quick")).error is None


@pytest.mark.parametrize("go_on", [(), ("Continue",), ("please go on from where you stopped",), (GO_ON,)])
@pytest.mark.parametrize("mark", ["", "\n\n[This answer broke off here.]"])
async def test_a_broken_answer_can_be_continued(go_on: tuple[str, ...], mark: str) -> None:
    """What it had said is gone on with, not said again, and does not fail again."""
    broken = await ask(DEMO, "cut after 12 words", model="quick")
    rest = await hear(DEMO.chat(conversation("cut after 12 words", broken.text + mark, *go_on)))
    assert rest.error is None
    whole = broken.text + rest.text
    assert whole.startswith("You asked for this: “cut after 12 words”. This answer goes on")
    assert whole.endswith("And that is the end of it.")
    done = await hear(DEMO.chat(conversation("cut after 12 words", whole)))
    assert done.text == "There was nothing left to say."


async def test_a_cap_on_output_is_kept() -> None:
    """A short cap ends the answer early, and says so."""
    heard = await hear(DEMO.chat(request("a long story", model="quick", max_output=50)))
    assert heard.finish == "length"
    assert 40 <= estimate(heard.text) <= 50
    heard = await hear(DEMO.chat(request("a long story", model="quick", max_output=1)))
    assert (heard.text, heard.finish) == ("#", "length")


async def test_there_are_three_models() -> None:
    """And no others."""
    assert ids(await DEMO.models()) == ("quick", "thorough", "story")
    assert isinstance((await ask(DEMO, model="slow")).error, ModelMissing)
