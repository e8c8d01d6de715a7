"""Which models there are here, and how to reach them: the catalogue, met with this installation's keys."""

from __future__ import annotations

import asyncio
import difflib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from bot.core.errors import BadInput, NotConfigured, ProviderError
from bot.core.provider import ModelId, Provider
from bot.net.http import Http
from bot.providers import catalog, prices
from bot.providers.catalog import ProviderRow
from bot.providers.resilience import Deadlines, Resilient, Wire
from bot.providers.wires.demo import Demo
from bot.providers.wires.openai import OpenAI

log = logging.getLogger(__name__)

REFRESH_TIMEOUT = 5.0  # seconds for all lists together


class Secret(Protocol):
    """A key that does not show itself."""

    def get_secret_value(self) -> str: ...


class Credentials(Protocol):
    """What reaches one provider, None where it is not set. ``base_url`` replaces the row's own."""

    @property
    def api_key(self) -> Secret | None: ...

    @property
    def base_url(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be asked. ``window`` and ``max_output`` in tokens; an unknown window is a low guess.

    ``local``: free by rule and nothing leaves the machine. ``vision``: it looks at images. ``privacy`` says who
    gets the text and what becomes of it there, as sentences.
    """

    id: ModelId
    window: int
    max_output: int | None
    local: bool
    vision: bool
    priced: bool
    privacy: str = ""


class Registry:
    """The providers of one installation: ``credentials`` by provider id, ``default`` as DEFAULT_MODEL.

    ``deadlines`` and ``demo`` replace the usual ones, for tests.
    """

    def __init__(
        self,
        rows: Sequence[ProviderRow],
        credentials: Mapping[str, Credentials],
        http: Http,
        *,
        default: str | None = None,
        deadlines: Deadlines | None = None,
        demo: Wire | None = None,
    ) -> None:
        self._credentials, self._default, self._deadlines = credentials, default, deadlines
        self._rows = {row.id: row for row in rows}
        self._wires: dict[str, Wire] = {}
        for row in self.configured():
            self._wires[row.id] = demo or Demo() if row.wire == "demo" else self._openai(row, http)
        self._live: dict[str, tuple[str, ...]] = {}
        self._known: tuple[Model, ...] | None = None

    def configured(self) -> tuple[ProviderRow, ...]:
        """The rows that can be used: those with a key, those with a base URL of their own, and the demo."""
        return tuple(row for row in self._rows.values() if row.wire == "demo" or self._has_credentials(row))

    def provider(self, model: ModelId, *, has_fallback: bool = False) -> Provider:
        """The provider of a model, with deadlines and retries around it. Raises NotConfigured.

        ``has_fallback``: another model stands ready, so retries of this one take at most 2 s.
        """
        wire = self._wires.get(model.provider)
        if wire is None:
            raise self._not_configured(model.provider)
        return Resilient(model.provider, wire, self.deadlines(model), has_fallback=has_fallback)

    def deadlines(self, model: ModelId) -> Deadlines:
        """How long it may take: longer where it thinks unseen, or a server near us may have to load it."""
        if self._deadlines is not None:
            return self._deadlines
        row, credentials = self._rows[model.provider], self._credentials.get(model.provider)
        if credentials is not None and _is_near(credentials.base_url or ""):
            return Deadlines(first=catalog.FIRST_EVENT_LOADING)
        silent = row.profile(model.model).reasons
        return Deadlines(first=catalog.FIRST_EVENT_REASONING if silent else row.first_event)

    def models(self) -> tuple[Model, ...]:
        """Every model that is known to be there: the live list where one was loaded, else the bundled ids."""
        if self._known is None:
            self._known = tuple(
                self._model(row, model) for row in self.configured() for model in self._ids(row)
            )
        return self._known

    def model(self, model: ModelId) -> Model:
        """What is known of a model, listed or not. Raises NotConfigured where its provider is."""
        if model.provider not in self._wires:
            raise self._not_configured(model.provider)
        return self._model(self._rows[model.provider], model.model)

    def find(self, text: str) -> ModelId:
        """The model that a person means: ``provider/model-id``, or the only one whose id ends so.

        A full id is taken at its word until the provider's own list says otherwise. Raises BadInput, naming
        what is nearest, or NotConfigured.
        """
        wanted = text.strip().lower()
        ids = [model.id for model in self.models()]
        named = {str(each).lower(): each for each in ids}
        if wanted in named:
            return named[wanted]
        ends = [each for name, each in named.items() if _ends(name, wanted)]
        if len(ends) == 1:
            return ends[0]
        provider, _, model = text.strip().partition("/")
        if provider.lower() in self._rows and model:
            return self._taken_at_word(ModelId(provider.lower(), model), tuple(named))
        raise BadInput(f"no model {text!r}", say=_nearest(text, [str(each) for each in ends] or list(named)))

    def default(self) -> ModelId:
        """The model where nobody chose: DEFAULT_MODEL, else the best of the first cloud provider, else demo.

        Raises BadInput where DEFAULT_MODEL is not written ``provider/model-id``.
        """
        if self._default:
            return _parsed(self._default)
        rows = sorted(self.configured(), key=lambda row: row.local)
        return next(ModelId(row.id, ids[0]) for row in rows if (ids := self._ids(row)))

    async def refresh(self) -> Mapping[str, str]:
        """Load all live lists at once, within 5 s. Returns what failed: a sentence by provider id."""
        await asyncio.to_thread(prices.warm)
        outcomes = await asyncio.gather(*(self._refresh(row.id) for row in self.configured()))
        self._known = None
        failed = {provider: said for provider, said in outcomes if said}
        for provider, said in failed.items():
            log.warning("no model list from %s: %s", provider, said)
        return failed

    def credential_name(self, provider: str) -> str:
        """The name of the key in use, for the ledger; "" where none is."""
        credentials = self._credentials.get(provider)
        return self._rows[provider].key_env if credentials is not None and _key(credentials) else ""

    async def _refresh(self, provider: str) -> tuple[str, str]:
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT):
                ids = await self._wires[provider].models()
        except TimeoutError:
            return (
                provider,
                f"{self._rows[provider].name} did not list its models within {REFRESH_TIMEOUT:g} s.",
            )
        except ProviderError as error:
            return provider, error.say
        self._live[provider] = tuple(model for model in ids if self._rows[provider].chats(model))
        return provider, ""

    def _ids(self, row: ProviderRow) -> tuple[str, ...]:
        """A row's model ids, the preferred ones first, then as listed."""
        live = self._live.get(row.id)
        if live is None:
            return row.preferred
        preferred = tuple(model for model in row.preferred if model in live)
        return preferred + tuple(model for model in live if model not in preferred)

    def _model(self, row: ProviderRow, model: str) -> Model:
        known, profile = ModelId(row.id, model), row.profile(model)
        window = profile.window or prices.known_window(known) or catalog.UNKNOWN_WINDOW
        priced = prices.is_priced(known, datetime.now(UTC))
        privacy = self._privacy(row)
        return Model(known, window, profile.max_output, row.local, profile.vision, priced, privacy)

    def _privacy(self, row: ProviderRow) -> str:
        """The catalogue's line; of a server put in the provider's place nobody here knows what it keeps."""
        elsewhere = self._elsewhere(row)
        if elsewhere is None:
            return f"{row.name}. {row.privacy}".rstrip()
        host = urlsplit(elsewhere).netloc
        return f"the server at {host} ({row.base_url_env}); who runs it says what is kept."

    def _elsewhere(self, row: ProviderRow) -> str | None:
        """The base URL that stands in for the provider's own, None where there is none."""
        credentials = self._credentials.get(row.id)
        base_url = (credentials.base_url or "").rstrip("/") if credentials is not None else ""
        return base_url if base_url and base_url != row.base_url else None

    def _taken_at_word(self, model: ModelId, known: Sequence[str]) -> ModelId:
        if model.provider not in self._wires:
            raise self._not_configured(model.provider)
        if model.provider in self._live or self._rows[model.provider].wire == "demo":
            raise BadInput(f"no model {model}", say=_nearest(str(model), known))
        return model

    def _has_credentials(self, row: ProviderRow) -> bool:
        credentials = self._credentials.get(row.id)
        return credentials is not None and bool(_key(credentials) or credentials.base_url)

    def _openai(self, row: ProviderRow, http: Http) -> Wire:
        key = _key(self._credentials[row.id])
        if (elsewhere := self._elsewhere(row)) is not None:
            row = replace(row, base_url=elsewhere, quirks=catalog.Quirks())
        return OpenAI(row, key, http)

    def _not_configured(self, provider: str) -> NotConfigured:
        row = self._rows.get(provider)
        if row is None:
            names = ", ".join(self._rows)
            return NotConfigured(
                f"no provider {provider!r}", say=f"There is no provider “{provider}”; there are {names}."
            )
        where = f" (keys: {row.console_url})" if row.console_url else ""
        say = f"{row.name} is not set up here: an admin can set {row.key_env}{where}."
        return NotConfigured(f"{provider} has no key", say=say)


def _key(credentials: Credentials) -> str:
    return credentials.api_key.get_secret_value() if credentials.api_key is not None else ""


def _parsed(text: str) -> ModelId:
    try:
        return ModelId.parse(text)
    except ValueError as error:
        raise BadInput(
            str(error), say=f"DEFAULT_MODEL is “{text}”; write it provider/model-id, like demo/quick."
        ) from error


def _is_near(base_url: str) -> bool:
    """Whether a server is on this machine or network, where it may have to load the model first."""
    host = urlsplit(base_url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".internal"))
    return address.is_private


def _ends(name: str, wanted: str) -> bool:
    """Whether an id ends with what was typed, at a seam."""
    before = name.removesuffix(wanted)
    return bool(wanted) and before != name and before[-1:] in "/-_:."


def _nearest(text: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(text.lower(), names, n=3, cutoff=0.3) or list(names[:3])
    choices = ", ".join(f"`{name}`" for name in near)
    return f"There is no model “{text}” here. Nearest: {choices}. `/model` shows them all."
