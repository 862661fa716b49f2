import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from model.skeletons import COCO_17
from model.training.pose_metrics import (
    average_precision,
    correct_keypoints,
    mean,
    object_keypoint_similarity,
    suppress_duplicates,
)


def labelled_people(seed: int) -> tuple[dict, list[dict]]:
    """A COCO file of ten pictures with three people each, and guesses that are off by various amounts."""
    rng = np.random.default_rng(seed)
    annotations, guesses = [], []
    for picture in range(10):
        for _ in range(3):
            x, y, width, height = *rng.uniform(0, 300, 2), *rng.uniform(40, 200, 2)
            points = np.column_stack([rng.uniform(x, x + width, 17), rng.uniform(y, y + height, 17)])
            visible = rng.integers(0, 3, 17)
            visible[0] = 2
            annotations.append(
                {
                    "id": len(annotations) + 1, "image_id": picture, "category_id": 1, "iscrowd": 0,
                    "bbox": [x, y, width, height], "area": 0.6 * width * height,
                    "num_keypoints": int((visible > 0).sum()),
                    "keypoints": np.column_stack([points, visible]).ravel().tolist(),
                }
            )  # fmt: skip
            off = points + rng.normal(0, rng.choice([2.0, 8.0, 20.0]), (17, 2))
            keypoints = np.column_stack([off, rng.uniform(0, 1, 17)]).ravel().tolist()
            guesses.append(
                {"image_id": picture, "category_id": 1, "keypoints": keypoints, "score": float(rng.uniform(0, 1))}
            )
    images = [{"id": picture, "width": 640, "height": 480, "file_name": f"{picture}.jpg"} for picture in range(10)]
    return {
        "info": {},
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}],
    }, guesses


def test_average_precision_is_that_of_cocos_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    ground_truth, guesses = labelled_people(1)
    found = average_precision(ground_truth, guesses, COCO_17)
    assert capsys.readouterr().out == ""
    labels = COCO()
    labels.dataset = ground_truth
    labels.createIndex()
    reference = COCOeval(labels, labels.loadRes(guesses), "keypoints")
    reference.evaluate()
    reference.accumulate()
    reference.summarize()
    np.testing.assert_allclose(found, reference.stats[:6], atol=1e-9)
    assert 0.05 < found.ap < 0.95


def test_perfect_and_absent_guesses() -> None:
    ground_truth, _ = labelled_people(2)
    perfect = [
        {"image_id": a["image_id"], "category_id": 1, "keypoints": a["keypoints"], "score": 0.9}
        for a in ground_truth["annotations"]
    ]
    assert average_precision(ground_truth, perfect, COCO_17).ap == pytest.approx(1)
    assert average_precision(ground_truth, [], COCO_17).ap == 0


def test_similarity_by_hand() -> None:
    """One keypoint off by as much as makes exp(-1/2), one by so much that it counts nothing, one unlabelled."""
    labelled = np.zeros((1, 17, 2))
    found = labelled.copy()
    area = 10_000.0
    found[0, 0, 0] = 2 * 0.026 * 100
    found[0, 5] = 1e6
    visible = np.zeros((1, 17))
    visible[0, [0, 5, 11]] = 2
    expected = (np.exp(-0.5) + 0 + 1) / 3
    assert object_keypoint_similarity(found, labelled, visible, [area], COCO_17)[0] == pytest.approx(expected, rel=1e-6)


def test_pck_counts_labelled_keypoints_within_a_tenth_of_the_longer_side() -> None:
    labelled = np.full((1, 17, 2), 50.0)
    found = labelled.copy()
    found[0, 0, 1] += 20.0
    found[0, 1, 0] -= 20.1
    visible = np.zeros((1, 17))
    visible[0, :4] = 1
    assert correct_keypoints(found, labelled, visible, [[0, 0, 100, 200]])[0] == pytest.approx(0.75)


def test_nearly_equal_poses_are_reduced_to_the_best() -> None:
    rng = np.random.default_rng(3)
    pose = rng.uniform(0, 200, (17, 2)).astype(np.float32)
    other = pose + np.float32(80)
    poses = np.stack([pose, pose + np.float32(0.5), other])
    areas = np.full(3, 30_000, np.float32)
    kept = suppress_duplicates(poses, np.array([0.5, 0.8, 0.1], np.float32), areas, COCO_17)
    np.testing.assert_array_equal(kept, [False, True, True])


def test_mean_of_nothing_is_zero() -> None:
    assert mean([]) == 0
    assert mean([0.25, 0.75]) == 0.5
