"""The addresses in ``response_url``: a few words more after an interaction."""

from __future__ import annotations

from aiohttp import web

from tests.fakes.slack.blocks import IN_MESSAGES, check_blocks
from tests.fakes.slack.events import Events
from tests.fakes.slack.exchanges import RESPONSE_SECONDS, RESPONSE_USES, Response
from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.shapes import Invalid, Shape, anything, flag, one, text
from tests.fakes.slack.workspace import Channel, Installation
from tests.fakes.slack.world import World

_BODY = Shape(
    {},
    {
        "text": text(40_000, 0),
        "blocks": anything,
        "attachments": anything,
        "response_type": one("in_channel", "ephemeral"),
        "replace_original": flag,
        "delete_original": flag,
        "thread_ts": text(32),
        "unfurl_links": flag,
        "unfurl_media": flag,
        "metadata": anything,
    },
)


class Responses:
    """What apps say to response URLs, and in the acks of commands."""

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events

    async def handle(self, request: web.Request) -> web.StreamResponse:
        response = self._world.responses.get(request.match_info["id"])
        try:
            if response is None:
                raise Refusal("no_service")
            if self._world.clock.now() - response.at > RESPONSE_SECONDS:
                raise Refusal("expired_url")
            if response.uses >= RESPONSE_USES:
                raise Refusal("used_url")
            if request.content_type != "application/json":
                raise Refusal("invalid_payload")
            response.uses += 1
            self.say(response, await request.json())
        except Refusal as refused:
            detail = "; ".join(refused.messages)
            self._world.book.add("response_url", refused.error, detail)
            gone = refused.error in ("no_service", "expired_url", "used_url")
            return web.json_response(refused.body, status=404 if gone else 400)
        return web.Response(text="ok")

    def say(self, response: Response, body: JSON) -> None:
        """Show what an app answered. Raises the Refusal of a wrong body."""
        try:
            _BODY(body, "/")
            blocks = check_blocks(body.get("blocks") or [], IN_MESSAGES, 50)
        except Invalid as invalid:
            raise Refusal("invalid_payload", f"[ERROR] {invalid}") from None
        channel = self._world.teams[response.team].channels[response.channel]
        if body.get("delete_original"):
            self._remove(response, channel)
            return
        if not body.get("text") and not blocks:
            raise Refusal("no_text")
        if body.get("replace_original") and response.message is not None:
            self._replace(response.message, body.get("text", ""), blocks)
            return
        self._post(response, channel, body, blocks)

    def _post(self, response: Response, channel: Channel, body: JSON, blocks: list[JSON]) -> None:
        by = self._installation(response)
        message = Message(
            response.team,
            channel.id,
            self._world.ts(),
            by.bot.id,
            body.get("text", ""),
            bot_id=by.bot.bot_id,
            app_id=by.app.id,
            thread_ts=body.get("thread_ts", ""),
            blocks=blocks,
        )
        if body.get("response_type") != "in_channel":
            message.to = response.user
        self._world.appear(channel, message)
        if not message.to:
            self._events.posted(channel, message)

    def _replace(self, message: Message, text: str, blocks: list[JSON]) -> None:
        message.text, message.blocks = text, blocks
        message.note(self._world.clock.now())
        self._world.changed()

    def _remove(self, response: Response, channel: Channel) -> None:
        message = response.message
        if message is None:
            raise Refusal("invalid_payload", "there is no original message")
        if message.to:
            message.deleted = True
            message.note(self._world.clock.now())
            self._world.changed()
        else:
            self._events.remove(channel, message)

    def _installation(self, response: Response) -> Installation:
        installed = self._world.installed_in(response.team)
        return next(one for one in installed if one.app.id == response.app)
