"""What a refusal means, by status, code, type and words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from bot.net.errors import NetTimeout, TooLarge
from bot.providers.classify import MESSAGE_LIMIT, Complaint, Origin, failure, net_failure, wait_of

ORIGIN = Origin("openai", "gpt-x", "sk-very-secret-key")
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def error(message: str = "", code: str | int | None = None, kind: str = "") -> str:
    return json.dumps({"error": {"message": message, "code": code, "type": kind, "param": None}})


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        # OpenAI
        (401, error("Incorrect API key provided", "invalid_api_key"), AuthenticationFailed),
        (403, error("You are not allowed to sample from this model"), AuthenticationFailed),
        (403, error("Project does not have access to model `gpt-9`", "model_not_found"), ModelMissing),
        (404, error("The model `gpt-9` does not exist", "model_not_found"), ModelMissing),
        (400, error("too long", "context_length_exceeded"), ContextOverflow),
        (400, error("This model's maximum context length is 8192 tokens."), ContextOverflow),
        (400, error("Unsupported parameter: 'x' is not supported with this model."), BadRequest),
        (400, error("Rejected", "content_policy_violation"), ContentFiltered),
        (429, error("Rate limit reached: too many tokens per min", "rate_limit_exceeded"), RateLimited),
        (429, error("Slow down", "slow_down"), RateLimited),
        (429, error("You exceeded your current quota", "insufficient_quota"), QuotaExhausted),
        (429, error("", "project_spend_limit_exceeded"), QuotaExhausted),
        (429, error("", "credit_balance_exhausted"), QuotaExhausted),
        (429, error("The engine is currently overloaded"), Overloaded),
        (500, error("The server had an error", kind="server_error"), ServerFailed),
        (503, error("", "server_is_overloaded"), Overloaded),
        # Others that speak the same
        (400, error("Your credit balance is too low"), QuotaExhausted),
        (402, error("Insufficient Balance"), QuotaExhausted),
        (422, error("Model foo/bar is not supported"), ModelMissing),
        (400, error("API key not valid. Please pass a valid API key."), AuthenticationFailed),
        (498, error("capacity exceeded"), Overloaded),
        (500, error("model is overloaded"), Overloaded),
        (529, error("Overloaded", kind="overloaded_error"), Overloaded),
        (400, '{"object":"error","message":"Prompt is too long","code":3051}', ContextOverflow),
        (400, '{"error":{"code":400,"type":"exceed_context_size_error","message":"n_ctx"}}', ContextOverflow),
        (503, '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}', Overloaded),
        (404, '{"error":"model \\"llama9\\" not found, try pulling it first"}', ModelMissing),
        (422, '{"detail":[{"loc":["body","x"],"msg":"field required"}]}', BadRequest),
        (
            400,
            '[{"error":{"code":400,"message":"API_KEY_INVALID: API key not valid"}}]',
            AuthenticationFailed,
        ),
        (502, "<html><body>Bad gateway</body></html>", ServerFailed),
        (504, "", ServerFailed),
        (408, "", ServerFailed),
        (409, "{}", ServerFailed),
        (413, "Payload too large", BadRequest),
        (418, "null", BadRequest),
        # Inside a stream there is no status
        (None, error("slow", "rate_limit_exceeded"), RateLimited),
        (None, error("", "insufficient_quota"), QuotaExhausted),
        (None, error("no", kind="authentication_error"), AuthenticationFailed),
        (None, error("no", kind="invalid_request_error"), BadRequest),
        (None, error("provider overloaded"), Overloaded),
        (None, error("Provider returned error", 429), RateLimited),
        (None, error("Provider returned error", "401"), AuthenticationFailed),
        (None, error("blocked", "content_filter"), ContentFiltered),
        (None, error("?", 7), ServerFailed),
        (None, "[]", ServerFailed),
    ],
)
def test_a_refusal_is_classified(status: int | None, body: str, kind: type[ProviderError]) -> None:
    """Each answer of a provider becomes the error that says what can be done."""
    found = failure(ORIGIN, Complaint.read(body.encode()), status=status)
    assert type(found) is kind
    assert (found.provider, found.model, found.status) == ("openai", "gpt-x", status)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:30 GMT"}, 0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 -0000"}, None),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "7"}, 7),
    ],
)
def test_the_wait_is_read(headers: dict[str, str], seconds: float | None) -> None:
    """A pause is asked for in milliseconds, in seconds or as a date."""
    assert wait_of(headers, NOW) == seconds


def test_the_server_may_overrule_what_is_usual() -> None:
    """``x-should-retry`` decides whether the same model is tried again."""
    complaint = Complaint.read(error("Slow down").encode())
    told = [
        failure(ORIGIN, complaint, status=429, headers={"x-should-retry": word}).recovery.retry_same
        for word in ("true", "false", "maybe")
    ]
    assert told == [True, False, True]
    assert failure(ORIGIN, complaint, status=400, headers={"x-should-retry": "true"}).recovery.retry_same
    assert RateLimited.recovery.retry_same
    assert not BadRequest.recovery.retry_same


def test_what_the_network_does_is_classified() -> None:
    """No connection is the network's fault, a body without end the server's."""
    assert type(net_failure(ORIGIN, NetTimeout("late"))) is NetworkFailed
    assert type(net_failure(ORIGIN, TooLarge("much"))) is ServerFailed


@pytest.mark.parametrize(
    "secret",
    [
        *("sk-very-secret-key", "sk-proj-abcdefgh1234", "sk-abc***************wxyz", "Bearer abc.def.ghi"),
        *("AIzaSyA1234567890abcdefg", "gsk_abcdefghijkl", "0123456789abcdef0123456789abcdef01234567"),
    ],
)
def test_secrets_are_taken_out(secret: str) -> None:
    """Nothing that looks like a key survives in the detail, our own least of all."""
    found = failure(ORIGIN, Complaint.of(f"Incorrect API key provided: {secret}. Find it"), status=401)
    assert secret not in str(found)
    assert "Incorrect API key provided: [key]" in str(found)


def test_long_messages_are_shortened() -> None:
    """A page of HTML becomes one line of bounded length."""
    page = b"<html>" + b"<p>word</p>\n" * 100_000
    found = str(failure(ORIGIN, Complaint.read(page), status=502))
    assert len(found) == MESSAGE_LIMIT
    assert found.startswith("word word")


@given(st.binary(), st.one_of(st.none(), st.integers(300, 599)))
def test_any_body_is_classified(body: bytes, status: int | None) -> None:
    """Whatever a server answers, there is an error for it that has something to say."""
    found = failure(ORIGIN, Complaint.read(body), status=status)
    assert isinstance(found, ProviderError)
    assert found.say
    assert str(found)
