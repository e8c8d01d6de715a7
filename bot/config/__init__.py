"""Process settings: the environment and `.env`, read once into one frozen `Config`."""

from bot.config.forms import SettingError
from bot.config.settings import Config, ProviderSettings, load, settings

__all__ = ["Config", "ProviderSettings", "SettingError", "load", "settings"]
