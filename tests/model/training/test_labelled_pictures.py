"""Reading files of labels for evaluation: what may be missing or unusual in them, and what is refused."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model.errors import DatasetError
from model.skeletons import COCO_17
from model.training.evaluate import evaluate_poses
from model.training.labelled_pictures import read_pictures
from model.training.mpii_files import is_mpii
from tests.model.test_evaluate import Oracle, changed, silent, write_set


def test_what_a_file_does_not_count_and_what_has_no_place_is_left_out(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        first, second, *_ = content["annotations"]
        first.update(num_keypoints=0)
        second["keypoints"][:3] = [None, None, 0]
        second.pop("num_keypoints")

    labelled = read_pictures(changed(write_set(tmp_path), change), tmp_path, COCO_17)
    metrics = evaluate_poses(labelled, Oracle(labelled), silent)
    assert metrics.precision.ap == pytest.approx(1)
    assert (metrics.oks, metrics.people) == (1, 5)
    assert labelled.pictures[0].visible.sum(axis=1).tolist() == [0, 16]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content["images"].append(content["images"][1] | {"width": 7}), "two images have the id 1"),
        (lambda content: content["images"][1].update(id="1"), "ids of images are of several kinds: number, str"),
        (
            lambda content: content["annotations"][1].update(bbox=[0, float("nan"), 5, 5]),
            "annotation 2 has nan",
        ),
        (lambda content: content["annotations"][1].update(area="large"), "could not convert"),
        (lambda content: [each.update(image_id=str(each["image_id"])) for each in content["annotations"]], "is in '0'"),
        (lambda content: content["annotations"][1]["keypoints"].__setitem__(0, None), "are no numbers"),
        (
            lambda content: content["annotations"][1].update(keypoints=[1, 2, 2] * 14),
            "has 14 keypoints where",
        ),
    ],
)
def test_what_cannot_be_measured_is_told_before_it_is(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        read_pictures(changed(write_set(tmp_path), change), tmp_path, COCO_17)


def test_an_image_that_is_listed_twice_counts_once(tmp_path: Path) -> None:
    labelled = read_pictures(
        changed(write_set(tmp_path), lambda content: content["images"].append(content["images"][1])), tmp_path, COCO_17
    )
    assert len(labelled.pictures) == len(labelled.ground_truth["images"]) == 3


def test_who_does_not_count_may_have_no_numbers_at_all(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["annotations"][0].update(keypoints=[None] * 51, num_keypoints=0)
        content["annotations"][1].update(keypoints=[None] * 51, iscrowd=1)

    labelled = read_pictures(changed(write_set(tmp_path), change), tmp_path, COCO_17)
    metrics = evaluate_poses(labelled, Oracle(labelled), silent)
    assert metrics.precision.ap == pytest.approx(1)
    assert metrics.people == 4


def test_for_boxes_alone_any_keypoints_will_do(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        for annotation in content["annotations"]:
            annotation.update(keypoints=[1, 2, 2] * 14, num_keypoints=14)

    labelled = read_pictures(changed(write_set(tmp_path), change), tmp_path, None)
    assert [len(picture.boxes) for picture in labelled.pictures] == [2, 2, 2]


def test_a_mark_before_the_json_does_no_harm(tmp_path: Path) -> None:
    path = write_set(tmp_path)
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    assert not is_mpii(path)
    assert len(read_pictures(path, tmp_path, COCO_17).pictures) == 3
