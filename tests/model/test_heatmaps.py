import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.arrays import FloatArray
from model.geometry import crop_frames, crop_matrix, to_frame, transform_points
from model.heatmaps import STRIDE, blur_kernel, decode, default_sigma, encode, merge_flipped
from model.skeletons import COCO_17

SIZES = [(256, 192), (128, 96), (384, 288), (256, 256)]


def inner_points(size: tuple[int, int], seed: int, persons: int = 2, keypoints: int = 17) -> np.ndarray:
    """Keypoints at least three sigma inside the map, in input pixels."""
    margin = 3 * default_sigma(size) * STRIDE
    rng = np.random.default_rng(seed)
    return rng.uniform(margin, np.array([size[1], size[0]]) - margin - STRIDE, (persons, keypoints, 2))


@given(size=st.sampled_from(SIZES), seed=st.integers(0, 2**32 - 1))
def test_dark_finds_unbiased_targets_within_half_a_pixel(size: tuple[int, int], seed: int) -> None:
    points = inner_points(size, seed)
    heatmaps, weights = encode(points, np.ones(points.shape[:2]), size, unbiased=True)
    assert weights.all()
    found, scores = decode(heatmaps, "dark")
    assert np.linalg.norm(found - points, axis=-1).max() < 0.5
    assert (scores > 0.8).all()


@given(size=st.sampled_from(SIZES), seed=st.integers(0, 2**32 - 1))
def test_quarter_shift_finds_unbiased_targets_within_a_quarter_cell(size: tuple[int, int], seed: int) -> None:
    points = inner_points(size, seed)
    heatmaps, _ = encode(points, np.ones(points.shape[:2]), size, unbiased=True)
    found, _ = decode(heatmaps, "quarter")
    assert np.abs(found - points).max() < 0.25 * STRIDE + 1e-3


@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from(SIZES))
def test_frame_to_crop_to_map_and_back(seed: int, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    corner, extent = rng.uniform(-100, 500, 2), rng.uniform(30, 600, 2)
    boxes = np.array([[*corner, *(corner + extent)]])
    centres, extents = crop_frames(boxes, size)
    matrix = crop_matrix(centres[0], extents[0], size)
    in_crop = inner_points(size, seed, persons=1)
    in_frame = to_frame(in_crop, boxes, size)
    heatmaps, _ = encode(transform_points(in_frame, matrix), np.ones((1, 17)), size, unbiased=True)
    found = to_frame(decode(heatmaps, "dark").keypoints, boxes, size)
    pixel = extents[0, 0] / size[1]
    assert np.linalg.norm(found - in_frame, axis=-1).max() < 0.5 * pixel + 1e-2


def msra_target(x: float, y: float, shape: tuple[int, int], sigma: int) -> FloatArray:
    """One map, drawn cell by cell as the paper words it."""
    heatmap = np.zeros(shape, np.float32)
    cx, cy = int(x / STRIDE + 0.5), int(y / STRIDE + 0.5)
    for row in range(cy - 3 * sigma, cy + 3 * sigma + 1):
        for column in range(cx - 3 * sigma, cx + 3 * sigma + 1):
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                heatmap[row, column] = np.exp(-((row - cy) ** 2 + (column - cx) ** 2) / (2 * sigma**2))
    return heatmap


@pytest.mark.parametrize(("x", "y"), [(96.0, 128.0), (97.9, 130.1), (1.0, 2.0), (191.0, 255.0), (188.0, 12.3)])
def test_msra_target_is_a_windowed_gaussian_round_the_nearest_cell(x: float, y: float) -> None:
    heatmaps, weights = encode([[[x, y]]], [[1]], (256, 192))
    np.testing.assert_allclose(heatmaps[0, 0], msra_target(x, y, (64, 48), 2), atol=1e-6)
    assert weights[0, 0] == 1


def test_keypoint_beyond_the_map_is_drawn_while_its_window_touches_and_weighs_nothing_after() -> None:
    xs = np.array([-20.0, -24.0, -27.0, 192 + 19.0, 192 + 24.0])
    points = np.stack([xs, np.full(5, 100.0)], axis=-1)[None]
    heatmaps, weights = encode(points, np.ones((1, 5)), (256, 192))
    np.testing.assert_array_equal(weights[0], [1, 1, 0, 1, 0])
    np.testing.assert_array_equal(heatmaps[0].any(axis=(1, 2)), [True, True, False, True, False])


def test_invisible_keypoint_has_an_empty_map_and_no_weight() -> None:
    heatmaps, weights = encode([[[50.0, 50.0], [60.0, 60.0]]], [[0, 2]], (128, 96))
    assert not heatmaps[0, 0].any()
    np.testing.assert_array_equal(weights, [[0, 1]])


def dark_reference(heatmap: FloatArray, kernel: int) -> FloatArray:
    """DARK of one map with whole-map arithmetic: blur, rescale, logarithm, one Newton step."""
    height, width = heatmap.shape
    y, x = np.unravel_index(heatmap.argmax(), heatmap.shape)
    blurred = cv2.GaussianBlur(heatmap, (kernel, kernel), 0, borderType=cv2.BORDER_CONSTANT)
    log = np.log(np.maximum(blurred * heatmap.max() / blurred.max(), 1e-10))
    position = np.array([x, y], np.float32)
    if 1 < x < width - 2 and 1 < y < height - 2:
        dx, dy = 0.5 * (log[y, x + 1] - log[y, x - 1]), 0.5 * (log[y + 1, x] - log[y - 1, x])
        dxx = 0.25 * (log[y, x + 2] - 2 * log[y, x] + log[y, x - 2])
        dyy = 0.25 * (log[y + 2, x] - 2 * log[y, x] + log[y - 2, x])
        dxy = 0.25 * (log[y + 1, x + 1] - log[y - 1, x + 1] - log[y + 1, x - 1] + log[y - 1, x - 1])
        hessian = np.array([[dxx, dxy], [dxy, dyy]])
        if np.linalg.det(hessian) != 0:
            position -= np.linalg.solve(hessian, [dx, dy]).astype(np.float32)
    return position * STRIDE


@pytest.mark.parametrize("size", SIZES)
def test_dark_equals_whole_map_arithmetic(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(7)
    points = rng.uniform(0, np.array([size[1], size[0]]), (3, 17, 2))
    heatmaps, _ = encode(points, np.ones((3, 17)), size)
    heatmaps += rng.normal(0, 0.02, heatmaps.shape).astype(np.float32)
    found, _ = decode(heatmaps, "dark")
    expected = [[dark_reference(heatmap, blur_kernel(size)) for heatmap in person] for person in heatmaps]
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_quarter_shift_goes_towards_the_higher_neighbour_and_stays_at_the_border() -> None:
    heatmap = np.zeros((1, 2, 32, 24), np.float32)
    heatmap[0, 0, 10, 12], heatmap[0, 0, 10, 13], heatmap[0, 0, 9, 12] = 0.9, 0.5, 0.4
    heatmap[0, 1, 0, 0] = 0.7
    found, scores = decode(heatmap, "quarter")
    np.testing.assert_allclose(found[0], [[12.25 * 4, 9.75 * 4], [0, 0]])
    np.testing.assert_allclose(scores[0], [0.9, 0.7])


@pytest.mark.parametrize("decoding", ["dark", "quarter"])
@pytest.mark.parametrize("level", [0.0, -0.5])
def test_map_without_a_positive_value_is_marked(decoding: str, level: float) -> None:
    found, scores = decode(np.full((1, 1, 32, 24), level, np.float32), decoding)
    np.testing.assert_array_equal(found[0, 0], [-4, -4])
    assert scores[0, 0] == level


@pytest.mark.parametrize("decoding", ["dark", "quarter"])
@given(seed=st.integers(0, 2**32 - 1))
def test_any_map_decodes_to_finite_points_near_its_maximum(decoding: str, seed: int) -> None:
    heatmaps = np.random.default_rng(seed).normal(0, 1, (2, 3, 32, 24)).astype(np.float32)
    found, scores = decode(heatmaps, decoding)
    assert np.isfinite(found).all()
    index = heatmaps.reshape(2, 3, -1).argmax(-1)
    cells = np.stack([index % 24, index // 24], axis=-1)
    assert np.abs(found / STRIDE - cells).max() <= 2
    np.testing.assert_array_equal(scores, heatmaps.max(axis=(2, 3)))


def test_no_person_decodes_to_nothing() -> None:
    found, scores = decode(np.empty((0, 17, 64, 48), np.float32))
    assert found.shape == (0, 17, 2)
    assert scores.shape == (0, 17)


def test_flip_test_of_a_symmetric_answer_moves_by_the_known_shift() -> None:
    """A mirrored crop's map, turned back, lies one cell left of the direct one; merging puts it right."""
    direct = np.zeros((1, 17, 64, 48), np.float32)
    mirrored = np.zeros_like(direct)
    for keypoint, mirror in enumerate(COCO_17.flip_indices):
        direct[0, keypoint, 20 + keypoint, 10 + keypoint] = 1
        mirrored[0, mirror, 20 + keypoint, 48 - (10 + keypoint)] = 1
    np.testing.assert_array_equal(merge_flipped(direct, mirrored, COCO_17.flip_indices), direct)


def test_flip_merge_keeps_the_first_column() -> None:
    flipped = np.zeros((1, 17, 64, 48), np.float32)
    flipped[0, 0, 5, 47] = 1
    merged = merge_flipped(np.zeros_like(flipped), flipped, COCO_17.flip_indices)
    np.testing.assert_array_equal(np.argwhere(merged[0, 0]), [[5, 0], [5, 1]])
