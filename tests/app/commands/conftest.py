"""Fixtures of the tests of `process`."""

from pathlib import Path

import pytest

from app.commands import process
from tests.app.clips import shade, write_clip
from tests.app.commands.process_runs import NETWORKS, FakePipeline


@pytest.fixture
def fake_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_load", lambda settings: (FakePipeline(), NETWORKS))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "짧은 clip.mp4", [shade(8 * (i % 20)) for i in range(30)])
