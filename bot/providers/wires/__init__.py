"""One package per wire; each implements ``bot.core.provider.Provider`` and knows no other."""
