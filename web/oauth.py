"""OAuth with state and PKCE (RFC 6749, RFC 7636), as far as signing in takes: where to go, and who came back."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.core.errors import SwitchboardError
from bot.net.errors import NetError
from bot.net.http import Answer, Http
from web.sign_in_settings import OAuthApp, SignInSettings

_LARGEST = 100_000  # bytes of an answer


class SignInFailed(SwitchboardError):
    """The platform did not say who came."""


@dataclass(frozen=True, slots=True)
class Came:
    """Who came back, by the platform's own ids. ``workspace`` is None where the platform names none."""

    external_id: str
    workspace: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Way:
    """One platform to sign in with."""

    id: str
    name: str
    app: OAuthApp
    authorize_path: str
    token_path: str
    user_path: str
    scope: str
    read: Callable[[Mapping[str, Any]], Came]

    def start(self, state: str, verifier: str, redirect_uri: str) -> str:
        """The address at the platform where a person agrees."""
        asked = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "scope": self.scope,
            "state": state,
            "redirect_uri": redirect_uri,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        api = urlsplit(self.app.api_url)
        return f"{api.scheme}://{api.netloc}{self.authorize_path}?{urlencode(asked)}"

    async def finish(self, http: Http, code: str, verifier: str, redirect_uri: str) -> Came:
        """Exchange the code and ask who it is. Raises SignInFailed."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        try:
            token = self._answer(
                await http.request("POST", self.app.api_url + self.token_path, form=sent, limit=_LARGEST)
            )["access_token"]
            bearer = {"Authorization": f"Bearer {token}"}
            user = await http.request(
                "GET", self.app.api_url + self.user_path, headers=bearer, limit=_LARGEST
            )
            return self.read(self._answer(user))
        except (NetError, KeyError, TypeError) as error:
            raise self._failed(f"{type(error).__name__}") from error

    def _answer(self, answer: Answer) -> dict[str, Any]:
        try:
            read = json.loads(answer.body)
        except ValueError as error:
            raise self._failed(f"HTTP {answer.status}, no JSON") from error
        if answer.status != 200 or not isinstance(read, dict) or read.get("ok") is False:
            reason = read.get("error") if isinstance(read, dict) else None
            raise self._failed(f"HTTP {answer.status}, {reason}")
        return read

    def _failed(self, detail: str) -> SignInFailed:
        say = f"{self.name} did not confirm who you are, so nobody was signed in. Try again from the start."
        return SignInFailed(f"sign-in with {self.id}: {detail}", say=say)


def ways(settings: SignInSettings) -> dict[str, Way]:
    """The ways that are set up, by id."""
    found = []
    if settings.slack is not None:
        found.append(
            # https://docs.slack.dev/authentication/sign-in-with-slack
            Way(
                "slack",
                "Slack",
                settings.slack,
                "/openid/connect/authorize",
                "openid.connect.token",
                "openid.connect.userInfo",
                "openid profile",
                _from_slack,
            )
        )
    if settings.discord is not None:
        found.append(
            # https://docs.discord.com/developers/topics/oauth2
            Way(
                "discord",
                "Discord",
                settings.discord,
                "/oauth2/authorize",
                "oauth2/token",
                "users/@me",
                "identify",
                _from_discord,
            )
        )
    return {way.id: way for way in found}


def verifier() -> str:
    """A secret that only this browser's way back knows."""
    return secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    """What may be told of it beforehand (S256)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _from_slack(user: Mapping[str, Any]) -> Came:
    return Came(
        str(user["https://slack.com/user_id"]),
        str(user["https://slack.com/team_id"]),
        str(user.get("name") or ""),
    )


def _from_discord(user: Mapping[str, Any]) -> Came:
    return Came(str(user["id"]), None, str(user.get("global_name") or user.get("username") or ""))
