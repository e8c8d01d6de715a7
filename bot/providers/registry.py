"""Which models there are here, and how to reach them: the catalogue, met with this installation's keys."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.core.errors import NotConfigured, ProviderError
from bot.core.provider import Ability, Listed, ModelId, Provider, Rates
from bot.net.http import Http
from bot.providers import keeping, naming, pricelist, saying, wiring
from bot.providers.calibration import Calibration
from bot.providers.catalog import ProviderRow
from bot.providers.defaults import default_of
from bot.providers.known import Known
from bot.providers.making import Maker
from bot.providers.models import Model
from bot.providers.prices import PriceBook
from bot.providers.resilience import Deadlines, Resilient, Wire
from bot.providers.rows.forms import WireName
from bot.providers.wiring import Credentials, Wires, Wiring
from storage.known import KnownModels

__all__ = ["Credentials", "Custom", "Model", "Registry"]

log = logging.getLogger(__name__)

REFRESH_TIMEOUT = 5.0  # seconds for all lists together
_STEP = 20  # models that are made before others get their turn: making one takes about a millisecond


@dataclass(frozen=True, slots=True)
class Custom:
    """What admins entered here: providers, and models by provider and id."""

    rows: tuple[ProviderRow, ...] = ()
    models: Mapping[ModelId, Listed] = field(default_factory=dict)


def _now() -> datetime:
    return datetime.now(UTC)


class Registry:
    """The providers of one installation: ``credentials`` by provider id, ``default`` as DEFAULT_MODEL.

    ``credentials`` are the environment's; ``connect`` says which ones the site has, ``customise`` what was entered.
    ``outside`` speaks to addresses that were entered (None: ``http`` does). ``kept`` is where lists outlast a
    restart, None where they do not. ``prices`` and ``calibration`` are what is known of models beyond the catalogue;
    without them only what is bundled and what this process learns. ``deadlines`` and ``demo`` replace the usual ones,
    for tests.
    """

    def __init__(
        self,
        rows: Sequence[ProviderRow],
        credentials: Mapping[str, Credentials],
        http: Http,
        *,
        default: str | None = None,
        prices: PriceBook | None = None,
        calibration: Calibration | None = None,
        deadlines: Deadlines | None = None,
        demo: Wire | None = None,
        outside: Http | None = None,
        kept: KnownModels | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.prices, self.calibration = prices or PriceBook(), calibration or Calibration()
        self.prices.custom = self.custom_price
        self._priced_by = self.prices, self.prices.version  # what the models were priced by
        self._environment, self._default, self._deadlines = credentials, default, deadlines
        self._wiring = Wiring(http, outside or http, demo)
        self._catalogue, self._kept, self._now = tuple(rows), kept, now
        self._rows = {row.id: row for row in rows}
        self._custom = Custom()
        self._site: Mapping[str, Credentials] = {}
        self._narrow: frozenset[str] = frozenset()  # providers that only some people or places have a key for
        self._credentials: Mapping[str, Credentials] = {}
        self._wires: dict[str, tuple[ProviderRow, Wires]] = {}
        self._known = Known()
        self._maker = Maker(self._known, now, lambda: self.prices)
        self._offered: Mapping[str, tuple[Model, ...]] | None = None
        self._chosen: ModelId | None = None
        self.connect({})

    def connect(self, site: Mapping[str, Credentials], narrow: Collection[str] = ()) -> None:
        """Take over the site's credentials: by provider those for everybody, which come before the environment's.

        ``narrow`` are providers that some people or places have one for. What stays the same keeps its wire and list.
        """
        self._site, self._narrow = site, frozenset(narrow)
        self._wire_up()

    def customise(self, custom: Custom) -> None:
        """Take over what admins entered. A provider that stays the same keeps its wire and list."""
        self._custom = custom
        self._rows = {row.id: row for row in (*custom.rows, *self._catalogue)}
        # As the catalogue has it, with the entered ones before the demo, which is the last resort.
        self._rows = {row.id: row for row in sorted(self._rows.values(), key=self._place)}
        self._wire_up()

    def _place(self, row: ProviderRow) -> tuple[bool, bool]:
        return row.wire == "demo", row in self._custom.rows

    def _wire_up(self) -> None:
        before, self._credentials = self._credentials, {**self._environment, **self._site}
        wires: dict[str, tuple[ProviderRow, Wires]] = {}
        for row in self.configured():
            credentials = self._credentials.get(row.id)
            there = self._wires.get(row.id)
            if there is not None and there[0] == row and before.get(row.id) == credentials:
                wires[row.id] = there
            else:
                wires[row.id] = row, self._wiring.made(row, credentials)
                self._known.forget(row.id)
        self._wires = wires
        self._changed()

    def _changed(self) -> None:
        self._offered = self._chosen = None

    def rows(self) -> tuple[ProviderRow, ...]:
        """Every provider that there is, those that were entered here among them."""
        return tuple(self._rows.values())

    def row(self, provider: str) -> ProviderRow | None:
        """The row of a provider id, None where there is none."""
        return self._rows.get(provider)

    def is_custom(self, provider: str) -> bool:
        """Whether a provider was entered here."""
        return any(row.id == provider for row in self._custom.rows)

    def configured(self) -> tuple[ProviderRow, ...]:
        """The rows that can be used: the demo, and those with a key or a base URL, which some cannot do without."""
        return tuple(row for row in self._rows.values() if wiring.usable(row, self._credentials.get(row.id)))

    def provider(
        self, model: ModelId, *, credentials: Credentials | None = None, has_fallback: bool = False
    ) -> Provider:
        """The provider of a model, with deadlines and retries around it. Raises NotConfigured.

        ``credentials`` are those of this call, None for everybody's. ``has_fallback``: another model stands ready, so
        retries of this one take at most 2 s.
        """
        row, usual = self._rows.get(model.provider), self._credentials.get(model.provider)
        wires = None
        if credentials is None or credentials == usual:
            wires, credentials = self._wires.get(model.provider, (None, None))[1], usual
        elif row is not None:
            wires = self._wiring.bound(row, credentials)
        if row is None or wires is None:
            raise self._not_configured(model.provider)
        wire = wires.of(row, model.model)
        return Resilient(model.provider, wire, self.deadlines(model, credentials), has_fallback=has_fallback)

    def is_set_up(self, provider: str) -> bool:
        """Whether somebody here can use a provider."""
        return self._reachable(provider)

    def environment(self, provider: str) -> Credentials | None:
        """What the environment says of a provider, used or not; None where it says nothing."""
        given = self._environment.get(provider)
        return given if given is not None and (given.api_key or given.base_url) else None

    def elsewhere(self, provider: str, credentials: Credentials | None = None) -> str:
        """The address that stands in for the provider's own, "" where there is none; None: by everybody's key."""
        row, given = self._rows.get(provider), credentials or self._credentials.get(provider)
        return "" if row is None else wiring.base_url(row, given) or ""

    async def check(
        self, provider: str, credentials: Credentials | None = None, *, guarded: bool = False
    ) -> bool:
        """Make the free call of a provider with a key, None for everybody's; False where it has none.

        ``guarded`` as for ``Wiring.made``. Raises NotConfigured, and the call's ProviderError.
        """
        row, there = self._rows.get(provider), self._wires.get(provider)
        if row is not None and credentials is not None and wiring.usable(row, credentials):
            return await self._wiring.made(row, credentials, guarded=guarded).usual.check()
        if there is None or credentials is not None:
            raise self._not_configured(provider)
        return await there[1].usual.check()

    def wire_name(self, provider: str, model: str) -> WireName:
        """By which wire a model is asked: its own one where its provider's address has that, else the row's."""
        row, wires = self._wires[provider]
        return wires.name(row, model)

    def deadlines(self, model: ModelId, credentials: Credentials | None = None) -> Deadlines:
        """How long it may take: longer where it thinks unseen, or a server near us may have to load it."""
        if self._deadlines is not None:
            return self._deadlines
        credentials = credentials or self._credentials.get(model.provider)
        return wiring.deadlines(self._rows[model.provider], model.model, credentials)

    def models(self) -> tuple[Model, ...]:
        """Every model that is offered: those of the last list, else of the catalogue, and those that were entered.

        None that is retired or does not chat.
        """
        return tuple(model for offered in self._all().values() for model in offered)

    def model(self, model: ModelId) -> Model:
        """What is known of a model, listed or not. Raises NotConfigured where its provider is."""
        if not self._reachable(model.provider):
            raise self._not_configured(model.provider)
        self._reprice()
        return self._model(self._rows[model.provider], model.model)

    def custom_price(self, model: ModelId) -> Rates | None:
        """What an admin entered as the price of a model, None where nothing was."""
        entered = self._custom.models.get(model)
        return entered.rates if entered else None

    def _reprice(self) -> None:
        """Make every model anew where prices have changed since."""
        if self._priced_by != (now := (self.prices, self.prices.version)):
            self._priced_by = now
            self._maker.forget()
            self._changed()

    def listed_at(self, provider: str) -> datetime | None:
        """When a provider's list of models came, None where none did."""
        return self._known.listed_at(provider)

    def find(self, text: str) -> ModelId:
        """The model that a person means: ``provider/model-id``, or the only one whose id ends so.

        A full id is taken at its word until the provider's own list says otherwise. Raises BadInput, naming
        what is nearest, or NotConfigured.
        """
        ids = [model.id for model in self.models()]
        found = naming.meant(text, ids)
        if len(found) == 1:
            return found[0]
        provider, _, model = text.strip().partition("/")
        if provider.lower() in self._rows and model:
            return self._taken_at_word(ModelId(provider.lower(), model), ids)
        raise naming.none_such(text, found or ids)

    def default(self) -> ModelId:
        """The model where nobody chose: DEFAULT_MODEL, else what ``defaults`` finds among what is set up.

        Raises BadInput where DEFAULT_MODEL is not written ``provider/model-id``.
        """
        if self._default:
            return naming.setting(self._default)
        if self._chosen is None:
            self._chosen = default_of(self.configured(), self._all())
        return self._chosen

    @property
    def named(self) -> str:
        """What DEFAULT_MODEL says, "" where it says nothing."""
        return self._default or ""

    async def restore(self) -> None:
        """Take over the lists that were kept, of providers that have none yet. Nothing is asked of anybody."""
        if self._kept is not None:
            origins = {row.id: self.address(row) for row in self.configured() if row.lists}
            await keeping.restored(self._kept, self._known, origins)
            self._changed()

    async def refresh(self, provider: str | None = None) -> Mapping[str, str]:
        """Load all live lists at once, or one provider's, within 5 s, and keep them.

        Returns what failed: a sentence by provider id.
        """
        await asyncio.to_thread(pricelist.warm)
        if self._offered is None:
            await self._make_all()
        rows = [row for row in self.configured() if provider in (None, row.id)]
        outcomes = await asyncio.gather(*(self._refresh(row) for row in rows))
        await self._make_all()
        failed = {row.id: said for row, said in zip(rows, outcomes, strict=True) if said}
        for name, said in failed.items():
            log.warning("no model list from %s: %s", name, said)
        if self._kept is not None:
            for row in rows:
                if row.id not in failed and row.wire != "demo":
                    await keeping.keep(self._kept, self._known, row.id, self.address(row))
        return failed

    def credential_name(self, provider: str) -> str:
        """The name of the key that everybody uses, for the ledger; "" where there is none."""
        credentials = self._credentials.get(provider)
        if credentials is None or not (
            wiring.key_of(credentials) or credentials is not self._environment.get(provider)
        ):
            return ""
        return credentials.name or self._rows[provider].key_env

    def _reachable(self, provider: str) -> bool:
        return provider in self._wires or (provider in self._narrow and provider in self._rows)

    async def _refresh(self, row: ProviderRow) -> str:
        """Load one list; "" or what failed."""
        there = self._wires.get(row.id)
        if there is None:
            return ""
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT):
                found = await there[1].usual.models()
        except TimeoutError:
            return f"{row.name} did not list its models within {REFRESH_TIMEOUT:g} s."
        except ProviderError as error:
            return error.say
        if row.lists and self._wires.get(row.id) is there:
            self._known.take(row.id, found, self._now())
        return ""

    def address(self, row: ProviderRow) -> str:
        """Where a provider is: its own address, or the one that was put in its place; "" where none is known."""
        return wiring.base_url(row, self._credentials.get(row.id)) or row.base_url

    def _all(self) -> Mapping[str, tuple[Model, ...]]:
        """What is offered, by provider."""
        self._reprice()
        if self._offered is None:
            rows = [row for row in self._rows.values() if self._reachable(row.id)]
            self._offered = {row.id: self._of(row) for row in rows}
        return self._offered

    def _of(self, row: ProviderRow) -> tuple[Model, ...]:
        today = self._now().date()
        found = [self._model(row, model) for model in self._ids(row) if row.chats(model)]
        return tuple(each for each in found if Ability.CHAT in each.abilities and not each.is_retired(today))

    def _ids(self, row: ProviderRow) -> tuple[str, ...]:
        """A row's model ids, the preferred ones first, then those that were entered, then as listed."""
        live = self._known.ids(row.id)
        entered = tuple(model.model for model in self._custom.models if model.provider == row.id)
        preferred = tuple(model for model in row.preferred if live is None or model in live)
        return tuple(dict.fromkeys((*preferred, *entered, *(live or ()))))

    def _model(self, row: ProviderRow, model: str) -> Model:
        credentials = self._credentials.get(row.id)
        ours = credentials is self._environment.get(row.id)
        privacy = saying.privacy(row, credentials, ours=ours)
        return self._maker.model(row, model, self._custom.models.get(ModelId(row.id, model)), privacy)

    async def _make_all(self) -> None:
        """Make every model that is offered, in steps: of hundreds that would hold everything else up."""
        wires, offered = self._wires, {}
        for row in [row for row in self._rows.values() if self._reachable(row.id)]:
            for place, model in enumerate(self._ids(row)):
                self._model(row, model)  # from now on kept
                if place % _STEP == 0:
                    await asyncio.sleep(0)
            offered[row.id] = self._of(row)
        self._changed()
        if self._wires is wires:  # nothing was connected or entered meanwhile
            self._offered = offered

    def _taken_at_word(self, model: ModelId, known: Sequence[ModelId]) -> ModelId:
        if not self._reachable(model.provider):
            raise self._not_configured(model.provider)
        row, live = self._rows[model.provider], self._known.ids(model.provider)
        listed = model.model.partition(":")[0] if row.variants else model.model
        if row.wire == "demo" or (live is not None and listed not in live):
            raise naming.none_such(str(model), known)
        return model

    def _not_configured(self, provider: str) -> NotConfigured:
        return saying.not_configured(provider, self._rows.get(provider), tuple(self._rows))
