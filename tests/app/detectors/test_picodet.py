"""The PicoDet detector around its network."""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.detectors.base import DetectorConfig
from app.detectors.picodet import PicoDet, is_blank
from app.errors import DetectorError
from model.arrays import FloatArray
from model.boxes import box_iou, suppress_overlaps
from tests.app.detectors.conftest import Photograph


def config(files: list[Path]) -> DetectorConfig:
    return DetectorConfig("picodet-320", tuple(files), default_threshold=0.5, threshold=0.05, threads=1)


def test_of_overlapping_boxes_the_best_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10], [0, 0, 10, 4]], np.float32)
    scores = np.array([0.6, 0.9, 0.3, 0.8], np.float32)
    kept, kept_scores = suppress_overlaps(boxes, scores)
    np.testing.assert_array_equal(kept, boxes[[1, 3, 2]])
    np.testing.assert_array_equal(kept_scores, scores[[1, 3, 2]])


def test_a_suppressed_box_suppresses_none() -> None:
    chain = np.array([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]], np.float32)  # IoU 7/13 of neighbours, else 4/16
    kept, _ = suppress_overlaps(chain, np.array([0.9, 0.8, 0.7], np.float32))
    np.testing.assert_array_equal(kept, chain[[0, 2]])


def test_no_box_gives_no_box() -> None:
    boxes, scores = suppress_overlaps(np.empty((0, 4), np.float32), np.empty(0, np.float32))
    assert boxes.shape == (0, 4)
    assert scores.shape == (0,)


@given(
    corners=hnp.arrays(np.float32, (12, 2), elements=st.integers(0, 40)),
    sizes=hnp.arrays(np.float32, (12, 2), elements=st.integers(1, 40)),
    scores=hnp.arrays(np.float32, 12, elements=st.floats(0.0625, 1, width=32)),
)
def test_suppression_keeps_apart_and_loses_nobody(corners: FloatArray, sizes: FloatArray, scores: FloatArray) -> None:
    boxes = np.hstack([corners, corners + sizes])
    kept, kept_scores = suppress_overlaps(boxes, scores)
    among_kept = box_iou(kept, kept)
    np.fill_diagonal(among_kept, 0)
    assert among_kept.max(initial=0) <= 0.5
    rivals = box_iou(boxes, kept)
    for overlap, score in zip(rivals, scores, strict=True):
        best = np.max(kept_scores[(overlap > 0.5) | (overlap == 1)])  # itself, or what it gave way to
        assert best >= score


def test_blank_pictures() -> None:
    noise = np.random.default_rng(0).normal(12, 8, (320, 320, 3)).clip(0, 255).astype(np.uint8)
    assert is_blank(noise)
    dim = np.full((320, 320, 3), 4, np.uint8)
    dim[100:220, 140:180] += 16
    assert not is_blank(dim)
    one_colour_differs = np.full((320, 320, 3), 128, np.uint8)
    one_colour_differs[:160, :, 0] = 140
    assert not is_blank(one_colour_differs)


@pytest.mark.shared_data
def test_preprocessing_in_the_graph_is_exact(
    fetched: Callable[[str], list[Path]], photographs: list[Photograph]
) -> None:
    """The bare network on a picture normalised by the book finds the same people in the same places."""
    import openvino

    files = fetched("picodet-320")
    image = cv2.resize(photographs[0].image, (320, 320))
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    normalised = (image[:, :, ::-1] / 255 - mean) / deviation
    core = openvino.Core()
    bare = core.compile_model(core.read_model(files[0]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    boxes, scores = bare(normalised.transpose(2, 0, 1)[np.newaxis].astype(np.float32)).values()
    candidates = scores.ravel() >= 0.05
    expected, expected_scores = suppress_overlaps(boxes[0][candidates], scores.ravel()[candidates])
    found = PicoDet(config(files)).detect(image)
    np.testing.assert_allclose([detection.box for detection in found], expected.clip(0, 320), atol=0.01)
    np.testing.assert_allclose([detection.score for detection in found], expected_scores, atol=1e-4)


@pytest.mark.shared_data
def test_boxes_follow_the_frame_when_it_is_stretched(
    fetched: Callable[[str], list[Path]], photographs: list[Photograph]
) -> None:
    image = cv2.resize(photographs[0].image, (640, 640))
    detector = PicoDet(config(fetched("picodet-320")))
    [plain, *_], [stretched, *_] = (detector.detect(picture) for picture in (image, image.repeat(3, axis=1)))
    np.testing.assert_allclose(stretched.box, plain.box * [3, 1, 3, 1], atol=12)


@pytest.mark.shared_data
def test_damaged_files_are_one_line(fetched: Callable[[str], list[Path]], tmp_path: Path) -> None:
    graph, weights = fetched("picodet-320")
    cut_off = tmp_path / weights.name
    cut_off.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(DetectorError, match=r"picodet-320 cannot be loaded from .*weights verify") as caught:
        PicoDet(config([graph, cut_off]))
    assert "\n" not in str(caught.value)


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="cannot be loaded"):
        PicoDet(config([tmp_path / "absent.xml", tmp_path / "absent.bin"]))


def test_absent_openvino(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(DetectorError, match=r"needs the package openvino.*pip install -r requirements\.txt"):
        PicoDet(config([tmp_path / "graph.xml", tmp_path / "graph.bin"]))
