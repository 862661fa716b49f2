import json
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO

from model.arrays import FloatArray
from model.training.coco import read_people
from model.training.synthetic.annotations import (
    OCCLUDED,
    OUTSIDE,
    VISIBLE,
    box_alone_if_hidden,
    person_annotation,
    visibility,
    write_coco,
)

SIZE = (40, 60)


def depth_image(**blocks: tuple[slice, slice, float]) -> FloatArray:
    depth = np.full(SIZE, np.inf, np.float32)
    for rows, columns, distance in blocks.values():
        depth[rows, columns] = np.minimum(depth[rows, columns], distance)
    return depth


def flag(x: float, y: float, distance: float, depth: FloatArray, tolerance: float = 0.1) -> int:
    return int(visibility(np.float32([[x, y, distance]]), depth, np.float32([tolerance]))[0])


def test_a_joint_just_under_the_surface_is_visible_and_one_behind_the_body_is_not() -> None:
    depth = depth_image(body=(slice(5, 35), slice(10, 30), 3.0))
    assert flag(20, 20, 3.08, depth) == VISIBLE
    assert flag(20, 20, 3.25, depth) == OCCLUDED


def test_somebody_in_front_hides_a_joint() -> None:
    depth = depth_image(body=(slice(5, 35), slice(10, 30), 3.0), other=(slice(5, 35), slice(15, 50), 2.0))
    assert flag(12, 20, 3.05, depth) == VISIBLE
    assert flag(20, 20, 3.05, depth) == OCCLUDED


def test_a_joint_before_the_background_or_at_an_outline_is_visible() -> None:
    depth = depth_image(other=(slice(0, 40), slice(30, 60), 2.0))
    assert flag(10, 10, 3.0, depth) == VISIBLE
    assert flag(30.2, 10, 3.0, depth) == VISIBLE
    assert flag(33, 10, 3.0, depth) == OCCLUDED


def test_outside_is_beyond_any_edge_or_behind_the_camera() -> None:
    depth = depth_image()
    places = ((-0.6, 5, 2), (59.6, 5, 2), (5, -0.6, 2), (5, 39.6, 2), (5, 5, -2))
    assert [flag(*place, depth) for place in places] == [OUTSIDE] * 5
    assert [flag(*place, depth) for place in ((-0.4, 5, 2), (59.4, 39.4, 2))] == [VISIBLE] * 2


def test_box_and_area_are_those_of_what_is_seen_in_pixels() -> None:
    owners = np.full(SIZE, -1)
    owners[10:30, 20:50] = 1
    owners[10:20, 20:30] = 0
    keypoints = np.tile(np.float32([21, 12, 2]), (17, 1))
    keypoints[3] = [70, 12, 2]
    entry = person_annotation(keypoints, owners, np.full(SIZE, 2.0, np.float32), 1, samples=2)
    assert entry is not None
    assert entry["bbox"] == [10, 5, 15, 10]
    assert entry["area"] == (20 * 30 - 100) / 4
    assert entry["num_keypoints"] == 16
    assert entry["keypoints"][:3] == [10.25, 5.75, VISIBLE]
    assert entry["keypoints"][9:12] == [0, 0, OUTSIDE]


def test_somebody_out_of_sight_has_no_annotation() -> None:
    keypoints = np.tile(np.float32([21, 12, 2]), (17, 1))
    assert person_annotation(keypoints, np.full(SIZE, -1), np.full(SIZE, np.inf, np.float32), 0, 2) is None


def test_somebody_mostly_hidden_keeps_the_box_alone() -> None:
    entry = {"bbox": [1, 2, 3, 4], "num_keypoints": 17, "keypoints": [5, 6, VISIBLE] * 8 + [7, 8, OCCLUDED] * 9}
    assert box_alone_if_hidden(entry) == entry
    entry["keypoints"] = [5, 6, VISIBLE] * 7 + [7, 8, OCCLUDED] * 10
    assert box_alone_if_hidden(entry) == {"bbox": [1, 2, 3, 4], "num_keypoints": 0, "keypoints": [0] * 51}


def test_the_file_is_read_by_pycocotools_and_by_the_trainer(tmp_path: Path) -> None:
    images = [{"id": 4, "file_name": "a.jpg", "width": 60, "height": 40}]
    entry = {
        "id": 1, "image_id": 4, "category_id": 1, "iscrowd": 0, "bbox": [10, 5, 15, 10], "area": 125,
        "num_keypoints": 17, "keypoints": [12.5, 7.25, 2] * 17,
    }  # fmt: skip
    path = tmp_path / "사람.json"
    write_coco(path, images, [entry], 'Made "here"')
    coco = COCO(str(path))
    assert coco.loadAnns(coco.getAnnIds(4))[0] == entry
    assert coco.loadCats(1)[0]["keypoints"][0] == "nose"
    people = read_people(path, tmp_path, 17)
    assert people.keypoints[0, 0].tolist() == [12.5, 7.25]
    assert json.loads(path.read_text(encoding="utf-8"))["info"]["description"] == 'Made "here"'
