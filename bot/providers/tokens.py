"""How many tokens a text is about, before any provider has counted it.

A weight per class of characters, set so that the estimate is seldom under the worst tokenizer in use
and seldom over it by more than three quarters. What a model's own counts teach is in ``calibration``.
"""

from __future__ import annotations

import re
from collections import Counter
from math import ceil

from bot.core.provider import ChatRequest

IMAGE_TOKENS = 1_600  # one image, whatever its size: about the dearest setting of current models
MESSAGE_TOKENS = 4  # role and separators around each turn

_MARGIN = 1.08
_INDIC = "\u0900-\u0dff"
_CJK = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_ALPHABETS = "\u0370-\u03ff\u0400-\u052f\u0600-\u06ff\u0750-\u077f"
_PIECE = re.compile(
    rf"(?P<word>[A-Za-z]+)|(?P<digits>[0-9]+)|(?P<space>\s+)"
    rf"|(?P<cjk>[{_CJK}{_INDIC}]+)|(?P<thai>[\u0e00-\u0e7f]+)|(?P<alphabet>[{_ALPHABETS}]+)"
    r"|(?P<symbol>[!-~])|(?P<other>.)",
    re.DOTALL,
)
_PIECES = re.compile(re.sub(r"\?P<\w+>", "?:", _PIECE.pattern), re.DOTALL)
_PER_CHARACTER = {"digits": 0.5, "cjk": 1.35, "thai": 1.9, "alphabet": 0.75, "symbol": 1.0}


def estimate(text: str) -> int:
    """About how many tokens the text is; at least 0, at most its UTF-8 length."""
    pieces = Counter(_PIECES.findall(text))
    total = sum(count * _weight(piece) for piece, count in pieces.items())
    return min(ceil(total * _MARGIN), len(text.encode("utf-8", "surrogatepass")))


def _weight(piece: str) -> float:
    found = _PIECE.match(piece)
    kind = found.lastgroup if found else None
    if kind == "word":
        return 1 + 0.34 * max(0, len(piece) - 5) if piece.islower() else 0.62 * len(piece)
    if kind == "space":
        return 0.0 if piece == " " else 1.0
    if kind in _PER_CHARACTER:
        return _PER_CHARACTER[kind] * len(piece)
    return float(len(piece.encode("utf-8", "surrogatepass")))


def estimate_messages(request: ChatRequest) -> int:
    """About how many tokens a whole request's input is, images at a flat figure each."""
    total = estimate(request.system) + MESSAGE_TOKENS
    for message in request.messages:
        images = sum(attachment.is_image for attachment in message.attachments)
        total += estimate(message.text) + MESSAGE_TOKENS + images * IMAGE_TOKENS
    return total
