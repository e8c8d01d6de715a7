"""What a message follows where it says so: a message of a person or of ours, in the same place."""

from __future__ import annotations

import json

from storage.database import Statements, first


async def conversation_followed(tx: Statements, place: str, payload: str) -> int | None:
    """The conversation of the message that a said item follows; None where it names none, or none that is known."""
    if (follows := json.loads(payload).get("follows")) is None:
        return None
    row = first(
        await tx.rows(
            "SELECT c.id FROM conversations c WHERE c.deleted_at IS NULL AND c.id IN ("
            "SELECT conversation_id FROM inbox WHERE key = ? AND place = ?"
            " UNION ALL SELECT r.conversation_id FROM pages p JOIN replies r ON r.id = p.reply_id"
            " WHERE p.message_id = ? AND r.place = ?"
            " UNION ALL SELECT conversation_id FROM forks WHERE opening = ? AND place = ?)"
            " ORDER BY c.id DESC LIMIT 1",
            follows["key"],
            place,
            follows["page"],
            place,
            follows["page"],
            place,
        )
    )
    return None if row is None else row["id"]


async def message_followed(tx: Statements, conversation_id: int, payload: str) -> int | None:
    """The message of this conversation that a said item follows; None as above.

    An answer that was refused, or failed without a text, is followed as if it were not there.
    """
    if (follows := json.loads(payload).get("follows")) is None:
        return None
    row = first(
        await tx.rows(
            "SELECT id FROM messages WHERE external_id = ? AND conversation_id = ?"
            " UNION ALL SELECT CASE WHEN m.outcome = 'refused' OR (m.outcome = 'failed' AND m.text = '')"
            " THEN m.parent_id ELSE m.id END AS id FROM pages p JOIN replies r ON r.id = p.reply_id"
            " JOIN messages m ON m.id = r.message_id WHERE p.message_id = ? AND r.conversation_id = ?"
            " UNION ALL SELECT message_id FROM forks WHERE opening = ? AND conversation_id = ?"
            " ORDER BY id DESC LIMIT 1",
            follows["key"],
            conversation_id,
            follows["page"],
            conversation_id,
            follows["page"],
            conversation_id,
        )
    )
    return None if row is None else row["id"]


async def message_named(statements: Statements, place: str, key: str, page: str) -> int | None:
    """The message of a place that came under an inbox key, or that a reply's page shows; None where neither is.

    For an answer that was refused, or failed without a text, the message it hangs under.
    """
    row = first(
        await statements.rows(
            "SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id"
            " WHERE m.external_id = ? AND c.place = ? AND m.withdrawn_at IS NULL"
            " UNION ALL SELECT CASE WHEN m.outcome = 'refused' OR (m.outcome = 'failed' AND m.text = '')"
            " THEN m.parent_id ELSE m.id END AS id FROM pages p JOIN replies r ON r.id = p.reply_id"
            " JOIN messages m ON m.id = r.message_id WHERE p.message_id = ? AND r.place = ?"
            " ORDER BY id DESC LIMIT 1",
            key,
            place,
            page,
            place,
        )
    )
    return None if row is None else row["id"]


async def place_followed(statements: Statements, within: str, key: str, page: str) -> str | None:
    """The place in which somebody's message came under this key, or a reply has this page; None where neither is.

    A fork's opening counts as its first page.

    ``within`` is the channel or thread that it has to be in.
    """
    row = first(
        await statements.rows(
            "SELECT place FROM inbox WHERE key = ? UNION ALL SELECT r.place FROM pages p"
            " JOIN replies r ON r.id = p.reply_id WHERE p.message_id = ? AND r.place LIKE ? ESCAPE '!'"
            " UNION ALL SELECT place FROM forks WHERE opening = ? AND place LIKE ? ESCAPE '!'",
            key,
            page,
            f"{plain(within)}%",
            page,
            f"{plain(within)}%",
        )
    )
    return None if row is None else row["place"]


def plain(text: str) -> str:
    """A text as LIKE takes it literally, with ESCAPE '!'."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
