"""A data set of drawn stick figures, small enough to train on in a test."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from model.skeletons import COCO_17

_UPRIGHT = np.array(
    [
        (0.50, 0.10), (0.54, 0.07), (0.46, 0.07), (0.58, 0.09), (0.42, 0.09), (0.66, 0.27), (0.34, 0.27), (0.76, 0.42),
        (0.24, 0.42), (0.80, 0.57), (0.20, 0.57), (0.60, 0.57), (0.40, 0.57), (0.61, 0.77), (0.39, 0.77), (0.62, 0.96),
        (0.38, 0.96),
    ]
)  # fmt: skip
_COLOURS = {"left": (60, 60, 230), "right": (230, 120, 40), "centre": (60, 200, 60)}


def write_toy_set(
    folder: Path, pictures: int, seed: int = 0, size: tuple[int, int] = (96, 80), loose: float = 0.0
) -> Path:
    """Write pictures with one stick figure each and their annotations.

    Args:
        folder: Where they go.
        pictures: How many.
        seed: Of all randomness.
        size: Height and width of a picture.
        loose: How far the box may stray from the figure, as a share of its sides.

    Returns:
        The annotation file.
    """
    rng = np.random.default_rng(seed)
    height, width = size
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number in range(1, pictures + 1):
        background = rng.uniform(0, 90, (height, width, 3)).astype(np.uint8)
        box = np.array([width * rng.uniform(0.1, 0.2), height * rng.uniform(0.05, 0.15), width * 0.65, height * 0.75])
        points = box[:2] + box[2:] * (_UPRIGHT + rng.normal(0, 0.02, _UPRIGHT.shape)).clip(0, 1)
        for link in COCO_17.links:
            ends = [tuple(int(v) for v in points[end].round()) for end in link]
            cv2.line(background, ends[0], ends[1], _COLOURS[COCO_17.link_side(link)], 3, cv2.LINE_AA)
        name = f"{number:04d}.png"
        cv2.imencode(".png", background)[1].tofile(folder / name)
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        box[:2] += loose * box[2:] * rng.uniform(-1, 1, 2)
        labels = np.concatenate([points, np.full((17, 1), 2)], axis=1)
        annotations.append(
            {
                "id": number, "image_id": number, "category_id": 1, "iscrowd": 0, "bbox": box.tolist(),
                "area": float(box[2] * box[3]), "num_keypoints": 17, "keypoints": labels.ravel().tolist(),
            }
        )  # fmt: skip
    path = folder / "annotations.json"
    categories = [{"id": 1, "name": "person", "keypoints": list(COCO_17.keypoint_names)}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path
