"""Circuits: when they open, whom they let through, and what closes them."""

from __future__ import annotations

import pytest

from bot.core.errors import (
    AuthenticationFailed,
    BadRequest,
    NetworkFailed,
    NotAsked,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
)
from bot.core.provider import ModelId
from bot.providers.breaker import LONGEST, PROBE_AFTER, SHORTEST, Access, Circuits, of_key, of_model

LUNA, OLDER = ModelId("openai", "gpt-6-luna"), ModelId("openai", "gpt-4.1")
WORK = Access("openai", "Work OpenAI", 1)


class Line:
    """Circuits on a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.circuits = Circuits(lambda: self.now)

    def fails(self, error: type[ProviderError], model: ModelId = LUNA, times: int = 1, **more: float) -> None:
        for _ in range(times):
            self.circuits.enter(WORK, model)
            given = error("x", provider=model.provider, model=model.model, **more)  # type: ignore[arg-type]
            self.circuits.failed(WORK, model, given)

    def passes(self, model: ModelId = LUNA, access: Access = WORK, *, again: bool = False) -> bool:
        try:
            self.circuits.enter(access, model, again=again)
        except NotAsked:
            return False
        return True


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.mark.parametrize("error", [AuthenticationFailed, QuotaExhausted])
def test_a_rejected_key_or_an_empty_account_opens_at_once(line: Line, error: type[ProviderError]) -> None:
    """For every model of that credential, and for no other credential."""
    line.fails(error)
    assert not line.passes(LUNA)
    assert not line.passes(OLDER)
    assert line.passes(LUNA, Access("openai", "Another"))


def test_what_may_pass_opens_at_the_third_time_in_a_row(line: Line) -> None:
    """For the model whose failure it is; an answer in between begins the count anew."""
    line.fails(Overloaded, times=2)
    line.circuits.enter(WORK, LUNA)
    line.circuits.answered(WORK, LUNA)
    line.fails(Overloaded, times=2)
    assert line.passes()
    line.circuits.left(WORK, LUNA)
    line.fails(Overloaded)
    assert not line.passes()
    assert line.passes(OLDER)


def test_no_network_is_no_model_s_fault(line: Line) -> None:
    """It opens the credential's circuit, and a failure of a model in between shows that there is one."""
    line.fails(NetworkFailed, times=2)
    line.fails(Overloaded, OLDER)
    line.fails(NetworkFailed, times=2)
    assert line.passes(OLDER)
    line.fails(NetworkFailed)
    assert not line.passes(OLDER)


def test_a_question_s_own_fault_opens_nothing(line: Line) -> None:
    """However often it is asked."""
    line.fails(BadRequest, times=5)
    assert line.passes()


def test_the_error_says_what_it_failed_with_and_for_how_long(line: Line) -> None:
    """And is itself one that lets a chain go on."""
    line.fails(AuthenticationFailed)
    with pytest.raises(NotAsked) as caught:
        line.circuits.enter(WORK, OLDER)
    error = caught.value
    assert (error.provider, error.model, error.cause.kind) == ("openai", "gpt-4.1", "auth")
    assert error.wait is not None
    assert SHORTEST <= error.wait <= LONGEST
    assert error.recovery.fall_back
    assert error.say == (
        "openai/gpt-4.1 was not asked, for it rejected our key a moment ago; Retry asks it all the same."
    )


def test_after_a_while_one_request_finds_out(line: Line) -> None:
    """The others are still kept away; its answer closes, its failure keeps open, its stop changes nothing."""
    line.fails(Overloaded, times=3)
    line.now = SHORTEST - 1
    assert not line.passes()
    line.now = LONGEST
    assert line.passes()
    assert not line.passes()
    line.circuits.left(WORK, LUNA)
    assert line.passes()
    line.circuits.failed(WORK, LUNA, Overloaded("x", provider="openai", model=LUNA.model))
    assert not line.passes()
    line.now += LONGEST
    assert line.passes()
    line.circuits.answered(WORK, LUNA)
    assert line.passes()
    assert line.passes()


def test_who_asks_again_finds_out_at_once(line: Line) -> None:
    """A person who presses Retry knows better than a clock; but only one at a time."""
    line.fails(AuthenticationFailed)
    assert line.passes(again=True)
    assert not line.passes(again=True)


def test_a_pause_that_the_provider_asks_for_is_kept(line: Line) -> None:
    """Within the bounds."""
    line.fails(RateLimited, times=3, wait=50.0)
    line.now = 49.0
    assert not line.passes()
    line.now = 50.0
    assert line.passes()


def test_a_new_key_starts_afresh(line: Line) -> None:
    """Under the name of the old one."""
    line.fails(AuthenticationFailed)
    assert not line.passes()
    assert line.passes(access=Access("openai", "Work OpenAI", 2))
    assert line.passes()


def test_what_others_have_found_out_holds_for_the_key_of_the_day(line: Line) -> None:
    """They know its name alone; the key that is in use under it is kept away, the next one is not."""
    line.circuits.open(of_key("openai", "Work OpenAI"), AuthenticationFailed("x", provider="openai"))
    assert not line.passes()
    assert line.passes(access=Access("openai", "Work OpenAI", 2))


def test_a_free_call_that_succeeds_closes(line: Line) -> None:
    """It is due again and again, and while it fails nobody needs to find out by a request."""
    line.fails(NetworkFailed, times=3)
    [circuit] = line.circuits.to_probe()
    assert circuit == of_key("openai", "Work OpenAI")
    assert line.circuits.to_probe() == []
    line.now = LONGEST - 1
    line.circuits.probed(circuit, well=False)
    line.now = LONGEST + 1
    assert not line.passes()
    assert line.circuits.to_probe() == [circuit]
    line.circuits.probed(circuit, well=True)
    assert line.passes()


def test_a_key_that_is_good_for_all_else_is_the_model_s_failure(line: Line) -> None:
    """Rejected for one model and accepted right afterwards: only that model is kept away."""
    line.fails(AuthenticationFailed)
    [circuit] = line.circuits.to_probe()
    line.circuits.probed(circuit, well=True)
    assert not line.passes(LUNA)
    assert line.passes(OLDER)
    assert line.circuits.is_open(of_model(LUNA))


def test_a_key_without_the_right_to_one_model_is_good_for_the_others(line: Line) -> None:
    """403 is about what was asked for; such a model is kept away at once."""
    line.fails(AuthenticationFailed, status=403)
    assert not line.passes(LUNA)
    assert line.passes(OLDER)


def test_a_key_that_was_mended_is_good_for_every_model(line: Line) -> None:
    """Here the free call failed as well, until somebody mended it."""
    line.fails(AuthenticationFailed)
    [circuit] = line.circuits.to_probe()
    line.circuits.probed(circuit, well=False)
    line.now = PROBE_AFTER
    [circuit] = line.circuits.to_probe()
    line.circuits.probed(circuit, well=True)
    assert line.passes(LUNA)


def test_a_free_call_proves_no_credit(line: Line) -> None:
    """A list is given to an empty account too: only a request finds out."""
    line.fails(QuotaExhausted)
    assert line.circuits.to_probe() == []
    line.circuits.probed(of_key("openai", "Work OpenAI"), well=True)
    assert not line.passes()
    line.now = LONGEST
    assert line.passes()
