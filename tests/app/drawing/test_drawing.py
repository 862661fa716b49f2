"""What is drawn over a picture, pixel by pixel."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.drawing import DrawingStyle, draw_result
from app.drawing.drawing import limb_width
from app.drawing.style import JOINT_CORE, OUTLINE, SIDE_COLOURS
from app.results import FrameResult, Person
from app.settings import DrawingSettings, PoseSettings, Settings
from model.arrays import UInt8Array
from model.skeletons import COCO_17, MPII_16, Skeleton

SIZE = (400, 600)
GREY = np.full((*SIZE, 3), 90, np.uint8)
# Somebody upright who faces the camera, in fractions of the box; the person's left is on the picture's right.
COCO_POSE = np.array(
    [
        (0.50, 0.10), (0.56, 0.07), (0.44, 0.07), (0.62, 0.09), (0.38, 0.09), (0.75, 0.22), (0.25, 0.22), (0.85, 0.38),
        (0.15, 0.38), (0.95, 0.52), (0.05, 0.52), (0.68, 0.55), (0.32, 0.55), (0.70, 0.76), (0.30, 0.76), (0.72, 0.96),
        (0.28, 0.96),
    ]
)  # fmt: skip
MPII_POSE = np.array(
    [
        (0.28, 0.96), (0.30, 0.76), (0.32, 0.55), (0.68, 0.55), (0.70, 0.76), (0.72, 0.96), (0.50, 0.55), (0.50, 0.28),
        (0.50, 0.20), (0.50, 0.02), (0.05, 0.52), (0.15, 0.38), (0.25, 0.22), (0.75, 0.22), (0.85, 0.38), (0.95, 0.52),
    ]
)  # fmt: skip
POSES = {COCO_17.name: COCO_POSE, MPII_16.name: MPII_POSE}


def person(
    skeleton: Skeleton = COCO_17, box: tuple[float, ...] = (200, 50, 360, 370), score: float = 0.9, number: int = 1
) -> Person:
    corners = np.array(box, np.float32)
    keypoints = corners[:2] + POSES[skeleton.name] * (corners[2:] - corners[:2])
    scores = np.full(skeleton.keypoints, score, np.float32)
    return Person(number, corners, 0.9, keypoints.astype(np.float32), scores, 0.87)


def moved(original: Person, keypoint: int, place: tuple[float, float]) -> Person:
    keypoints = original.keypoints.copy()
    keypoints[keypoint] = place
    return Person(1, original.box, 0.9, keypoints, original.scores, 0.87)


def draw(
    *persons: Person, image: UInt8Array = GREY, skeleton: Skeleton = COCO_17, style: DrawingStyle | None = None
) -> UInt8Array:
    result = FrameResult(0, 0.0, (image.shape[0], image.shape[1]), persons)
    return draw_result(image, result, skeleton, style or DrawingStyle())


def changed(drawn: UInt8Array, image: UInt8Array = GREY) -> UInt8Array:
    return np.any(drawn != image, axis=2).astype(np.uint8)


def colour_at(drawn: UInt8Array, place: np.ndarray) -> tuple[int, ...]:
    x, y = np.rint(place).astype(int)
    return tuple(int(value) for value in drawn[y, x])


@pytest.mark.parametrize("skeleton", [COCO_17, MPII_16], ids=lambda skeleton: skeleton.name)
def test_limbs_have_the_colour_of_their_side_and_joints_a_white_core(skeleton: Skeleton) -> None:
    somebody = person(skeleton)
    drawn = draw(somebody, skeleton=skeleton)
    for joint in somebody.keypoints:
        assert colour_at(drawn, joint) == JOINT_CORE
    long_limbs = [link for link in skeleton.links if np.hypot(*np.subtract(*somebody.keypoints[list(link)])) > 30]
    assert {skeleton.link_side(link) for link in long_limbs} == {"left", "right", "centre"}
    for link in long_limbs:
        assert colour_at(drawn, somebody.keypoints[list(link)].mean(axis=0)) == SIDE_COLOURS[skeleton.link_side(link)]


def test_figures_have_a_dark_rim() -> None:
    image = np.full((*SIZE, 3), 255, np.uint8)
    somebody = person()
    middle = somebody.keypoints[[13, 15]].mean(axis=0)
    across_the_shin = draw(somebody, image=image)[round(float(middle[1]))].max(axis=1)
    for outwards in (across_the_shin[: round(float(middle[0]))][::-1], across_the_shin[round(float(middle[0])) :]):
        darkest = int(outwards[:10].argmin())
        assert darkest >= 2
        assert outwards[darkest] < 80
        assert outwards[darkest + 3] == 255


def test_the_source_stays_as_it_is() -> None:
    image = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    before = image.copy()
    everything = DrawingStyle(boxes=True, ids=True, scores=True, dim_background=True)
    for style in (DrawingStyle(), everything):
        drawn = draw(person(), image=image, style=style)
        assert not np.shares_memory(drawn, image)
        np.testing.assert_array_equal(image, before)


def test_nobody_leaves_a_copy() -> None:
    drawn = draw()
    np.testing.assert_array_equal(drawn, GREY)
    assert not np.shares_memory(drawn, GREY)


def test_keypoints_below_the_threshold_and_their_limbs_are_not_drawn() -> None:
    somebody = person()
    scores = somebody.scores.copy()
    scores[9] = 0.3
    wrist_unsure = Person(1, somebody.box, 0.9, somebody.keypoints, scores, 0.87)
    elbow, wrist = somebody.keypoints[[7, 9]]
    with_wrist = draw(wrist_unsure, style=DrawingStyle(keypoint_threshold=0.3))
    without = draw(wrist_unsure, style=DrawingStyle(keypoint_threshold=0.31))
    assert colour_at(with_wrist, wrist) == JOINT_CORE
    assert colour_at(without, wrist) == (90, 90, 90)
    assert colour_at(without, (elbow + wrist) / 2) == (90, 90, 90)
    assert colour_at(without, elbow) == JOINT_CORE


def test_parts_are_drawn_as_asked() -> None:
    somebody = person()
    hip, knee = somebody.keypoints[[11, 13]]
    limbs_alone = draw(somebody, style=DrawingStyle(joints=False))
    assert colour_at(limbs_alone, knee) == SIDE_COLOURS["left"]
    joints_alone = draw(somebody, style=DrawingStyle(skeleton=False))
    assert colour_at(joints_alone, (hip + knee) / 2) == (90, 90, 90)
    assert colour_at(joints_alone, knee) == JOINT_CORE
    assert not changed(draw(somebody, style=DrawingStyle(skeleton=False, joints=False))).any()


def test_limbs_without_joints_have_round_ends() -> None:
    somebody = moved(person(score=0.0), 13, (300.0, 200.0))
    somebody.scores[[13, 15]] = 0.9
    somebody.keypoints[15] = (400.0, 200.0)
    mask = changed(draw(somebody, style=DrawingStyle(joints=False, line_width=3)))
    columns = mask.sum(axis=0)
    drawn_columns = np.flatnonzero(columns)
    middle = columns[350]
    assert drawn_columns[0] < 300 < 400 < drawn_columns[-1]
    assert columns[drawn_columns[0]] < middle / 2


@given(x=st.floats(250, 350), y=st.floats(150, 250))
@settings(max_examples=40, deadline=None)
def test_joints_are_placed_to_a_fraction_of_a_pixel(x: float, y: float) -> None:
    image = np.zeros((*SIZE, 3), np.uint8)
    somebody = moved(person(score=0.0), 0, (x, y))
    somebody.scores[0] = 0.9
    weights = draw(somebody, image=image).max(axis=2).astype(float)
    rows, columns = np.indices(SIZE)
    np.testing.assert_allclose(
        [(weights * columns).sum() / weights.sum(), (weights * rows).sum() / weights.sum()], [x, y], atol=0.15
    )


def test_a_limb_to_a_keypoint_outside_is_drawn_up_to_the_edge() -> None:
    shoulder = person().keypoints[5]
    drawn = draw(moved(person(), 7, (900.0, float(shoulder[1]))))
    assert colour_at(drawn, np.array([599, shoulder[1]])) == SIDE_COLOURS["left"]


@pytest.mark.parametrize("place", [(1e9, 100.0), (-1e30, 0.0), (np.nan, 5.0), (np.inf, -np.inf)])
def test_a_keypoint_at_no_real_place_is_left_out(place: tuple[float, float]) -> None:
    unsure = person()
    unsure.scores[9] = 0.0
    np.testing.assert_array_equal(draw(moved(person(), 9, place)), draw(unsure))


def test_lines_grow_with_the_person_within_limits() -> None:
    widths = [limb_width(person(box=(0, 0, side, side)), (1080, 1920)) for side in (10, 100, 300, 600, 5000)]
    assert widths == sorted(widths)
    assert widths[0] == widths[1] == pytest.approx(1080 / 450)
    assert widths[1] < widths[2] < widths[3] < widths[4] == pytest.approx(1080 / 60)
    assert limb_width(person(box=(0, 0, 10, 10)), (20, 20)) >= 1.5


def test_line_width_is_a_factor() -> None:
    areas = [changed(draw(person(), style=DrawingStyle(line_width=width))).sum() for width in (0.5, 1.0, 3.0)]
    assert areas[0] < areas[1] < areas[2]


def test_the_larger_person_covers_the_smaller() -> None:
    near, far = person(box=(150, 20, 410, 390)), person(box=(240, 100, 320, 300))
    ankle = near.keypoints[15]
    far.keypoints[0] = ankle
    beside = ankle + np.array([0, -3 * 0.7 * limb_width(near, SIZE)])
    for order in ((near, far), (far, near)):
        drawn = draw(*order, style=DrawingStyle(line_width=3))
        assert colour_at(drawn, beside) == SIDE_COLOURS["left"]


def test_a_dimmed_picture_is_darker_but_its_figures_are_not() -> None:
    drawn = draw(person(), style=DrawingStyle(dim_background=True))
    assert colour_at(drawn, np.array([5, 5])) == (40, 40, 40)
    assert colour_at(drawn, person().keypoints[0]) == JOINT_CORE


def test_boxes_are_drawn_where_they_are() -> None:
    drawn = draw(person(score=0.0), style=DrawingStyle(boxes=True))
    for place in ((200, 200), (360, 200), (280, 50), (280, 370)):
        assert min(colour_at(drawn, np.array(place))) > 200
    assert colour_at(drawn, np.array([280, 200])) == (90, 90, 90)


@given(x=st.integers(-700, 700), y=st.integers(-500, 500))
@settings(max_examples=40, deadline=None)
def test_labels_are_whole_wherever_the_person_is_seen(x: int, y: int) -> None:
    def letters(*box: float) -> int:
        drawn = draw(person(score=0.0, box=box), style=DrawingStyle(ids=True, scores=True))
        return int((drawn.min(axis=2) > 150).sum())

    height, width = draw(person(score=0.0)).shape[:2]
    seen = -80 <= x < width and -160 <= y < height
    assert letters(x, y, x + 80, y + 160) == (letters(200, 50, 360, 370) if seen else 0)


def test_a_label_says_what_is_asked() -> None:
    def label(style: DrawingStyle, number: int = 1) -> UInt8Array:
        return draw(person(score=0.0, number=number), style=style)

    assert not changed(label(DrawingStyle())).any()
    number = changed(label(DrawingStyle(ids=True))).sum()
    score = changed(label(DrawingStyle(scores=True))).sum()
    both = changed(label(DrawingStyle(ids=True, scores=True))).sum()
    assert number < score < both
    assert np.any(label(DrawingStyle(ids=True), 1) != label(DrawingStyle(ids=True), 2))


@pytest.mark.parametrize("size", [(90, 120), (480, 640), (2160, 3840)])
def test_labels_are_legible_at_any_resolution(size: tuple[int, int]) -> None:
    """A digit is at least 8 pixels high, and at least a fiftieth of the picture."""
    image = np.full((*size, 3), 90, np.uint8)
    box = (size[1] / 3, size[0] / 3, size[1] / 2, size[0] * 0.9)
    drawn = draw(person(score=0.0, box=box, number=8), image=image, style=DrawingStyle(ids=True))
    rows = np.flatnonzero((drawn.min(axis=2) > 170).any(axis=1))
    assert rows[-1] - rows[0] + 1 >= max(7, min(size) / 50)


@pytest.mark.parametrize("size", [(1, 1), (3, 1000), (17, 5)])
def test_pictures_of_any_size(size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 90, np.uint8)
    everything = DrawingStyle(boxes=True, ids=True, scores=True, dim_background=True)
    drawn = draw(person(box=(0, 0, size[1], size[0])), image=image, style=everything)
    assert drawn.shape == image.shape


def test_a_result_of_another_frame_or_convention_is_an_error() -> None:
    result = FrameResult(0, 0.0, (400, 601), ())
    with pytest.raises(ValueError, match=r"frame of size \(400, 601\), the image of \(400, 600\)"):
        draw_result(GREY, result, COCO_17, DrawingStyle())
    with pytest.raises(ValueError, match="a person has 16 keypoints, coco-17 has 17"):
        draw(person(MPII_16), skeleton=COCO_17)


def test_the_users_settings_make_the_style() -> None:
    chosen = Settings(
        pose=PoseSettings(keypoint_threshold=0.6), drawing=DrawingSettings(joints=False, ids=True, line_width=2.0)
    )
    expected = DrawingStyle(keypoint_threshold=0.6, joints=False, ids=True, line_width=2.0)
    assert DrawingStyle.from_settings(chosen) == expected
    assert DrawingStyle.from_settings(Settings()) == DrawingStyle()


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    channels = np.array(colour[::-1]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_every_colour_stands_out_from_the_rim() -> None:
    """By WCAG's contrast ratio for text, 4.5, which holds for every kind of colour vision."""
    for colour in SIDE_COLOURS.values():
        assert (luminance(colour) + 0.05) / (luminance(OUTLINE) + 0.05) > 4.5


# Simulation at full severity, linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
# Simulation of Color Vision Deficiency", 2009.
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("matrix", DEFICIENCIES.values(), ids=DEFICIENCIES.keys())
def test_sides_are_told_apart_by_every_kind_of_colour_vision(matrix: list[list[float]]) -> None:
    """CIE76 distance above 25 where 2.3 is just noticeable."""

    def seen(colour: tuple[int, int, int]) -> np.ndarray:
        linear = (np.array(colour[::-1]) / 255) ** 2.2
        shown = np.clip(np.array(matrix) @ linear, 0, 1) ** (1 / 2.2)
        return cv2.cvtColor(shown.astype(np.float32).reshape(1, 1, 3), cv2.COLOR_RGB2LAB).ravel()

    sides = [seen(colour) for colour in SIDE_COLOURS.values()]
    distances = [np.linalg.norm(a - b) for index, a in enumerate(sides) for b in sides[:index]]
    assert min(distances) > 25
