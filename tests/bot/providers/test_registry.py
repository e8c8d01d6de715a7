"""Which models there are, and what a person's words for one mean."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import SecretStr

from bot.config import ProviderSettings
from bot.core.errors import BadInput, NotConfigured
from bot.core.provider import Listed, ModelId
from bot.net.http import Http
from bot.providers.catalog import CATALOG, UNKNOWN_WINDOW, row
from bot.providers.registry import Credentials, Registry
from bot.providers.resilience import Deadlines
from bot.providers.wires.demo import Demo
from tests.bot.providers.asking import ask
from tests.fakes.manners import MANNERS
from tests.fakes.provider import ProviderServer, answer_for
from tests.fakes.rules import Model

LUNA = ModelId("openai", "gpt-6-luna")
QUICK = ModelId("demo", "quick")


def registry(
    http: Http, key: str | None = None, base_url: str | None = None, default: str | None = None
) -> Registry:
    secret = SecretStr(key) if key else None
    settings: Mapping[str, Credentials] = {"openai": ProviderSettings(secret, base_url)}
    return Registry(CATALOG, settings, http, default=default, demo=Demo(speed=0))


@pytest.fixture
def fake(provider_server: ProviderServer, http: Http) -> Registry:
    return registry(http, provider_server.key, provider_server.url)


def names(found: Registry) -> list[str]:
    return [str(model.id) for model in found.models()]


async def test_without_any_key_there_is_the_demo(http: Http) -> None:
    """A fresh installation answers, offline and free."""
    alone = registry(http)
    assert [each.id for each in alone.configured()] == ["demo"]
    assert alone.default() == QUICK
    assert names(alone) == ["demo/quick", "demo/thorough", "demo/story"]
    assert all(model.local and model.priced for model in alone.models())
    assert "demo" in (await ask(alone.provider(QUICK), model="quick")).text
    assert alone.credential_name("demo") == alone.credential_name("openai") == ""


async def test_a_key_brings_its_models(http: Http) -> None:
    """The preferred ones are there before the list is, the first as the default."""
    with_key = registry(http, "sk-x")
    assert with_key.default() == LUNA
    assert with_key.credential_name("openai") == "OPENAI_API_KEY"
    luna = with_key.model(LUNA)
    assert (luna.window, luna.max_output, luna.vision, luna.priced, luna.local) == (
        *(922_000, 128_000, True, True, False),
    )
    assert with_key.model(ModelId("openai", "gpt-5.5")).window == 1_050_000


async def test_the_live_list_takes_over(fake: Registry, provider_server: ProviderServer) -> None:
    """Once loaded it is what there is, less what cannot chat, the preferred ones first."""
    provider_server.models["whisper-1"] = Model("whisper-1")
    provider_server.models["gpt-6.1-sol"] = Model("gpt-6.1-sol")
    assert await fake.refresh() == {}
    assert names(fake)[:4] == ["openai/gpt-6-luna", "openai/gpt-6.1-sol", "openai/gpt-4.1", "openai/tiny"]
    assert fake.default() == LUNA


async def test_another_server_has_models_of_its_own(http: Http) -> None:
    """Without a key, with a base URL: the default is the first it lists, and its price is unknown."""
    async with ProviderServer(key="", models=(Model("llama3.3:70b"), Model("llava"))) as server:
        own = registry(http, None, server.url)
        assert own.default() == LUNA
        await own.refresh()
        assert own.default() == ModelId("openai", "llama3.3:70b")
        first, second = own.models()[:2]
        assert (first.window, first.max_output, first.priced, first.vision) == (
            UNKNOWN_WINDOW,
            None,
            False,
            False,
        )
        assert second.vision
        assert own.credential_name("openai") == ""
        heard = await ask(own.provider(first.id), "Hi", model=first.id.model)
        assert heard.text == answer_for("Hi")


async def test_a_server_without_models_is_passed_over(http: Http) -> None:
    """An empty list leaves the demo as the default."""
    async with ProviderServer(key="", models=()) as server:
        own = registry(http, None, server.url)
        await own.refresh()
        assert own.default() == QUICK


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("demo/quick", "demo/quick"),
        (" Demo/Quick ", "demo/quick"),
        ("quick", "demo/quick"),
        ("luna", "openai/gpt-6-luna"),
        ("gpt-4.1", "openai/gpt-4.1"),
        ("openai/ft:gpt-4.1:acme::abc", "openai/ft:gpt-4.1:acme::abc"),
        ("OpenAI/Some-Model", "openai/Some-Model"),
    ],
)
async def test_a_model_is_found(http: Http, text: str, found: str) -> None:
    """By its full id in any case, or by how its id ends; a full id of a configured provider is believed."""
    assert str(registry(http, "sk-x").find(text)) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("demo/quack", "`demo/quick`"),
        ("quik", "`demo/quick`"),
        ("uick", "Nearest"),
        ("", "Nearest"),
        ("nowhere/model", "Nearest"),
        ("openai/", "Nearest"),
    ],
)
async def test_what_is_no_model_is_told_with_the_nearest(http: Http, text: str, said: str) -> None:
    """Whoever mistypes is shown what comes near."""
    with pytest.raises(BadInput) as caught:
        registry(http, "sk-x").find(text)
    assert said in caught.value.say


async def test_an_ambiguous_end_is_told_with_its_choices(
    fake: Registry, provider_server: ProviderServer
) -> None:
    """Where several models end so, all of them are named and none is taken."""
    provider_server.models["other-luna"] = Model("other-luna")
    await fake.refresh()
    with pytest.raises(BadInput) as caught:
        fake.find("luna")
    assert "openai/gpt-6-luna" in caught.value.say
    assert "openai/other-luna" in caught.value.say


async def test_the_live_list_has_the_last_word(fake: Registry) -> None:
    """Once the provider said what it has, a full id that is not there is not believed."""
    await fake.refresh()
    with pytest.raises(BadInput):
        fake.find("openai/gpt-9")


async def test_a_provider_without_a_key_says_what_to_set(http: Http) -> None:
    """The sentence names the setting and where to get a key."""
    alone = registry(http)
    for act in (
        lambda: alone.find("openai/gpt-4.1"),
        lambda: alone.provider(LUNA),
        lambda: alone.model(LUNA),
    ):
        with pytest.raises(NotConfigured) as caught:
            act()
        assert "OPENAI_API_KEY" in caught.value.say
        assert "https://platform.openai.com/api-keys" in caught.value.say
    with pytest.raises(NotConfigured, match="no provider 'nowhere'") as caught:
        alone.provider(ModelId("nowhere", "x"))
    assert "openai, anthropic, google, deepseek" in caught.value.say


async def test_the_default_may_be_set(http: Http) -> None:
    """DEFAULT_MODEL is taken at its word, and told where it is none."""
    assert registry(http, "sk-x", default="demo/story").default() == ModelId("demo", "story")
    with pytest.raises(BadInput) as caught:
        registry(http, default="story").default()
    assert "DEFAULT_MODEL" in caught.value.say


async def test_a_list_that_cannot_be_loaded_is_told(
    fake: Registry,
    provider_server: ProviderServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What failed is in the log and in the answer; the bundled ids stay."""
    provider_server.key = "another"
    with caplog.at_level(logging.WARNING):
        failed = await fake.refresh()
    assert failed == {"openai": "openai rejected our key; an admin can enter a new one."}
    assert "no model list from openai" in caplog.text
    assert fake.default() == LUNA

    async def never() -> tuple[Listed, ...]:
        await asyncio.sleep(60)
        return ()

    monkeypatch.setattr("bot.providers.registry.REFRESH_TIMEOUT", 0.05)
    slow = Demo()
    monkeypatch.setattr(slow, "models", never)
    alone = Registry(CATALOG, {}, Http(), demo=slow)
    assert await alone.refresh() == {"demo": "Demo did not list its models within 0.05 s."}


@pytest.mark.parametrize(
    ("base_url", "model", "seconds"),
    [
        (None, "gpt-4.1", 30),
        (None, "gpt-6-luna", 120),
        ("https://gateway.example/v1", "gpt-4.1", 30),
        ("http://127.0.0.1:11434/v1", "llama3.3", 300),
        ("http://192.168.1.7:8000/v1", "llama3.3", 300),
        ("http://localhost:8080/v1", "llama3.3", 300),
        ("http://box.local/v1", "llama3.3", 300),
        ("http://8.8.8.8/v1", "llama3.3", 30),
    ],
)
async def test_first_tokens_may_take_as_long_as_they_do(
    http: Http, base_url: str | None, model: str, seconds: float
) -> None:
    """Longer where a model reasons unseen, longest where a server near us may have to load it."""
    found = registry(http, "sk-x", base_url).deadlines(ModelId("openai", model))
    assert found == Deadlines(first=seconds)


async def test_deadlines_may_be_given(provider_server: ProviderServer, http: Http) -> None:
    """Tests need not wait half a minute."""
    settings = {"openai": ProviderSettings(SecretStr(provider_server.key), provider_server.url)}
    quick = Registry(CATALOG, settings, http, deadlines=Deadlines(first=0.05))
    provider_server.script(fail="hang")
    heard = await ask(quick.provider(LUNA, has_fallback=True))
    assert str(heard.error) == "no first token within 0.05 s"


def test_the_catalogue_is_sound() -> None:
    """Every row says what its wire needs, and its preferred models can chat."""
    assert len({each.id for each in CATALOG}) == len(CATALOG)
    for each in CATALOG:
        assert each.preferred or not each.base_url or each.wire == "ollama"
        assert all(each.chats(model) for model in each.preferred)
        if each.wire == "demo":
            continue
        assert re.search(r" \([^()]+, 20\d\d-\d\d\)\.$", each.privacy), each.id
        assert each.key_env.endswith(("_API_KEY", "_KEY"))
        assert each.base_url or each.base_url_env
        assert each.base_url == each.base_url.rstrip("/")
        assert each.local or each.base_url.startswith("https://") or not each.base_url
        assert each.console_url.startswith("https://") or not each.base_url
    assert row("nowhere") is None


@pytest.mark.parametrize(
    ("provider", "set_by"),
    [("groq", "GROQ_API_KEY"), ("azure", "AZURE_OPENAI_ENDPOINT"), ("compatible", "COMPATIBLE_BASE_URL")],
)
async def test_what_a_provider_needs_is_named(http: Http, provider: str, set_by: str) -> None:
    """A key, or the address without which nobody knows where it is."""
    with pytest.raises(NotConfigured) as caught:
        registry(http).model(ModelId(provider, "m"))
    assert f"or set {set_by}" in caught.value.say


async def test_a_key_alone_does_not_find_a_server(http: Http) -> None:
    """Where only the address says what it is, nothing is set up without one."""
    keys = {name: ProviderSettings(SecretStr("k-123456")) for name in ("azure", "litellm", "groq", "ollama")}
    assert [each.id for each in Registry(CATALOG, keys, http).configured()] == ["groq", "ollama", "demo"]


async def test_a_list_that_is_not_of_everything_has_no_last_word(http: Http) -> None:
    """Azure lists models and is asked for deployments; Perplexity has no list at all."""
    async with ProviderServer(models=(Model("gpt-4.1"),), manner=MANNERS["azure"]) as server:
        keys = {
            "azure": ProviderSettings(SecretStr(server.key), server.root),
            "perplexity": ProviderSettings(SecretStr("pplx-123456")),
        }
        found = Registry(CATALOG, keys, http)
        assert await found.refresh() == {}
        assert found.find("azure/our-own") == ModelId("azure", "our-own")
        assert found.find("perplexity/sonar-next") == ModelId("perplexity", "sonar-next")
        assert found.default() == ModelId("perplexity", "sonar")


async def test_a_listed_model_may_be_asked_in_a_variant(http: Http, provider_server: ProviderServer) -> None:
    """The router's words after a colon are not in its list."""
    hugging = row("huggingface")
    assert hugging is not None
    there = replace(hugging, base_url=provider_server.url)
    keys = {"huggingface": ProviderSettings(SecretStr(provider_server.key))}
    found = Registry((there, CATALOG[-1]), keys, http)
    await found.refresh()
    assert found.find("huggingface/gpt-4.1:fastest") == ModelId("huggingface", "gpt-4.1:fastest")
    with pytest.raises(BadInput):
        found.find("huggingface/gpt-9:fastest")


def test_every_provider_is_there() -> None:
    """The ids that people write, and a wire for each."""
    ours = {
        *("openai", "deepseek", "mistral", "xai", "groq", "together", "perplexity", "huggingface", "ollama"),
        *("openrouter", "vercel", "edenai", "fal", "litellm", "azure", "gateway", "compatible", "demo"),
    }
    assert ours <= {each.id for each in CATALOG}
