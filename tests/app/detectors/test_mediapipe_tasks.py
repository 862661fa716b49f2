"""The MediaPipe detector around its model."""

import sys
from pathlib import Path

import pytest

from app.detectors.base import DetectorConfig
from app.detectors.mediapipe_tasks import MediaPipeDetector
from app.errors import DetectorError


def config(file: Path) -> DetectorConfig:
    return DetectorConfig("mediapipe-ssd", (file,), default_threshold=0.3, threshold=0.3, threads=None)


@pytest.mark.parametrize("content", [b"", b"not a model", bytes(5000)])
def test_damaged_files_are_one_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "model.tflite"
    file.write_bytes(content)
    with pytest.raises(DetectorError, match=r"mediapipe-ssd cannot be loaded from .*weights verify") as caught:
        MediaPipeDetector(config(file))
    assert "\n" not in str(caught.value)


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="cannot be loaded"):
        MediaPipeDetector(config(tmp_path / "absent.tflite"))


def test_absent_mediapipe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(DetectorError, match=r"needs the package mediapipe.*pip install -r requirements\.txt"):
        MediaPipeDetector(config(tmp_path / "model.tflite"))
