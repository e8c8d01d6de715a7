"""A request's arguments, from a form, a query or JSON, held against the method's row."""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from tests.fakes.slack.methods import Arg, Kind, Method
from tests.fakes.slack.refusals import JSON, Refusal

_TS = re.compile(r"\d{10}\.\d{6}")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


async def arguments_of(request: web.Request, method: Method) -> JSON:
    """What the client sent, without its token, checked. Raises the Refusal it deserves."""
    given: JSON = dict(request.query)
    typed = False
    if request.method == "POST" and request.can_read_body:
        if request.content_type == "application/json":
            if not method.json:
                raise Refusal("invalid_arguments", f"{method.name} takes no JSON body")
            body = _json(await request.text(), "invalid_json")
            if not isinstance(body, dict):
                raise Refusal("invalid_json")
            given.update(body)
            typed = True
        elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
            given.update(await request.post())
        else:
            raise Refusal("invalid_post_type")
    given.pop("token", None)
    # Clients of one event add it to every call; it counts for tokens of a whole organisation only.
    given.pop("team_id", None)
    return _checked(given, method, typed=typed)


def _checked(given: JSON, method: Method, *, typed: bool) -> JSON:
    if unknown := sorted(set(given) - set(method.args)):
        raise Refusal("invalid_arguments", *(f"unknown argument: {name}" for name in unknown))
    for name, arg in method.args.items():
        if arg.required and given.get(name) is None:
            raise Refusal("invalid_arguments", f"[ERROR] missing required field: {name}")
    return {name: _value(name, value, method.args[name], typed) for name, value in given.items()}


def _value(name: str, value: Any, arg: Arg, typed: bool) -> Any:
    value = value if typed and not isinstance(value, str) else _parsed(name, value, arg.kind)
    if not _fits(value, arg.kind):
        raise Refusal("invalid_arguments", f"[ERROR] must be {arg.kind.value}: {name}")
    size = value if arg.kind is Kind.WHOLE else len(value) if isinstance(value, str | list) else None
    if size is not None and arg.most is not None and size > arg.most:
        raise Refusal(arg.error, f"[ERROR] must be at most {arg.most}: {name} is {size}")
    if size is not None and size < arg.least:
        raise Refusal("invalid_arguments", f"[ERROR] must be at least {arg.least}: {name} is {size}")
    if arg.only and value not in arg.only:
        raise Refusal("invalid_arguments", f"[ERROR] not one of {', '.join(sorted(arg.only))}: {name}")
    return value


def _parsed(name: str, value: Any, kind: Kind) -> Any:
    """The value of an argument that came as a string, as in forms everything does."""
    if not isinstance(value, str):
        raise Refusal("invalid_arguments", f"[ERROR] must be a string: {name}")
    match kind:
        case Kind.FLAG:
            return _FLAGS.get(value, value)
        case Kind.WHOLE:
            return int(value) if re.fullmatch(r"-?\d+", value) else value
        case Kind.LIST if name == "file_ids" and not value.startswith("["):
            return value.split(",")
        case Kind.LIST | Kind.OBJECT:
            return _json(value, "invalid_blocks_format" if name == "blocks" else "invalid_arguments")
    return value


def _fits(value: Any, kind: Kind) -> bool:
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.WHOLE:
            return type(value) is int
        case Kind.TS:
            return isinstance(value, str) and bool(_TS.fullmatch(value))
        case Kind.LIST:
            return isinstance(value, list)
        case Kind.OBJECT:
            return isinstance(value, dict)


def _json(text: str, error: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refusal(error) from None
