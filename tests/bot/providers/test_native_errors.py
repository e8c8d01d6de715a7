"""What the refusals of Anthropic, Google and Cohere mean, and where they hide how long to wait."""

from __future__ import annotations

import pytest

from bot.core.errors import (
    AuthenticationFailed,
    BadRequest,
    ContentFiltered,
    ContextOverflow,
    ModelMissing,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
)
from bot.providers.classify import Complaint, Origin, failure
from bot.providers.details import Details
from tests.fakes.native import anthropic, cohere, google
from tests.fakes.native.server import Refused

INVALID = "invalid_request_error"
REFUSALS: list[tuple[Refused, type[ProviderError]]] = [
    (
        anthropic.refuse(400, INVALID, "Your credit balance is too low to access the Anthropic API."),
        QuotaExhausted,
    ),
    (anthropic.refuse(402, "billing_error", "There is a problem with your payment."), QuotaExhausted),
    (anthropic.refuse(429, "rate_limit_error", "This request would exceed the limit"), RateLimited),
    (
        anthropic.refuse(429, "rate_limit_error", "Limit", error_code="enforced_spend_limit_reached"),
        QuotaExhausted,
    ),
    (anthropic.refuse(401, "authentication_error", "invalid x-api-key"), AuthenticationFailed),
    (
        anthropic.refuse(403, "permission_error", "Your API key does not have permission"),
        AuthenticationFailed,
    ),
    (anthropic.refuse(404, "not_found_error", "model: claude-9"), ModelMissing),
    (anthropic.refuse(400, INVALID, "prompt is too long: 208310 tokens > 200000 maximum"), ContextOverflow),
    (
        anthropic.refuse(400, INVALID, "input length and `max_tokens` exceed context limit: 1 + 2 > 2"),
        ContextOverflow,
    ),
    (anthropic.refuse(400, INVALID, "Output blocked by content filtering policy"), ContentFiltered),
    (anthropic.refuse(400, INVALID, "messages: at least one message is required"), BadRequest),
    (anthropic.refuse(413, "request_too_large", "Request exceeds the maximum size"), BadRequest),
    (anthropic.refuse(500, "api_error", "Internal server error"), ServerFailed),
    (anthropic.refuse(504, "timeout_error", "The request timed out"), ServerFailed),
    (anthropic.refuse(529, "overloaded_error", "Overloaded"), Overloaded),
    (google.exhausted("GenerateRequestsPerMinutePerProjectPerModel"), RateLimited),
    (google.exhausted("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), QuotaExhausted),
    (
        google.refuse(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
        RateLimited,
    ),
    (google.refuse(402, "RESOURCE_EXHAUSTED", "Payment required"), QuotaExhausted),
    (
        google.refuse(400, "INVALID_ARGUMENT", "No.", [{"reason": "API_KEY_INVALID"}]),
        AuthenticationFailed,
    ),
    (google.refuse(403, "PERMISSION_DENIED", "Your API key was reported as leaked."), AuthenticationFailed),
    (google.refuse(400, "FAILED_PRECONDITION", "Please enable billing on project 1."), QuotaExhausted),
    (
        google.refuse(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
        BadRequest,
    ),
    (
        google.refuse(400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number (8)."),
        ContextOverflow,
    ),
    (google.refuse(404, "NOT_FOUND", "models/x is not found for API version v1beta"), ModelMissing),
    (google.refuse(499, "CANCELLED", "The operation was cancelled."), ServerFailed),
    (google.refuse(500, "INTERNAL", "An internal error has occurred"), ServerFailed),
    (google.refuse(503, "UNAVAILABLE", "The model is overloaded."), Overloaded),
    (google.refuse(504, "DEADLINE_EXCEEDED", "Deadline expired"), ServerFailed),
    (cohere.refuse(400, "too many tokens: size limit exceeded by 9 tokens."), ContextOverflow),
    (cohere.refuse(400, "invalid request: all elements in history must have a message."), BadRequest),
    (cohere.refuse(401, "invalid api token"), AuthenticationFailed),
    (cohere.refuse(402, "Please add or update your payment method"), QuotaExhausted),
    (cohere.refuse(404, "model 'x' not found, make sure the correct model ID was used"), ModelMissing),
    (cohere.refuse(422, "invalid request: unknown field"), BadRequest),
    (
        cohere.refuse(429, "You are using a Trial key, which is limited to 20 API calls / minute."),
        RateLimited,
    ),
    (
        cohere.refuse(429, "You are using a Trial key, which is limited to 1000 API calls / month."),
        QuotaExhausted,
    ),
    (cohere.refuse(498, "invalid token"), AuthenticationFailed),
    (cohere.refuse(499, "request cancelled"), ServerFailed),
    (cohere.refuse(500, "internal server error"), ServerFailed),
    (cohere.refuse(503, "service unavailable"), Overloaded),
    (cohere.refuse(504, "gateway timeout"), ServerFailed),
]


@pytest.mark.parametrize(("refused", "kind"), REFUSALS)
def test_a_refusal_is_classified(refused: Refused, kind: type[ProviderError]) -> None:
    """Each answer of a vendor becomes the error that says what can be done."""
    assert type(failure(Origin("p", "m"), Complaint.read(refused.body), status=refused.status)) is kind


IN_STREAM: list[tuple[Refused, type[ProviderError]]] = [
    (anthropic.refuse(0, "overloaded_error", "Overloaded"), Overloaded),
    (anthropic.refuse(0, "rate_limit_error", "Slow down"), RateLimited),
    (anthropic.refuse(0, "not_found_error", "model: x"), ModelMissing),
    (anthropic.refuse(0, "authentication_error", "no"), AuthenticationFailed),
    (anthropic.refuse(0, INVALID, "no"), BadRequest),
    (anthropic.refuse(0, "api_error", "no"), ServerFailed),
    (google.exhausted("GenerateRequestsPerMinutePerProjectPerModel"), RateLimited),
    (google.exhausted("GenerateRequestsPerDayPerProjectPerModel"), QuotaExhausted),
    (google.refuse(503, "UNAVAILABLE", "?"), Overloaded),
    (google.refuse(400, "INVALID_ARGUMENT", "No.", [{"reason": "API_KEY_INVALID"}]), AuthenticationFailed),
]


@pytest.mark.parametrize(("refused", "kind"), IN_STREAM)
def test_an_error_inside_a_stream_is_classified(refused: Refused, kind: type[ProviderError]) -> None:
    """Without a status of HTTP, the body's own words and numbers count."""
    assert type(failure(Origin("p", "m"), Complaint.read(refused.body))) is kind


@pytest.mark.parametrize(
    ("delay", "headers", "wait"),
    [
        ("14s", {}, 14.0),
        ("0.250s", {}, 0.25),
        ("14s", {"retry-after": "3"}, 3.0),
        ("soon", {}, None),
    ],
)
def test_the_wait_may_stand_in_the_body(delay: str, headers: dict[str, str], wait: float | None) -> None:
    """Google tells it in a detail; a header, where there is one, counts more."""
    complaint = Complaint.read(google.exhausted("PerMinute", delay).body)
    assert failure(Origin("p", "m"), complaint, status=429, headers=headers).wait == wait


@pytest.mark.parametrize(
    "details", [None, 5, "x", [], [5, None], {}, {"error_code": 5}, [{"violations": [5]}]]
)
def test_details_may_be_anything(details: object) -> None:
    """What is not understood tells nothing."""
    assert Details.of(details) == Details()


def test_a_field_at_fault_is_named() -> None:
    """Google names it in a violation."""
    details = [{"fieldViolations": [{"field": "generation_config.temperature", "description": "no"}]}]
    refused = google.refuse(400, "INVALID_ARGUMENT", "Bad.", details)
    assert Complaint.read(refused.body).param == "generation_config.temperature"
