"""The settings of how Ollama's models are looked after. Where Ollama is belongs to the providers' settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings

from bot.config import forms
from bot.net import addresses
from bot.providers.ollama.managed import REGISTRY

_ADDRESS = "http:// or https:// and a host, perhaps with a path"


@dataclass(frozen=True, slots=True)
class OllamaSettings:
    """``registry`` is where its library is, ``catalogue`` where a newer list of models is, ``models`` its folder."""

    registry: str = REGISTRY
    catalogue: str | None = None
    models: Path | None = None


class OllamaFields(BaseSettings):
    """What is read, under the names people write."""

    ollama_registry: Annotated[str, BeforeValidator(addresses.web_address)] = Field(
        REGISTRY, alias="OLLAMA_REGISTRY_URL", description=_ADDRESS
    )
    ollama_catalogue: Annotated[str | None, BeforeValidator(addresses.web_address)] = Field(
        None, alias="OLLAMA_CATALOGUE_URL", description=_ADDRESS
    )
    ollama_models: Annotated[Path | None, BeforeValidator(forms.data_dir)] = Field(
        None, alias="OLLAMA_MODELS", description="the folder that Ollama keeps its models in"
    )


def made(raw: OllamaFields) -> OllamaSettings:
    """The value that the parts take."""
    return OllamaSettings(raw.ollama_registry, raw.ollama_catalogue, raw.ollama_models)
