"""What the doctor's tests begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.config import Config, load
from tests.fakes.fixtures import provider_server  # noqa: F401


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The settings of an empty installation, with changes."""
    monkeypatch.setenv("SWITCHBOARD_DATA", str(tmp_path / "data"))

    def _config(**environment: str) -> Config:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return load(env_file=None)

    return _config
