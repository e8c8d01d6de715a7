"""Processes that are killed and stopped. `make test` runs what is short, `make chaos` everything."""

import os

ALL = os.environ.get("SWITCHBOARD_CHAOS") == "all"
