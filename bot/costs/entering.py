"""What a person gives for a price, checked. Every function raises BadInput."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from bot.core.errors import BadInput
from bot.core.money import NANO, parse_dollars
from bot.core.provider import ModelId
from bot.providers.catalog import CATALOG
from bot.providers.prices import PriceBook
from bot.providers.rates import plain


def model(text: str, prices: PriceBook) -> ModelId:
    """A model by its full name, or by the name alone where that tells its provider."""
    try:
        return ModelId.parse(text)
    except ValueError as error:
        name = text.strip()
        found = [ModelId(row.id, name) for row in CATALOG if name in row.preferred]
        found = found or [each for each in _everywhere(name) if prices.is_priced(each, datetime.now(UTC))]
        if len(found) == 1:
            return found[0]
        choices = " or ".join(f"`{each}`" for each in found)
        say = f"“{name}” is no full name of a model; write provider/model-id, like {choices or 'openai/gpt-4.1'}."
        raise BadInput(str(error), say=say) from None


def _everywhere(name: str) -> list[ModelId]:
    return [ModelId(row.id, name) for row in CATALOG if not row.local]


def new_model(text: str) -> ModelId:
    """A model by its full name, whose provider there is; the model itself may be new."""
    try:
        named = ModelId.parse(text)
    except ValueError as error:
        say = f"“{text.strip()}” is no full name of a model; write provider/model-id, like openai/gpt-4.1."
        raise BadInput(str(error), say=say) from None
    providers = [row.id for row in CATALOG]
    if named.provider not in providers:
        say = f"There is no provider “{named.provider}”; there are {', '.join(providers)}."
        raise BadInput(f"no provider {named.provider!r}", say=say)
    return named


def figure(option: str, text: str) -> str:
    """Dollars, as they are kept: a decimal string."""
    try:
        return plain(Decimal(parse_dollars(text)) / NANO)
    except BadInput as error:
        raise BadInput(str(error), say=f"{option}: {error.say}") from None


def moment(option: str, text: str) -> datetime:
    """A day, which is its first moment, or a moment; in UTC where nothing else is said."""
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        say = f"{option}: “{text.strip()[:30]}” is no date; write 2026-12-01, or 2026-12-01T08:00 (UTC)."
        raise BadInput(str(error), say=say) from None


def count(option: str, tokens: int) -> int:
    """A number of tokens."""
    if not 0 <= tokens <= 10**12:
        raise BadInput(f"{option}: {tokens}", say=f"{option}: a number of tokens from 0 on, not {tokens}.")
    return tokens
