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
from bot.providers.classify import MESSAGE_LIMIT, Complaint, Origin, failure, net_failure
from bot.providers.waits import until_reset, wait_of

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
        # By provider
        (402, '{"error":{"message":"Insufficient Balance","code":"invalid_request_error"}}', QuotaExhausted),
        (400, '{"object":"error","message":"Prompt is too large","code":"3051"}', ContextOverflow),
        (429, '{"object":"error","message":"Service tier capacity exceeded","code":"3505"}', RateLimited),
        (401, '{"detail":"Unauthorized"}', AuthenticationFailed),
        (
            400,
            '{"code":"Client specified an invalid argument","error":"Incorrect API key"}',
            AuthenticationFailed,
        ),
        (403, '{"code":"x","error":"Your team has used all available credits"}', QuotaExhausted),
        (413, error("Request too large for model on tokens per minute (TPM)"), ContextOverflow),
        (402, error("Monthly credits exhausted"), QuotaExhausted),
        (403, '{"detail":"User is locked. Reason: Exhausted balance."}', QuotaExhausted),
        (422, '{"detail":[{"loc":["body"],"msg":"value is not valid"}]}', BadRequest),
        (400, error("Authentication Error, No connected db.", "400"), AuthenticationFailed),
        (400, error("Invalid model name passed in model=gpt-9", "400"), ModelMissing),
        (404, '{"error":{"code":"DeploymentNotFound","message":"gone"}}', ModelMissing),
        (
            400,
            '{"error":{"message":"no","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}',
            ContentFiltered,
        ),
        (403, '{"error":{"code":403,"message":"Input requires moderation"}}', ContentFiltered),
        (
            503,
            '{"error":{"code":503,"message":"no","metadata":{"error_type":"provider_overloaded"}}}',
            Overloaded,
        ),
        (503, '{"error":"server busy, please try again.  maximum pending requests exceeded"}', Overloaded),
        (401, '{"error":"unauthorized","signin_url":"https://ollama.com"}', AuthenticationFailed),
        (400, '{"error":"the input length exceeds the context length"}', ContextOverflow),
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


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ("{}", {"x-ratelimit-reset-requests": "1s", "x-ratelimit-remaining-requests": "0"}, 1),
        ("{}", {"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-reset-tokens": "120ms"}, 0.12),
        (
            "{}",
            {
                "x-ratelimit-reset-requests": "2m59.5s",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "1s",
                "x-ratelimit-remaining-tokens": "12",
            },
            179.5,
        ),
        ("{}", {"retry-after": "3", "x-ratelimit-reset-requests": "1s"}, 3),
        ('{"error":{"message":"Please try again in 1m2.5s. See docs."}}', {}, 62.5),
        ('{"error":{"message":"Please try again in 20ms."}}', {}, 0.02),
        ('{"error":{"message":"m","metadata":{"retry_after_seconds":7}}}', {}, 7),
        ('{"error":{"message":"m","metadata":{"headers":{"X-RateLimit-Reset":"5s"}}}}', {}, 5),
        ('{"error":{"message":"m","details":[{"@type":"x/RetryInfo","retryDelay":"14s"}]}}', {}, 14),
        ('{"error":{"message":"We will try again in the year 3000."}}', {}, None),
        ("{}", {"x-ratelimit-reset": "soon"}, None),
    ],
)
def test_the_wait_is_found_wherever_it_hides(
    body: str, headers: dict[str, str], seconds: float | None
) -> None:
    """In a header of the limit that is used up, in the error's body, or in its words."""
    found = failure(ORIGIN, Complaint.read(body.encode()), status=429, headers=headers)
    assert found.wait == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1795262430", 30),
        ("1795262430000", 30),
        ("2026-11-21T12:00:30Z", 30),
        ("2026-11-21T12:00:30", None),
        ("2026-11-21Tx", None),
        ("1795262000", None),
        ("9795262430", None),
        ("30", 30),
    ],
)
def test_a_reset_may_be_a_moment(value: str, seconds: float | None) -> None:
    """As seconds or milliseconds since 1970 or as a date; the past and what is far off are no wait."""
    assert until_reset({"x-ratelimit-reset": value}, NOW) == seconds


def test_a_payment_that_may_be_tried_again_is_a_wait() -> None:
    """OpenRouter's 402 with a pause means that answers under way hold the credit."""
    complaint = Complaint.read(error("in-flight budget", kind="payment_required").encode())
    found = failure(ORIGIN, complaint, status=402, headers={"retry-after": "4"})
    assert (type(found), found.wait) == (RateLimited, 4)


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
