"""Evaluation in boxes of a file, and the suppression of poses found twice, against mmpose's own algorithm."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import DatasetError
from model.geometry import crop_frames
from model.skeletons import COCO_17
from model.training.detected_boxes import read_boxes
from model.training.evaluate import evaluate_poses
from model.training.labelled_pictures import LabelledPictures, read_pictures
from model.training.pose_metrics import suppress_duplicates
from tests.model.test_evaluate import Oracle, silent, write_set


@pytest.fixture
def labelled(tmp_path: Path) -> LabelledPictures:
    return read_pictures(write_set(tmp_path), tmp_path, COCO_17)


def write_boxes(path: Path, rows: list[dict]) -> Path:
    path.write_text(json.dumps(rows))
    return path


def found(image_id: int, bbox: list[float], score: float, category_id: int = 1) -> dict:
    return {"image_id": image_id, "category_id": category_id, "bbox": bbox, "score": score}


def test_boxes_of_people_are_given_as_they_stand(labelled: LabelledPictures, tmp_path: Path) -> None:
    """Weak ones too, beyond the picture too, but none of cars."""
    rows = [
        found(1, [-5.5, 20, 100, 400], 0.01), found(0, [20, 20, 100, 200], 0.9), found(1, [0, 0, 9, 9], 0.7, 3),
        found(1, [170, 20, 100, 200], 0.8), found(99, [0, 0, 9, 9], 0.7),
    ]  # fmt: skip
    boxes, scores = read_boxes(write_boxes(tmp_path / "found.json", rows), labelled)(labelled.pictures[1], np.empty(0))
    np.testing.assert_allclose(boxes, [[-5.5, 20, 94.5, 420], [170, 20, 270, 220]])
    np.testing.assert_allclose(scores, [0.01, 0.8])
    boxes, scores = read_boxes(tmp_path / "found.json", labelled)(labelled.pictures[2], np.empty(0))
    assert boxes.shape == (0, 4)
    assert scores.shape == (0,)


@pytest.mark.parametrize("image_id", [2, "000002"])
@pytest.mark.parametrize("category", [1, 7])
def test_images_and_people_go_by_the_numbers_of_their_file(tmp_path: Path, image_id: int | str, category: int) -> None:
    path = write_set(tmp_path)
    content = json.loads(path.read_text())
    content["categories"][0]["id"] = 7
    content["images"] = [content["images"][2] | {"id": image_id}]
    content["annotations"] = [each | {"category_id": 7, "image_id": image_id} for each in content["annotations"][4:]]
    path.write_text(json.dumps(content))
    labelled = read_pictures(path, tmp_path, COCO_17)
    rows = [found(image_id, [20, 20, 100, 200], 0.9, category)]
    boxes, _ = read_boxes(write_boxes(tmp_path / "found.json", rows), labelled)(labelled.pictures[0], np.empty(0))
    np.testing.assert_allclose(boxes, [[20, 20, 120, 220]])


def test_what_is_nobody_or_elsewhere_need_not_be_right(tmp_path: Path) -> None:
    """Other categories, though their number is COCO's of people, and other pictures; ids as text; scores as rounded."""
    path = write_set(tmp_path)
    content = json.loads(path.read_text())
    content["categories"] = [{"id": 1, "name": "dog"}, {"id": 7, "name": "person"}]
    content["annotations"] = [each | {"category_id": 7} for each in content["annotations"]]
    path.write_text(json.dumps(content))
    labelled = read_pictures(path, tmp_path, COCO_17)
    rows = [
        found(0, [0, 0, 9, 9], 0.9, 1), found(0, [0, 0, None, 9], 7.9, 3), found(4711, [0, 0, 9, 9], 97, 7),
        found("0", [20, 20, 100, 200], 1.0000001192092896, 7),
    ]  # fmt: skip
    boxes, scores = read_boxes(write_boxes(tmp_path / "found.json", rows), labelled)(labelled.pictures[0], np.empty(0))
    np.testing.assert_allclose(boxes, [[20, 20, 120, 220]])
    assert scores.tolist() == [1]


def test_poses_in_boxes_of_a_file_are_measured(labelled: LabelledPictures, tmp_path: Path) -> None:
    """One of two people in each picture is found, one of them twice; the second of these goes, and AR is a half."""
    rows = [found(picture, [20, 20, 100, 200], 0.5) for picture in range(3)]
    detect = read_boxes(write_boxes(tmp_path / "found.json", [*rows, found(0, [21, 20, 100, 200], 0.9)]), labelled)
    metrics = evaluate_poses(labelled, Oracle(labelled), silent, detect)
    assert (metrics.matched, metrics.oks, metrics.people) == (0.5, 1, 6)
    assert metrics.precision.ar == pytest.approx(0.5)
    # Recall 1/2 at precision 1 over COCO's 101 levels of recall; a second copy among the results would lower it.
    assert metrics.precision.ap == pytest.approx(51 / 101, abs=1e-6)


@pytest.mark.parametrize(
    "content",
    [
        "{", "{}", "[1]", '[{"image_id": 1}]', '[{"image_id":1,"category_id":1,"bbox":[1,2,3,NaN],"score":1}]',
        '[{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":97.5}]',
        '[{"image_id":1,"category_id":1,"bbox":[1,2,3],"score":1}]',
        '[{"image_id":100000000000000000000,"category_id":1,"bbox":[1,2,3,4],"score":1}]', "[]",
    ],
)  # fmt: skip
def test_malformed_files_are_named(labelled: LabelledPictures, tmp_path: Path, content: str) -> None:
    path = tmp_path / "상자.json"
    path.write_text(content)
    with pytest.raises(DatasetError, match=path.name) as caught:
        read_boxes(path, labelled)
    assert "\n" not in str(caught.value)


def test_absent_files_are_named(labelled: LabelledPictures, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="gt, detector or a file"):
        read_boxes(tmp_path / "absent.json", labelled)


def reference_keep(keypoints: np.ndarray, scores: np.ndarray, areas: np.ndarray) -> list[int]:
    """OKS-NMS as mmpose describes it: take the best left, drop all left that are too like it, go on."""
    left = list(np.argsort(-scores, kind="stable"))
    keep = []
    while left:
        best = left.pop(0)
        keep.append(int(best))
        remaining = []
        for other in left:
            total = 0.0
            for k, sigma in enumerate(COCO_17.sigmas.astype(float)):
                dx, dy = keypoints[other, k].astype(float) - keypoints[best, k]
                total += np.exp(-(dx * dx + dy * dy) / (2 * sigma) ** 2 / ((areas[best] + areas[other]) / 2) / 2)
            if total / 17 <= 0.9:
                remaining.append(other)
        left = remaining
    return keep


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_suppression_is_mmposes(seed: int, people: int) -> None:
    """Poses that differ by as much as makes similarities on both sides of the threshold."""
    rng = np.random.default_rng(seed)
    pose = rng.uniform(0, 200, (17, 2))
    poses = (pose + rng.normal(0, 6, (people, 1, 2)) * rng.integers(0, 2, (people, 1, 1))).astype(np.float32)
    scores, areas = rng.uniform(0, 1, people).astype(np.float32), rng.uniform(5e3, 4e4, people).astype(np.float32)
    kept = suppress_duplicates(poses, scores, areas, COCO_17)
    assert np.flatnonzero(kept).tolist() == sorted(reference_keep(poses, scores, areas))


def test_suppression_measures_by_the_areas_of_crops(labelled: LabelledPictures, tmp_path: Path) -> None:
    """Mmpose passes padded boxes of the input's aspect: 125 x 250 pixels become 187.5 x 250, not 100 x 200.

    Two poses lie so far apart that they are alike at 0.9 over that area, and not over the boxes' own.
    """
    box = [20.0, 20.0, 100.0, 200.0]
    area = float(crop_frames([[20, 20, 120, 220]], (256, 192)).extents.prod())
    assert area == pytest.approx(187.5 * 250)

    class Twice(Oracle):
        shift = 0.0

        def estimate(self, image, boxes):  # type: ignore[no-untyped-def]
            estimate = super().estimate(image, boxes)
            if len(boxes) == 2:
                estimate.keypoints[1] += self.shift
            return estimate

    def similarity(shift: float, area: float) -> float:
        return float(np.mean(np.exp(-2 * shift**2 / (2 * (2 * COCO_17.sigmas) ** 2 * area))))

    shift = next(shift for shift in np.arange(0.5, 20, 0.1) if similarity(shift, area) < 0.93)
    assert similarity(shift, area) > 0.9 > similarity(shift, 100 * 200)
    rows = [found(0, box, 0.9), found(0, box, 0.8), found(1, box, 0.7)]
    estimator = Twice(labelled)
    estimator.shift = float(shift)
    metrics = evaluate_poses(
        labelled, estimator, silent, read_boxes(write_boxes(tmp_path / "found.json", rows), labelled)
    )
    # Two of six people, nothing wrong before the second: precision 1 up to recall 1/3 on COCO's 101 levels.
    assert metrics.precision.ap == pytest.approx(34 / 101, abs=1e-6)
