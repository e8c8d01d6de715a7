"""What an app wants a message to be: read from a body, checked, put into the message."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.discord import messages
from tests.fakes.discord.attached import Attachment
from tests.fakes.discord.calls import Upload
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.components import check_components, texts_of, walk
from tests.fakes.discord.embeds import check_embeds
from tests.fakes.discord.guilds import MIB
from tests.fakes.discord.messages import Message
from tests.fakes.discord.refusals import JSON, Refusal
from tests.fakes.discord.shapes import (
    Invalid,
    Shape,
    anything,
    flag,
    many,
    maybe,
    number,
    one,
    snowflake,
    text,
)
from tests.fakes.discord.wording import IN_ANSWERS, IN_MESSAGES, check_allowed, pings_of
from tests.fakes.discord.world import World

FILES, CONTENT, NONCE = 10, 2_000, 25
_file = Shape(
    {"id": snowflake},
    {
        "filename": text(1024),
        "description": maybe(text(1024, 0)),
        "title": anything,
        "is_spoiler": anything,
        **dict.fromkeys(("size", "url", "proxy_url", "content_type", "ephemeral", "spoiler"), anything),
    },
)
_reference = Shape(
    {"message_id": snowflake},
    {"type": one(0), "channel_id": snowflake, "guild_id": snowflake, "fail_if_not_exists": flag},
)


def _nonce(value: Any, where: tuple[str, ...]) -> None:
    if type(value) not in (int, str):
        raise Invalid(where, "NUMBER_TYPE_COERCE", "Must be an integer or a string.")
    if len(str(value)) > NONCE:
        raise Invalid(where, "NONCE_TYPE_TOO_LONG", f"Must be {NONCE} or fewer in length.")


_common = {
    "content": maybe(text(CONTENT, 0)),
    "embeds": anything,  # checked apart, as the next two
    "components": anything,
    "allowed_mentions": anything,
    "flags": maybe(number(0, 2**31)),
    "attachments": maybe(many(_file, FILES)),
    "tts": flag,
}
CREATE = Shape({}, {**_common, "nonce": _nonce, "enforce_nonce": flag, "message_reference": _reference})
# The library sends ``tts`` with every edit too.
EDIT = Shape({}, _common)
ANSWER = Shape({}, _common)


@dataclass(frozen=True, slots=True)
class Draft:
    """A body that has the right shape."""

    world: World
    body: JSON
    uploads: Mapping[int, Upload]
    answer: bool = False  # to an interaction: other mentions are parsed, and it may be ephemeral

    def write(self, message: Message) -> None:
        """Change the message, or raise the Refusal and leave it as it was."""
        self._check_flags(message)
        flags = self._flags(message)
        # What is given now decides how components are read, though the flag itself stays for ever.
        new = bool((flags if "flags" not in self.body else self.body["flags"] or 0) & messages.IS_NEW)
        content = (self.body["content"] or "").strip() if "content" in self.body else message.content
        embeds = check_embeds(self.body["embeds"]) if "embeds" in self.body else message.embeds
        components = message.components
        if "components" in self.body:
            components = check_components(self.body["components"], new=new)
        if flags & messages.IS_NEW:
            _check_new(content, embeds)
        default = IN_ANSWERS if self.answer else IN_MESSAGES
        allowed = check_allowed(self.body.get("allowed_mentions"), default)
        attachments = self._attachments(message)
        _check_named(components, embeds, attachments)
        layout = bool(flags & messages.IS_NEW) and components
        if not (content or embeds or attachments or layout):
            raise Refusal(50006)
        written = [content, *texts_of(components)]
        replied = message.replied.author if message.replied else None
        notified = pings_of(written, message.author, message.channel, allowed, replied)
        message.content, message.embeds, message.components = content, embeds, components
        message.flags, message.attachments, message.notified = flags, attachments, notified
        ids = [*notified.users, *([notified.reply] if notified.reply else [])]
        message.named = tuple(self.world.users[id_] for id_ in dict.fromkeys(ids))

    def _check_flags(self, message: Message) -> None:
        given = self.body.get("flags") or 0
        mine = messages.SUPPRESS_EMBEDS | messages.SUPPRESS_NOTIFICATIONS | messages.IS_NEW
        if given & ~(mine | message.flags | (messages.EPHEMERAL if self.answer else 0)):
            raise Invalid(("flags",), "BITFIELD_INVALID", f"{given} has flags that cannot be set")

    def _flags(self, message: Message) -> int:
        """As they are after this; what is only the platform's to set stays."""
        if "flags" not in self.body:
            return message.flags & ~messages.LOADING
        kept = message.flags & (messages.HAS_THREAD | messages.EPHEMERAL | messages.IS_NEW)
        return (kept | int(self.body["flags"] or 0)) & ~messages.LOADING

    def _attachments(self, message: Message) -> list[Attachment]:
        """Those that stay, and the new ones. Without the field all of both."""
        if len(self.uploads) > FILES:
            raise Invalid(("attachments",), "BASE_TYPE_MAX_LENGTH", f"Must be {FILES} or fewer in length.")
        most = message.channel.guild.file_size if message.channel.guild else 10 * MIB
        if any(len(upload.data) > most for upload in self.uploads.values()):
            raise Refusal(40005)
        listed = self.body.get("attachments")
        if listed is None:
            kept = message.attachments if "attachments" not in self.body else []
            return [*kept, *(self._new(upload, message, "") for upload in self.uploads.values())]
        here = {file.id: file for file in message.attachments}
        result = []
        for place, named in enumerate(listed):
            number_ = str(named["id"])
            if number_ in here:
                result.append(here[number_])
            elif number_.isdigit() and (upload := self.uploads.get(int(number_))):
                result.append(self._new(upload, message, named.get("description") or ""))
            else:
                raise Invalid(
                    ("attachments", str(place)), "ATTACHMENT_NOT_FOUND", f"No file {number_} came along"
                )
        return result

    def _new(self, upload: Upload, message: Message, description: str) -> Attachment:
        kind = mimetypes.guess_type(upload.name)[0] or upload.content_type
        file = Attachment(
            self.world.id(),
            upload.name,
            upload.data,
            kind,
            description,
            message.author.id,
            message.channel.id,
            ephemeral=bool(message.to),
        )
        self.world.files[file.id] = file
        return file


def replied_to(world: World, channel: Channel, body: JSON) -> Message | None:
    """The message that a new one replies to, if it does."""
    reference = body.get("message_reference")
    if reference is None:
        return None
    if str(reference.get("channel_id", channel.id)) != channel.id:
        raise Invalid(
            ("message_reference",), "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", "Replies stay in a channel"
        )
    message = channel.messages.get(str(reference["message_id"]))
    if message is None or message.deleted or message.to:
        if reference.get("fail_if_not_exists", True):
            raise Invalid(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None
    if message.system:
        code = "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"
        raise Invalid(("message_reference",), code, "Cannot reply to a system message")
    return message


def refer(message: Message, to: Message) -> None:
    """Make one message the reply to another."""
    message.replied = to
    message.reference = {"type": 0, "channel_id": to.channel.id, "message_id": to.id}
    if to.channel.guild:
        message.reference["guild_id"] = to.channel.guild.id


def _check_new(content: str, embeds: list[JSON]) -> None:
    for name, value in (("content", content), ("embeds", embeds)):
        if value:
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            message = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            raise Invalid((name,), code, message)


def _check_named(components: list[JSON], embeds: list[JSON], files: list[Attachment]) -> None:
    """Files that components and embeds point to came along."""
    media = [part.get("media") or part.get("file") for part in walk(components)]
    media += [item["media"] for part in walk(components) for item in part.get("items", [])]
    media += [embed.get(name) for embed in embeds for name in ("image", "thumbnail")]
    names = {f"attachment://{file.name}" for file in files}
    for held in filter(None, media):
        if held["url"].startswith("attachment://") and held["url"] not in names:
            message = f'The referenced attachment "{held["url"]}" was not found'
            raise Invalid(("components",), "REFERENCED_FILE_NOT_FOUND", message)
