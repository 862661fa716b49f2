"""What tests of the application have in common."""

import threading
import time
from collections.abc import Iterator

import pytest


@pytest.fixture
def threads_end() -> Iterator[None]:
    """No thread outlives the test."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.005)
    assert set(threading.enumerate()) - before == set()
