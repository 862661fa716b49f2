import cv2
import numpy as np
import pytest

from model.arrays import FloatArray, UInt8Array
from model.geometry import cut_crops
from model.skeletons import COCO_17
from model.training.augment import Sample, draw_sample
from model.training.config import Augmentation

BOX = np.array([60, 40, 140, 200], np.float32)
SIZE = (256, 192)


def picture_with_dots() -> tuple[UInt8Array, FloatArray]:
    """A picture of soft dots, each in its keypoint's own place, and where they are."""
    rng = np.random.default_rng(0)
    keypoints = (BOX[:2] + rng.uniform(0.1, 0.9, (17, 2)) * (BOX[2:] - BOX[:2])).astype(np.float32)
    y, x = np.mgrid[:260, :220]
    image = np.zeros((260, 220), np.float64)
    for point in keypoints:
        image = np.maximum(image, 255 * np.exp(-((x - point[0]) ** 2 + (y - point[1]) ** 2) / (2 * 1.5**2)))
    return cv2.merge([image.astype(np.uint8)] * 3), keypoints


def sample(settings: Augmentation, seed: int, size: tuple[int, int] = SIZE) -> Sample:
    image, keypoints = picture_with_dots()
    rng = np.random.default_rng(seed)
    return draw_sample(image, BOX, keypoints, np.ones(17, np.float32), COCO_17, settings, size, SIZE, rng)


def test_without_changes_the_crop_is_that_of_inference() -> None:
    image, _ = picture_with_dots()
    np.testing.assert_array_equal(sample(Augmentation.none(), 0).crop, cut_crops(image, BOX[None], SIZE)[0])


@pytest.mark.parametrize("seed", range(8))
def test_keypoints_stay_on_what_they_mark(seed: int) -> None:
    settings = Augmentation(half_body=0.5, rotation_deg=60, rotation_share=1, scale=0.4, shift=0.1)
    drawn = sample(settings, seed)
    for point, weight in zip(drawn.keypoints, drawn.weights, strict=True):
        x, y = (round(float(value)) for value in point)
        assert weight == (-0.5 <= point[0] < 191.5 and -0.5 <= point[1] < 255.5)
        if weight and 0 <= x < 192 and 0 <= y < 256:
            assert drawn.crop[y, x].min() > 150


def test_parts_are_cut_out_of_whole_crops() -> None:
    whole = sample(Augmentation.none(), 0)
    part = sample(Augmentation.none(), 0, (128, 96))
    offset = whole.keypoints[0] - part.keypoints[0]
    np.testing.assert_allclose(whole.keypoints - part.keypoints, np.tile(offset, (17, 1)), atol=1e-3)
    x, y = offset.round().astype(int)
    difference = np.abs(whole.crop[y : y + 128, x : x + 96].astype(int) - part.crop)
    assert difference.max() <= 1
    assert 0 < (part.weights > 0).sum() < 17


def test_mirroring_swaps_left_and_right() -> None:
    straight = sample(Augmentation.none(), 0)
    mirrored = sample(Augmentation.none().model_copy(update={"flip": 1.0}), 0)
    np.testing.assert_array_equal(mirrored.crop[:, ::-1], straight.crop)
    expected = straight.keypoints[COCO_17.flip_indices] * [-1, 1] + [191, 0]
    np.testing.assert_allclose(mirrored.keypoints, expected, atol=1e-3)


def test_half_body_enlarges_one_half() -> None:
    settings = Augmentation.none().model_copy(update={"half_body": 1.0})
    image = np.zeros((260, 220, 3), np.uint8)
    keypoints = np.stack([np.full(17, 100), np.linspace(50, 190, 17)], axis=1).astype(np.float32)
    kept = set()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        drawn = draw_sample(image, BOX, keypoints, np.ones(17, np.float32), COCO_17, settings, SIZE, SIZE, rng)
        span = drawn.keypoints[-1, 1] - drawn.keypoints[0, 1]
        assert span > 200  # 179 without
        kept.add("upper" if drawn.keypoints[0, 1] > 0 else "lower")
    assert kept == {"upper", "lower"}


@pytest.mark.parametrize("lower", [True, False])
def test_half_a_body_fills_two_thirds_of_its_crop_about_the_mean_of_its_keypoints(lower: bool) -> None:
    """Padded by 1.5 in all, as in mmpose; without labels in one half the other is taken."""
    settings = Augmentation.none().model_copy(update={"half_body": 1.0})
    of_upper = np.isin(np.arange(17), COCO_17.upper_body)
    keypoints = np.stack([np.full(17, 100.0), np.geomspace(40, 220, 17)], axis=1).astype(np.float32)
    weights = np.where(of_upper, 1.0, float(lower)).astype(np.float32)
    image = np.zeros((260, 220, 3), np.uint8)
    taken = set()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        drawn = draw_sample(image, BOX, keypoints, weights, COCO_17, settings, SIZE, SIZE, rng)
        middles = [drawn.keypoints[half, 1].mean() for half in (of_upper, ~of_upper)]
        which = int(np.argmin(np.abs(np.array(middles) - (SIZE[0] - 1) / 2)))
        half = (of_upper, ~of_upper)[which]
        assert middles[which] == pytest.approx((SIZE[0] - 1) / 2, abs=1)
        assert np.ptp(drawn.keypoints[half, 1]) == pytest.approx(SIZE[0] / 1.5, abs=1)
        taken.add(which)
    assert taken == ({0, 1} if lower else {0})


def test_too_few_keypoints_leave_the_whole_body() -> None:
    settings = Augmentation.none().model_copy(update={"half_body": 1.0})
    image, keypoints = picture_with_dots()
    weights = np.array([1.0] * 8 + [0.0] * 9, np.float32)
    drawn = draw_sample(
        image, BOX, keypoints, weights, COCO_17, settings, SIZE, SIZE, np.random.default_rng(0)
    )  # fmt: skip
    np.testing.assert_array_equal(drawn.crop, cut_crops(image, BOX[None], SIZE)[0])


def test_colour_changes_values_and_no_place() -> None:
    plain, coloured = (sample(Augmentation.none().model_copy(update={"colour": c}), 3) for c in (0.0, 0.3))
    np.testing.assert_array_equal(plain.keypoints, coloured.keypoints)
    assert (plain.crop != coloured.crop).any()


def test_coarse_crops_lose_detail_and_no_place() -> None:
    plain = sample(Augmentation.none(), 0)
    places = np.stack(np.mgrid[: SIZE[0], : SIZE[1]])[..., None]
    detail = []
    for seed in range(8):
        coarse = sample(Augmentation.none().model_copy(update={"coarse": 1.0}), seed)
        np.testing.assert_array_equal(plain.keypoints, coarse.keypoints)
        heavy = [crop.astype(float) / crop.sum() for crop in (plain.crop, coarse.crop)]
        middles = [(places * each).sum((1, 2, 3)) for each in heavy]
        np.testing.assert_allclose(middles[0], middles[1], atol=0.5)
        detail.append(coarse.crop.std() / plain.crop.std())
    assert max(detail) < 1
    assert min(detail) < 0.8, "some are much coarser"


def test_half_of_the_crops_are_coarse_where_half_shall_be() -> None:
    plain = sample(Augmentation.none(), 0).crop
    half = Augmentation.none().model_copy(update={"coarse": 0.5})
    changed = [bool((sample(half, seed).crop != plain).any()) for seed in range(40)]
    assert 10 < sum(changed) < 30


def test_cut_crops_end_within_the_person_and_what_is_left_keeps_its_labels() -> None:
    settings = Augmentation.none().model_copy(update={"cut": 1.0})
    image, keypoints = np.full((260, 220, 3), 255, np.uint8), picture_with_dots()[1]
    lost = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        drawn = draw_sample(image, BOX, keypoints, np.ones(17, np.float32), COCO_17, settings, SIZE, SIZE, rng)
        x, y = np.clip(drawn.keypoints[drawn.weights > 0].round().astype(int), 0, [191, 255]).T
        assert drawn.crop[y, x].mean(axis=-1).min() > 20, "a labelled keypoint lies in what is left of the picture"
        assert 3 <= (drawn.weights > 0).sum() < 17
        lost.append((drawn.crop[..., 0] < 100).mean())
    assert min(lost) > 0.05, "beyond the cut the crop is black"


def test_hardly_labelled_people_are_not_cut() -> None:
    settings = Augmentation.none().model_copy(update={"cut": 1.0})
    image, keypoints = picture_with_dots()
    weights = np.array([1.0] * 2 + [0.0] * 15, np.float32)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        drawn = draw_sample(image, BOX, keypoints, weights, COCO_17, settings, SIZE, SIZE, rng)
        np.testing.assert_array_equal(drawn.crop, cut_crops(image, BOX[None], SIZE)[0])


def test_covered_crops_are_hidden_in_part_and_keep_all_labels() -> None:
    plain = sample(Augmentation.none(), 0)
    for seed in range(8):
        covered = sample(Augmentation.none().model_copy(update={"covered": 1.0}), seed)
        np.testing.assert_array_equal(plain.keypoints, covered.keypoints)
        np.testing.assert_array_equal(plain.weights, covered.weights)
        places = np.argwhere((covered.crop != plain.crop).any(axis=-1))
        assert len(places) > 0
        extent = places.max(axis=0) - places.min(axis=0) + 1
        assert (extent <= [128, 96]).all(), "at most half of the crop's sides"
