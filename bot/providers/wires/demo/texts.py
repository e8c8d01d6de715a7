"""The demo's words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from random import Random
from zlib import crc32

from bot.core.message import Attachment
from bot.core.provider import Citation
from bot.providers.wires.demo.failures import KINDS, MIDDLE

HELP = f"""Hello! I am the **demo**: a script inside Switchboard, not a language model. \
Nothing you write leaves this machine.

I answer like a model would, so you can see how Switchboard behaves. Try one of these:

| say | to see |
|---|---|
| `code` | a code block with its language and a copy button |
| `table`, `list`, `markdown` | how formatting comes through |
| `a long story`, `3000 words` | a reply over several pages |
| `slow start`, `slow start 8` | a model that takes its time |
| `think about cheese` | reasoning before the answer |
| `cite your sources` | an answer with citations |
| `what did I say first?` | that the conversation is remembered |
| `count to 30`, `repeat: …` | something to recognise |
| `fail rate`, `fail quota`, `fail auth` | how failures are told |
| `cut after {MIDDLE} words`, `hang`, `hang in the middle` | streams that break |

Failures come in {len(KINDS)} kinds: {", ".join(KINDS)}. \
Add `after 15 words` for one in the middle, or `on quick` for one model only.

There are three of me: `/model demo/quick` is short, `/model demo/thorough` thinks first, \
`/model demo/story` writes at length. With a key for a real provider, real models answer instead."""

HINTS = (
    "Try `code` to see a code block grow.",
    "Try `table` to see a table come through whole.",
    "Try `a long story` to see a reply over several pages.",
    "Try `what did I say first?` to see that I remember.",
    "Try `fail overloaded` to see how a failure is told.",
    "Try `slow start` to see how waiting looks.",
    "Try `/model demo/thorough` to see reasoning.",
)

SECOND_LOOK = """

### A second look

1. **What I know:** only the words above, and those before them in this conversation.
2. **What I cannot know:** whether any of it is true. I am a script, and scripts do not weigh evidence.
3. **What would help:** a real model. Give Switchboard a provider's key and ask again."""

CODE = '''Here is a small function, with a test beneath it:

```python
from collections.abc import Iterator


def pages(text: str, size: int) -> Iterator[str]:
    """Cut a text into pages of at most ``size`` characters, at a space where there is one."""
    while len(text) > size:
        cut = text.rfind(" ", 0, size + 1)
        cut = cut if cut > 0 else size
        yield text[:cut]
        text = text[cut:].lstrip()
    if text:
        yield text


assert list(pages("one two three", 7)) == ["one two", "three"]
```

Run it with `python pages.py`; it prints nothing, which is good news.'''

TABLE = """Three ways to get to work, compared:

| way | minutes | cost | weather |
|:--|--:|--:|:-:|
| on foot | 48 | 0.00 | matters |
| by **bicycle** | 17 | 0.10 | matters |
| by tram | 22 | 2.80 | hardly |

The bicycle wins on time; the tram wins in November."""

LIST = """A weekend in three layers:

1. **Saturday**
   - Market before nine
     - bread
     - two kinds of cheese, one of them loud
   - A long walk
2. **Sunday**
   - Nothing before eleven
   - Then, in this order:
     1. coffee
     2. the crossword
     3. more coffee
3. **Monday**, regrettably

- [x] write the list
- [ ] follow it"""

MARKDOWN = """# Everything at once

Some **bold**, some *italic*, some ~~regret~~, some `code`, and a [link](https://example.com/a_(b)).

> A quotation stands apart,
> over two lines.

- a list
  - inside a list
    with a second line

| left | right |
|:--|--:|
| `a\\|b` | 1 |
| ü, 日本語, 🙂 | 22 |

```sh
echo "a fence with \\`\\`\\` inside it is harder"
```

---

Inline math stays as it is: 2 * 3 * 4 = 24, and snake_case_names keep their underscores."""

CITED = """The Roman aqueducts fell about one metre in three thousand on average [1], \
and the Pont du Gard falls 2.5 cm over its whole length [2].

These two sources are examples: I did not look anything up, I am a script."""

SOURCES = (
    Citation("https://en.wikipedia.org/wiki/Roman_aqueduct", "Roman aqueduct"),
    Citation("https://en.wikipedia.org/wiki/Pont_du_Gard", "Pont du Gard"),
)

_ONES = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
_FILLER = "This answer goes on so that there is something to break off from, word after word.".split()  # noqa: SIM905

_PLACES = ("harbour", "archive", "orchard", "night train", "lighthouse", "market", "workshop")
_PEOPLE = ("Ada", "Grace", "Konrad", "Edsger", "Barbara", "Alan", "Mary")
_THINGS = (
    "a brass key",
    "an unsigned letter",
    "a map with one road missing",
    "a very old switchboard",
    "a jar of fireflies",
)
_DOINGS = (
    "{who} came to the {where} before anyone else and found {what} on the step.",
    "Nobody at the {where} could say who had left {what} there, though {who} asked each of them twice.",
    "“It was here yesterday,” said {who}, and looked at {what} as if it might answer.",
    "The rain stopped. Over the {where} the lamps came on, and {who} counted them without meaning to.",
    "By evening {what} had changed hands three times, and {who} had written every name down.",
    "{who} closed the door of the {where} softly, the way one closes a book that is not finished.",
    "There are days, thought {who}, when even {what} is enough.",
)


def quoted(text: str, limit: int = 500) -> str:
    """A text as a Markdown quotation, shortened to ``limit`` characters."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return "\n".join(f"> {line}" for line in short.splitlines() or [""])


def ordinal(number: int) -> str:
    """A number in words, up to twelve; then in digits."""
    return _ONES[number] if number < len(_ONES) else str(number)


def plain(text: str, turn: int, first: str, hint: str) -> str:
    """The answer where nothing fits better: what was heard, what is remembered, what to try."""
    words = len(text.split())
    kind = "asked" if text.rstrip().endswith("?") else "said"
    heard = f"You {kind}, in {words} word{'' if words == 1 else 's'}:\n\n{quoted(text)}\n\n"
    honest = "I am the **demo**, a script and not a language model, so I cannot tell you more about that. "
    memory = f"This is turn {turn} of our conversation; it began with “{_short(first)}”. " if first else ""
    return heard + honest + memory + hint


def reasoning(text: str, turn: int) -> str:
    """What the demo says it thinks."""
    return (
        f"The person writes “{_short(text)}”. This is turn {turn}. "
        "I look through my scripts for one that fits. Several come near; I weigh them: "
        "a short answer would be quick, a long one would be thorough. "
        "I settle on the one whose pattern matches, and I must not pretend to know more."
    )


def recalled(earlier: Sequence[str]) -> str:
    """A list of what the person said before."""
    if not earlier:
        return "I remember everything you said here so far, which is nothing yet."
    lines = "\n".join(f"{number}. {_short(text)}" for number, text in enumerate(earlier, 1))
    return f"So far you have said {len(earlier)} thing{'' if len(earlier) == 1 else 's'} to me:\n\n{lines}"


def attachments(text: str, files: Sequence[Attachment]) -> str:
    """What came with the message, described by what a script can know of it."""
    rows = "\n".join(f"| {file.name} | {file.media_type} | {len(file.data):,} bytes |" for file in files)
    seen = "I cannot look at pictures, being a script." if any(file.is_image for file in files) else ""
    said = f"\n\nWith it you wrote:\n\n{quoted(text)}" if text else ""
    return (
        f"Thank you, this arrived:\n\n| name | type | size |\n|---|---|--:|\n{rows}\n\n{seen}{said}".rstrip()
    )


def breaking(text: str, words: int) -> str:
    """An answer long enough to be broken off after ``words`` words, with some left over to continue with."""
    start = f"You asked for this: “{_short(text)}”.".split()
    middle = list(islice(cycle(_FILLER), max(0, words + 25 - len(start))))
    return " ".join([*start, *middle]) + " And that is the end of it."


def story(text: str, words: int) -> str:
    """A story of about so many words, the same for the same request."""
    random = Random(crc32(text.encode("utf-8", "replace")))  # noqa: S311
    parts, count, chapter = [f"# The {random.choice(_PLACES)}\n\n*Asked for with: {_short(text)}*"], 0, 0
    while count < words:
        chapter += 1
        body = _chapter(random, chapter)
        count += len(body.split())
        parts.append(body)
    return "\n\n".join([*parts, "*The end.*"])


def _chapter(random: Random, number: int) -> str:
    who, where = random.choice(_PEOPLE), random.choice(_PLACES)
    paragraphs = [_paragraph(random, who, where) for _ in range(4)]
    if number % 3 == 2:
        paragraphs.insert(2, _ledger(random))
    return "\n\n".join([f"## {number}. {who} at the {where}", *paragraphs])


def _paragraph(random: Random, who: str, where: str) -> str:
    chosen = random.sample(_DOINGS, 4)
    return " ".join(line.format(who=who, where=where, what=random.choice(_THINGS)) for line in chosen)


def _ledger(random: Random) -> str:
    rows = "\n".join(f"| {name} | {random.randint(1, 99)} |" for name in random.sample(_PEOPLE, 4))
    return f"In the book it stood thus:\n\n| name | lamps |\n|---|--:|\n{rows}"


def _short(text: str, limit: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
