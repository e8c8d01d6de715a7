"""What people write for a model, and what they may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bot.core.errors import BadInput
from bot.core.provider import ModelId


def meant(text: str, ids: Sequence[ModelId]) -> list[ModelId]:
    """The id of that name in any case, else all that end so."""
    wanted = text.strip().lower()
    named = {str(each).lower(): each for each in ids}
    if wanted in named:
        return [named[wanted]]
    return [each for name, each in named.items() if _ends(name, wanted)]


def none_such(text: str, ids: Sequence[ModelId]) -> BadInput:
    """There is no such model, but these come near."""
    named = {str(each).lower(): str(each) for each in ids}
    near = difflib.get_close_matches(text.lower(), list(named), n=3, cutoff=0.3) or list(named)[:3]
    choices = ", ".join(f"`{named[name]}`" for name in near)
    say = f"There is no model “{text}” here. Nearest: {choices}. `/model` shows them all."
    return BadInput(f"no model {text!r}", say=say)


def setting(text: str) -> ModelId:
    """DEFAULT_MODEL. Raises BadInput."""
    try:
        return ModelId.parse(text)
    except ValueError as error:
        say = f"DEFAULT_MODEL is “{text}”; write it provider/model-id, like demo/quick."
        raise BadInput(str(error), say=say) from error


def _ends(name: str, wanted: str) -> bool:
    """Whether an id ends with what was typed, at a seam."""
    before = name.removesuffix(wanted)
    return bool(wanted) and before != name and before[-1:] in "/-_:."
