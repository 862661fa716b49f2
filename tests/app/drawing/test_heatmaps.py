"""The layer of colour lies where the heatmap says."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.drawing import DrawingStyle, draw_result
from app.drawing.heatmaps import draw_heatmaps
from app.results import FrameResult, Heatmap, Person
from model.geometry import heatmap_corners, to_frame
from model.heatmaps import STRIDE, encode
from model.skeletons import COCO_17

INPUT_SIZE = (256, 192)
CANVAS = np.full((360, 480, 3), 90, np.uint8)


def heatmap_at(place: tuple[float, float], box: tuple[float, float, float, float]) -> Heatmap:
    """What a perfect network makes of a keypoint at this place in the frame."""
    corners = heatmap_corners([box], INPUT_SIZE)[0]
    cells = np.array([INPUT_SIZE[1], INPUT_SIZE[0]]) / STRIDE
    cell = (np.array(place) - corners[0]) / (corners[1] - corners[0]) * cells
    values = encode(STRIDE * cell[None, None], [[1]], INPUT_SIZE, unbiased=True).heatmaps[0, 0]
    return Heatmap(values, corners)


def middle_of(drawn: np.ndarray) -> np.ndarray:
    """x, y of the middle of what was changed, the more so the more it counts."""
    weight = np.abs(drawn.astype(float) - CANVAS).sum(axis=2)
    weight[weight < 0.6 * weight.max()] = 0
    rows, columns = np.indices(weight.shape)
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


@given(st.tuples(st.floats(170, 310), st.floats(120, 240)), st.sampled_from([1, -1]))
def test_the_layer_peaks_on_the_keypoint_also_when_mirrored(place: tuple[float, float], side: int) -> None:
    heatmap = heatmap_at(place, (130, 40, 350, 320))
    width = CANVAS.shape[1]
    if side < 0:
        corners = heatmap.corners * [-1, 1] + [width - 1, 0]
        heatmap = Heatmap(heatmap.values, corners.astype(np.float32))
    drawn = CANVAS.copy()
    draw_heatmaps(drawn, [heatmap])
    x, y = middle_of(drawn)
    assert (x if side > 0 else width - 1 - x, y) == pytest.approx(place, abs=1.0)


@given(st.tuples(st.integers(0, 47), st.integers(0, 63)), st.tuples(st.floats(5, 400), st.floats(5, 300)))
def test_cells_lie_where_the_codec_puts_keypoints(cell: tuple[int, int], size: tuple[float, float]) -> None:
    box = [[20.0, 30.0, 20.0 + size[0], 30.0 + size[1]]]
    first, past = heatmap_corners(box, INPUT_SIZE)[0]
    expected = to_frame(STRIDE * np.array([[cell]]), box, INPUT_SIZE)[0, 0]
    np.testing.assert_allclose(first + (past - first) * np.array(cell) / [48, 64], expected, rtol=1e-5, atol=1e-3)


def test_what_is_too_faint_to_be_seen_is_left_out() -> None:
    box = (130, 40, 350, 320)
    plain, noisy = heatmap_at((240, 180), box), heatmap_at((240, 180), box)
    noise = np.random.default_rng(0).uniform(0, 0.03, plain.values.shape).astype(np.float32)
    noisy = Heatmap(np.maximum(plain.values, noise), plain.corners)
    drawn = CANVAS.copy()
    draw_heatmaps(drawn, [noisy])
    x, y, width, height = cv2.boundingRect(np.any(drawn != CANVAS, axis=2).astype(np.uint8))
    assert width < 220 / 2
    assert height < 280 / 2
    assert x < 240 < x + width
    assert y < 180 < y + height
    nothing = CANVAS.copy()
    draw_heatmaps(nothing, [Heatmap(noise, plain.corners)])
    np.testing.assert_array_equal(nothing, CANVAS)


@pytest.mark.parametrize("corner", [(-200, -150), (400, 250), (470, 350), (-1000, 0), (0, 5000)])
def test_what_lies_outside_is_left_out(corner: tuple[float, float]) -> None:
    values = np.ones((64, 48), np.float32)
    drawn = CANVAS.copy()
    draw_heatmaps(drawn, [Heatmap(values, np.array([corner, np.add(corner, (240, 320))], np.float32))])
    touched = np.any(drawn != CANVAS, axis=2)
    x, y, width, height = cv2.boundingRect(touched.astype(np.uint8))
    overlap = np.minimum(np.add(corner, (240, 320)), CANVAS.shape[1::-1]) - np.maximum(corner, 0)
    if (overlap <= 0).any():
        assert not touched.any()
    else:
        assert (width, height) == pytest.approx(tuple(overlap), abs=6)
        assert (x, y) == pytest.approx(tuple(np.maximum(corner, 0)), abs=6)


def test_a_result_has_its_layer_under_the_skeleton_where_the_style_says_so() -> None:
    keypoints = np.full((17, 2), (240, 180), np.float32)
    heatmap = heatmap_at((240, 180), (130, 40, 350, 320))
    person = Person(1, np.array([130, 40, 350, 320], np.float32), 0.9, keypoints, np.full(17, 0.9, np.float32), 0.9)
    with_map = Person(1, person.box, 0.9, keypoints, person.scores, 0.9, heatmap)

    def draw(somebody: Person, style: DrawingStyle) -> np.ndarray:
        return draw_result(CANVAS, FrameResult(0, 0.0, (360, 480), (somebody,)), COCO_17, style)

    plain = draw(person, DrawingStyle())
    np.testing.assert_array_equal(draw(with_map, DrawingStyle()), plain)
    np.testing.assert_array_equal(draw(person, DrawingStyle(heatmap="nose")), plain)
    layered = draw(with_map, DrawingStyle(heatmap="nose"))
    assert (layered[180, 250] != plain[180, 250]).any()
    np.testing.assert_array_equal(layered[180, 240], plain[180, 240])  # the joint itself lies above
