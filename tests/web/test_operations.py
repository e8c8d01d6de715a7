"""For owners: health, people and their roles, the audit, a copy of the database."""

from __future__ import annotations

import sqlite3

from storage.budgets import NewBudget
from tests.web.conftest import Site


async def test_a_part_in_trouble_is_shown_with_its_sentence(site: Site) -> None:
    """What works is said to work, what does not says why."""
    site.health["slack"] = "Slack cannot be reached just now."
    async with site.visitor() as client:
        await site.sign_in(client)
        page = (await client.get("/operations")).text
    assert "Slack cannot be reached just now." in page
    assert page.count('badge good">works') == 1


async def test_the_database_is_copied(site: Site) -> None:
    """The copy opens and holds what the database does; five are kept."""
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        answer = await client.post("/operations/backup", follow_redirects=True)
    (copy,) = site.store.backups.all()
    assert f"{copy.file.name} lies beside the database" in answer.text
    assert copy.file.stat().st_mode & 0o077 == 0
    with sqlite3.connect(copy.file) as opened:
        assert opened.execute("SELECT name FROM people WHERE id = ?", (owner.id,)).fetchone() == ("Owner",)
    opened.close()


async def test_roles_are_given_and_taken_back(site: Site) -> None:
    """An admin of a workspace sees admins' doors; the last owner stays one; all of it is audited."""
    other = await site.someone_else()
    async with site.visitor() as client, site.visitor() as theirs:
        owner = await site.sign_in(client)
        await site.sign_in(theirs, other.id)
        give = {"role": "admin", "workspace": "web:main", "act": "give"}
        await client.post(f"/operations/people/{other.id}/role", data=give)
        page = await client.get("/operations/people?q=SOMEONE")
        assert "admin of This site" in page.text
        assert "Owner</td>" not in page.text
        assert 'href="/providers"' in (await theirs.get("/me")).text
        assert (await theirs.get("/operations")).headers["location"] == "/operations/alerts"
        assert (await theirs.get("/operations/people")).status_code == 403
        take = {"role": "owner", "workspace": "", "act": "take"}
        answer = await client.post(f"/operations/people/{owner.id}/role", data=take, follow_redirects=True)
        assert "The last owner stays one" in answer.text
        for role in ("member", "king"):
            refused = await client.post(f"/operations/people/{other.id}/role", data=give | {"role": role})
            assert refused.status_code == 400
        audit = (await client.get("/operations/audit")).text
        assert "Give a role" in audit
        assert "role: admin; workspace: This site" in audit
        signed = await client.post(f"/operations/people/{other.id}/sign-out", follow_redirects=True)
        assert "Someone Else is signed out everywhere." in signed.text
        assert (await theirs.get("/me")).status_code == 401


async def test_the_audit_speaks_as_people_do(site: Site) -> None:
    """Money is money, places have their names, days theirs; what is not set, and Python's own words, are left out."""
    place = "slack:T1/C1"
    await site.store.workspaces.note_names(place, "general")
    budget = NewBudget("channel", place, "week", 6_500_000_000, hard=True, time_zone="Europe/Berlin")
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        await site.store.budgets.put(budget, owner.id)
        await site.store.settings.set(f"place:{place}", "follow", None, owner.id)
        page = (await client.get("/operations/audit")).text
    assert "amount: $6.50" in page
    assert "subject: Slack · #general" in page
    assert "first weekday: Monday" in page
    assert "hard: yes" in page
    assert 'Set follow<span class="under">Slack · #general</span>' in page
    for raw in ("6500000000", "None", "True", "place:slack"):
        assert raw not in page


async def test_an_owner_is_not_offered_what_they_have(site: Site) -> None:
    """The buttons that give a role stand beside those who can take it, and name the workspaces as people do."""
    other = await site.someone_else()
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        page = (await client.get("/operations/people")).text
    assert f'id="of-{other.id}"' in page
    assert f'id="of-{owner.id}"' not in page
    assert '<option value="web:main">This site</option>' in page
