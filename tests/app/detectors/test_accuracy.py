"""What the detectors find in photographs labelled by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from app.detectors import PersonDetector
from model.training.detection_metrics import PictureDetections, detection_metrics
from tests.app.detectors.conftest import Photograph

pytestmark = pytest.mark.shared_data

# Name, published AP50, margin: MediaPipe's own scaling of the picture differs a little from version to version.
PUBLISHED = [("picodet-320", 0.886, 0.01), ("picodet-192", 0.806, 0.01), ("mediapipe-ssd", 0.602, 0.02)]


@pytest.mark.parametrize(("name", "ap50", "margin"), PUBLISHED)
def test_average_precision_is_as_published(
    name: str, ap50: float, margin: float, detector: Callable[[str], PersonDetector], photographs: list[Photograph]
) -> None:
    finder = detector(name)
    metrics = detection_metrics((found_in(photograph, finder) for photograph in photographs), finder.default_threshold)
    assert metrics.ap50 == pytest.approx(ap50, abs=margin)
    # The default threshold loses neither most people nor most of the boxes' worth.
    assert metrics.recall > 0.45
    assert metrics.precision > 0.7


def found_in(photograph: Photograph, finder: PersonDetector) -> PictureDetections:
    found = finder.detect(photograph.image)
    return PictureDetections(
        boxes=np.array([detection.box for detection in found], np.float32).reshape(-1, 4),
        scores=np.array([detection.score for detection in found], np.float32),
        people=photograph.people,
        crowd=np.zeros(len(photograph.people), np.bool_),
        height=photograph.image.shape[0],
    )


@pytest.mark.parametrize("name", ["person-416", "picodet-320", "picodet-192", "mediapipe-ssd"])
@pytest.mark.parametrize("size", [(1, 1), (200, 8000), (8000, 200), (37, 53), (2, 40_000)])
def test_frames_of_any_size(name: str, size: tuple[int, int], detector: Callable[[str], PersonDetector]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    before = image.copy()
    found = detector(name).detect(image)
    np.testing.assert_array_equal(image, before)
    for detection in found:
        x1, y1, x2, y2 = detection.box
        assert 0 <= x1 < x2 <= size[1]
        assert 0 <= y1 < y2 <= size[0]
    scores = [detection.score for detection in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", ["person-416", "picodet-320", "picodet-192", "mediapipe-ssd"])
@pytest.mark.parametrize("tone", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (118, 118, 118)])
def test_nobody_is_in_a_frame_of_one_tone(
    name: str, tone: tuple[int, int, int], detector: Callable[[str], PersonDetector]
) -> None:
    finder = detector(name)
    image = np.full((480, 640, 3), tone, np.uint8)
    assert [found for found in finder.detect(image) if found.score >= finder.default_threshold] == []
