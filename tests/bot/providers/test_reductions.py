"""What is left out of a body once a server said that it does not understand it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.providers.classify import Complaint
from bot.providers.reductions import Reductions

BODY = {"model": "m", "temperature": 1, "options": {"num_ctx": 5, "temperature": 1}, "maxTokens": 9}


def reductions() -> Reductions:
    return Reductions(
        ("temperature", "options.num_ctx", "options.temperature", "maxTokens", "think"), {"maxTokens": "cap"}
    )


@pytest.mark.parametrize(
    ("complaint", "left"),
    [
        (Complaint("'temperature' is not supported"), {**BODY, "temperature": None}),
        (Complaint("no", param="options.num_ctx"), {**BODY, "options": {"temperature": 1}}),
        (
            Complaint("unknown max_tokens"),
            {"model": "m", "temperature": 1, "options": BODY["options"], "cap": 9},
        ),
    ],
)
def test_what_a_refusal_names_is_left_out(complaint: Complaint, left: dict[str, Any]) -> None:
    """By its path or its last name, in any spelling; a cap keeps its number under its other name."""
    found = reductions()
    assert found.learns("m", BODY, 400, complaint)
    expected = {name: value for name, value in left.items() if value is not None}
    assert found.reduced("m", BODY) == expected
    assert found.reduced("another", BODY) == BODY


@pytest.mark.parametrize(
    ("status", "complaint"),
    [
        (500, Complaint("temperature")),
        (400, Complaint("model")),
        (422, Complaint("think")),
        (400, Complaint()),
    ],
)
def test_what_cannot_be_left_out_teaches_nothing(status: int, complaint: Complaint) -> None:
    """Another status, a field that is needed, or one that was not sent."""
    assert not reductions().learns("m", BODY, status, complaint)


def test_what_is_empty_then_goes_too() -> None:
    """An object without fields left is no use to anybody."""
    found = Reductions(("reasoning.effort",))
    body = {"model": "m", "reasoning": {"effort": "low"}}
    assert found.learns("m", body, 400, Complaint(param="reasoning.effort"))
    assert found.reduced("m", body) == {"model": "m"}
    assert found.reduced("m", {"reasoning": 5}) == {"reasoning": 5}
