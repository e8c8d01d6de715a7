"""Servers that people run themselves."""

from __future__ import annotations

from dataclasses import replace

from bot.providers.rows.forms import (
    COMMON_PROFILES,
    FIRST_EVENT_LOADING,
    Can,
    Profile,
    ProviderRow,
    Quirks,
)

_ALL = frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS, Can.EMBEDDINGS})
_NOT_CHAT = ("*embed*", "*rerank*", "*whisper*", "*-tts*", "all-minilm*", "bge-*")
_OLLAMA_WINDOW = 32_768  # tokens; what is asked for, so that it fits the memory of most machines

OLLAMA = ProviderRow(
    id="ollama",
    name="Ollama",
    wire="ollama",
    base_url="http://127.0.0.1:11434",
    key_env="OLLAMA_API_KEY",
    base_url_env="OLLAMA_BASE_URL",
    base_url_form="http:// or https:// and the host and port of Ollama, like http://127.0.0.1:11434",
    local=True,
    away=("*-cloud", "*:cloud"),
    console_url="https://ollama.com/settings/keys",
    privacy="Nothing leaves the machine; its cloud models are not stored or trained on (docs.ollama.com, 2026-11).",
    profiles=(
        Profile("gpt-oss*", window=_OLLAMA_WINDOW, efforts=("low", "medium", "high")),
        *(replace(profile, window=_OLLAMA_WINDOW) for profile in COMMON_PROFILES),
        Profile("*", window=_OLLAMA_WINDOW),
    ),
    not_chat=_NOT_CHAT,
    first_event=FIRST_EVENT_LOADING,
    can=_ALL,
    list_path="/api/tags",
    window_is_asked=True,
)

LITELLM = ProviderRow(
    id="litellm",
    name="LiteLLM proxy",
    wire="openai",
    key_env="LITELLM_API_KEY",
    base_url_env="LITELLM_BASE_URL",
    base_url_form="http:// or https:// and the proxy's host, with /v1 at the end",
    privacy="Who runs the proxy says what is kept (your own server, 2026-11).",
    not_chat=_NOT_CHAT,
    quirks=Quirks(reports_cost=True),
    can=_ALL | {Can.CITATIONS},
)

COMPATIBLE = ProviderRow(
    id="compatible",
    name="Compatible server",
    wire="openai",
    key_env="COMPATIBLE_API_KEY",
    base_url_env="COMPATIBLE_BASE_URL",
    base_url_form="http:// or https:// and a host, with /v1 at the end: llama.cpp, vLLM, LM Studio",
    privacy="Who runs the server says what is kept (your own server, 2026-11).",
    not_chat=_NOT_CHAT,
    quirks=Quirks(think_tags=True),
    can=_ALL,
    props_path="/props",
)
