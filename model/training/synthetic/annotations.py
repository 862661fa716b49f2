"""True keypoints in COCO's format, with visibility found by looking at what really lies in front."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from model.arrays import FloatArray, IntArray
from model.skeletons import COCO_17
from model.training.synthetic.vectors import f32

OUTSIDE, OCCLUDED, VISIBLE = 0, 1, 2

# How deep under a person's own surface a keypoint may lie and still count as seen, in metres: joints are in the middle
# of limbs, so the near side of a limb never hides its own joint, but the far side of the body does.
_DEPTHS = {
    "nose": 0.03, "eye": 0.035, "ear": 0.045, "shoulder": 0.12, "elbow": 0.09, "wrist": 0.07, "hip": 0.17,
    "knee": 0.12, "ankle": 0.10,
}  # fmt: skip
KEYPOINT_DEPTHS = f32([_DEPTHS[name.split("_")[-1]] for name in COCO_17.keypoint_names])


def visibility(keypoints: FloatArray, depth: FloatArray, tolerances: FloatArray) -> IntArray:
    """(K,) COCO visibility flags: 0 outside the picture, 1 occluded, 2 visible.

    Args:
        keypoints: (K, 3) x, y in samples of the depth image and depth in metres.
        depth: (H, W) distance of the nearest surface along the optical axis; infinite where there is none.
        tolerances: (K,) metres that the surface may lie in front of a keypoint without hiding it.
    """
    height, width = depth.shape
    column, row = np.round(keypoints[:, 0]).astype(int), np.round(keypoints[:, 1]).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height) & (keypoints[:, 2] > 0)
    flags = np.full(len(keypoints), OUTSIDE)
    for number in np.flatnonzero(inside):
        # The best of the neighbours: at an outline, half a sample decides between an ear and the wall behind it.
        window = depth[
            max(row[number] - 1, 0) : row[number] + 2,
            max(column[number] - 1, 0) : column[number] + 2,
        ]
        seen = window.max() > keypoints[number, 2] - tolerances[number]
        flags[number] = VISIBLE if seen else OCCLUDED
    return flags


def person_annotation(
    keypoints: FloatArray, owners: IntArray, depth: FloatArray, person: int, samples: int
) -> dict[str, Any] | None:
    """COCO's entry for one person, without ids; None where nothing of the person is seen.

    Args:
        keypoints: (17, 3) x, y in samples of the images below and depth in metres.
        owners: (H, W) number of the person seen at each sample.
        depth: (H, W) as in `visibility`.
        person: This person's number.
        samples: Samples a pixel along each side.
    """
    rows, columns = np.nonzero(owners == person)
    if not len(rows):
        return None
    flags = visibility(keypoints, depth, KEYPOINT_DEPTHS)
    places = np.where(flags[:, None] > OUTSIDE, (keypoints[:, :2] + 0.5) / samples - 0.5, 0)
    low, high = (columns.min(), rows.min()), (columns.max() + 1, rows.max() + 1)
    box = [low[0], low[1], high[0] - low[0], high[1] - low[1]]
    triples = [[round(float(x), 2), round(float(y), 2), int(flag)] for (x, y), flag in zip(places, flags, strict=True)]
    return {
        "category_id": 1,
        "iscrowd": 0,
        "bbox": [round(float(value) / samples, 2) for value in box],
        "area": round(len(rows) / samples**2, 2),
        "num_keypoints": int((flags > OUTSIDE).sum()),
        "keypoints": [value for triple in triples for value in triple],
    }


def box_alone_if_hidden(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry as it is, or without keypoints where less than half of them is visible, as COCO labels such people."""
    keypoints = entry["keypoints"]
    if keypoints[2::3].count(VISIBLE) >= len(keypoints) // 6:
        return entry
    return entry | {"num_keypoints": 0, "keypoints": [0] * len(keypoints)}


def write_coco(path: Path, images: list[dict[str, Any]], annotations: Iterable[dict[str, Any]], info: str) -> None:
    """Write a COCO keypoint file, one image or annotation a line."""
    category = {
        "id": 1,
        "name": "person",
        "supercategory": "person",
        "keypoints": list(COCO_17.keypoint_names),
        "skeleton": [[first + 1, second + 1] for first, second in COCO_17.links],
    }

    def lines(entries: Iterable[dict[str, Any]]) -> str:
        return "[\n" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries) + "\n]"

    text = (
        f'{{"info": {json.dumps({"description": info})},\n"categories": {lines([category])},\n'
        f'"images": {lines(images)},\n"annotations": {lines(annotations)}}}\n'
    )
    path.write_text(text, encoding="utf-8")
