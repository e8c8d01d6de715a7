"""The growing reply against simulated Discord and Slack: the goals of shared/measures.md, section A."""

import asyncio
import random
from statistics import mean, median

import pytest

from bot.conversation.delivery.delivery import Delivery
from tests.fakes import clock, scenes
from tests.fakes.measure import Stream, Summary, lengths, quantile, seen, summary, words
from tests.fakes.platform import Discord, Platform, Slack

DISCORD_EVERY, SLACK_EVERY = 1.0, 1.2  # seconds between two updates of one answer that the limits allow


def sound(streams: list[Stream], platform: Platform, every: float) -> Summary:
    """What holds in every scene: all complete, all exact, nothing left growing, no call that is a mistake."""
    result = summary(streams, platform, every)
    assert [stream.failure for stream in streams if stream.failure] == []
    assert platform.mistakes == []
    assert result.complete == len(streams)
    assert platform.refused == 0
    return result


@pytest.mark.parametrize(("count", "first"), [(1, 0.06), (10, 0.06), (50, 0.10)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_discord_shows_text_as_it_comes_and_the_last_at_once(count: int, first: float, seed: int) -> None:
    """On Discord the lag stays near its bound and the last text is there as soon as the network allows."""
    platform = Discord()
    result = sound(scenes.together(platform, count, seed), platform, DISCORD_EVERY)
    assert result.first_p95 <= first
    assert result.lag <= 1.25 * result.bound
    assert result.last <= 0.05 if count > 1 else result.last <= 0.10
    assert result.last_p95 <= 0.15


@pytest.mark.parametrize("seed", range(1, 6))
def test_slack_spends_an_unspent_minute_on_a_single_reply(seed: int) -> None:
    """Alone in a rested workspace a reply is fresher than the sustained rate would allow."""
    platform = Slack()
    result = sound(scenes.together(platform, 1, seed), platform, SLACK_EVERY)
    assert (result.first, result.lag, result.last) <= (0.20, 0.30, 0.12)
    assert result.lag <= 0.30
    assert result.last <= 0.12


def test_slack_holds_the_sustained_rate_for_reply_after_reply() -> None:
    """One reply after another lags little more than 50 edits a minute must."""
    platform = Slack()
    streams = scenes.in_turn(platform)
    result = sound(streams, platform, SLACK_EVERY)
    assert result.lag <= 1.2 * result.bound
    assert result.last_p95 <= 0.2
    assert sound(streams[11:], platform, SLACK_EVERY).lag <= 1.2 * result.bound


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_slack_shares_a_minute_among_ten(seed: int) -> None:
    """Ten replies at once grow evenly and end at once."""
    platform = Slack()
    streams = scenes.together(platform, 10, seed)
    result = sound(streams, platform, SLACK_EVERY)
    assert result.first <= 0.5
    assert result.lag <= 0.65
    assert result.last <= 0.3
    assert result.last_p95 <= 1.0
    lags = [seen(stream, platform).lag for stream in streams]
    assert max(lags) <= 1.6 * min(lags)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_slack_completes_fifty_at_once(seed: int) -> None:
    """Fifty replies in one workspace: every first and every last text finds its call."""
    platform = Slack()
    result = sound(scenes.together(platform, 50, seed), platform, SLACK_EVERY)
    assert result.first <= 1.5
    assert result.last <= 1.0
    assert result.last_p95 <= 5.0


def test_more_replies_than_edits_go_on_in_new_messages() -> None:
    """With eighty at once Slack has edits for fifty; the rest is posted after three seconds, and tidied later."""
    platform = Slack()
    streams = scenes.together(platform, 80)
    result = sound(streams, platform, SLACK_EVERY)
    assert result.last_p95 <= 4.0
    assert 20 <= sum(seen(stream, platform).pages == 2 for stream in streams) <= 40


@pytest.mark.parametrize("platform", [Discord(), Slack()], ids=["discord", "slack"])
def test_a_new_reply_every_two_seconds(platform: Platform) -> None:
    """Under sustained load the first and last texts stay prompt, in the first minute and in the fourth."""
    streams = scenes.sustained(platform, minutes=4)
    result = sound(streams, platform, SLACK_EVERY)
    assert result.first_p95 <= 0.10
    assert result.last <= 0.06
    assert result.last_p95 <= 0.5
    later = summary(streams[30:], platform, SLACK_EVERY)
    assert later.lag <= (1.25 * later.bound if platform.platform == "discord" else 2.1)


def test_a_new_reply_every_two_seconds_in_one_discord_channel() -> None:
    """One channel's five calls in five seconds carry every first and last text, and interim ones in between."""
    platform = Discord()
    result = sound(scenes.sustained(platform, channel="C1", minutes=4), platform, DISCORD_EVERY)
    assert result.first_p95 <= 1.0
    assert result.last_p95 <= 0.2
    assert result.lag <= 2.2


def test_four_replies_share_one_discord_channel() -> None:
    """Comparisons of four models end at once although each has five edits in five seconds for all four."""
    results = []
    for seed in range(1, 9):
        platform = Discord()
        streams = scenes.together(platform, 4, seed, channel="C1")
        assert sound(streams, platform, DISCORD_EVERY).first_p95 <= 0.06
        results += [seen(stream, platform) for stream in streams]
    assert median(one.last for one in results) <= 0.05
    assert quantile((one.last for one in results), 0.9) <= 0.5
    assert max(one.last for one in results) <= 3.0
    assert mean(one.lag for one in results) <= 2.35


@pytest.mark.parametrize("seed", [1, 2])
def test_two_processes_share_a_workspace(seed: int) -> None:
    """Each takes its half of a shared budget; together they are never refused."""
    platform = Slack()
    sizes = lengths(24, seed)
    streams = [Stream(scenes.place(platform, n), words(size, n)) for n, size in enumerate(sizes)]

    async def main() -> None:
        halves = [Delivery(share=lambda workspace: 0.5, jitter=random.Random(n).random) for n in range(2)]
        async with scenes.running(halves[0]), scenes.running(halves[1]), asyncio.TaskGroup() as group:
            for number, stream in enumerate(streams):
                group.create_task(stream.play(halves[number % 2], platform))
            await asyncio.sleep(1)
            assert [dict(half.open_slots()) for half in halves] == [{"T1": 12}, {"T1": 12}]

    clock.run(main())
    assert sound(streams, platform, SLACK_EVERY).last_p95 <= 1.0


class Wobbly(Discord):
    """Discord behind a network whose delays vary fourfold."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)

    async def _travel(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.01, 0.06))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_varying_delays_never_lead_to_a_refusal(seed: int) -> None:
    """A token counts from the answer of its call, so no order of arrivals breaks a limit."""
    platform = Wobbly(seed)
    result = sound(scenes.together(platform, 50, seed), platform, DISCORD_EVERY)
    assert result.last_p95 <= 0.3


@pytest.mark.parametrize(("platform", "pages"), [(Discord(), 4), (Slack(), 3)], ids=["discord", "slack"])
def test_a_long_reply_goes_on_over_pages(platform: Platform, pages: int) -> None:
    """Text that outgrows its message goes on in the next, without loss and without waiting."""
    tokens = words(1900 if platform.platform == "discord" else 8000)
    stream = scenes.one(platform, tokens)
    sound([stream], platform, DISCORD_EVERY)
    result = seen(stream, platform)
    assert result.pages >= pages
    assert result.last <= 0.25
    assert result.lag <= 2.0
    assert len(stream.row.sealed) == result.pages


def test_a_reply_that_comes_all_at_once_is_shown_at_once() -> None:
    """100 kB within a second: the pages follow each other as fast as the limits allow, none is skipped."""
    platform = Discord()
    stream = scenes.one(platform, [" ".join(words(2000, n)) + "\n\n" for n in range(14)], per_second=20)
    messages = stream.pages(platform)
    assert sum(len(message.view.text) for message in messages) > 100_000
    sound([stream], platform, DISCORD_EVERY)
    assert quantile((len(message.history) for message in messages), 0.9) <= 2
