"""Who may change what others live with: owners of the installation, and admins of a workspace."""

from __future__ import annotations

from bot.commands.grammar import Asked, Tools
from bot.core.errors import AccessRefused

OWNER, ADMIN = "owner", "admin"


async def is_admin(tools: Tools, asked: Asked) -> bool:
    """Whether who asks may administer the workspace that is asked from. Raises StorageDown.

    By a role of ours, or because the platform has them for one: then nobody has to be named first.
    """
    roles = await tools.store.people.roles(asked.person_id)
    if roles & {(OWNER, None), (ADMIN, None), (ADMIN, asked.workspace_id)}:
        return True
    return await asked.platform_admin()


async def require_admin(tools: Tools, asked: Asked, what: str) -> None:
    """Raise AccessRefused for everybody else; ``what`` completes "Only an admin of this workspace may …"."""
    if not await is_admin(tools, asked):
        who = named(await tools.store.people.keepers(asked.workspace_id))
        raise AccessRefused(
            f"person {asked.person_id} is no admin of {asked.workspace_id}",
            say=f"Only an admin of this workspace may {what}. Ask one of them{who}; nothing was changed.",
        )


async def require_owner(tools: Tools, asked: Asked, what: str) -> None:
    """The same for what holds in every workspace; ``what`` completes "Only the owner … may …"."""
    roles = await tools.store.people.roles(asked.person_id)
    if not roles & {(OWNER, None), (ADMIN, None)}:
        who = named(await tools.store.people.keepers(None))
        raise AccessRefused(
            f"person {asked.person_id} does not own the installation",
            say=f"Only the owner of this installation{who} may {what}; nothing was changed.",
        )


def named(people: tuple[str, ...]) -> str:
    """Names in brackets, as far as there are some: " (Ada, Grace)"."""
    return f" ({', '.join(people)})" if people else ""
