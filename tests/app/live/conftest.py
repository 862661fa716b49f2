"""What the tests of the live view have in common."""

from collections.abc import Iterator

import pytest

from tests.app.live.fakes import Live


@pytest.fixture
def live() -> Iterator[Live]:
    made = Live()
    yield made
    assert made.controller.close()
