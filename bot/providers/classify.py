"""What a provider's refusal means: from status, code, type and words to the error family.

One policy for every wire. The provider's message is shortened and stripped of anything like a secret, for it
goes to the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from bot.core.errors import (
    AuthenticationFailed,
    BadRequest,
    ContentFiltered,
    ContextOverflow,
    ModelMissing,
    NetworkFailed,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
)
from bot.net.errors import NetError, TooLarge
from bot.providers import waits
from bot.providers.counting import inner
from bot.providers.details import Details
from bot.providers.waits import wait_of

MESSAGE_LIMIT = 300  # characters of a provider's message that are kept

_QUOTA = re.compile(
    r"insufficient_quota|billing_hard_limit_reached|credit_balance_exhausted|_spend_limit_exceeded"
    r"|organization_usage_limit_exceeded|billing_error|credit balance is too low|enforced_spend_limit_reached"
    r"|payment_required|exceeded your current quota|insufficient (?:balance|credits|funds)|exhausted balance"
    r"|used all available credits|out of credits|purchase more credits|api calls / month|enable billing"
)
_CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size_error|prompt is too long|maximum context length"
    r"|reduce the length of the messages|input token count|number of tokens allowed"
    r"|exceeds the available context size|too many tokens|exceed context limit"
    r"|input length exceeds the context length|model_context_window_exceeded|context length exceeded"
    r"|contextwindowexceeded|^3051\b"
)
_OVERLOADED = re.compile(r"overloaded|over capacity|unavailable|server busy|insufficient_system_resource")
_CONTENT = re.compile(
    r"content_filter|content_policy|content management policy|moderation|bio_policy|flagged"
    r"|responsibleaipolicyviolation|contentpolicyviolation|content filtering"
)
_MODEL = re.compile(
    r"model_not_found|invalid_model|invalid model name|deploymentnotfound|not_found_error"
    r"|model\s+\W?[\w./:-]{1,100}\W?\s+(?:does not exist|(?:is |was )?not (?:found|supported))"
)
_AUTH = re.compile(
    r"api[_ ]key|authentication_?error|permission_(?:error|denied)|unauthorized|no connected db"
    r"|invalid (?:api )?token"
)
_RATE = re.compile(r"rate[_ ]?limit|slow_down|too_many_requests|resource_exhausted|throttling")
_TOO_LARGE = re.compile(r"tokens per minute|too large for model")
_REQUEST = re.compile(r"invalid_request|invalid_argument|unsupported_")

_Words = tuple[tuple[re.Pattern[str], type[ProviderError]], ...]

_NAMED: _Words = ((_MODEL, ModelMissing), (_AUTH, AuthenticationFailed))
_BUSY: _Words = ((_OVERLOADED, Overloaded),)
_IN_STREAM: _Words = (*_NAMED, (_RATE, RateLimited), *_BUSY, (_REQUEST, BadRequest))

_BY_STATUS: Mapping[int, type[ProviderError]] = MappingProxyType(
    {
        401: AuthenticationFailed,
        402: QuotaExhausted,
        403: AuthenticationFailed,
        404: ModelMissing,
        408: ServerFailed,
        409: ServerFailed,
        425: ServerFailed,
        429: RateLimited,
        498: Overloaded,
        499: ServerFailed,
        503: Overloaded,
        529: Overloaded,
    }
)
_SECRETS = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|key|pplx)[-_][\w*.-]{6,}|\bAIza[\w-]{10,}|\bbearer\s+\S+|\b[A-Za-z0-9_-]{40,}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose answer it is: ids of provider and model, and the key that must never be seen."""

    provider: str
    model: str = ""
    secret: str = ""

    def clean(self, text: str) -> str:
        """A provider's message fit for the log."""
        if self.secret:
            text = text.replace(self.secret, "[key]")
        text = _SECRETS.sub("[key]", " ".join(text.split()))
        return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"

    def error(self, kind: type[ProviderError], detail: str) -> ProviderError:
        """An error of this answer, fit for the log."""
        return kind(self.clean(detail), provider=self.provider, model=self.model)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A provider's error object, whatever its form. ``param`` names the field at fault.

    ``wait`` is how many seconds it asks to wait, None where it does not; ``per_day``: whether a limit of the day
    is used up, None where it is not told.
    """

    message: str = ""
    code: str = ""
    type: str = ""
    param: str = ""
    wait: float | None = None
    per_day: bool | None = None

    @classmethod
    def of(cls, error: object) -> Complaint:
        """Read ``{"error": {...}}``, its inside, a list around it, or a bare text."""
        if isinstance(error, list) and error:
            error = error[0]
        if not isinstance(error, dict):
            return cls(message=_text(error))
        inside = error.get("error")
        if isinstance(inside, dict):
            return cls.of(inside)
        message = error.get("message") or inside or error.get("detail") or error.get("msg") or ""
        details = Details.of(error.get("details"))
        code = _text(error.get("code") or inner(error, "innererror", "code"))
        code = " ".join(part for part in (code, details.reason) if part)
        kind = error.get("type") or error.get("error_type") or inner(error, "metadata", "error_type")
        kind, param = kind or error.get("status"), _text(error.get("param") or details.field)
        return cls(_text(message), code, _text(kind), param, waits.in_error(error), details.per_day)

    @classmethod
    def read(cls, body: bytes) -> Complaint:
        """Read the body of a failed request; what is no JSON is taken as the message."""
        text = body[:65_536].decode("utf-8", "replace")
        try:
            return cls.of(json.loads(text))
        except (ValueError, RecursionError):
            return cls(message=re.sub(r"<[^>]{0,500}>", " ", text))


def failure(
    origin: Origin,
    complaint: Complaint,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProviderError:
    """The error that a complaint means. ``status`` is None where it came inside a stream."""
    headers = headers or {}
    kind = _kind(complaint, status, wait_of(headers, datetime.now(UTC)))
    detail = " ".join(part for part in (complaint.code or complaint.type, complaint.message) if part)
    if status is not None and 300 <= status < 400:
        detail = "it redirects elsewhere, which we do not follow; check its base URL"
    told = headers.get("x-should-retry")  # the server knows better than the status
    return kind(
        origin.clean(detail) or f"status {status}",
        provider=origin.provider,
        model=origin.model,
        wait=_wait(kind, complaint, headers),
        status=status,
        retry_same=told == "true" if told in ("true", "false") else None,
    )


def net_failure(origin: Origin, error: NetError) -> ProviderError:
    """What a failure of the network means."""
    kind = ServerFailed if isinstance(error, TooLarge) else NetworkFailed
    return origin.error(kind, str(error))


def _wait(kind: type[ProviderError], complaint: Complaint, headers: Mapping[str, str]) -> float | None:
    """What the headers say, else the error's body, else when the limit that is used up begins anew."""
    now = datetime.now(UTC)
    told = wait_of(headers, now)
    if told is None:
        told = complaint.wait
    return waits.until_reset(headers, now) if told is None and kind is RateLimited else told


def _kind(complaint: Complaint, status: int | None, told: float | None) -> type[ProviderError]:
    number, _, _ = complaint.code.partition(" ")
    if status is None and number.isdecimal() and 400 <= int(number) < 600:
        status = int(number)
    words = f"{complaint.code} {complaint.type} {complaint.message}".lower()
    if status == 429 and complaint.per_day is not None:  # Google: the words are the same for a minute's limit
        return QuotaExhausted if complaint.per_day else RateLimited
    if (certain := _certain(status, words, told)) is not None:
        return certain
    if status != 429 and _CONTEXT.search(words):
        return ContextOverflow
    if status in (None, 400, 403, 422) and _CONTENT.search(words):
        return ContentFiltered
    for pattern, kind in _looked_for(status):
        if pattern.search(words):
            return kind
    return _BY_STATUS.get(status or 500, ServerFailed if (status or 500) >= 500 else BadRequest)


def _certain(status: int | None, words: str, told: float | None) -> type[ProviderError] | None:
    """What overrules everything else a refusal says."""
    if status == 402 and told is not None:  # OpenRouter: answers under way hold the rest of the credit
        return RateLimited
    if status == 413 and _TOO_LARGE.search(words):  # Groq: more than a minute's tokens
        return ContextOverflow
    return QuotaExhausted if _QUOTA.search(words) else None  # an exhausted account answers 429 or 400


def _looked_for(status: int | None) -> _Words:
    """Which words may overrule a status."""
    if status is None:
        return _IN_STREAM
    if status in (400, 403, 422, 498):
        return _NAMED
    return _BUSY if status == 429 or status >= 500 else ()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
