"""What an answer is made from, as the database has it: the branch that leads to it, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.conversation import context
from bot.conversation.inlining import Unread
from bot.core.message import Attachment
from bot.core.provider import ModelId
from bot.knowledge.kinds import DOCUMENTS
from bot.providers.registry import Registry
from storage import conversations
from storage.conversations import Message
from storage.files import KEPT, PROMISED
from storage.replies import ReplyRow
from storage.store import Store
from storage.summaries import Summary

_NOT_HERE = "It has not been read yet."


def _is_unread(file: conversations.Attachment) -> bool:
    """Whether it is a document that is here and has not been read."""
    return file.state == KEPT and file.content is None and file.media_type in DOCUMENTS


def _attached(file: conversations.Attachment) -> Attachment:
    return Attachment(file.name, file.media_type, file.data, file.content, file.extent or "")


@dataclass(frozen=True, slots=True)
class Material:
    """A branch (root first) with the files of its messages, and the summary that stands for the oldest of them.

    ``go_on``: it ends in an answer to be continued.
    """

    branch: Sequence[Message]
    files: Mapping[int, Sequence[conversations.Attachment]]
    go_on: bool
    summary: Summary | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether everything that was asked has been taken back."""
        return not self.go_on and bool(self.branch) and not context.asked(self.branch)

    def waiting(self) -> dict[int, list[conversations.Attachment]]:
        """The files of what is being answered that are not here or not read yet, by message."""
        asked = {message.id: self.files.get(message.id, ()) for message in context.asked(self.branch)}
        waiting = {
            one: [f for f in files if f.state == PROMISED or _is_unread(f)] for one, files in asked.items()
        }
        return {one: files for one, files in waiting.items() if files}

    def fitted(self, registry: Registry, system: str, model_id: ModelId) -> context.Context:
        """What a model reads of it, beside the ``system`` text. Raises NotConfigured."""
        model = registry.model(model_id)
        return context.build(
            self.branch,
            kept(self.files),
            window=model.window,
            max_output=model.max_output,
            vision=model.vision,
            system=system,
            go_on=self.go_on,
            unread={
                key: [Unread(f.name, f.note or _NOT_HERE) for f in some if f.state != KEPT or _is_unread(f)]
                for key, some in self.files.items()
            },
            summary=self.summary,
        )


def kept(files: Mapping[int, Sequence[conversations.Attachment]]) -> dict[int, list[Attachment]]:
    """The files that are here, by message."""
    return {
        key: [_attached(f) for f in some if f.state == KEPT and not _is_unread(f)]
        for key, some in files.items()
    }


async def gathered(store: Store, row: ReplyRow) -> Material:
    """The material of a reply."""
    branch = await store.conversations.branch(row.parent_id)
    ids = [message.id for message in branch]
    files, summary = await store.conversations.attachments(ids), await store.summaries.of(ids)
    return Material(branch, files, go_on=row.parent_id != row.question_id, summary=summary)
