"""In whose time zone a person reads: their own, where they have set one, else the workspace's, else UTC."""

from __future__ import annotations

from storage.periods import zone
from storage.store import Store

TIME_ZONE = "time_zone"  # the setting's key, at a person's scope: a name like Europe/Berlin


async def zone_of(store: Store, person_id: int | None, workspace_id: str) -> str:
    """The name of the zone. Raises StorageDown."""
    own = f"person:{person_id}"
    found = await store.settings.get_many([own], TIME_ZONE)
    if own in found and _is_zone(str(found[own].value)):
        return str(found[own].value)
    return (await store.reports.calendar(workspace_id))[0]


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True
