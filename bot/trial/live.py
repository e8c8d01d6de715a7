"""One tiny streamed answer, through the only door to a model: limits hold, and the ledger has its entry."""

from __future__ import annotations

import os
import secrets
import socket

from bot.calls.call import Caller, CallResult
from bot.calls.order import Order
from bot.core.errors import BadInput, ProviderError, Refused
from bot.core.message import Role
from bot.core.place import Place
from bot.core.provider import ChatMessage, ModelId, Parameters, Text
from bot.providers.registry import Registry
from bot.providers.remedies import Remedy, remedy
from bot.providers.status import Status
from bot.trial.report import Live, Trial
from storage.store import Store

_PLACE = Place("cli", "local")
_QUESTION = "This is a test. Reply with one word: ready"
_MOST = 512  # tokens; a model that thinks first needs some


async def answered(store: Store, registry: Registry, provider: str, model: str | None) -> Trial:
    """Have a model answer: the one named, else the first of the provider. Raises BadInput and NotConfigured."""
    await registry.refresh()
    wanted = _meant(registry, provider, model)
    process = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    caller = Caller(store, registry, process)
    caller.board.take_over(await store.health.providers(), await store.health.models())
    try:
        text, result = await _answer(caller, wanted)
    except ProviderError as error:
        said = remedy(registry.row(provider), error, registry.elsewhere(provider))
        return Trial(provider, Status.FAILING, said, registry.credential_name(provider))
    except Refused as error:
        return Trial(provider, Status.UNKNOWN, Remedy(error.say), registry.credential_name(provider))
    finally:
        await store.health.write(*caller.board.changed())
    status = caller.board.of(wanted)
    return Trial(
        provider,
        Status.AVAILABLE,
        Remedy(f"{wanted} answers."),
        registry.credential_name(provider),
        live=_live(text, result, status.tokens_per_second),
    )


def _meant(registry: Registry, provider: str, model: str | None) -> ModelId:
    if model:
        full = model if model.startswith(f"{provider}/") else f"{provider}/{model}"
        return registry.find(full)
    first = next((each.id for each in registry.models() if each.id.provider == provider), None)
    if first is None:
        registry.model(ModelId(provider, "any"))  # raises where it is not set up
        raise BadInput("no model", say=f"No model of {provider} is known; name one with --model.")
    return first


async def _answer(caller: Caller, model: ModelId) -> tuple[str, CallResult]:
    order = Order(
        person_id=None,
        workspace_id=str(_PLACE),
        place=_PLACE,
        models=(model,),
        messages=(ChatMessage(Role.USER, _QUESTION),),
        parameters=Parameters(max_output=_MOST),
        kind="test",
        counts=False,
    )
    async with caller.open(order) as call:
        text = "".join([event.text async for event in call if isinstance(event, Text)])
        result = call.result
        await call.settle()
    return text, result


def _live(text: str, result: CallResult, speed: float | None) -> Live:
    return Live(
        model=str(result.model),
        text=" ".join(text.split())[:200],
        input_tokens=result.usage.input,
        output_tokens=result.usage.output,
        cost=result.cost,
        price_source=result.priced.source,
        first_token_ms=result.first_token_ms,
        latency_ms=result.latency_ms,
        speed=speed,
    )
