"""Who serves models: one row per provider, one profile per family of models. The rows stand in ``rows/`` by family."""

from __future__ import annotations

from datetime import date

from bot.providers.rows.anthropic import ANTHROPIC
from bot.providers.rows.cohere import COHERE
from bot.providers.rows.demo import DEMO
from bot.providers.rows.forms import (
    FIRST_EVENT,
    FIRST_EVENT_LOADING,
    FIRST_EVENT_REASONING,
    UNKNOWN_WINDOW,
    Profile,
    ProviderRow,
    Quirks,
    Sampling,
)
from bot.providers.rows.google import GOOGLE
from bot.providers.rows.hosts import GROQ, HUGGINGFACE, TOGETHER
from bot.providers.rows.labs import DEEPSEEK, MISTRAL, PERPLEXITY, XAI
from bot.providers.rows.openai import AZURE, OPENAI, OPENAI_PROFILES
from bot.providers.rows.own import COMPATIBLE, LITELLM, OLLAMA
from bot.providers.rows.routers import EDENAI, FAL, GATEWAY, OPENROUTER, VERCEL

__all__ = [
    "CATALOG",
    "FIRST_EVENT",
    "FIRST_EVENT_LOADING",
    "FIRST_EVENT_REASONING",
    "OPENAI_PROFILES",
    "PREFERRED_AS_OF",
    "UNKNOWN_WINDOW",
    "Profile",
    "ProviderRow",
    "Quirks",
    "Sampling",
    "row",
]

CATALOG: tuple[ProviderRow, ...] = (
    OPENAI,
    ANTHROPIC,
    GOOGLE,
    DEEPSEEK,
    MISTRAL,
    XAI,
    GROQ,
    TOGETHER,
    PERPLEXITY,
    COHERE,
    HUGGINGFACE,
    OLLAMA,
    OPENROUTER,
    VERCEL,
    EDENAI,
    FAL,
    LITELLM,
    AZURE,
    GATEWAY,
    COMPATIBLE,
    DEMO,
)
"""All providers, in the order in which a default is looked for."""

PREFERRED_AS_OF = date(2026, 11, 20)
"""When the rows' preferred models were last looked through: that they are current, and what they cost."""


def row(provider: str) -> ProviderRow | None:
    """The row of a provider id, or None."""
    return next((each for each in CATALOG if each.id == provider), None)
