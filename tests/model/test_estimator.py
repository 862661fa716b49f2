import numpy as np
import pytest

from model.arrays import FloatArray, UInt8Array
from model.estimator import PoseEstimator, person_scores
from model.geometry import crop_frames, crop_matrix, transform_points
from model.heatmaps import encode
from model.skeletons import COCO_17

SIZE = (256, 192)


class ColourEngine:
    """Stands for a network: answers with a peak where each crop is brightest in red, for every keypoint."""

    name, device = "fake", "CPU"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def infer(self, crops: UInt8Array) -> FloatArray:
        self.batches.append(len(crops))
        points = []
        for crop in crops:
            red = crop[..., 0].astype(np.float64)
            rows, columns = np.indices(red.shape)
            points.append([(columns * red).sum() / red.sum(), (rows * red).sum() / red.sum()])
        spread = np.repeat(np.array(points)[:, None], COCO_17.keypoints, axis=1)
        return encode(spread, np.ones(spread.shape[:2]), SIZE, unbiased=True).heatmaps


def frame_with_dots(*dots: tuple[int, int]) -> UInt8Array:
    image = np.zeros((480, 640, 3), np.uint8)
    for x, y in dots:
        image[y - 3 : y + 4, x - 3 : x + 4] = (0, 0, 255)  # red, in BGR
    return image


@pytest.mark.parametrize("flip_test", [False, True])
def test_everybody_is_one_batch_and_comes_back_in_frame_pixels(flip_test: bool) -> None:
    engine = ColourEngine()
    estimator = PoseEstimator(engine, COCO_17, SIZE, flip_test=flip_test)
    boxes = [[40, 100, 160, 300], [400, 50, 560, 450]]
    estimate = estimator.estimate(frame_with_dots((100, 180), (470, 300)), boxes)
    assert engine.batches == [4 if flip_test else 2]
    assert estimate.keypoints.shape == (2, 17, 2)
    # One cell of the flip test's alignment is up to half a cell of error.
    tolerance = [1.0, 1.0] if not flip_test else [5.0, 6.5]
    for person, dot, allowed in zip(estimate.keypoints, [(100, 180), (470, 300)], tolerance, strict=True):
        np.testing.assert_allclose(person, np.broadcast_to(dot, (17, 2)), atol=allowed)
    assert set(estimate.timings_ms) == {"crop", "infer", "decode"}


def test_nobody_costs_nothing() -> None:
    engine = ColourEngine()
    estimate = PoseEstimator(engine, COCO_17, SIZE).estimate(frame_with_dots((9, 9)), [])
    assert engine.batches == []
    assert estimate.keypoints.shape == (0, 17, 2)
    assert estimate.scores.shape == (0, 17)


def test_flip_test_swaps_left_and_right_back() -> None:
    """Left and right keypoints at different places stay on their own sides."""

    class SidedEngine(ColourEngine):
        def infer(self, crops: UInt8Array) -> FloatArray:
            heatmaps = super().infer(crops)
            # The network sees the person's left at the brighter side of the picture: shift one side's maps upwards.
            mirrored = [crop[:, 96:, 1].sum() > crop[:, :96, 1].sum() for crop in crops]
            for maps, is_mirrored in zip(heatmaps, mirrored, strict=True):
                for keypoint in range(17):
                    own = COCO_17.side(keypoint) == ("right" if is_mirrored else "left")
                    if own:
                        maps[keypoint] = np.roll(maps[keypoint], -10, axis=0)
            return heatmaps

    image = frame_with_dots((300, 240))
    image[:, :200, 1] = 90  # green on the left of the frame marks which way round the crop is
    keypoints = (
        PoseEstimator(SidedEngine(), COCO_17, SIZE, flip_test=True).estimate(image, [[200, 100, 400, 380]]).keypoints[0]
    )
    left = [k for k in range(17) if COCO_17.side(k) == "left"]
    right = [k for k in range(17) if COCO_17.side(k) == "right"]
    assert keypoints[left, 1].max() < keypoints[right, 1].min() - 20


def test_keypoints_match_the_crops_own_map() -> None:
    box = np.array([[100.0, 80.0, 300.0, 400.0]])
    centres, extents = crop_frames(box, SIZE)
    dot = transform_points([[200.0, 200.0]], crop_matrix(centres[0], extents[0], SIZE))
    heatmaps = encode(np.repeat(dot[None], 17, axis=1), np.ones((1, 17)), SIZE, unbiased=True).heatmaps

    class FixedEngine(ColourEngine):
        def infer(self, crops: UInt8Array) -> FloatArray:
            return heatmaps

    keypoints = PoseEstimator(FixedEngine(), COCO_17, SIZE).estimate(np.zeros((480, 640, 3), np.uint8), box).keypoints
    np.testing.assert_allclose(keypoints[0], np.broadcast_to([200, 200], (17, 2)), atol=0.3)


def test_person_score_is_the_box_times_the_mean_of_trusted_keypoints() -> None:
    scores = np.array([[0.9, 0.7, 0.2, 0.1], [0.2, 0.1, 0.0, -0.3], [1.3, 1.1, 1.2, 1.0]], np.float32)
    np.testing.assert_allclose(person_scores([0.5, 0.9, 1.0], scores), [0.5 * 0.8, 0, 1], rtol=1e-6)
    assert person_scores([], np.empty((0, 17), np.float32)).shape == (0,)
