"""What all tests share."""

import os
from pathlib import Path

import pytest

# Small networks on small inputs: threads cost more than they bring, and the suite may share its cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of published weights and labelled pictures; the test skips where it is absent."""
    if not (SHARED / "weights").is_dir():
        pytest.skip(f"{SHARED} is absent: published weights and labelled pictures are not part of the project")
    return SHARED
