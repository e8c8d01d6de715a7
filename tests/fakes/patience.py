"""How long the tests wait for what should come: longer where a machine may be slow."""

import os

PATIENCE = float(os.environ.get("SWITCHBOARD_TEST_PATIENCE", "20"))  # seconds
