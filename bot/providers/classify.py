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
from email.utils import parsedate_to_datetime
from math import isfinite
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

MESSAGE_LIMIT = 300  # characters of a provider's message that are kept

_QUOTA = re.compile(
    r"insufficient_quota|billing_hard_limit_reached|credit_balance_exhausted|_spend_limit_exceeded"
    r"|organization_usage_limit_exceeded|billing_error|credit balance is too low|enforced_spend_limit_reached"
    r"|payment_required|exceeded your current quota"
)
_CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size_error|prompt is too long|maximum context length"
    r"|reduce the length of the messages|input token count|number of tokens allowed"
    r"|exceeds the available context size|too many tokens|exceed context limit"
    r"|input length exceeds the context length|model_context_window_exceeded"
)
_OVERLOADED = re.compile(r"overloaded|over capacity|unavailable")
_CONTENT = re.compile(
    r"content_filter|content_policy|content management policy|moderation|bio_policy|flagged"
)
_MODEL = re.compile(
    r"model_not_found|invalid_model"
    r"|model\s+\W?[\w./:-]{1,100}\W?\s+(?:does not exist|(?:is |was )?not (?:found|supported))"
)
_AUTH = re.compile(r"api[_ ]key|authentication_error|permission_(?:error|denied)|unauthorized")
_RATE = re.compile(r"rate[_ ]limit|slow_down|too_many_requests|resource_exhausted")
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


@dataclass(frozen=True, slots=True)
class Complaint:
    """A provider's error object, whatever its form. ``param`` names the field at fault."""

    message: str = ""
    code: str = ""
    type: str = ""
    param: str = ""

    @classmethod
    def of(cls, error: object) -> Complaint:
        """Read ``{"error": {...}}``, its inside, a list around it, or a bare text."""
        if isinstance(error, list) and error:
            error = error[0]
        if not isinstance(error, dict):
            return cls(message=_text(error))
        inner = error.get("error")
        if isinstance(inner, dict):
            return cls.of(inner)
        message = error.get("message") or inner or error.get("detail") or error.get("msg") or ""
        return cls(
            *(_text(part) for part in (message, error.get("code"), error.get("type"), error.get("param")))
        )

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
    kind = _kind(complaint, status)
    detail = " ".join(part for part in (complaint.code or complaint.type, complaint.message) if part)
    if status is not None and 300 <= status < 400:
        detail = "it redirects elsewhere, which we do not follow; check its base URL"
    told = headers.get("x-should-retry")  # the server knows better than the status
    return kind(
        origin.clean(detail) or f"status {status}",
        provider=origin.provider,
        model=origin.model,
        wait=wait_of(headers, datetime.now(UTC)),
        status=status,
        retry_same=told == "true" if told in ("true", "false") else None,
    )


def net_failure(origin: Origin, error: NetError) -> ProviderError:
    """What a failure of the network means."""
    kind = ServerFailed if isinstance(error, TooLarge) else NetworkFailed
    return kind(origin.clean(str(error)), provider=origin.provider, model=origin.model)


def wait_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by ``retry-after-ms``, or by ``retry-after`` in seconds or as a date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until - now).total_seconds()) if until.tzinfo else None


def _kind(complaint: Complaint, status: int | None) -> type[ProviderError]:
    code = complaint.code
    if status is None and code.isdecimal() and 400 <= int(code) < 600:
        status = int(code)
    words = f"{code} {complaint.type} {complaint.message}".lower()
    if _QUOTA.search(words):  # before the status: an exhausted account answers 429 or 400
        return QuotaExhausted
    if status != 429 and _CONTEXT.search(words):
        return ContextOverflow
    if status in (None, 400, 403, 422) and _CONTENT.search(words):
        return ContentFiltered
    for pattern, kind in _looked_for(status):
        if pattern.search(words):
            return kind
    return _BY_STATUS.get(status or 500, ServerFailed if (status or 500) >= 500 else BadRequest)


def _looked_for(status: int | None) -> _Words:
    """Which words may overrule a status."""
    if status is None:
        return _IN_STREAM
    if status in (400, 403, 422):
        return _NAMED
    return _BUSY if status == 429 or status >= 500 else ()


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return max(0.0, number) if isfinite(number) else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
