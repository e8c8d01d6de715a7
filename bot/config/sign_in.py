"""The settings of signing in with Slack or Discord.

Not under Bolt's own names: it would drop the bot token where it saw those.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from bot.config import forms
from web.sign_in_settings import OAuthApp, SignInSettings

_SLACK_API, _DISCORD_API = "https://slack.com/api/", "https://discord.com/api/v10/"

_Id = Annotated[str | None, BeforeValidator(forms.client_id)]
_Secret = Annotated[SecretStr | None, BeforeValidator(forms.api_key)]


class SignInFields(BaseSettings):
    """What is read, under the names people write."""

    sign_in_slack_id: _Id = Field(
        None,
        alias="SIGN_IN_SLACK_CLIENT_ID",
        description="the Client ID of your Slack app's page Basic Information, two numbers with a dot between them",
    )
    sign_in_slack_secret: _Secret = Field(
        None,
        alias="SIGN_IN_SLACK_CLIENT_SECRET",
        description="the Client Secret beside it",
    )
    sign_in_discord_id: _Id = Field(
        None,
        alias="SIGN_IN_DISCORD_CLIENT_ID",
        description="the Client ID of your Discord application's page OAuth2, a long number",
    )
    sign_in_discord_secret: _Secret = Field(
        None,
        alias="SIGN_IN_DISCORD_CLIENT_SECRET",
        description="the Client Secret beside it",
    )


def made(raw: SignInFields, *, slack_api: str, discord_api: str) -> SignInSettings:
    """What was read as the site's value; the addresses are those of the platforms' settings, "" for their own.

    Raises SettingError where one half of a pair is missing.
    """
    return SignInSettings(
        slack=_app("SLACK", raw.sign_in_slack_id, raw.sign_in_slack_secret, slack_api or _SLACK_API),
        discord=_app(
            "DISCORD", raw.sign_in_discord_id, raw.sign_in_discord_secret, discord_api or _DISCORD_API
        ),
    )


def _app(platform: str, client_id: str | None, secret: SecretStr | None, api_url: str) -> OAuthApp | None:
    if client_id and secret:
        return OAuthApp(client_id, secret.get_secret_value(), api_url.rstrip("/") + "/")
    if client_id or secret:
        lacks, has = ("SECRET", "ID") if client_id else ("ID", "SECRET")
        raise forms.SettingError(
            f"SIGN_IN_{platform}_CLIENT_{lacks}",
            "nothing",
            f"its value beside SIGN_IN_{platform}_CLIENT_{has}",
        )
    return None
