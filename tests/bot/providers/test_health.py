"""The board: what requests and checks show of a model becomes one word, with its figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import (
    AuthenticationFailed,
    ContentFiltered,
    ModelMissing,
    Overloaded,
    ProviderError,
    QuotaExhausted,
)
from bot.core.provider import ModelId
from bot.providers import catalog
from bot.providers.breaker import Access, Circuits, of_key, of_model
from bot.providers.checks import Checked
from bot.providers.health import HealthBoard, Seen
from bot.providers.remedies import Remedy
from bot.providers.rows.forms import ProviderRow
from bot.providers.status import ModelStatus, Status
from storage.health import Known

LUNA, OLDER, ELSEWHERE = (
    ModelId("openai", "gpt-6-luna"),
    ModelId("openai", "gpt-4.1"),
    ModelId("xai", "grok-4.7"),
)
KEY = Access("openai", "OPENAI_API_KEY")
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


class House:
    """OpenAI is set up, by a key of the environment."""

    def is_set_up(self, provider: str) -> bool:
        return provider == "openai"

    def credential_name(self, provider: str) -> str:
        return "OPENAI_API_KEY"

    def row(self, provider: str) -> ProviderRow | None:
        return catalog.row(provider)

    def elsewhere(self, provider: str) -> str:
        return ""


class Desk:
    """A board on a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = NOON
        self.board = HealthBoard(House(), Circuits(self._seconds), lambda: self.now)

    def _seconds(self) -> float:
        return self.now.timestamp()

    def answers(
        self, first: int = 200, speed: float | None = 80.0, times: int = 1, model: ModelId = LUNA
    ) -> None:
        for _ in range(times):
            self.board.seen(Seen(KEY, model, None, first, speed))

    def fails(self, error: type[ProviderError], times: int = 1, model: ModelId = LUNA) -> None:
        for _ in range(times):
            self.board.seen(Seen(KEY, model, error("x", provider=model.provider, model=model.model)))

    def checks(
        self, latency: int | None = 150, error: ProviderError | None = None, *, asked: bool = True
    ) -> None:
        self.board.checked(Checked("openai", "OPENAI_API_KEY", asked, latency, error, Remedy("")))

    def word(self, model: ModelId = LUNA) -> Status:
        return self.board.of(model).status

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_at_first_nothing_is_known(desk: Desk) -> None:
    """And what is not set up is said to be so."""
    assert desk.word() is Status.UNKNOWN
    assert desk.board.of(ELSEWHERE) == ModelStatus(Status.NOT_CONFIGURED)
    desk.checks(None, asked=False)
    assert desk.word() is Status.UNKNOWN


def test_a_check_speaks_for_all_models_of_a_provider(desk: Desk) -> None:
    """With its own time for the provider, none for models that nobody has asked."""
    desk.checks(150)
    assert desk.board.provider("openai") == ModelStatus(Status.AVAILABLE, 150, None, NOON)
    assert desk.board.of(LUNA) == ModelStatus(Status.AVAILABLE, None, None, NOON)


def test_an_answer_shows_latency_and_speed(desk: Desk) -> None:
    """The last latency, and a speed that follows the last few."""
    desk.answers(300, 80.0)
    desk.later(seconds=5)
    desk.answers(200, 100.0)
    found = desk.board.of(LUNA)
    assert (found.status, found.latency_ms, found.since) == (Status.AVAILABLE, 200, NOON)
    assert found.tokens_per_second == pytest.approx(88.0)
    assert desk.word(OLDER) is Status.AVAILABLE


def test_slow_is_measured_by_a_model_s_own_past(desk: Desk) -> None:
    """A slow model is not slow; one that has become slower is, until it is quick again or that is its new pace."""
    desk.answers(6000, 10.0, times=20)
    assert desk.word() is Status.AVAILABLE
    desk.answers(200, 80.0, times=20, model=OLDER)
    desk.answers(900, 80.0, times=5, model=OLDER)
    assert desk.word(OLDER) is Status.AVAILABLE
    desk.later(minutes=1)
    desk.answers(5000, 80.0, times=2, model=OLDER)
    assert desk.board.of(OLDER).status is Status.SLOW
    assert desk.board.of(OLDER).since == NOON + timedelta(minutes=1)
    desk.answers(200, 80.0, times=4, model=OLDER)
    assert desk.word(OLDER) is Status.AVAILABLE
    desk.answers(200, 20.0, times=6, model=OLDER)
    assert desk.word(OLDER) is Status.SLOW
    desk.answers(5000, 20.0, times=80, model=OLDER)
    assert desk.word(OLDER) is Status.AVAILABLE


def test_a_model_s_failure_is_its_own(desk: Desk) -> None:
    """It keeps its figures, says what happened, and is over with the next answer, or with time."""
    desk.answers()
    desk.answers(model=OLDER)
    desk.fails(Overloaded)
    found = desk.board.of(LUNA)
    assert (found.status, found.latency_ms) == (Status.FAILING, 200)
    assert found.said == "openai/gpt-6-luna is overloaded just now."
    assert desk.word(OLDER) is Status.AVAILABLE
    desk.later(minutes=11)
    assert desk.word() is Status.AVAILABLE
    desk.fails(Overloaded)
    desk.answers()
    assert desk.word() is Status.AVAILABLE


def test_a_rejected_key_is_the_provider_s_and_names_the_console(desk: Desk) -> None:
    """Every model of it is failing, until a check succeeds."""
    desk.answers(model=OLDER)
    desk.fails(AuthenticationFailed)
    found = desk.board.of(OLDER)
    assert found.status is Status.FAILING
    assert found.said == (
        "OpenAI rejected the key. Make a new one at https://platform.openai.com/api-keys and enter it with "
        "`switchboard keys add openai`, or set OPENAI_API_KEY."
    )
    desk.later(hours=1)
    assert desk.word(OLDER) is Status.FAILING
    desk.checks(None, AuthenticationFailed("x", provider="openai"))
    desk.checks(150)
    assert desk.word(OLDER) is Status.AVAILABLE


def test_a_key_that_a_check_finds_rejected_is_not_asked_with(desk: Desk) -> None:
    """Before anybody's question finds out; a check that succeeds lets questions pass again."""
    desk.checks(None, AuthenticationFailed("x", provider="openai"))
    assert desk.board.circuits.is_open(of_key("openai", "OPENAI_API_KEY"))
    desk.checks(150)
    assert not desk.board.circuits.is_open(of_key("openai", "OPENAI_API_KEY"))
    assert desk.word() is Status.AVAILABLE


def test_a_key_that_a_check_finds_good_was_rejected_for_one_model(desk: Desk) -> None:
    """Then that model alone is failing."""
    desk.fails(AuthenticationFailed)
    desk.checks(150)
    assert desk.word() is Status.FAILING
    assert desk.word(OLDER) is Status.AVAILABLE


def test_an_empty_account_is_not_mended_by_a_list(desk: Desk) -> None:
    """Only an answer shows that there is credit again."""
    desk.fails(QuotaExhausted)
    desk.checks(150)
    assert desk.word() is Status.FAILING
    assert "top it up" in desk.board.of(LUNA).said.lower()
    desk.answers()
    assert desk.word() is Status.AVAILABLE


def test_a_question_s_fault_and_an_invented_name_leave_no_mark(desk: Desk) -> None:
    """A refused text says nothing of the model; names that nobody serves are not collected."""
    desk.answers()
    desk.fails(ContentFiltered)
    desk.fails(ModelMissing, model=ModelId("openai", "gpt-99"))
    assert desk.word() is Status.AVAILABLE
    assert desk.board.changed()[1].keys() == {("openai", "gpt-6-luna")}


def test_what_was_seen_long_ago_says_nothing(desk: Desk) -> None:
    """The figures stay."""
    desk.answers()
    desk.later(days=2)
    found = desk.board.of(LUNA)
    assert (found.status, found.latency_ms) == (Status.UNKNOWN, 200)


def test_what_other_processes_have_seen_holds_here_too(desk: Desk) -> None:
    """Their open circuits open ours, and their answers close them; what stood there at the start opens none."""
    other = Desk()
    other.fails(AuthenticationFailed)
    other.fails(Overloaded, times=3, model=OLDER)
    keys, models = other.board.changed()
    shared = (
        {key: Known(one, 1) for key, one in keys.items()},
        {key: Known(one, 1) for key, one in models.items()},
    )
    desk.board.take_over(*shared)
    assert desk.word(OLDER) is Status.FAILING
    assert not desk.board.circuits.is_open(of_key("openai", "OPENAI_API_KEY"))
    running = Desk()
    running.board.take_over({}, {})
    running.board.take_over(*shared)
    assert running.board.circuits.is_open(of_model(OLDER))
    assert not running.board.circuits.is_open(of_key("openai", "OPENAI_API_KEY"))  # it was reached after that
    other.answers(model=OLDER)
    later = {key: Known(one, 2) for key, one in other.board.changed()[1].items()}
    running.board.take_over({}, later)
    assert not running.board.circuits.is_open(of_model(OLDER))
    assert running.board.changed() == ({}, {})


def test_what_changed_here_is_not_lost_to_what_others_wrote(desk: Desk) -> None:
    """Nor what could not be written."""
    desk.answers(300)
    changed = desk.board.changed()
    desk.answers(200)
    desk.board.unwritten(changed)
    old = replace(changed[1]["openai", "gpt-6-luna"], latency_ms=999)
    desk.board.take_over({}, {("openai", "gpt-6-luna"): Known(old, 7)})
    assert desk.board.of(LUNA).latency_ms == 200
    assert desk.board.changed()[1]["openai", "gpt-6-luna"].latency_ms == 200
