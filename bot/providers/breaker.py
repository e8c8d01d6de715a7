"""Circuits: who is known to fail is not asked for a while, so that the next model of a chain is asked at once.

There is one for each credential of a provider, opened by what is the credential's fault or the network's, and one
for each model, opened by what is the model's. A rejected key or an empty account opens at once, anything that may
pass at the third time in a row. An open circuit closes when its provider's free call succeeds; where that proves
nothing, one request is let through after a while to find out. A key that is rejected for one model, and good for the
free call right afterwards, is that model's failure. Memory only: a process begins with all closed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom

from bot.core.errors import NotAsked, ProviderError
from bot.core.provider import ModelId

IN_A_ROW = 3  # failures that may pass, until a circuit opens
SHORTEST, LONGEST = 30.0, 60.0  # seconds for which it stays open, until somebody is let through
PROBE_AFTER = 10.0  # seconds between two free calls to a provider behind an open circuit

_THE_KEYS_FOR_GOOD = frozenset({"auth", "quota"})
_THE_KEYS = _THE_KEYS_FOR_GOOD | {"network"}
_THE_MODELS = frozenset({"auth", "rate", "overloaded", "server", "timeout", "cut"})
_FREE_CALL_PROVES = frozenset({"auth", "network"})  # a list is also given to an account without credit


@dataclass(frozen=True, slots=True)
class Access:
    """A provider as one credential reaches it.

    ``key`` is anything that changes with the credential, so that a new one starts with a closed circuit.
    """

    provider: str
    credential: str
    key: object = None


Circuit = tuple[str, str, str]  # "key" or "model", the provider, and the credential's name or the model's id


def is_the_keys(error: ProviderError) -> bool:
    """Whether a failure is the credential's or the network's. A good key may lack the right to one model (403)."""
    return error.kind in _THE_KEYS and not (error.kind == "auth" and error.status == 403 and error.model)


def of_key(provider: str, credential: str) -> Circuit:
    """The circuit of a credential."""
    return "key", provider, credential


def of_model(model: ModelId) -> Circuit:
    """The circuit of a model."""
    return "model", model.provider, model.model


@dataclass(slots=True)
class _State:
    key: object = None
    failures: int = 0  # in a row
    error: ProviderError | None = None  # while it is open
    until: float = 0.0  # before that, nobody is let through
    probe_at: float = 0.0
    probes: int = 0  # free calls made since it opened
    trying: bool = False  # somebody was let through to find out


class Circuits:
    """Every circuit of this process. ``now`` is a clock in seconds; nothing here waits."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._states: dict[Circuit, _State] = {}

    def enter(self, access: Access, model: ModelId, *, again: bool = False) -> None:
        """Let a request pass, whose end must then be told once. Raises NotAsked where a circuit is open.

        ``again``: a person asks once more, knowing that it failed: that finds out as well, one at a time.
        """
        mine = self._states.get(key := of_key(access.provider, access.credential))
        if mine is not None and mine.key is None:
            mine.key = access.key  # another process, or a check, has found out
        elif mine is not None and mine.key != access.key:
            del self._states[key]
        found = [state for one in (key, of_model(model)) if (state := self._states.get(one)) is not None]
        for state in found:
            if state.error is not None and (state.trying or not (again or state.until <= self._now())):
                wait = max(1.0, state.until - self._now())
                raise NotAsked(state.error, model=model.model, wait=wait)
        for state in found:
            state.trying = state.error is not None

    def answered(self, access: Access, model: ModelId) -> None:
        """A request was answered: both circuits close."""
        self._states.pop(of_key(access.provider, access.credential), None)
        self._states.pop(of_model(model), None)

    def left(self, access: Access, model: ModelId) -> None:
        """A request ended without showing anything."""
        for one in (of_key(access.provider, access.credential), of_model(model)):
            if (state := self._states.get(one)) is not None:
                state.trying = False

    def failed(self, access: Access, model: ModelId, error: ProviderError) -> None:
        """A request failed."""
        self.left(access, model)
        if is_the_keys(error):
            self._count(of_key(access.provider, access.credential), error, access.key)
            return
        # It did answer, if with a failure: neither key nor network is at fault.
        self._states.pop(of_key(access.provider, access.credential), None)
        if error.kind in _THE_MODELS:
            self._count(of_model(model), error, None)

    def is_open(self, circuit: Circuit) -> bool:
        """Whether it is open."""
        return (state := self._states.get(circuit)) is not None and state.error is not None

    def open(self, circuit: Circuit, error: ProviderError, key: object = None) -> None:
        """Open it, or keep it open, from now on; another process may have seen why."""
        state = self._states.setdefault(circuit, _State())
        if state.error is None:
            state.probe_at, state.probes = self._now(), 0
        state.key, state.error, state.trying = key, error, False
        state.until = self._now() + _pause(error)

    def close(self, circuit: Circuit) -> None:
        """Close it, for what opened it is over."""
        self._states.pop(circuit, None)

    def to_probe(self) -> list[Circuit]:
        """Circuits of credentials that a free call may close, now that it is time; each is told once."""
        due = []
        for circuit, state in self._states.items():
            provable = state.error is not None and state.error.kind in _FREE_CALL_PROVES
            if provable and state.probe_at <= self._now():
                state.probe_at = self._now() + PROBE_AFTER
                due.append(circuit)
        return due

    def probed(self, circuit: Circuit, *, well: bool) -> ProviderError | None:
        """What a free call has shown; a failure that it has shown to be a model's own."""
        state = self._states.get(circuit)
        if state is None or state.error is None or state.error.kind not in _FREE_CALL_PROVES:
            return None
        state.probes += 1
        if not well:
            state.until = self._now() + _pause(state.error)  # nobody needs to find out by a request
            return None
        self.close(circuit)
        if state.probes > 1 or state.error.kind != "auth" or not state.error.model:
            return None
        self.open(of_model(ModelId(state.error.provider, state.error.model)), state.error)
        return state.error

    def _count(self, circuit: Circuit, error: ProviderError, key: object) -> None:
        state = self._states.setdefault(circuit, _State(key=key))
        state.failures += 1
        if error.kind in _THE_KEYS_FOR_GOOD or state.failures >= IN_A_ROW or state.error is not None:
            self.open(circuit, error, key)


def _pause(error: ProviderError) -> float:
    """Seconds for which nobody is let through: what the provider asks for, within bounds, else at random."""
    usual = SystemRandom().uniform(SHORTEST, (SHORTEST + LONGEST) / 2)
    return min(LONGEST, max(usual, error.wait or 0.0))
