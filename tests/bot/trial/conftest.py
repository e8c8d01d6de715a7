"""What the trial's tests begin with."""

from tests.fakes.fixtures import provider_server  # noqa: F401
