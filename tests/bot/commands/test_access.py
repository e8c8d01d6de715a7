"""``/access``: dialogues, and the matrix of what may be used by whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.calls import access
from bot.commands.command import Answer
from bot.core.provider import ModelId
from tests.bot.commands.conftest import Thread

LUNA, QUICK, STORY = "openai/gpt-6-luna", "demo/quick", "demo/story"
ALL = frozenset({LUNA, QUICK, STORY})


async def make_admin(thread: Thread) -> int:
    """Grace administers the workspace, and asks from now on; Ada's number."""
    ada = thread.person_id
    grace = await thread.store.people.identify("web", "web:main", "grace", "Grace")
    await thread.store.people.grant(grace.id, "admin", "web:main")
    thread.person_id = grace.id
    return ada


async def heard(thread: Thread, line: str) -> Answer:
    answer = await thread.desk.run(replace(thread.asked(), shared=True), line)
    assert answer is not None
    return answer


async def may(thread: Thread, person_id: int) -> frozenset[str]:
    rules = await access.rules(thread.store, thread.place, person_id)
    return frozenset(one for one in ALL if access.permitted(rules, ModelId.parse(one)))


# What is said in turn, then what Ada may use, then Grace, who is an admin.
MATRIX: list[tuple[tuple[str, ...], frozenset[str], frozenset[str]]] = [
    ((), ALL, ALL),
    (("allow demo",), frozenset({QUICK, STORY}), frozenset({QUICK, STORY})),
    (("allow demo/quick",), frozenset({QUICK}), frozenset({QUICK})),
    (("allow demo/*", "allow openai"), ALL, ALL),
    (("deny openai/*",), frozenset({QUICK, STORY}), frozenset({QUICK, STORY})),
    (("allow demo", "deny demo/story"), frozenset({QUICK}), frozenset({QUICK})),
    (("allow demo", "deny demo"), frozenset({LUNA}), frozenset({LUNA})),
    (("deny demo", "allow demo"), frozenset({QUICK, STORY}), frozenset({QUICK, STORY})),
    (("local on",), frozenset({QUICK, STORY}), frozenset({QUICK, STORY})),
    (("local on", "local off"), ALL, ALL),
    (("local on", "exempt admins"), frozenset({QUICK, STORY}), ALL),
    (("local on", "exempt @Ada"), ALL, frozenset({QUICK, STORY})),
    (("local on", "exempt Ada", "exempt none"), frozenset({QUICK, STORY}), frozenset({QUICK, STORY})),
    (("deny demo scope:workspace", "local on"), frozenset(), frozenset()),
    (("deny demo scope:workspace", "deny *luna for:ada"), frozenset(), frozenset({LUNA})),
    (("deny openai", "allow openai scope:workspace"), frozenset(), frozenset()),
    (("deny openai for:@Ada",), frozenset({QUICK, STORY}), ALL),
    (("local on", "deny demo", "reset"), ALL, ALL),
]


async def test_the_matrix_of_who_may_use_what(thread: Thread) -> None:
    """Patterns, local only, exemptions, persons and levels, each as it was said."""
    ada = await make_admin(thread)
    for said, hers, graces in MATRIX:
        for line in said:
            answer = await heard(thread, f"/access {line}")
            assert answer.view.text.startswith("Done;"), (line, answer.view.text)
        assert (await may(thread, ada), await may(thread, thread.person_id)) == (hers, graces), said
        for where in ("scope:channel", "scope:workspace", "for:ada"):
            await heard(thread, f"/access reset {where}")


async def test_what_holds_is_shown_to_everybody(thread: Thread) -> None:
    """Each level in a line, and what comes of it."""
    ada = await make_admin(thread)
    assert (await heard(thread, "/access")).view.text.startswith("No rule holds here:")
    await heard(thread, "/access allow demo scope:workspace")
    await heard(thread, "/access local on")
    await heard(thread, "/access exempt admins")
    await heard(thread, "/access deny demo/story for:ada")
    thread.person_id = ada
    shown = (await heard(thread, "/access")).view.text
    assert shown.startswith(
        "- in this workspace: only `demo/*`\n"
        "- in this channel: only local models. It does not hold for admins\n"
        "- for you: not `demo/story`\n\n"
    )
    assert "2 may be used here by you." in shown
    refused = await heard(thread, f"/model {LUNA}")
    assert "an admin of this workspace (Grace) can change that." in refused.view.text
    assert "Only an admin of this workspace may change which models may be used." in await thread.error(
        "/access reset"
    )
    assert "(Grace)" in await thread.error("/access reset")
    assert [row.subject for row in await thread.store.audit.latest(1)] == [f"person:{ada} models.denied"]


async def test_an_admin_is_named_and_the_role_taken_back(thread: Thread) -> None:
    """By who is one; what holds everywhere is the owner's."""
    ada = await make_admin(thread)
    grace = thread.person_id
    await heard(thread, "/access admin @ada")
    thread.person_id = ada
    assert (await heard(thread, "/access local on")).view.text.startswith("Done;")
    assert "Only the owner of this installation" in await thread.error("/access local on scope:installation")
    thread.person_id = grace
    assert "no admin of this workspace any more" in (await heard(thread, "/access revoke Ada")).view.text
    assert "was not named" in (await heard(thread, "/access revoke Ada")).view.text
    assert [row.action for row in await thread.store.audit.latest(3)] == ["revoke", "set", "grant"]
    await thread.store.people.grant(grace, "owner")
    await heard(thread, "/access local on scope:installation")
    refused = await heard(thread, f"/model {LUNA}")
    assert (
        "on this installation: only local models may; its owner (Grace) can change that." in refused.view.text
    )


@pytest.mark.parametrize(
    ("line", "say"),
    [
        ("allow", "Say which models"),
        ("allow two words", "Say which models"),
        ("allow opnai/gpt", "There is no provider “opnai”. Nearest: `openai`"),
        ("deny nothing-like-it", "There is no model “nothing-like-it” here."),
        ("local maybe", "Say `/access local on`"),
        ("exempt Ada", "There is no rule yet"),
        ("admin", "Say whom"),
        ("admin @nobody", "I know nobody called “nobody” here."),
        ("deny demo for:nobody", "I know nobody called “nobody” here."),
        ("deny demo scope:galaxy", "There is no scope “galaxy”."),
    ],
)
async def test_what_cannot_be_used_gets_a_sentence(thread: Thread, line: str, say: str) -> None:
    """And no rule is made."""
    ada = await make_admin(thread)
    assert say in await thread.error(f"/access {line}")
    assert await may(thread, ada) == ALL


async def test_two_of_one_name_are_told_apart_by_a_mention(thread: Thread) -> None:
    """A mention carries the platform's own id."""
    await make_admin(thread)
    await thread.store.people.identify("web", "web:main", "ada2", "Ada")
    assert "2 people here are called “Ada”" in await thread.error("/access admin Ada")
    assert "may administer" in (await heard(thread, "/access admin <@ada2>")).view.text
