"""A cache folder of the test's own, and a web server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model.zoo.web_server import WebServer, serving


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder that is not there yet; no mirror, no proxy."""
    folder = tmp_path / "cache folder 캐시"
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(folder))
    monkeypatch.delenv("LITE_HRNET_LIVE_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return folder


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving() as server:
        yield server
