"""``/models``: browsing, filters, pages, and what is not set up."""

from __future__ import annotations

import re

from pydantic import SecretStr

from bot.config import ProviderSettings
from tests.bot.commands.conftest import Thread


async def test_all_of_them_by_provider(thread: Thread) -> None:
    """Under each provider what becomes of the text; each with window and price; then what is not set up."""
    said = await thread.say("/models")
    assert "**OpenAI**: the text goes to OpenAI. Not trained on by default" in said
    assert "- `openai/gpt-6-luna`: 922k tokens, sees images, $0.10 in, $0.50 out per million" in said
    assert "nothing leaves this machine.\n- `demo/quick`: 32k tokens, sees images, free" in said
    assert "**Not set up here**: Anthropic, " in said
    assert said.endswith("`status:available`, `sort:price`.")


async def test_what_is_not_set_up_says_how(thread: Thread) -> None:
    """With the command and the address of the provider's console."""
    said = await thread.say("/models anthropic")
    assert said.startswith("No model fits “anthropic”.")
    assert "`switchboard keys add anthropic`" in said
    assert "https://" in said


async def test_what_may_not_be_used_is_marked(thread: Thread) -> None:
    """It is shown all the same, so that somebody can ask for it."""
    await thread.store.settings.set("place:web:main", "models.denied", ["openai/gpt-6-luna"], None)
    said = await thread.say("/models openai")
    assert (
        "- `openai/gpt-6-luna`: 922k tokens, sees images, $0.10 in, $0.50 out per million — may not be"
        in said
    )
    assert said.count("may not be used here") == 1


async def test_pages_are_turned_by_buttons(thread: Thread) -> None:
    """The buttons carry the words and the page; a page too far is the last."""
    key = ProviderSettings(SecretStr("sk-never-used"))
    thread.registry.connect(dict.fromkeys(("anthropic", "google", "mistral", "openrouter", "xai"), key))
    first = await thread.desk.run(thread.asked(), "/models cloud")
    last = await thread.desk.run(thread.asked(), "/models cloud page:99")
    assert first is not None
    assert last is not None
    assert re.match(r"\d+ models with “cloud”, page 1 of [2-9]:", first.view.text)
    assert [button.command for button in first.view.buttons] == ["models cloud page:2"]
    assert [button.label for button in last.view.buttons] == ["Previous page"]
    assert "Not set up here" not in first.view.text
    assert "Not set up here" in last.view.text
