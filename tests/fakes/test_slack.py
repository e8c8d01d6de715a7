import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from tests.fakes.slack.server import FakeSlack

async def test_slice() -> None:
    async with FakeSlack() as slack:
        slack.general.members.add(slack.bot.bot.id)
        client = AsyncWebClient(token=slack.bot.token, base_url=slack.api_url)
        app = AsyncApp(client=client, signing_secret=slack.app.signing_secret)
        @app.event("app_mention")
        async def on(event, client):
            r = await client.chat_postMessage(channel=event["channel"], text="hi", thread_ts=event["ts"])
            await client.chat_update(channel=event["channel"], ts=r["ts"], text="hi there")
        @app.event("message")
        async def m(event): pass
        handler = AsyncSocketModeHandler(app, app_token=slack.app.app_token, web_client=client)
        await handler.connect_async()
        await slack.connected()
        q = slack.mention("ada", "general", "hello")
        await slack.until(lambda: [m.shown for m in slack.thread("general", q.ts)][1:] == ["hi there"])
        await slack.quiet()
        await handler.close_async()
        print(slack.deliveries.log)
        print(slack.unexpected())
