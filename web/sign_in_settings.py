"""What signing in with a chat platform takes: the ids and secrets of its OAuth apps. Values only, quick to import."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """One app at a platform. ``api_url`` is where the platform's API is, ending in a slash."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """The platforms that people may sign in with; None where no app is set up."""

    slack: OAuthApp | None = None
    discord: OAuthApp | None = None

    def secrets(self) -> tuple[str, ...]:
        """For the log's redactor."""
        return tuple(app.client_secret for app in (self.slack, self.discord) if app is not None)
