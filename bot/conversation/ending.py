"""How a reply ends, in words: its footer, what is said beneath it, and which way goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.calls.call import Call, CallResult, FailedAttempt
from bot.calls.refusals import standing
from bot.conversation.chains import Chain
from bot.conversation.context import Context
from bot.conversation.letters import Ended
from bot.conversation.purse import Purse
from bot.conversation.receipts import receipts
from bot.conversation.settings import Choice
from bot.core.errors import ProviderError, SwitchboardError
from bot.core.money import dollars
from bot.core.provider import Citation, FinishReason, ModelId
from bot.core.view import Button, Tone
from storage.replies import SealedMessage

RESTARTING = "Switchboard had to break off here because it was restarted. The text so far is kept."
LOST = "Switchboard was interrupted while this was being written. The text so far is kept."
AMENDED = "The question was changed while this was being written. **Retry** answers it as it reads now."
GOOD, BAD = "👍", "👎"
NOTHING = "{model} returned an empty answer."
_AT_THE_END: Mapping[FinishReason | None, str] = {
    FinishReason.LENGTH: "The answer reached its maximum length.",
    FinishReason.CONTENT_FILTER: "The provider's content filter ended the answer here.",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of one question: everything an ending is worded from."""

    reply_id: int
    text: str
    choice: Choice
    context: Context
    result: CallResult
    failure: ProviderError | None = None
    sources: Sequence[Citation] = ()
    chain: Chain = field(default_factory=Chain)
    agent: str = ""  # icon and name
    purse: Purse = field(default_factory=Purse)


def ways_on(reply_id: int, *, go_on: bool, text: bool, other: ModelId | None = None) -> tuple[Button, ...]:
    """The buttons beneath a reply: the rest of it where it is unfinished, another answer, another model.

    Where there is a text to judge, what people think of it too. ``other`` is a model that could go on as well: that
    takes the place of judging what nobody has finished.
    """
    rest = [Button("Continue", f"continue #{reply_id}")] if go_on else []
    if go_on and other is not None:
        rest.append(Button(f"Continue with {other.model}", f"continue #{reply_id} {other}"))
    thumbs = (GOOD, f"rate good #{reply_id}"), (BAD, f"rate bad #{reply_id}")
    verdicts = tuple(Button(label, command) for label, command in thumbs) if text and other is None else ()
    return (*rest, Button("Retry", f"retry #{reply_id}"), Button("Model", "model"), *verdicts)


def _ways_on(made: Made, *, unfinished: bool) -> tuple[Button, ...]:
    """The same, and where a whole answer could not read all that was said, the way to a summary of it."""
    buttons = ways_on(made.reply_id, go_on=unfinished, text=bool(made.text), other=_other(made))
    return buttons if unfinished or not made.context.omitted else (*buttons, Button("Summarise", "summarise"))


def _outcome(made: Made) -> str:
    if made.result.outcome in ("stopped", "interrupted"):
        return made.result.outcome
    if made.failure is not None and made.text:
        return "interrupted"
    return "complete" if made.text and made.failure is None else "failed"


def _about_the_end(made: Made, outcome: str) -> str:
    if outcome == "stopped":
        return "" if made.text else "Stopped before anything was written."
    if made.failure is not None:
        return f"{_why(made, made.failure)} {'The text so far' if made.text else 'Your question'} is kept."
    if outcome == "interrupted":
        return RESTARTING
    if not made.text:
        return NOTHING.format(model=made.result.model)
    return _AT_THE_END.get(made.result.finish, "")


def _why(made: Made, failure: ProviderError) -> str:
    """What failed: where several models were tried, all of them in one sentence."""
    before = [(each.model, each.error.brief) for each in made.result.attempts_failed]
    over = [(each.model, each.error.brief) for each in made.result.passed_over]
    if made.text or not (before or over):
        return failure.say
    told = ", ".join(
        f"{model} {brief}" for model, brief in [*before, (made.result.model, failure.brief), *over]
    )
    return f"No model could answer: {told}."


def reason(choice: Choice, chain: Chain, instead: Sequence[FailedAttempt]) -> str:
    """Why a model answers, in words that finish "answered by … because it is …"."""
    return f"standing in for {_which(instead)} ({chain.words})" if instead else choice.reason


def _which(failed: Sequence[FailedAttempt]) -> str:
    return " and ".join(f"{each.model}, which {each.error.brief}" for each in failed)


def _quoted(made: Made, outcome: str) -> str:
    """Set apart from the answer where there is one, so that nobody takes our sentence for the model's."""
    about = _about_the_end(made, outcome)
    return set_apart(about) if made.text else about


def _about_the_move(made: Made) -> str:
    """Why a cheaper model answered, where a spent budget chose it."""
    moved = made.result.moved
    if moved is None:
        return ""
    said = f"{made.result.model} answered instead of {moved.wanted}: {standing(moved.line)}"
    return set_apart(said) if made.text else said


def set_apart(sentence: str) -> str:
    """A sentence of ours beneath a model's text; "" stays ""."""
    return f"> {sentence}" if sentence else ""


def running(call: Call) -> str:
    """The footer while the answer grows: who writes, and the estimate of what it costs so far."""
    return f"{call.model} · {dollars(call.cost_so_far())} so far"


def _title(citation: Citation) -> str:
    return (citation.title or citation.url).replace("[", "(").replace("]", ")")


def _sources(sources: Sequence[Citation]) -> str:
    unique = {source.url: source for source in sources}
    return "\n".join(f"{n}. [{_title(c)}]({c.url})" for n, c in enumerate(unique.values(), 1))


def seconds(milliseconds: int) -> str:
    """A duration for people: "0.8 s", "12 s"."""
    value = milliseconds / 1000
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def footer(made: Made, outcome: str) -> str:
    """Model, agent, tokens, cost, seconds, and whatever about the way here should not go unsaid."""
    result = made.result
    approximately = "about " if result.estimated else ""
    parts = [
        str(result.model),
        *([made.agent] if made.agent else []),
        f"{approximately}{result.usage.input + result.usage.output:,} tokens",
        dollars(result.cost),
        seconds(result.latency_ms),
    ]
    if outcome == "stopped":
        parts.append("stopped")
    if result.moved is not None:
        parts.append(f"instead of {result.moved.wanted}: budget")
    if result.attempts_failed:
        parts.append(f"instead of {_which(result.attempts_failed)}")
    if made.context.omitted:
        parts.append(f"the oldest {made.context.omitted} messages no longer fit and were left out")
    if made.context.summarised:
        parts.append(f"a summary stood for {made.context.summarised} messages")
    if made.context.unseen:
        parts.append(f"{result.model} cannot look at images")
    parts += made.purse.words()
    return " · ".join(parts)


def ended(made: Made) -> Ended:
    """The whole ending of a reply that reached a provider."""
    outcome = _outcome(made)
    beneath = (_sources(made.sources), _quoted(made, outcome), _about_the_move(made), receipts(made.context))
    notice = "\n\n".join(part for part in beneath if part)
    unfinished = bool(made.text) and (outcome != "complete" or made.result.finish is FinishReason.LENGTH)
    result = made.result
    return Ended(
        outcome=outcome,
        message=SealedMessage(
            text="",
            model=str(result.model),
            reason=reason(made.choice, made.chain, result.attempts_failed),
            outcome=outcome,
            input_tokens=result.usage.input,
            output_tokens=result.usage.output,
            cost=result.cost,
            latency_ms=result.latency_ms,
            first_token_ms=result.first_token_ms,
        ),
        settlement=result.settlement,
        footer=footer(made, outcome),
        notice=notice,
        tone=Tone.ERROR if outcome == "failed" else Tone.REPLY,
        buttons=_ways_on(made, unfinished=unfinished),
    )


def _other(made: Made) -> ModelId | None:
    """The model of the chain that could go on where another one broke off."""
    tried = {made.result.model, *(each.model for each in made.result.attempts_failed)}
    left = [model for model in made.chain.models if model not in tried]
    return left[0] if made.failure is not None and left else None


def amended(made: Ended) -> Ended:
    """The same ending of a reply whose question was edited after a model had read it; Retry stands beneath."""
    return replace(made, notice="\n\n".join(filter(None, [made.notice, set_apart(AMENDED)])))


def refused(reply_id: int, error: SwitchboardError) -> Ended:
    """The ending where no provider was asked, or none answered at all."""
    outcome = "failed" if isinstance(error, ProviderError) else "refused"
    return Ended(
        outcome=outcome,
        message=SealedMessage(text="", outcome=outcome),
        notice=error.say,
        tone=Tone.ERROR,
        buttons=ways_on(reply_id, go_on=False, text=False),
    )


def unsaid() -> Ended:
    """The ending where the question was taken back before anything was shown: nobody is told anything."""
    return Ended(outcome="stopped", message=SealedMessage(text="", outcome="stopped"))
