"""Detectors by name, and what they share."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.detectors import create_detector, detector_names, detector_weights
from app.detectors.base import detections_within
from app.errors import DetectorError
from model.arrays import FloatArray
from model.errors import WeightsError


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(
        DetectorError, match=r"no detector is named 'yolo'; choose one of default, person-416, person-320, "
    ):
        create_detector("yolo")
    with pytest.raises(DetectorError, match="no detector is named 'yolo'"):
        detector_weights("yolo")


@pytest.mark.parametrize("name", [name for name in detector_names() if name != "whole-frame"])
def test_every_detector_with_weights_is_in_the_catalogue(name: str) -> None:
    weights = detector_weights(name)
    assert weights is not None
    assert weights.name in detector_names()


def test_absent_weights_name_the_command_that_brings_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))
    with pytest.raises(WeightsError, match="weights fetch picodet-192"):
        create_detector("picodet-192")


@pytest.mark.shared_data
def test_the_default_is_the_catalogues(fetched: Callable[[str], list[Path]]) -> None:
    fetched("default")
    detector = create_detector("default")
    assert (detector.name, detector.engine, detector.device) == ("picodet-320", "OpenVINO", "CPU")
    assert detector.default_threshold == 0.5


def test_whole_frame_needs_no_weights_and_no_picture_of_anybody() -> None:
    assert detector_weights("whole-frame") is None
    detector = create_detector("whole-frame")
    [detection] = detector.detect(np.zeros((48, 64, 3), np.uint8))
    np.testing.assert_array_equal(detection.box, [0, 0, 64, 48])
    assert detection.score == 1.0 >= detector.default_threshold


def test_engines_are_imported_by_their_detectors_alone() -> None:
    heavy = "{'openvino', 'mediapipe', 'torch', 'onnxruntime'}"
    code = f"import sys, app.detectors; print({heavy} & set(sys.modules))"
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_detections_are_cut_to_the_frame_and_sorted() -> None:
    boxes = [[10, 10, 20, 20], [-5, -5, 5, 5], [90, 40, 130, 70], [200, 10, 220, 20]]
    found = detections_within(boxes, [0.3, 0.9, 0.5, 0.8], (60, 100))
    np.testing.assert_array_equal([item.box for item in found], [[0, 0, 5, 5], [90, 40, 100, 60], [10, 10, 20, 20]])
    np.testing.assert_allclose([item.score for item in found], [0.9, 0.5, 0.3])


@given(
    boxes=hnp.arrays(np.float32, st.tuples(st.integers(0, 8), st.just(4)), elements=st.floats(-200, 200, width=16)),
    size=st.tuples(st.integers(1, 100), st.integers(1, 100)),
)
def test_detections_lie_within_the_frame(boxes: FloatArray, size: tuple[int, int]) -> None:
    scores = np.linspace(0, 1, len(boxes), dtype=np.float32)
    found = detections_within(boxes, scores, size)
    for detection in found:
        x1, y1, x2, y2 = detection.box
        assert 0 <= x1 < x2 <= size[1]
        assert 0 <= y1 < y2 <= size[0]
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
