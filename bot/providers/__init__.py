"""Models and who serves them: catalogue, registry, prices, tokens, resilience, and one package per wire."""
