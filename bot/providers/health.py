"""The board of one process: how every provider and model does, from what requests and checks have shown.

It also holds the circuits, which say whom not to ask just now. Nothing here waits or touches the database: a job
writes what has changed, and takes over what other processes have seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.core.errors import NotAsked, ProviderError, ServerFailed
from bot.core.provider import ModelId
from bot.providers import vitals
from bot.providers.breaker import Access, Circuits, is_the_keys, of_key, of_model
from bot.providers.checks import Checked
from bot.providers.remedies import remedy
from bot.providers.rows.forms import ProviderRow
from bot.providers.status import ModelStatus, Status
from storage.health import Known, Subject, Vitals

PASSING = timedelta(minutes=10)  # for how long a failure that may pass counts, where nothing was seen since
FRESH = timedelta(minutes=1)  # for how long nobody is told again that a key works
LATELY = timedelta(days=1)  # for how long what was seen says something
_NOBODYS = frozenset({"context", "content", "request"})  # what a question is to blame for


class Installation(Protocol):
    """What is set up here: the registry."""

    def is_set_up(self, provider: str) -> bool: ...

    def credential_name(self, provider: str) -> str: ...

    def row(self, provider: str) -> ProviderRow | None: ...

    def elsewhere(self, provider: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """How one attempt ended. ``error`` None: it was answered. Milliseconds, tokens per second; None: not seen."""

    access: Access
    model: ModelId
    error: ProviderError | None = None
    first_token_ms: int | None = None
    speed: float | None = None


@dataclass(slots=True)
class _Side:
    """One of the two tables, as this process knows it."""

    known: dict[Subject, Vitals] = field(default_factory=dict)
    versions: dict[Subject, int] = field(default_factory=dict)
    changed: dict[Subject, Vitals] = field(default_factory=dict)

    def put(self, subject: Subject, made: Vitals) -> None:
        self.known[subject] = self.changed[subject] = made

    def news(self, rows: Mapping[Subject, Known]) -> dict[Subject, Vitals]:
        """What others have written since, taken over; what changed here meanwhile is written soon and stays."""
        moved = {
            subject: row.vitals
            for subject, row in rows.items()
            if self.versions.get(subject) != row.version and subject not in self.changed
        }
        self.versions |= {subject: rows[subject].version for subject in moved}
        self.known |= moved
        return moved


def _now() -> datetime:
    return datetime.now(UTC)


class HealthBoard:
    """One per process. ``clock`` gives aware UTC datetimes."""

    def __init__(
        self,
        installation: Installation,
        circuits: Circuits | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._installation, self._clock = installation, clock
        self.circuits = circuits or Circuits()
        self._keys, self._models = _Side(), _Side()
        self._begun = False

    def of(self, model: ModelId) -> ModelStatus:
        """How a model does: what was seen of it, and above that of its provider."""
        above = self.provider(model.provider)
        own = self._models.known.get((model.provider, model.model))
        if own is None or above.status is Status.NOT_CONFIGURED:
            return replace(above, latency_ms=None, tokens_per_second=None)
        figures = replace(above, latency_ms=own.latency_ms, tokens_per_second=own.speed)
        if above.status is Status.FAILING or self._is_over(own):
            return figures
        return _told(own)

    def provider(self, provider: str) -> ModelStatus:
        """How a provider does: by everybody's credential, else by the one that does best."""
        if not self._installation.is_set_up(provider):
            return ModelStatus(Status.NOT_CONFIGURED)
        known = self._keys.known
        usual = known.get((provider, self._installation.credential_name(provider)))
        found = (
            [usual] if usual is not None else [each for (id_, _), each in known.items() if id_ == provider]
        )
        told = [_told(each) for each in found if not self._is_over(each)]
        order = list(Status)
        return min(told, key=lambda one: order.index(one.status), default=ModelStatus(Status.UNKNOWN))

    def seen(self, attempt: Seen) -> None:
        """Take in how an attempt ended."""
        access, model, error = attempt.access, attempt.model, attempt.error
        if error is None:
            self.circuits.answered(access, model)
            self._reached(access)
            id_ = (model.provider, model.model)
            before = self._models.known.get(id_)
            made = vitals.answered(before, self._clock(), attempt.first_token_ms, attempt.speed)
            self._models.put(id_, made)
            return
        self.circuits.failed(access, model, error)
        if is_the_keys(error):
            self._fail_key((access.provider, access.credential), error)
            return
        self._reached(access)
        # Names that people invent are not kept.
        if error.kind not in _NOBODYS and (error.kind != "model" or self._knows(model)):
            self._fail_model(model, error)

    def checked(self, found: Checked) -> None:
        """Take in what a free call has shown; a call that there is not shows nothing."""
        if not found.asked:
            return
        key = (found.provider, found.credential)
        blamed = self.circuits.probed(of_key(*key), well=found.error is None)
        if blamed is not None:
            self._fail_model(ModelId(blamed.provider, blamed.model), blamed)
        before = self._keys.known.get(key)
        if found.error is not None:
            if found.error.kind == "auth" and not self.circuits.is_open(of_key(*key)):
                self.circuits.open(of_key(*key), found.error)
            self._fail_key(key, found.error)
        elif before is None or before.kind != "quota":  # a list is also given to an account without credit
            self._keys.put(key, vitals.answered(before, self._clock(), found.latency_ms))

    def changed(self) -> tuple[dict[Subject, Vitals], dict[Subject, Vitals]]:
        """What is to be written, of credentials and of models. It is handed out once: see ``written``."""
        keys, models = self._keys.changed, self._models.changed
        self._keys.changed, self._models.changed = {}, {}
        return keys, models

    def written(self, versions: tuple[Mapping[Subject, int], Mapping[Subject, int]]) -> None:
        """It was written, and has these versions now."""
        self._keys.versions |= versions[0]
        self._models.versions |= versions[1]

    def unwritten(self, changed: tuple[dict[Subject, Vitals], dict[Subject, Vitals]]) -> None:
        """It could not be written: it is tried again, unless something newer is there."""
        self._keys.changed = {**changed[0], **self._keys.changed}
        self._models.changed = {**changed[1], **self._models.changed}

    def take_over(self, keys: Mapping[Subject, Known], models: Mapping[Subject, Known]) -> None:
        """What stands in the database.

        What others find open or closed holds here too, but for what was found before this process began: its keys
        may be others by now.
        """
        for side, rows, circuit in (
            (self._keys, keys, of_key),
            (self._models, models, lambda provider, model: of_model(ModelId(provider, model))),
        ):
            for subject, made in side.news(rows).items():
                if made.open and self._begun:
                    self.circuits.open(circuit(*subject), _again(subject[0], made))
                elif made.status != Status.FAILING:
                    self.circuits.close(circuit(*subject))
        self._begun = True

    def _knows(self, model: ModelId) -> bool:
        return (model.provider, model.model) in self._models.known

    def _reached(self, access: Access) -> None:
        """The key was accepted: news only where that was in doubt, or not seen for a while."""
        key, at = (access.provider, access.credential), self._clock()
        before = self._keys.known.get(key)
        if before is None or before.status == Status.FAILING or at - before.seen_at > FRESH:
            self._keys.put(key, vitals.reached(before, at))

    def _fail_key(self, key: Subject, error: ProviderError) -> None:
        self._fail(self._keys, key, error, open_=self.circuits.is_open(of_key(*key)))

    def _fail_model(self, model: ModelId, error: ProviderError) -> None:
        open_ = self.circuits.is_open(of_model(model))
        self._fail(self._models, (model.provider, model.model), error, open_=open_)

    def _fail(self, side: _Side, subject: Subject, error: ProviderError, *, open_: bool) -> None:
        where = self._installation.elsewhere(error.provider)
        said = remedy(self._installation.row(error.provider), error, where).sentence
        side.put(
            subject, vitals.failed(side.known.get(subject), self._clock(), error.kind, said, open_=open_)
        )

    def _is_over(self, seen: Vitals) -> bool:
        """Whether it was too long ago to say anything."""
        passing = seen.status == Status.FAILING and seen.kind not in ("auth", "quota")
        return self._clock() - seen.seen_at > (PASSING if passing else LATELY)


def _again(provider: str, seen: Vitals) -> ProviderError:
    """The failure that another process has seen."""
    kinds = {kind.kind: kind for kind in ProviderError.__subclasses__() if kind is not NotAsked}
    return kinds.get(seen.kind, ServerFailed)("seen by another process", provider=provider)


def _told(seen: Vitals) -> ModelStatus:
    return ModelStatus(Status(seen.status), seen.latency_ms, seen.speed, seen.since, seen.said)
