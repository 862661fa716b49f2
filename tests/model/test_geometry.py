import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.geometry import crop_frames, crop_matrix, cut_crops, to_frame, transform_points

SIZES = [(256, 192), (128, 96), (384, 288), (256, 256)]
coordinate = st.floats(-200, 2000)
side = st.floats(2, 1500)


@st.composite
def boxes(draw: st.DrawFn) -> list[float]:
    x, y, width, height = draw(coordinate), draw(coordinate), draw(side), draw(side)
    return [x, y, x + width, y + height]


def test_box_is_padded_before_its_aspect_is_fitted() -> None:
    centres, extents = crop_frames([[10, 20, 110, 60], [0, 0, 40, 400]], (256, 192))
    np.testing.assert_allclose(centres, [[60, 40], [20, 200]])
    np.testing.assert_allclose(extents, [[125, 125 / 0.75], [500 * 0.75, 500]])


@given(box=boxes(), size=st.sampled_from(SIZES))
def test_box_lies_centred_in_a_crop_of_the_inputs_aspect(box: list[float], size: tuple[int, int]) -> None:
    (centre,), (extent,) = crop_frames([box], size)
    np.testing.assert_allclose(extent[0] / extent[1], size[1] / size[0])
    padded = np.array([box[2] - box[0], box[3] - box[1]]) * 1.25
    assert (extent >= padded * (1 - 1e-9)).all()
    assert np.isclose(extent, np.maximum(padded, 1)).any()
    np.testing.assert_allclose(centre, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])


@given(box=boxes(), size=st.sampled_from(SIZES), seed=st.integers(0, 2**32 - 1))
def test_points_return_from_the_crop_to_where_they_were(box: list[float], size: tuple[int, int], seed: int) -> None:
    points = np.random.default_rng(seed).uniform(-300, 2500, (1, 17, 2))
    centres, extents = crop_frames([box], size)
    in_crop = transform_points(points, crop_matrix(centres[0], extents[0], size))
    back = to_frame(in_crop, [box], size)
    np.testing.assert_allclose(back, points, atol=2e-3 * max(1.0, extents.max() / size[1]))


def test_matrix_is_that_of_three_corresponding_points() -> None:
    """The published recipe: centre, middle of the left side, and a third point at a right angle."""
    centre, extent, (height, width) = np.array([310.0, 205.0]), np.array([225.0, 300.0]), (256, 192)
    left = centre - [extent[0] / 2, 0]
    source = np.array([centre, left, left + np.array([0, left[0] - centre[0]])], np.float32)
    target = np.array([[width / 2, height / 2], [0, height / 2], [0, height / 2 - width / 2]], np.float32)
    expected = cv2.getAffineTransform(source, target)
    np.testing.assert_allclose(crop_matrix(centre, extent, (height, width)), expected, atol=1e-4)


def test_rotating_the_region_clockwise_turns_its_content_the_other_way() -> None:
    matrix = crop_matrix([50, 50], [96, 128], (128, 96), rotation_deg=90)
    np.testing.assert_allclose(transform_points([[60, 50]], matrix), [[48, 54]], atol=1e-4)


def test_crop_is_rgb_and_black_outside_the_frame() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    image[:] = (10, 20, 30)
    (crop,) = cut_crops(image, [[60, 0, 140, 100]], (128, 96))
    assert crop.shape == (128, 96, 3)
    np.testing.assert_array_equal(crop[64, 20], (30, 20, 10))
    np.testing.assert_array_equal(crop[64, -1], (0, 0, 0))


@pytest.mark.parametrize("box", [[50, 50, 50, 50], [-900, -900, -800, -800], [0, 0, 1e6, 1e6]])
def test_degenerate_and_distant_boxes_yield_a_crop(box: list[float]) -> None:
    image = np.full((80, 60, 3), 7, np.uint8)
    assert cut_crops(image, [box], (128, 96)).shape == (1, 128, 96, 3)


def test_no_box_yields_no_crop() -> None:
    assert cut_crops(np.zeros((8, 8, 3), np.uint8), np.empty((0, 4)), (256, 192)).shape == (0, 256, 192, 3)
    assert to_frame(np.empty((0, 17, 2)), np.empty((0, 4)), (256, 192)).shape == (0, 17, 2)
