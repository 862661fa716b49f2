"""What all tests share."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.zoo.store import CACHE_VARIABLE

# Small networks on small inputs: threads cost more than they bring, and the suite may share its cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell has its background jobs ignore Ctrl-C, and so would the programs started here that are stopped by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).resolve().parents[2] / "shared"


gc.disable()  # until all is imported, which makes hardly any garbage


def pytest_collection_finish() -> None:
    """Spare the collector what was imported, and rounds every few hundred objects, of which exports make millions."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of published weights and labelled pictures; the test skips where it is absent."""
    if not (SHARED / "weights").is_dir():
        pytest.skip(f"{SHARED} is absent: published weights and labelled pictures are not part of the project")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _not_the_users_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings and cache of the test session's own: what the user has set or fetched decides nothing here."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(folder / "cache"))
        patch.setattr("app.settings.user_settings_path", lambda: folder / "settings.yaml")
        yield


@pytest.fixture(scope="module")
def shallow_networks() -> Iterator[None]:
    """For modules of which what is done with a network is the subject, and not the network."""
    from tests.shallow import make_networks_shallow  # brings PyTorch, which reads the number of threads once

    with pytest.MonkeyPatch.context() as patch:
        make_networks_shallow(patch)
        yield
