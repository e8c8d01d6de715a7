"""The error family. ``str(error)`` is for the log; ``error.say`` is for the person.

SwitchboardError
├── ProviderError              one attempt at a model failed
│   ├── RateLimited            too many requests just now (``wait`` says how long)
│   ├── QuotaExhausted         the account has no credit left
│   ├── Overloaded             the provider is up but full
│   ├── ServerFailed           a 5xx, or an error sent inside the stream
│   ├── NetworkFailed          no connection, or it broke before the answer began
│   ├── TimedOut               no first token, or silence in the middle
│   ├── AuthenticationFailed   the key is wrong, expired or lacks a right
│   ├── ModelMissing           no such model for this key
│   ├── ContextOverflow        the conversation does not fit the model's window
│   ├── ContentFiltered        the provider declined the content
│   ├── BadRequest             the provider did not accept the request
│   ├── Cut                    the stream ended without its end mark
│   ├── NotAsked               it is known to fail just now, so it was not asked at all
│   └── Crowded                as many requests of ours as are allowed at once are under way
├── Refused                    Switchboard itself said no, before any call
│   ├── AccessRefused          a rule of this place or workspace
│   ├── BudgetRefused          no room in a budget, or over the limit of one request
│   ├── TooMany                more requests within a minute than a person or a workspace may make
│   └── NotConfigured          no such model, or its provider has no key
├── PlatformError              a chat platform did not do what was asked
│   ├── PlatformBusy           429; ``wait`` seconds, ``budget`` names what is exhausted
│   ├── PlatformDown           transient; whether the call was applied is unknown
│   ├── MessageFrozen          the message stands, and can no longer be edited
│   └── PlaceGone              the thread or message is deleted, archived or closed to us
└── BadInput                   what a person typed cannot be used; names the nearest choices
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from bot.core.surface import Spend


class SwitchboardError(Exception):
    """Base of all errors that people may come to see."""

    say: str = "Something went wrong on our side. Nothing you wrote was lost; please try again."

    def __init__(self, detail: str = "", *, say: str | None = None) -> None:
        super().__init__(detail or say or self.say)
        if say is not None:
            self.say = say


@dataclass(frozen=True, slots=True)
class Recovery:
    """What may be done after a provider's error, while nothing of the answer was shown."""

    retry_same: bool
    fall_back: bool


class ProviderError(SwitchboardError):
    """One attempt at a model failed.

    ``provider`` and ``model`` are ids; ``wait`` is seconds until another try makes sense, or None;
    ``status`` is the HTTP status, or None. ``detail`` is the provider's message with secrets removed.
    ``retry_same`` is set where the provider itself said whether to try again. ``brief`` completes "it …".
    """

    kind: ClassVar[str] = "provider"
    brief: str = "failed"
    recovery: Recovery = Recovery(retry_same=False, fall_back=True)
    sentence: ClassVar[str] = "{model} failed."

    def __init__(
        self,
        detail: str = "",
        *,
        provider: str = "",
        model: str = "",
        wait: float | None = None,
        status: int | None = None,
        retry_same: bool | None = None,
    ) -> None:
        # First: without a detail, what is said stands in the log too, and it names the model.
        self.provider, self.model, self.wait, self.status = provider, model, wait, status
        if retry_same is not None:
            self.recovery = replace(self.recovery, retry_same=retry_same)
        super().__init__(detail)

    @property
    def name(self) -> str:
        """The model as a person writes it, or the provider where no model is known."""
        return f"{self.provider}/{self.model}" if self.model else self.provider or "The model"

    @property
    def say(self) -> str:  # type: ignore[override]
        """The sentence for the thread."""
        wait = f" It asks for a pause of {self.wait:.0f} s." if self.wait else ""
        return self.sentence.format(model=self.name, provider=self.provider or "the provider") + wait


class RateLimited(ProviderError):
    """Too many requests just now; ``wait`` says how long."""

    kind = "rate"
    brief = "was receiving too many requests"
    recovery = Recovery(retry_same=True, fall_back=True)
    sentence = "{model} is receiving too many requests just now."


class QuotaExhausted(ProviderError):
    """The account has no credit left."""

    kind = "quota"
    brief = "has no credit left"
    sentence = (
        "The account at {provider} has no credit left; an admin can top it up there or choose another model."
    )


class Overloaded(ProviderError):
    """The provider is up, but full."""

    kind = "overloaded"
    brief = "was overloaded"
    recovery = Recovery(retry_same=True, fall_back=True)
    sentence = "{model} is overloaded just now."


class ServerFailed(ProviderError):
    """The provider failed, by its status or inside the stream."""

    kind = "server"
    brief = "had a failure of its own"
    recovery = Recovery(retry_same=True, fall_back=True)
    sentence = "{model} had a failure of its own."


class NetworkFailed(ProviderError):
    """No connection, or it broke."""

    kind = "network"
    brief = "could not be reached"
    recovery = Recovery(retry_same=True, fall_back=True)
    sentence = "{provider} could not be reached."


class TimedOut(ProviderError):
    """No first token in time, or silence in the middle; the detail says which."""

    kind = "timeout"
    brief = "did not answer in time"
    sentence = "{model} stopped answering in time."


class AuthenticationFailed(ProviderError):
    """The key is wrong, has expired or lacks a right."""

    kind = "auth"
    brief = "rejected our key"
    sentence = "{provider} rejected our key; an admin can enter a new one."


class ModelMissing(ProviderError):
    """There is no such model for this key."""

    kind = "model"
    brief = "does not exist for our account"
    sentence = "{model} does not exist for our account; `/model` shows what does."


class ContextOverflow(ProviderError):
    """The conversation does not fit the model's window."""

    kind = "context"
    brief = "has no room for this conversation"
    sentence = "This conversation is too long for {model}; `/new` starts afresh, `/model` finds a larger one."


class ContentFiltered(ProviderError):
    """The provider declined the content."""

    kind = "content"
    brief = "declined to answer"
    recovery = Recovery(retry_same=False, fall_back=False)
    sentence = "{model} declined to answer this; its provider's content filter stepped in."


class BadRequest(ProviderError):
    """The provider did not accept the request."""

    kind = "request"
    brief = "did not accept the request"
    recovery = Recovery(retry_same=False, fall_back=False)
    sentence = "{model} did not accept the request."


class Cut(ProviderError):
    """The stream ended without its end mark."""

    kind = "cut"
    brief = "broke off"
    recovery = Recovery(retry_same=True, fall_back=True)
    sentence = "{model} broke off before it had finished."


class NotAsked(ProviderError):
    """It is known to fail just now, so it was not asked at all.

    ``cause`` is the failure that it is known by; ``wait`` is seconds until it is tried again.
    """

    kind = "not asked"

    def __init__(self, cause: ProviderError, *, model: str, wait: float) -> None:
        detail = f"not asked, for it failed before ({cause.kind}); tried again in {wait:.0f} s"
        super().__init__(detail, provider=cause.provider, model=model, wait=wait)
        self.cause, self.brief = cause, cause.brief

    @property
    def say(self) -> str:  # type: ignore[override]
        """The sentence for the thread."""
        return f"{self.name} was not asked, for it {self.brief} a moment ago; Retry asks it all the same."


class Crowded(ProviderError):
    """As many requests of ours as are allowed at once are under way with this key."""

    kind = "crowded"
    brief = "was busy with as many of our requests as it may have at once"
    sentence = "{model} is busy with as many requests of this installation as it may have at once."


class Refused(SwitchboardError):
    """Switchboard itself said no, before any call was made. ``brief`` completes "it …"."""

    kind: ClassVar[str] = "refused"
    brief: ClassVar[str] = "may not be asked"


class AccessRefused(Refused):
    """A rule of this place, person or installation does not allow the model."""

    kind = "access"
    brief = "may not be used here"


class BudgetRefused(Refused):
    """No room in a budget, or over the limit of one request."""

    kind = "budget"
    brief = "does not fit the budget"


class NotConfigured(Refused):
    """There is no such provider here, or it has no key."""

    kind = "not configured"
    brief = "is not set up"


class TooMany(Refused):
    """More requests within a minute than a person or a workspace may make; ``wait`` seconds until there is room."""

    kind = "too many"

    def __init__(self, detail: str = "", *, wait: float, say: str) -> None:
        super().__init__(detail, say=say)
        self.wait = wait


class PlatformError(SwitchboardError):
    """A chat platform did not do what was asked.

    ``edits`` is what edits of the message spend from now on, where the failure changed that (see ``Posted``).
    """

    edits: tuple[Spend, ...] | None = None


class PlatformBusy(PlatformError):
    """The platform refused with a 429.

    ``wait`` is seconds; ``budget`` names what is exhausted, "" all that the call spends.
    """

    def __init__(self, detail: str = "", *, wait: float, budget: str = "") -> None:
        super().__init__(detail)
        self.wait, self.budget = wait, budget


class PlatformDown(PlatformError):
    """A transient failure. Whether the call was applied is unknown: look before posting again."""


class MessageFrozen(PlatformError):
    """The message stands and nothing was changed, nor ever will be; what is missing needs a new message."""


class PlaceGone(PlatformError):
    """The message, thread or channel is deleted, archived or closed to us; trying again cannot help."""


class BadInput(SwitchboardError):
    """What a person typed cannot be used; ``say`` says why and names the nearest valid choices."""
