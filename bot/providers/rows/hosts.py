"""Those who serve open models by OpenAI's protocol. Windows and levels as of 2026-11-20."""

from __future__ import annotations

from bot.providers.rows.forms import Can, Profile, ProviderRow, Quirks

_LEVELS = ("low", "medium", "high")
_NOT_CHAT = ("*whisper*", "*tts*", "*guard*", "*orpheus*", "*embed*", "*rerank*", "*flux*", "*bge-*")
_ALL = frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS})

GROQ = ProviderRow(
    id="groq",
    name="Groq",
    wire="openai",
    base_url="https://api.groq.com/openai/v1",
    key_env="GROQ_API_KEY",
    console_url="https://console.groq.com/keys",
    privacy="Not kept by default, at most 30 days against abuse; not trained on (console.groq.com, 2026-11).",
    preferred=("openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3.8-27b"),
    price_id="groq",
    profiles=(
        Profile("openai/gpt-oss-*", window=131_072, max_output=65_536, efforts=_LEVELS),
        Profile(
            "qwen/qwen3*",
            window=131_072,
            max_output=16_384,
            vision=True,
            efforts=("none", "default"),
            extra=(("reasoning_format", "parsed"),),
        ),
        Profile("*", efforts=()),
    ),
    not_chat=_NOT_CHAT,
    quirks=Quirks(max_output_field="max_completion_tokens"),
    can=_ALL,
)

TOGETHER = ProviderRow(
    id="together",
    name="Together",
    wire="openai",
    base_url="https://api.together.xyz/v1",
    key_env="TOGETHER_API_KEY",
    console_url="https://api.together.ai/settings/api-keys",
    privacy="Training and keeping are settings of the account: see its policy (not verified, 2026-11).",
    preferred=("deepseek-ai/DeepSeek-V4.1-Flash", "moonshotai/Kimi-K3.1-Pro", "Qwen/Qwen3.8-Flash"),
    price_id="together",
    profiles=(
        Profile("deepseek-ai/deepseek-v4*", window=1_000_000),
        Profile("moonshotai/kimi-k3*", window=1_048_576),
        Profile("qwen/qwen3.8-flash*", window=1_000_000),
    ),
    not_chat=_NOT_CHAT,
    can=_ALL | {Can.EMBEDDINGS},
    list_prices="million",
    successors=(("*", "deepseek-ai/DeepSeek-V4.1-Flash"),),
)

HUGGINGFACE = ProviderRow(
    id="huggingface",
    name="Hugging Face",
    wire="openai",
    base_url="https://router.huggingface.co/v1",
    key_env="HUGGINGFACE_API_KEY",
    console_url="https://huggingface.co/settings/tokens",
    privacy="The router keeps no texts; who serves the model has rules of its own (huggingface.co, 2026-11).",
    preferred=("openai/gpt-oss-120b", "Qwen/Qwen3.8-27B", "meta-llama/Llama-3.1-8B-Instruct"),
    profiles=(Profile("openai/gpt-oss-*", window=131_072, efforts=_LEVELS),),
    can=_ALL,
    variants=True,
    check_path="https://huggingface.co/api/whoami-v2",
    list_prices="million",
)
