"""How a reply ends, in words: its footer, what is said beneath it, and which way goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.calls.call import Call, CallResult
from bot.conversation.context import Context
from bot.conversation.letters import Ended
from bot.conversation.settings import Choice
from bot.core.errors import ProviderError, SwitchboardError
from bot.core.money import dollars
from bot.core.provider import Citation, FinishReason
from bot.core.view import Button, Tone
from storage.replies import SealedMessage

RESTARTING = "Switchboard had to break off here because it was restarted. The text so far is kept."
LOST = "Switchboard was interrupted while this was being written. The text so far is kept."
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


def ways_on(reply_id: int, *, go_on: bool) -> tuple[Button, ...]:
    """The buttons beneath a reply: always another answer, and the rest of this one where it is unfinished."""
    again = Button("Retry", f"retry #{reply_id}")
    return (Button("Continue", f"continue #{reply_id}"), again) if go_on else (again,)


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
        return f"{made.failure.say} {'The text so far' if made.text else 'Your question'} is kept."
    if outcome == "interrupted":
        return RESTARTING
    if not made.text:
        return NOTHING.format(model=made.result.model)
    return _AT_THE_END.get(made.result.finish, "")


def _quoted(made: Made, outcome: str) -> str:
    """Set apart from the answer where there is one, so that nobody takes our sentence for the model's."""
    about = _about_the_end(made, outcome)
    return set_apart(about) if made.text else about


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
    """Model, tokens, cost, seconds, and whatever about the way here should not go unsaid."""
    result = made.result
    approximately = "about " if result.estimated else ""
    parts = [
        str(result.model),
        f"{approximately}{result.usage.input + result.usage.output:,} tokens",
        dollars(result.cost),
        seconds(result.latency_ms),
    ]
    if outcome == "stopped":
        parts.append("stopped")
    if result.attempts_failed:
        first = result.attempts_failed[0]
        parts.append(f"instead of {first.model}: {first.error.kind}")
    if made.context.omitted:
        parts.append(f"the oldest {made.context.omitted} messages no longer fit and were left out")
    if made.context.unseen:
        parts.append(f"{result.model} cannot look at images")
    return " · ".join(parts)


def ended(made: Made) -> Ended:
    """The whole ending of a reply that reached a provider."""
    outcome = _outcome(made)
    notice = "\n\n".join(part for part in (_sources(made.sources), _quoted(made, outcome)) if part)
    unfinished = bool(made.text) and (outcome != "complete" or made.result.finish is FinishReason.LENGTH)
    result = made.result
    return Ended(
        outcome=outcome,
        message=SealedMessage(
            text="",
            model=str(result.model),
            reason=made.choice.reason,
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
        buttons=ways_on(made.reply_id, go_on=unfinished),
    )


def refused(reply_id: int, error: SwitchboardError) -> Ended:
    """The ending where no provider was asked, or none answered at all."""
    outcome = "failed" if isinstance(error, ProviderError) else "refused"
    return Ended(
        outcome=outcome,
        message=SealedMessage(text="", outcome=outcome),
        notice=error.say,
        tone=Tone.ERROR,
        buttons=ways_on(reply_id, go_on=False),
    )
